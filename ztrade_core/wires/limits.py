"""Vendors' limits, kept in one file beside the data: shared by processes, and by tomorrow's.

The counting is pyrate-limiter's, on a SQLite file of its own with a file lock; windows slide, so a limit
is never exceeded however days and minutes are cut. What a vendor itself said of its limit is kept beside
it, and outlives a launch. Sources: facts that vendors publish about free keys.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from typing_extensions import override

from ztrade_core.domain.time import from_micros, iso_z, to_micros
from ztrade_core.errors import RateLimitedError
from ztrade_core.ports.clock import Clock
from ztrade_core.wires.pace import Pace

if TYPE_CHECKING:
    from pyrate_limiter import SQLiteBucket

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
MONTH = timedelta(days=31)
BACKFILL_PATIENCE = timedelta(seconds=60)
CYCLE_PATIENCE = timedelta(seconds=2)
_MILLISECOND = timedelta(milliseconds=1)
_PATIENCE_SECONDS = 30.0
_LENGTHS = {SECOND: "a second", MINUTE: "a minute", DAY: "a day", MONTH: "31 days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many requests within any stretch of time of this length."""

    requests: int
    within: timedelta


LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "alpaca": (Limit(requests=200, within=MINUTE),),
    "alpha_vantage": (Limit(requests=1, within=SECOND), Limit(requests=25, within=DAY)),
    "coingecko": (Limit(requests=30, within=MINUTE), Limit(requests=10_000, within=MONTH)),
    "reddit": (Limit(requests=60, within=MINUTE),),
    "sec": (Limit(requests=8, within=SECOND),),
    "yahoo": (Limit(requests=2, within=SECOND), Limit(requests=60, within=MINUTE)),
}


class SharedPace(Pace):
    """One vendor's limits in `folder`. Waits `patience` at most, by `sleep` (seconds)."""

    def __init__(
        self,
        vendor: str,
        folder: Path,
        clock: Clock,
        *,
        patience: timedelta,
        sleep: Callable[[float], None],
        limits: tuple[Limit, ...] | None = None,
    ) -> None:
        self._vendor = vendor
        self._path = folder / "vendor_limits.db"
        self._clock = clock
        self._patience = patience
        self._sleep = sleep
        self._limits = LIMITS[vendor] if limits is None else limits

    @override
    def rest(self, until: datetime) -> None:
        with self._said() as said:
            said.execute(
                "INSERT INTO resting (vendor, until) VALUES (?, ?)"
                " ON CONFLICT (vendor) DO UPDATE SET until = max(until, excluded.until)",
                (self._vendor, to_micros(until)),
            )

    @override
    def take(self) -> None:
        self._require_no_rest()
        waited = timedelta(0)
        while (wait := self._try()) > timedelta(0):
            waited += wait
            if waited > self._patience:
                until = _next_second(self._clock.now() + wait)
                raise RateLimitedError(
                    f"its limit ({self._told()}) is used up; it may be asked again at"
                    f" {iso_z(until)}",
                    until,
                )
            self._sleep(wait / SECOND)

    def used(self) -> list[tuple[Limit, int]]:
        """Return each limit with how many requests of its stretch were taken by now."""
        with self._bucket() as bucket:
            now = self._now()
            found = []
            for limit in self._limits:
                since = now - limit.within // _MILLISECOND
                query = f"SELECT COUNT(*) FROM {bucket.table} WHERE item_timestamp > ?"  # noqa: S608
                found.append((limit, int(bucket.conn.execute(query, (since,)).fetchone()[0])))
        if self._resting_until() is None:
            return found
        return [(each, max(n, each.requests if each.within >= DAY else 0)) for each, n in found]

    def _require_no_rest(self) -> None:
        until = self._resting_until()
        if until is not None:
            raise RateLimitedError(
                f"it said that its limit is used up; it may be asked again at {iso_z(until)}", until
            )

    def _resting_until(self) -> datetime | None:
        """Return until when the vendor said that it answers nobody; None: it did not, or it is over."""
        if not self._path.exists():
            return None
        with self._said() as said:
            found = said.execute(
                "SELECT until FROM resting WHERE vendor = ? AND until > ?",
                (self._vendor, to_micros(self._clock.now())),
            ).fetchone()
        return None if found is None else from_micros(found[0])

    @contextmanager
    def _said(self) -> Iterator[sqlite3.Connection]:
        """Lend what vendors said of their limits, in a transaction; `until` in microseconds."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)
        with closing(opened) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS resting (vendor TEXT PRIMARY KEY, until INTEGER)"
            )
            yield connection

    def _try(self) -> timedelta:
        """Take one request, or return how long to wait for it."""
        from pyrate_limiter import RateItem  # noqa: PLC0415 - only who asks a vendor

        with self._bucket() as bucket:
            item = RateItem(self._vendor, self._now())
            if bucket.put(item):
                bucket.leak(item.timestamp)
                return timedelta(0)
            wait = cast("int", bucket.waiting(item))  # of a synchronous bucket
            return max(wait, 1) * _MILLISECOND

    def _now(self) -> int:
        return to_micros(self._clock.now()) // 1000

    @contextmanager
    def _bucket(self) -> Iterator["SQLiteBucket"]:
        from pyrate_limiter import Rate, SQLiteBucket  # noqa: PLC0415 - only who asks a vendor

        self._path.parent.mkdir(parents=True, exist_ok=True)
        bucket = SQLiteBucket.init_from_file(
            [Rate(limit.requests, limit.within // _MILLISECOND) for limit in self._limits],
            table=self._vendor,
            db_path=str(self._path),
            use_file_lock=True,
        )
        with closing(bucket):
            yield bucket

    def _told(self) -> str:
        return ", ".join(
            f"{limit.requests:,} in {_LENGTHS.get(limit.within, limit.within)}"
            for limit in self._limits
        )


def _next_second(moment: datetime) -> datetime:
    """Round up: who comes back at the told second is served."""
    return moment.replace(microsecond=0) + SECOND
