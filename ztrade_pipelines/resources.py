"""The one resource: a shell around the workshop of core.

Ops, assets, schedules and sensors take `ztrade` and ask it for a workshop or a desk. The workshop is
opened at the first question and kept: once per process, so a warm code server pays for it once.
No secret is a resource's configuration: settings come from config/ and the environment.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

import dagster as dg

from ztrade_core.errors import ZtradeError
from ztrade_core.settings.load import Settings

if TYPE_CHECKING:
    from ztrade_core.assembly.workshop import Workshop
    from ztrade_core.backtest.runs import Bench
    from ztrade_core.trading.desk import TradingDesk

PAPER = "paper"
REHEARSAL = "rehearsal"
KEY = "ztrade"
# What the event loop plays while a kernel is compiled: 17 to 19 s of CPU, by strategy, at
# 1.7 to 2.4 ms a bar. Of several agents each one's bars count: ten in one account cost 2.4 ms a bar, one
# alone 1.9, and the kernel is compiled once for all of a strategy. Compiling pays from 7,000 to 10,000 on.
WORTH_COMPILING_BARS = 10_000


class Ztrade:
    """Hands out the workshop and its desks. `opener` makes the workshop when it is first needed."""

    def __init__(self, opener: "Callable[[], Workshop]") -> None:
        self._opener = opener
        self._workshop: Workshop | None = None
        self._lock = Lock()

    def workshop(self) -> "Workshop":
        """Return this process's workshop."""
        with self._lock:
            if self._workshop is None:
                self._workshop = self._opener()
            return self._workshop

    def now(self) -> datetime:
        """Return the present as the workshop's clock has it."""
        return self.workshop().clock.now()

    def bench(self) -> "Bench":
        """Return what a backtest is run with: each agent decides in its own mode."""
        from ztrade_core.assembly.recordings import recording_for  # noqa: PLC0415  (as below)
        from ztrade_core.backtest.runs import Bench  # noqa: PLC0415  (only who backtests)

        workshop = self.workshop()
        return Bench(
            company=workshop.settings.company,
            bars=workshop.bars,
            backtests=workshop.backtests,
            calendar=workshop.calendar,
            clock=workshop.clock,
            maker_of=workshop.backtest_maker,
            kernel_folder=workshop.settings.data_dir / "kernels",
            worth_bars=WORTH_COMPILING_BARS,
            splits=workshop.splits,
            sentiment=workshop.sentiment.stored,
            breaking=workshop.sentiment.stored,
            recording_of=lambda agent, asked: recording_for(workshop.store, agent, asked),
        )

    def watch_desk(self) -> "TradingDesk":
        """Return the paper account's desk for one look, which ends although the broker hangs."""
        return self.workshop().watch_desk()

    def desk(self, account: str, as_of: datetime | None = None) -> "TradingDesk":
        """Return an account's desk: the rehearsal's at `as_of`, or as it stands without one."""
        if account == REHEARSAL and as_of is not None:
            return self.workshop().rehearsal_desk(as_of)
        return self.workshop().desk_of(account)


def ztrade_resource(settings: Settings) -> dg.ResourceDefinition:
    """Return the resource of these settings."""

    def opener() -> "Workshop":
        # SQLAlchemy and the calendars: only who runs pays for them.
        from ztrade_core.assembly.workshop import open_workshop  # noqa: PLC0415
        from ztrade_core.store.migrations import require_current  # noqa: PLC0415

        workshop = open_workshop(settings)
        require_current(workshop.engine)
        return workshop

    return resource_of(Ztrade(opener), place=settings.database_place)


def resource_of(ztrade: Ztrade, *, place: str) -> dg.ResourceDefinition:
    """Wrap the shell for Dagster; `place` says on the page which database is meant."""
    return dg.ResourceDefinition.hardcoded_resource(
        ztrade, description=f"Ztrade's workshop: store, market, broker, calendar. Store: {place}"
    )


@contextmanager
def clear_failures() -> Iterator[None]:
    """Turn what core raises into a Failure whose text says what to do; nothing is retried."""
    try:
        yield
    except ZtradeError as error:
        raise dg.Failure(
            description=str(error),
            metadata={"error": type(error).__name__},
            allow_retries=False,
        ) from error
