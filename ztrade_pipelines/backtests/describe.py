"""How a backtest looks on the page: figures, picture, trades."""

from pathlib import Path

import dagster as dg

from ztrade_core.backtest.mind_text import mind_rows
from ztrade_core.backtest.monte_carlo import Method, Simulation
from ztrade_core.backtest.overfit import Guards
from ztrade_core.backtest.picture import as_markdown_image, bars_from, equity_picture, headline
from ztrade_core.backtest.portfolio_report import (
    CLEAN_PNL,
    FIGURES,
    agent_parts,
    is_company,
    pairs_of,
)
from ztrade_core.backtest.portfolio_report_html import denied_by
from ztrade_core.backtest.report_charts import price_picture
from ztrade_core.backtest.report_summary import summary
from ztrade_core.backtest.runs import BacktestResult
from ztrade_core.backtest.tear_sheet_content import Sheet
from ztrade_core.backtest.tear_sheet_sections import MONTHS, most_traded
from ztrade_core.domain.backtests import BacktestFill, BacktestRun
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import counted
from ztrade_core.performance.daily import daily_closes
from ztrade_core.performance.monthly import monthly_table
from ztrade_pipelines import ui

COLUMNS = ("time", "action", "symbol", "quantity", "price", "pnl_usd")
MOST_TRADES = 200
PERCENTS = ("5", "50", "95")
MOST_PICTURES = 3
AGENT_COLUMNS = (
    "agent",
    "instrument",
    "strategy",
    "allocated_usd",
    *FIGURES,
    CLEAN_PNL,
    "denied_by",
)
PAIR_COLUMNS = ("first", "second", "correlation", "common_returns", "counts_as_correlated")


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
        "trades_on_price": dg.MetadataValue.md(_prices(sheet)),
        "monthly_returns": dg.MetadataValue.md(_months(sheet)),
        **_together(run),
        **{f"metric/{name}": _metric(value) for name, value in run.metrics.items()},
        **_guards(sheet.guards),
        **{name: value for one in sheet.simulations for name, value in _simulation(one).items()},
        "fills_shown": f"the newest {min(len(result.trades), MOST_TRADES)} of {len(result.trades)}",
        "trades": ui.table(COLUMNS, [_row(fill) for fill in result.trades[-MOST_TRADES:]]),
        "config": dg.MetadataValue.json(run.config),
    }


def _prices(sheet: Sheet) -> str:
    """Return each symbol's price with its executions, as pictures; the most traded ones of many."""
    pictures = []
    for bars in most_traded(sheet)[:MOST_PICTURES]:
        fills = [fill for fill in sheet.fills if fill.symbol == bars.symbol]
        trades = [trade for trade in sheet.trades if trade.symbol == bars.symbol]
        png = price_picture(bars, fills, trades)
        pictures.append(as_markdown_image(png, f"trades on the price of {bars.symbol}"))
    return "\n\n".join(pictures) or ui.ABSENT


def _months(sheet: Sheet) -> str:
    """Return returns by month and year in per cent, as a Markdown table."""
    closes = daily_closes(sheet.equity)
    rows = [
        [str(year.year), *[_percent(change) for change in year.months], _percent(year.total)]
        for year in monthly_table(closes, sheet.capital_usd)
    ]
    if not rows:
        return ui.ABSENT
    head = ["year", *MONTHS, "year"]
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(fraction: float | None) -> str:
    return ui.ABSENT if fraction is None else f"{100.0 * fraction:+.2f}"


def _together(run: BacktestRun) -> ui.Metadata:
    """Return what a run of several agents says of each of them; nothing for a lone agent's."""
    if not is_company(run):
        return {}
    agents = [
        (
            each.agent_id,
            f"{each.symbol} {each.timeframe}",
            each.strategy,
            each.allocated_usd,
            *(each.figures[name] for name in FIGURES),
            each.clean_pnl_usd,
            denied_by(each),
        )
        for each in agent_parts(run)
    ]
    pairs = [
        (pair.first, pair.second, pair.value, pair.overlap, pair.is_correlated)
        for pair in pairs_of(run)
    ]
    held = [
        f"{each.agent_id}: {reason} ({times:,} of {counted(each.bars, 'bar')})"
        for each in agent_parts(run)
        for reason, times in list(each.holds.items())[:1]
    ]
    return {
        "agents": ui.table(AGENT_COLUMNS, agents),
        "most_often_held_because": ui.lines(held),
        "correlations": ui.table(PAIR_COLUMNS, pairs),
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
        f"{name}/seed": str(one.seed),  # a text: it is not to be plotted
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
