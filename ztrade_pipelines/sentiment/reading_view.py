"""How a reading of sentiment looks beside a decision: what was known, by which scorer, of what headlines.

A reading made by another scorer than the configured one says so. No news is no number, never 0.
"""

from datetime import datetime

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_pipelines import ui

GROUP_COLUMNS = ("group", "score", "confidence", "weight", "stories")
SEEN_COLUMNS = ("published", "source", "score", "confidence", "headline")
NO_NEWS = "no news: no scored story about the symbol was known then"


def reading_metadata(reading: SentimentReading | None, company: Company) -> ui.Metadata:
    """Describe the sentiment that a decision saw; None: no news."""
    if reading is None:
        return {"sentiment": ui.number(None), "sentiment_told": NO_NEWS}
    return {
        "sentiment": ui.number(reading.score),
        "sentiment_confidence": ui.number(reading.confidence),
        "sentiment_agreement": ui.number(reading.agreement),
        "sentiment_told": told(reading, company.sentiment.scorer.name),
        "sentiment_groups": ui.table(GROUP_COLUMNS, group_rows(reading)),
        "headlines_seen": ui.table(SEEN_COLUMNS, _seen_rows(reading)),
    }


def told(reading: SentimentReading, configured: str) -> str:
    """Return a reading in words: how many stories, by which scorer, and whether that one stands in."""
    count = sum(group.stories for group in reading.groups)
    of = f" of {count} {'story' if count == 1 else 'stories'}" if reading.groups else ""
    text = f"{reading.score:+.3f}, confidence {reading.confidence:.3f}{of}, by {reading.scorer}"
    if reading.scorer.partition("@")[0] == configured:
        return text
    return f"{text}, which STANDS IN for the configured scorer {configured}"


def group_rows(reading: SentimentReading | None) -> list[tuple[ui.Cell, ...]]:
    """Return a row for each group of sources that has stories."""
    groups = () if reading is None else reading.groups
    return [
        (one.group, f"{one.score:+.3f}", f"{one.confidence:.3f}", one.weight, one.stories)
        for one in groups
    ]


def second(moment: datetime) -> str:
    """Return an instant (UTC) for a narrow column of a table, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def _seen_rows(reading: SentimentReading) -> list[tuple[ui.Cell, ...]]:
    return [
        (
            second(one.published_at),
            one.source,
            f"{one.score:+.3f}",
            f"{one.confidence:.3f}",
            one.headline,
        )
        for one in reading.headlines
    ]
