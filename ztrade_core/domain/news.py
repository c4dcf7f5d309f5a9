"""Stories about symbols, and from when on each could be known.

A story's text comes from strangers: it is data, never an instruction, and it is cleaned before it is a
`Story` (`ztrade_core.news`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SourceGroup(StrEnum):
    """What kind of source a story has; the groups are weighed against each other."""

    NEWS = "news"
    REDDIT = "reddit"
    FILINGS = "filings"


_GROUPS = {"reddit": SourceGroup.REDDIT, "sec": SourceGroup.FILINGS}


def group_of(source: str) -> SourceGroup:
    """Return the group of a source such as `alpaca:benzinga`, `reddit:stocks` or `sec:8-K`."""
    return _GROUPS.get(source.partition(":")[0], SourceGroup.NEWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story about one symbol; the same story about two symbols has one id.

    `published_at` is the source's word, `ingested_at` when it first reached us. `known_at` is from when
    on a decision may see it: the later of the two where it came as it happened, published plus a delay
    where it was backfilled. It never changes once stored. All three are aware UTC.
    """

    news_id: str
    symbol: str
    published_at: datetime
    ingested_at: datetime
    known_at: datetime
    source: str
    headline: str
    body: str
    url: str

    @property
    def group(self) -> SourceGroup:
        """The group of its source."""
        return group_of(self.source)

    @property
    def text(self) -> str:
        """What is scored: the headline."""
        return self.headline


@dataclass(frozen=True, slots=True, kw_only=True)
class RawStory:
    """A story as a source told it, not yet cleaned. `symbols` are ours (`TSLA`, `BTC/USD`).

    `changed_at` is when its text last changed, where the source says so: a backfilled story is not
    known before that.
    """

    external_id: str
    symbols: tuple[str, ...]
    published_at: datetime
    changed_at: datetime | None
    source: str
    headline: str
    body: str
    url: str
