"""What the command line holds against a result: overfit guards, signs of trouble, what bars came to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.overfit import Guards, guards_of, trades_of
from ztrade_core.backtest.portfolio_report import agent_parts, halted_party
from ztrade_core.domain.backtests import BacktestFill, BacktestRun
from ztrade_pipelines.cli.formats import count
from ztrade_pipelines.cli.output import rows, table

COUNTED = (("holds", "held because"), ("denials", "denied by"), ("halts", "halted by"))


def guards_for(
    workshop: Workshop, run: BacktestRun, fills: Sequence[BacktestFill] | None = None
) -> Guards:
    """Return a run's guards, its trials counted in the store."""
    known = workshop.backtests.trades(run.run_id) if fills is None else fills
    return guards_of(run, trades_of(run, known), workshop.backtests)


def with_guards(run: BacktestRun, guards: Guards) -> BacktestRun:
    """Return the run with what the guards say among its metrics."""
    added = {"deflated_sharpe": guards.deflated_sharpe, "trials": guards.trials}
    return replace(run, metrics={**run.metrics, **added})


def warning_lines(warnings: Sequence[str]) -> list[Text]:
    """Return each warning as a line."""
    return [Text(f"warning: {warning}", style="yellow") for warning in warnings]


def reasons_table(run: BacktestRun) -> Table | None:
    """Return what kept bars from becoming trades, and how often; None when the run does not say.

    Of several agents each has its own reasons; what halted stands with whom it stopped.
    """
    agents = agent_parts(run)
    who = ("=agent",) if agents else ()
    found = [
        (*((one.agent_id,) if agents else ()), *row)
        for one in agents
        for row in _reasons({"holds": one.holds, "denials": one.denials})
    ]
    rest = {"halts": run.config.get("halts")} if agents else run.config
    found += [
        (*((halted_party(run, str(row[1])),) if agents else ()), *row) for row in _reasons(rest)
    ]
    if not found:
        return None
    return rows(table("Why bars became no trade", *who, "=what", "reason", ">times"), found)


def _reasons(document: Mapping[str, object]) -> Iterator[tuple[str | Text, ...]]:
    for key, what in COUNTED:
        found = document.get(key)
        if isinstance(found, dict):
            for reason, times in sorted(found.items(), key=lambda item: -item[1]):
                yield what, Text(str(reason)), count(times)
