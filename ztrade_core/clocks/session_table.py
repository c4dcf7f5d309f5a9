"""The XNYS sessions as plain integers, taken once from exchange_calendars.

Only loading lives here: it costs about a second (pandas) and happens once a process. Every question
about the sessions is answered in `ztrade_core.clocks.sessions`, by bisection, in microseconds.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ztrade_core.domain.time import new_york_midnight, to_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTable:
    """Sessions in order; the four tuples run in parallel, instants are microseconds since the epoch.

    `midnights` is 00:00 New York of the session's date: the stamp of its daily bar. The table speaks
    for instants in `first <= instant < beyond`.
    """

    dates: tuple[date, ...]
    midnights: tuple[int, ...]
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    first: int
    beyond: int


@lru_cache(maxsize=4)
def load_session_table(start: date, end: date | None) -> SessionTable:
    """Read the XNYS calendar from `start` to `end` (None: a year from today)."""
    from exchange_calendars import get_calendar  # noqa: PLC0415  (pandas: a second to import)

    last = None if end is None else end.isoformat()
    calendar = get_calendar("XNYS", start=start.isoformat(), end=last)
    dates = tuple(stamp.date() for stamp in calendar.sessions)
    limit = dates[-1] if end is None else end
    return SessionTable(
        dates=dates,
        midnights=tuple(to_micros(new_york_midnight(day)) for day in dates),
        opens=tuple(stamp.value // 1000 for stamp in calendar.opens),
        closes=tuple(stamp.value // 1000 for stamp in calendar.closes),
        first=to_micros(new_york_midnight(start)),
        beyond=to_micros(new_york_midnight(limit + timedelta(days=1))),
    )
