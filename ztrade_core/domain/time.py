"""Instants and timeframes.

Aware UTC everywhere. In arrays an instant is an int64 count of microseconds since the epoch.
Nothing here tells what time it is now: that is the `Clock` port's.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Timeframe(StrEnum):
    """How long a bar lasts."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    D1 = "1d"

    @property
    def duration(self) -> timedelta:
        """The nominal length; a session's last bar may be shorter."""
        return _DURATIONS[self]

    @property
    def micros(self) -> int:
        """The nominal length in microseconds."""
        return self.duration // MICROSECOND

    @property
    def is_intraday(self) -> bool:
        """Whether several bars make a session."""
        return self is not Timeframe.D1


_DURATIONS = {
    Timeframe.M1: timedelta(minutes=1),
    Timeframe.M5: timedelta(minutes=5),
    Timeframe.M15: timedelta(minutes=15),
    Timeframe.H1: timedelta(hours=1),
    Timeframe.D1: timedelta(days=1),
}


def require_utc(instant: datetime) -> datetime:
    """Return `instant` in UTC; a naive one raises ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant.isoformat()}: give it an offset, e.g. a final Z")
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def to_micros(instant: datetime) -> int:
    """Return microseconds since the epoch, exactly."""
    return (require_utc(instant) - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC instant of `micros` microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=int(micros))


def iso_z(instant: datetime) -> str:
    """Return the canonical text of an instant: UTC, seconds (microseconds if any), final Z."""
    return require_utc(instant).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Parse ISO 8601 with an offset; raise ValueError for naive or malformed text."""
    return require_utc(datetime.fromisoformat(text))


def new_york_date(instant: datetime) -> date:
    """Return the New York calendar date of an instant: the day of the day's loss and trades."""
    return require_utc(instant).astimezone(NEW_YORK).date()


def new_york_midnight(day: date) -> datetime:
    """Return 00:00 New York of `day`, in UTC: the moment of the day's base."""
    return datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC)
