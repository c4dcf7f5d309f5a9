"""Whole days of one symbol: its stories brought in and scored, and what they say.

Days before today are backfilled: patiently, over every day asked for. Today is refreshed as a live run
does it. News is counted by the day it was published, sentiment by the day it was known. What is there
already is neither kept nor scored twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ztrade_core.assembly.gathering import gathering_of
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.news import Story
from ztrade_core.domain.sentiment import ScoredStory, SentimentSeries
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import MICROSECOND, to_micros
from ztrade_core.news.gathering import Asked, Gathered, NewsWindow
from ztrade_core.sentiment.aggregation import terms_of
from ztrade_core.sentiment.folding import MEMORY, Folder
from ztrade_core.sentiment.scoring import ScoredWindow, keep_latest
from ztrade_core.sentiment.stored import StoredSentiment
from ztrade_core.store.sentiment_scorers import rows_by_scorer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CURVE_DAYS = 5
MOST_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedNews:
    """What the store holds of a window after its sources were asked at `asked_at`.

    `stories` were published in the window. `refreshed` is the live part of the asking, where today is
    within the window; `heard_at` when the symbol's news was last heard of (None: never).
    """

    window: NewsWindow
    asked_at: datetime
    stories: tuple[Story, ...]
    backfilled: tuple[Gathered, ...]
    refreshed: Gathered | None
    heard_at: datetime | None

    @property
    def gathered(self) -> tuple[Gathered, ...]:
        """Everything that was asked."""
        return (*self.backfilled, *([] if self.refreshed is None else [self.refreshed]))

    @property
    def new(self) -> int:
        """How many stories entered."""
        return sum(each.new for each in self.gathered)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Every answer of every source."""
        return tuple(asked for each in self.gathered for asked in each.asked)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, each line once; it may carry strangers' words."""
        return tuple(dict.fromkeys(note for each in self.gathered for note in each.notes))

    @property
    def stopped(self) -> str:
        """Why days before today are not whole, and when to go on; empty when they are."""
        failed = [asked for each in self.backfilled for asked in each.asked if asked.failed]
        if not failed:
            return ""
        untils = [asked.until for asked in failed if asked.until is not None]
        after = f" after {max(untils):%Y-%m-%dT%H:%M:%SZ}" if untils else ""
        names = ", ".join(dict.fromkeys(asked.provider for asked in failed))
        return (
            f"{self.window.symbol}: {names} did not answer for all of these days; {self.new} new"
            f" stories kept; launch the same again{after}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfNews:
    """One day: stories known, how many of them were told before, and the score at its end."""

    day: str
    stories: int
    retold: int
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredDays:
    """Sentiment of a window. `rows` are its stories' scores by `scorer`, by (known_at, published_at, news_id).

    `reading` is as of `as_of`, the window's last moment or now; `curve` the days before it. `stories`
    counts what was known in the window, `unscored` those without a row. `rows_by_scorer` counts every
    scorer's rows. `notes` say that another scorer stands in for the configured one.
    """

    window: NewsWindow
    scorer: str
    as_of: datetime
    stories: int
    unscored: int
    rows: tuple[ScoredStory, ...]
    retold: frozenset[str]
    done: ScoredWindow
    reading: SentimentReading | None
    curve: SentimentSeries | None
    drawn: tuple[ScoredStory, ...]
    days: tuple[DayOfNews, ...]
    rows_by_scorer: Mapping[str, int]
    notes: tuple[str, ...]


def load_news(house: Workshop, window: NewsWindow) -> LoadedNews:
    """Ask the configured sources for a window of whole UTC days; what they had is kept."""
    now = house.clock.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    kind, symbol = instrument_of(window.symbol).asset_class, window.symbol
    heard = [each.as_of for each in house.scores.latest() if each.symbol == symbol]
    backfilled: list[Gathered] = []
    if window.start < today:
        past = NewsWindow(symbol=symbol, start=window.start, stop=min(window.stop, today))
        backfilled = gathering_of(house, kind, now, live=False).backfill(past)
    refreshed = None
    if window.start <= now and today < window.stop:
        refreshed = gathering_of(house, kind, now, live=True).refresh(symbol)
        heard += [now] if any(not asked.failed for asked in refreshed.asked) else []
    ingested = [each.last_ingested for each in house.news.series() if each.symbol == symbol]
    heard += [each for each in ingested if each is not None]
    return LoadedNews(
        window=window,
        asked_at=now,
        stories=tuple(house.news.published(symbol, window.start, window.stop)),
        backfilled=tuple(backfilled),
        refreshed=refreshed,
        heard_at=max(heard, default=None),
    )


def score_days(house: Workshop, window: NewsWindow) -> ScoredDays:
    """Score what the store holds of a window, and what its readings rest on; ConfigError: no scorer.

    Where the window reaches to now, the newest reading is kept.
    """
    now, works, symbol = house.clock.now(), house.sentiment, window.symbol
    start, stop = window.start, window.stop
    done = works.score(symbol, _scored_window(house, window))
    stored = works.stored
    as_of = min(stop - MICROSECOND, now)
    if now < stop:
        keep_latest(stored, house.scores, symbol, now)
    known = house.scores.known(symbol, done.scorer, start - CURVE_DAYS * DAY - MEMORY, stop)
    retold = frozenset(_retold(known))
    rows = tuple(each for each in known if each.known_at >= start)
    curve_start = as_of - CURVE_DAYS * DAY
    return ScoredDays(
        window=window,
        scorer=done.scorer,
        as_of=as_of,
        stories=len(house.news.known(symbol, start, stop)),
        unscored=house.scores.unscored(symbol, done.scorer, start, stop),
        rows=rows,
        retold=retold,
        done=done,
        reading=stored.reading(symbol, as_of),
        curve=_curve(stored, symbol, curve_start, as_of),
        drawn=tuple(each for each in known if curve_start <= each.known_at <= as_of),
        days=tuple(_days(stored, window, rows, retold, as_of)),
        rows_by_scorer=rows_by_scorer(house.engine, symbol, start, stop),
        notes=_stand_in(house, done.scorer),
    )


def _scored_window(house: Workshop, window: NewsWindow) -> tuple[datetime, datetime]:
    """Return from when to when stories are scored: what readings rest on, and all that was published."""
    reach = terms_of(house.settings.company.sentiment, window.symbol).reach * MICROSECOND
    published = house.news.published(window.symbol, window.start, window.stop)
    last = max((each.known_at for each in published), default=window.start) + MICROSECOND
    return window.start - reach - MEMORY, max(window.stop, last)


def _stand_in(house: Workshop, scorer: str) -> tuple[str, ...]:
    """Return that `scorer` is not the configured one, and why; empty where it is."""
    configured = house.settings.company.sentiment.scorer.name
    return () if scorer.partition("@")[0] == configured else house.sentiment.chosen_notes


def _retold(rows: list[ScoredStory]) -> Iterator[str]:
    """Yield the ids of stories that retell one known before, given as `ScoreStore.known` orders them."""
    folder = Folder()
    for row in rows:
        if folder.is_retold(to_micros(row.known_at), row.headline):
            yield row.news_id


def _curve(
    stored: StoredSentiment, symbol: str, start: datetime, stop: datetime
) -> SentimentSeries | None:
    moments = np.arange(to_micros(start), to_micros(stop), HOUR // MICROSECOND, dtype=np.int64)
    moments = np.append(moments, np.int64(to_micros(stop)))
    return stored.series(symbol, moments, with_arrivals=True)


def _days(
    stored: StoredSentiment,
    window: NewsWindow,
    rows: tuple[ScoredStory, ...],
    retold: frozenset[str],
    as_of: datetime,
) -> Iterator[DayOfNews]:
    """Yield the window's last days."""
    first = max(window.start, window.stop - MOST_DAYS * DAY)
    begins = [first + number * DAY for number in range((window.stop - first) // DAY)]
    begins = [begin for begin in begins if begin <= as_of]
    ends = [min(begin + DAY - MICROSECOND, as_of) for begin in begins]
    told = stored.series(window.symbol, np.array([to_micros(end) for end in ends], dtype=np.int64))
    for begin, end in zip(begins, ends, strict=True):
        within = [row for row in rows if begin <= row.known_at <= end]
        reading = None if told is None else told.as_of(end)
        yield DayOfNews(
            day=f"{begin:%Y-%m-%d}",
            stories=len(within),
            retold=sum(row.news_id in retold for row in within),
            score=None if reading is None else reading.score,
        )
