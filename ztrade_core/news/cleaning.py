"""A story as a source told it, made into stories of ours, or refused with the reason.

One story about several symbols becomes one for each, under one id. The id is of what identifies the
story at its source and of the cleaned headline, so that the same story arrives under the same id.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.news import RawStory, Story
from ztrade_core.domain.plain_text import plain_line
from ztrade_core.domain.time import iso_z
from ztrade_core.news.knowing import known_at
from ztrade_core.news.text import has_word, name_of, plain_url

MOST_HEADLINE = 300
MOST_BODY = 2000
MOST_SOURCE = 60
MOST_EXTERNAL_ID = 200
MOST_SYMBOLS = 100
AHEAD = timedelta(minutes=5)
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_SYMBOL = re.compile(r"[A-Z]{1,5}(\.[A-Z])?|[A-Z][A-Z0-9]{1,9}/USD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Who fetched a story, when (the run's moment, aware), and how late a backfilled one is known."""

    provider: str
    fetched_at: datetime
    backfill_delay: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A story that did not enter: what to find it by, which field of `RawStory` is wrong, and why."""

    story: str
    field: str
    reason: str


def clean(raw: RawStory, fetch: Fetch) -> list[Story] | Refusal:
    """Return one story for each of its symbols, or why there is none."""
    headline = plain_line(raw.headline, MOST_HEADLINE)
    source = name_of(raw.source, MOST_SOURCE)
    symbols = list(dict.fromkeys(raw.symbols[:MOST_SYMBOLS]))
    fault = _fault(raw, fetch, headline, source, symbols)
    if fault is not None:
        name, reason = fault
        return Refusal(story=_called(raw, headline), field=name, reason=reason)
    published = raw.published_at.astimezone(UTC)
    url = plain_url(raw.url)
    return [
        Story(
            news_id=news_id(fetch.provider, raw.external_id or url, headline, published),
            symbol=symbol,
            published_at=published,
            ingested_at=fetch.fetched_at.astimezone(UTC),
            known_at=known_at(
                published,
                raw.changed_at,
                fetched_at=fetch.fetched_at,
                backfill_delay=fetch.backfill_delay,
            ).astimezone(UTC),
            source=source,
            headline=headline,
            body=plain_line(raw.body, MOST_BODY),
            url=url,
        )
        for symbol in symbols
    ]


def news_id(provider: str, external_id: str, headline: str, published_at: datetime) -> str:
    """Return a story's id: 32 hexadecimal digits."""
    told = external_id[:MOST_EXTERNAL_ID]
    return sha256_hex(canonical_json([provider, told, headline, iso_z(published_at)]))[:32]


def _fault(
    raw: RawStory, fetch: Fetch, headline: str, source: str, symbols: list[str]
) -> tuple[str, str] | None:
    """Return the first field that is wrong and why; None when nothing is."""
    if not has_word(headline):
        return "headline", "the headline has no word"
    if not source:
        return "source", "the source has no name"
    if not symbols:
        return "symbols", "it names no symbol"
    for symbol in symbols:
        if not _SYMBOL.fullmatch(symbol):
            told = ascii(symbol[:20])  # letters that only look like ours are told from them
            return "symbols", f"symbol {told} is not one like TSLA, BRK.B or BTC/USD"
    for name in ("published_at", "changed_at"):
        reason = _moment_fault(name, getattr(raw, name), fetch.fetched_at)
        if reason:
            return name, reason
    return None


def _moment_fault(name: str, moment: datetime | None, fetched_at: datetime) -> str:
    if moment is None:
        return ""
    if moment.tzinfo is None:
        return f"{name} {moment.isoformat()} has no offset"
    if moment > fetched_at + AHEAD:
        return f"{name} {moment.isoformat()} is after it was fetched, {iso_z(fetched_at)}"
    if moment < OLDEST:
        return f"{name} {moment.isoformat()} is before {OLDEST.year}"
    return ""


def _called(raw: RawStory, headline: str) -> str:
    """Return what a person finds a refused story by."""
    return plain_line(raw.external_id or raw.url, 40) or headline[:40] or "a story without a name"
