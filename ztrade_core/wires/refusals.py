"""What a vendor's failure means: one error of ours for each reaction, in our own words.

A vendor's text may hold a key or anything else: what is shown of it is short, printable and scrubbed
by the session before (`ztrade_core.wires.vendor`).
"""

from datetime import datetime, timedelta
from typing import NoReturn

from ztrade_core.domain.time import iso_z
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    VendorRefusedError,
)

TOO_MANY = 429
NOT_FOUND = 404
MOST_WAIT = timedelta(seconds=60)
USUAL_WAIT = timedelta(seconds=60)
_SHOWN = 160
_REFUSALS = {
    400: "the question was refused",
    401: "the key was refused",
    402: "the plan does not include this",
    403: "the key or the plan does not allow this",
    422: "the question was refused",
}


def shown(text: str) -> str:
    """Return the beginning of a vendor's text, printable characters only."""
    plain = "".join(each if each.isprintable() else " " for each in text[: 4 * _SHOWN])
    short = " ".join(plain.split())
    return short if len(short) <= _SHOWN else short[: _SHOWN - 3] + "..."


def raise_for_status(status: int, text: str, retry_after: str | None, now: datetime) -> NoReturn:
    """Raise what an answer's status means. `retry_after` is the header's text, seconds only."""
    words = f": {shown(text)}" if text.strip() else ""
    if status == TOO_MANY:
        until = now + waiting(retry_after)
        raise RateLimitedError(f"its limit is used up; ask again at {iso_z(until)}{words}", until)
    if status == NOT_FOUND:
        raise NoDataError(f"HTTP 404, it does not know this{words}")
    if status in _REFUSALS:
        raise VendorRefusedError(f"HTTP {status}, {_REFUSALS[status]}{words}")
    raise TransientDataError(f"HTTP {status}{words}")


def waiting(retry_after: str | None) -> timedelta:
    """Return how long a `Retry-After` asks to wait, a minute at most; a minute where it is silent."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < len(str(10**9)):
        return min(timedelta(seconds=int(text)), MOST_WAIT)
    return USUAL_WAIT


def not_understood(error: Exception) -> DataError:
    """Return the error of an answer that is not what the vendor documents."""
    return TransientDataError(f"its answer was not understood ({type(error).__name__})")
