"""From a vendor's answer to raw stories: what is kept, what is left out and told, what refuses it.

One unusable row does not cost the others: it is left out, and a note says how many and why. An answer
of which nothing can be used is not the vendor's form, and raises. Rows outside the asked time are
dropped without a word: vendors order and cut by other moments than the one a story was published at.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NoReturn

from requests import Response

from ztrade_core.domain.news import RawStory
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import RateLimitedError, UnsoundDataError
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.news import FetchedNews
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace
from ztrade_core.wires.refusals import raise_for_status

NEWS_LIMITS = WireLimits(
    connect_seconds=3.0, read_seconds=10.0, deadline_seconds=20.0, body_bytes=16 * 1024 * 1024
)
"""A page of news is small; a company's list of filings and the SEC's list of tickers are 1-3 MB."""

_MOST_WORD = 40


class UnfitError(ValueError):
    """A row that is left out; the message says why, without repeating a stranger's text."""


def fetched(
    rows: Iterable[Any], read: Callable[[Any], RawStory], start: datetime, stop: datetime
) -> FetchedNews:
    """Return the stories of rows with `start <= published_at < stop`, each external id once.

    Raises:
        UnsoundDataError: there are rows, and `read` takes none of them (UnfitError).
    """
    stories: dict[str, RawStory] = {}
    left_out: Counter[str] = Counter()
    seen = 0
    for row in rows:
        seen += 1
        try:
            story = read(row)
        except UnfitError as error:
            left_out[str(error)] += 1
            continue
        if start <= story.published_at < stop:
            stories.setdefault(story.external_id, story)
    if seen and left_out.total() == seen:
        raise UnsoundDataError(f"none of its {seen} stories can be used: {next(iter(left_out))}")
    notes = tuple(f"{count} left out: {reason}" for reason, count in left_out.items())
    return FetchedNews(stories=tuple(stories.values()), notes=notes)


def refuse(answer: Response, clock: Clock, pace: Pace) -> NoReturn:
    """Raise what an answer's status means (DataError); after a 429 nobody asks before its time."""
    retry_after = answer.headers.get("Retry-After")
    try:
        raise_for_status(answer.status_code, answer.text, retry_after, clock.now())
    except RateLimitedError as error:
        pace.rest(error.until)
        raise


def text_of(value: Any, name: str, *, may_be_empty: bool = False) -> str:
    """Return a row's text; UnfitError when it is none."""
    if value is None and may_be_empty:
        return ""
    if not isinstance(value, str) or not (value.strip() or may_be_empty):
        raise UnfitError(f"no {name}")
    return value


def moment_of(value: Any, name: str) -> datetime:
    """Return a row's moment, written with its offset; UnfitError when it is none."""
    try:
        return parse_instant(value)
    except (TypeError, ValueError, OverflowError):
        raise UnfitError(f"{name} is no moment") from None


def source_word(value: Any) -> str:
    """Return a short word of a-z, 0-9, `.`, `_`, `-` for a source's name; `unknown` when nothing is left."""
    kept = (each for each in str(value or "").lower() if each.isascii())
    return (
        "".join(each for each in kept if each.isalnum() or each in "._-")[:_MOST_WORD] or "unknown"
    )
