"""How a backtest looks on the page: figures, picture, trades."""

from pathlib import Path

import dagster as dg

from ztrade_core.backtest.mind_text import mind_rows
from ztrade_core.backtest.monte_carlo import Method, Simulation
from ztrade_core.backtest.overfit import Guards
from ztrade_core.backtest.picture import as_markdown_image, bars_from, equity_picture, headline
from ztrade_core.backtest.runs import BacktestResult
from ztrade_core.backtest.tear_sheet_content import Sheet
from ztrade_core.backtest.tear_sheet_explanation import summary
from ztrade_core.domain.backtests import BacktestFill
from ztrade_core.domain.time import iso_z
from ztrade_pipelines import ui

COLUMNS = ("time", "action", "symbol", "quantity", "price", "pnl_usd")
MOST_TRADES = 200
PERCENTS = ("5", "50", "95")


def backtest_metadata(result: BacktestResult, sheet: Sheet, kept: Path | str) -> ui.Metadata:
    """Describe a finished run; every numeric metric is plotted over runs.

    `kept` is where the tear sheet lies, or why it could not be written.
    """
    run = result.run
    png = equity_picture(run, result.equity, result.baseline, result.trades)
    return {
        "run_id": run.run_id,
        "headline": headline(run.metrics),
        "start": ui.moment(run.start),
        "end": ui.moment(run.end),
        "status": run.status,
        "engine": str(run.config.get("engine", ui.ABSENT)),
        "why_not_compiled": str(run.config.get("why_not_compiled", "")) or ui.ABSENT,
        "bars_from": bars_from(run) or ui.ABSENT,
        "tear_sheet": dg.MetadataValue.path(kept) if isinstance(kept, Path) else kept,
        "warnings": ui.lines(sheet.warnings),
        "bars_came_to": summary(run),
        **{name.replace(" ", "_"): text for name, text in mind_rows(run)},
        "dagster/row_count": len(result.equity),
        "equity": dg.MetadataValue.md(as_markdown_image(png)),
        "fills_shown": f"the newest {min(len(result.trades), MOST_TRADES)} of {len(result.trades)}",
        "trades": ui.table(COLUMNS, [_row(fill) for fill in result.trades[-MOST_TRADES:]]),
        "config": dg.MetadataValue.json(run.config),
        **{f"metric/{name}": _metric(value) for name, value in run.metrics.items()},
        **_guards(sheet.guards),
        **{name: value for one in sheet.simulations for name, value in _simulation(one).items()},
    }


def _guards(guards: Guards) -> ui.Metadata:
    return {
        "overfit/deflated_sharpe": ui.number(guards.deflated_sharpe),
        "overfit/trials": ui.number(guards.trials),
        "overfit/sharpe_by_luck": ui.number(guards.sharpe_by_luck),
        "overfit/days_needed": ui.number(guards.days_needed),
    }


def _simulation(one: Simulation) -> ui.Metadata:
    """Return a method's quantiles: of returns for a bootstrap only, a shuffle's are all the same."""
    name = f"monte_carlo/{one.method.value}"
    found = {"max_drawdown": one.max_drawdown, "losing_streak": one.losing_streak}
    if one.method is Method.BOOTSTRAP:
        found = {"total_return": one.total_return, **found}
    return {
        f"{name}/seed": one.seed,
        f"{name}/probability_of_loss": ui.number(one.probability_of_loss),
        **{
            f"{name}/{what}_{percent}": ui.number(value)
            for what, values in found.items()
            for percent, value in zip(PERCENTS, values, strict=True)
        },
    }


def _metric(value: float | str | None) -> object:
    return value if isinstance(value, str) else ui.number(value)


def _row(fill: BacktestFill) -> tuple[ui.Cell, ...]:
    return (
        iso_z(fill.timestamp),
        fill.action,
        fill.symbol,
        fill.quantity,
        fill.price,
        fill.pnl,
    )
