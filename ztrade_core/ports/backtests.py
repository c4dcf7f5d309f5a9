"""Where backtest results are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint

Metrics = dict[str, float | int | str | None]


class BacktestStore(Protocol):
    """Runs, their trades and their equity curves."""

    def save(
        self, run: BacktestRun, trades: Sequence[BacktestFill], equity: Sequence[EquityPoint]
    ) -> None:
        """Write a run whole, or not at all; the same run id is replaced."""
        ...

    def runs(self, agent_id: str | None = None, limit: int = 50) -> list[BacktestRun]:
        """Return the newest runs, newest first."""
        ...

    def run(self, run_id: str) -> BacktestRun | None:
        """Return a run by its id, or by an unambiguous beginning of it."""
        ...

    def trades(self, run_id: str) -> list[BacktestFill]:
        """Return the run's executions in order of time."""
        ...

    def equity(self, run_id: str) -> Sequence[EquityPoint]:
        """Return the run's equity curve in order of time."""
        ...

    def trials(
        self, agent_id: str, start: datetime, end: datetime, by: datetime | None = None
    ) -> list[Metrics]:
        """Return the metrics of all that an agent's result over `start <= t < end` was chosen from.

        They are those of every finished run that overlaps the range, then those of every trial of a
        finished sweep or walk-forward that does, each oldest first. `by` is when the result came
        about: a study that was not there yet is left out; None: all. A walk-forward's trial counts
        once: with its figures in sample where that range overlaps, else with those of the judged month
        where that one does and the study was finished before `by`.
        """
        ...
