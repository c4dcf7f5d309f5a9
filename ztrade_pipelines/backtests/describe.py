"""How a backtest looks on the page: figures, picture, trades."""

import dagster as dg

from ztrade_core.backtest.picture import as_markdown_image, bars_from, equity_picture, headline
from ztrade_core.backtest.runs import BacktestResult
from ztrade_core.domain.backtests import BacktestFill
from ztrade_core.domain.time import iso_z
from ztrade_pipelines import ui

COLUMNS = ("time", "action", "symbol", "quantity", "price", "pnl_usd")
MOST_TRADES = 200


def backtest_metadata(result: BacktestResult) -> ui.Metadata:
    """Describe a finished run; every numeric metric is plotted over runs."""
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
        "dagster/row_count": len(result.equity),
        "equity": dg.MetadataValue.md(as_markdown_image(png)),
        "fills_shown": f"the newest {min(len(result.trades), MOST_TRADES)} of {len(result.trades)}",
        "trades": ui.table(COLUMNS, [_row(fill) for fill in result.trades[-MOST_TRADES:]]),
        "config": dg.MetadataValue.json(run.config),
        **{f"metric/{name}": _metric(value) for name, value in run.metrics.items()},
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
