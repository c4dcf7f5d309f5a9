"""What the command line holds against a result: overfit guards, signs of trouble, what bars came to."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.overfit import Guards, guards_of
from ztrade_core.domain.backtests import BacktestFill, BacktestRun
from ztrade_core.performance.trades import closed_trades
from ztrade_pipelines.cli.formats import count
from ztrade_pipelines.cli.output import rows, table

COUNTED = (("holds", "held because"), ("denials", "denied by"), ("halts", "halted by"))


def guards_for(
    workshop: Workshop, run: BacktestRun, fills: Sequence[BacktestFill] | None = None
) -> Guards:
    """Return a run's guards, its trials counted in the store."""
    known = workshop.backtests.trades(run.run_id) if fills is None else fills
    return guards_of(run, closed_trades(known), workshop.backtests)


def with_guards(run: BacktestRun, guards: Guards) -> BacktestRun:
    """Return the run with what the guards say among its metrics."""
    added = {"deflated_sharpe": guards.deflated_sharpe, "trials": guards.trials}
    return replace(run, metrics={**run.metrics, **added})


def warning_lines(warnings: Sequence[str]) -> list[Text]:
    """Return each warning as a line."""
    return [Text(f"warning: {warning}", style="yellow") for warning in warnings]


def reasons_table(run: BacktestRun) -> Table | None:
    """Return what kept bars from becoming trades, and how often; None when the run does not say."""
    found = list(_reasons(run))
    if not found:
        return None
    return rows(table("Why bars became no trade", "=what", "reason", ">times"), found)


def comparability(runs: Sequence[BacktestRun]) -> list[str]:
    """Say in what the runs differ that makes their figures hard to compare."""
    notes = []
    if len({(run.start, run.end) for run in runs}) > 1:
        notes.append("the ranges differ: only annualised figures compare, and those with care")
    symbols = {(_data(run, "symbol"), _data(run, "timeframe")) for run in runs}
    if len(symbols) > 1:
        notes.append("the instruments or timeframes differ")
    elif len({_data(run, "source") for run in runs}) > 1:
        notes.append("the bars come from different sources")
    if len({str(run.config.get("engine")) for run in runs}) > 1:
        notes.append("the engines differ")
    return notes


def _reasons(run: BacktestRun) -> Iterator[tuple[str | Text, ...]]:
    for key, what in COUNTED:
        found = run.config.get(key)
        if isinstance(found, dict):
            for reason, times in sorted(found.items(), key=lambda item: -item[1]):
                yield what, Text(str(reason)), count(times)


def _data(run: BacktestRun, name: str) -> str:
    data = run.config.get("data")
    return str(data.get(name)) if isinstance(data, dict) else ""
