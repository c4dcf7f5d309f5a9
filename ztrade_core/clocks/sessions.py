"""Sessions and bar grids: XNYS for stocks, every hour of every day for crypto.

Grids. A stock's intraday bars start at the session's open (hourly ones at 09:30, 10:30 ... New York,
the last of a full session 30 minutes long); its daily bar is stamped 00:00 New York of the session
and complete at the session's close. Crypto bars start at multiples of the timeframe since the epoch,
daily ones at 00:00 UTC. An open off the grid is taken to last its timeframe; the store's door
(`ztrade_core.market_data.soundness`) lets none in.

Every call is a bisection of plain integers: a backtest asks once a bar.
"""

from bisect import bisect_left, bisect_right
from datetime import date, datetime

import numpy as np
from typing_extensions import override

from ztrade_core.clocks.session_table import load_session_table
from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros, iso_z, to_micros
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Calendar

FIRST_DAY = date(2005, 1, 1)


class ExchangeSessions(Calendar):
    """The calendar of exchange_calendars' XNYS, from `start` to `end` (None: a year from today)."""

    def __init__(self, *, start: date = FIRST_DAY, end: date | None = None) -> None:
        self._table = load_session_table(start, end)

    @override
    def completes_at(
        self, asset_class: AssetClass, timeframe: Timeframe, opened: datetime
    ) -> datetime:
        stamp = self._within(opened)
        return from_micros(self._completion(asset_class, timeframe, stamp))

    @override
    def complete_count(
        self, asset_class: AssetClass, timeframe: Timeframe, stamps: IntArray, as_of: datetime
    ) -> int:
        table, now = self._table, self._within(as_of)
        by_duration = int(stamps.searchsorted(now - timeframe.micros, side="right"))
        closed = bisect_right(table.closes, now) - 1
        if asset_class is AssetClass.CRYPTO or closed < 0:
            return by_duration
        if timeframe is Timeframe.D1:
            return int(stamps.searchsorted(table.midnights[closed], side="right"))
        return max(by_duration, int(stamps.searchsorted(table.closes[closed], side="left")))

    @override
    def expected_bar(
        self, asset_class: AssetClass, timeframe: Timeframe, as_of: datetime
    ) -> datetime | None:
        now, length = self._within(as_of), timeframe.micros
        if asset_class is AssetClass.CRYPTO:
            return from_micros(now // length * length - length)
        if timeframe is Timeframe.D1:
            closed = bisect_right(self._table.closes, now) - 1
            return None if closed < 0 else from_micros(self._table.midnights[closed])
        return self._expected_in_session(now, length)

    @override
    def expected_bars(
        self, asset_class: AssetClass, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> list[datetime]:
        stamps = self.expected_stamps(asset_class, timeframe, start, stop)
        return [from_micros(stamp) for stamp in stamps.tolist()]

    @override
    def expected_stamps(
        self, asset_class: AssetClass, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> IntArray:
        low, high, length = self._within(start), self._until(stop), timeframe.micros
        if asset_class is AssetClass.CRYPTO:
            return np.arange(-(-low // length) * length, high, length, dtype=np.int64)
        table = self._table
        if timeframe is Timeframe.D1:
            span = slice(bisect_left(table.midnights, low), bisect_left(table.midnights, high))
            return np.array(table.midnights[span], dtype=np.int64)
        sessions = range(bisect_right(table.closes, low), bisect_left(table.opens, high))
        opens = np.array(table.opens[sessions.start : sessions.stop], dtype=np.int64)
        closes = np.array(table.closes[sessions.start : sessions.stop], dtype=np.int64)
        counts = -((opens - closes) // length)
        number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        stamps = np.repeat(opens, counts) + number * length
        within: IntArray = stamps[(low <= stamps) & (stamps < high)]
        return within

    @override
    def entry_session(
        self, asset_class: AssetClass, timeframe: Timeframe, decision_bar: datetime, as_of: datetime
    ) -> tuple[bool, str]:
        stamp, now = self._within(decision_bar), self._within(as_of)
        if asset_class is AssetClass.CRYPTO or timeframe is Timeframe.D1:
            return True, ""
        table = self._table
        decided = self._session_of(stamp)
        if decided is not None and stamp + timeframe.micros >= table.closes[decided]:
            return False, f"{iso_z(decision_bar)} is the last bar of its session"
        running = self._session_of(now)
        if running is None:
            return False, f"no session is open at {iso_z(as_of)}{self._next_open(now)}"
        if decided != running:
            day = table.dates[running].isoformat()
            return False, f"the bar of {iso_z(decision_bar)} is not of the running session {day}"
        return True, ""

    @override
    def session_closes(self, start: date, stop: date) -> list[datetime]:
        dates = self._table.dates
        span = slice(bisect_left(dates, start), bisect_right(dates, stop))
        return [from_micros(stamp) for stamp in self._table.closes[span]]

    def _completion(self, asset_class: AssetClass, timeframe: Timeframe, stamp: int) -> int:
        by_duration = stamp + timeframe.micros
        if asset_class is AssetClass.CRYPTO:
            return by_duration
        table = self._table
        if timeframe is Timeframe.D1:
            index = bisect_left(table.midnights, stamp)
            on_grid = index < len(table.midnights) and table.midnights[index] == stamp
            return table.closes[index] if on_grid else by_duration
        session = self._session_of(stamp)
        return by_duration if session is None else min(by_duration, table.closes[session])

    def _expected_in_session(self, now: int, length: int) -> datetime | None:
        table = self._table
        index = bisect_right(table.opens, now) - 1
        if index >= 0 and now < table.closes[index]:
            complete = (now - table.opens[index]) // length
            if complete > 0:
                return from_micros(table.opens[index] + (complete - 1) * length)
            index -= 1
        if index < 0:
            return None
        opened, closed = table.opens[index], table.closes[index]
        return from_micros(opened + (closed - opened - 1) // length * length)

    def _session_of(self, stamp: int) -> int | None:
        """Return the index of the session with `open <= stamp < close`, or None."""
        index = bisect_right(self._table.opens, stamp) - 1
        return index if index >= 0 and stamp < self._table.closes[index] else None

    def _next_open(self, now: int) -> str:
        index = bisect_right(self._table.opens, now)
        if index >= len(self._table.opens):
            return ""
        return f"; the next opens at {iso_z(from_micros(self._table.opens[index]))}"

    def _within(self, instant: datetime) -> int:
        stamp = to_micros(instant)
        if not self._table.first <= stamp < self._table.beyond:
            raise self._outside(instant)
        return stamp

    def _until(self, instant: datetime) -> int:
        """Like `_within`, for the open end of a range: it may be the calendar's own end."""
        stamp = to_micros(instant)
        return stamp if stamp == self._table.beyond else self._within(instant)

    def _outside(self, instant: datetime) -> InputError:
        first, last = self._table.dates[0], self._table.dates[-1]
        return InputError(f"{iso_z(instant)} is outside the XNYS calendar ({first} to {last})")
