"""The range of a backtest as a user writes it: New York days, or instants with an offset."""

from datetime import date, datetime, timedelta

from ztrade_core.domain.time import new_york_midnight, parse_instant
from ztrade_core.errors import InputError


def parse_range(start: str, end: str) -> tuple[datetime, datetime]:
    """Parse `2022-03-01` (New York days, the end's included) or instants with an offset.

    Raises InputError for text that is neither, and for an end that is not after the start.
    """
    begins, ends = _moment(start, "start", last=False), _moment(end, "end", last=True)
    if begins >= ends:
        raise InputError(f"start {start} is not before end {end}: swap or correct them")
    return begins, ends


def _moment(text: str, name: str, *, last: bool) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            return parse_instant(text)
        except ValueError as error:
            raise InputError(
                f"{name} {text!r}: write a day like 2022-03-01 or an instant with an offset like"
                " 2022-03-01T14:30:00Z"
            ) from error
    try:
        return new_york_midnight(day + timedelta(days=1) if last else day)
    except OverflowError as error:
        raise InputError(f"{name} {text!r} lies outside every calendar") from error
