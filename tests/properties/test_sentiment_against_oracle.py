"""From raw stories, fetched in any order at any time, to a number: equal to the rules said plainly.

The oracle knows no window, no store and no order of arrival but the first: it looks at everything that
was ever fetched, with fractions where a limit is met exactly.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.score_store import MemoryScoreStore
from tests.fakes.sentiment_config import SENTIMENT
from ztrade_core.domain.news import RawStory
from ztrade_core.domain.time import from_micros, to_micros
from ztrade_core.news.cleaning import Fetch, news_id
from ztrade_core.news.intake import take_in
from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.scoring import score_stories
from ztrade_core.sentiment.stored import StoredSentiment

EVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
START = datetime(2025, 3, 3, tzinfo=UTC)
STEP, DAY = timedelta(hours=3), timedelta(days=1)
DELAY = timedelta(minutes=15)
SCORES = {"falls": (-0.8, 0.9), "rises": (0.6, 0.7), "flat": (0.0, 0.3), "silent": None}
WEIGHTS = {"alpaca": Fraction(40, 90), "reddit": Fraction(25, 90), "sec": Fraction(25, 90)}


class LastWord(Scorer):
    """Scores a text by its last word."""

    key = "last-word@1"

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        return [_scored(text) for text in texts]


def _scored(text: str) -> Scored | None:
    told = SCORES[text.rsplit(maxsplit=1)[-1]]
    return None if told is None else Scored(score=told[0], confidence=told[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A story as one fetch brought it."""

    raw: RawStory
    at: datetime


@st.composite
def fetches(draw: st.DrawFn) -> list[Fetched]:
    """Some stories, each fetched once or more, in the order of the fetches."""
    found = []
    for number in range(draw(st.integers(0, 14))):
        words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "9"]
        words[draw(st.integers(0, 8))] = draw(st.sampled_from(("one", "other", "9", "Two's")))
        words = words[draw(st.integers(0, 8)) :]
        published = START + STEP * draw(st.integers(0, 60))
        changes = [published + STEP * each for each in range(21)]
        story = RawStory(
            external_id=str(number),
            symbols=("TSLA",),
            published_at=published,
            changed_at=draw(st.sampled_from([None, *changes])),
            source=draw(st.sampled_from(("alpaca:a", "reddit:b", "sec:8-K"))),
            headline=" ".join([*words, draw(st.sampled_from(tuple(SCORES)))]),
            body="",
            url="",
        )
        for wait in draw(st.lists(st.integers(0, 30), min_size=1, max_size=3)):
            at = max(published, story.changed_at or published) + STEP * wait
            found.append(Fetched(raw=story, at=at))
    return sorted(found, key=lambda each: each.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A story as the oracle knows it."""

    known_at: datetime
    name: str
    raw: RawStory


def told_by(found: list[Fetched], at: datetime) -> list[Known]:
    """What was known by a moment, first arrivals only, in the order in which it was known."""
    first: dict[str, Known] = {}
    for each in found:
        raw = each.raw
        name = news_id("any", raw.external_id, raw.headline, raw.published_at)
        known_at = each.at
        if each.at - raw.published_at > DAY:
            known_at = min(known_at, max(raw.published_at, raw.changed_at or EVER[0]) + DELAY)
        first.setdefault(name, Known(known_at=known_at, name=name, raw=raw))
    known = [each for each in first.values() if each.known_at <= at]
    return sorted(known, key=lambda each: (each.known_at, each.raw.published_at, each.name))


def not_retold(known: list[Known]) -> Iterator[RawStory]:
    for place, new in enumerate(known):
        before = [old for old in known[:place] if new.known_at - old.known_at <= 3 * DAY]
        if not any(alike(old.raw.headline, new.raw.headline) for old in before):
            yield new.raw


def alike(one: str, other: str) -> bool:
    bags = [re.findall(r"\w+", text.lower().replace("'", "")) for text in (one, other)]
    first, second = (set(pairwise(bag)) or {(bag[0], "")} if bag else set() for bag in bags)
    numbers = [[word for word in bag if word[0].isdigit()] for bag in bags]
    if not first or not second or numbers[0] != numbers[1]:
        return False
    return Fraction(len(first & second), len(first | second)) >= Fraction(7, 10)


def oracle(found: list[Fetched], at: datetime) -> tuple[float, float] | None:
    groups: dict[str, list[tuple[float, Scored]]] = {}
    for raw in not_retold(told_by(found, at)):
        age, scored = at - raw.published_at, _scored(raw.headline)
        if age <= 4 * DAY and scored is not None:
            decay = 0.5 ** max(age / DAY, 0.0)
            groups.setdefault(raw.source.split(":")[0], []).append((decay, scored))
    if not groups:
        return None
    share = sum(WEIGHTS[name] for name in groups)
    score = confidence = divisor = 0.0
    for name, stories in groups.items():
        decays = sum(decay for decay, _ in stories)
        part = float(WEIGHTS[name] / share) * max(decay for decay, _ in stories)
        score += part * sum(decay * each.score for decay, each in stories) / decays
        confidence += part * sum(decay * each.confidence for decay, each in stories) / decays
        divisor += part
    return score / (divisor + 0.25), confidence / (divisor + 0.25)


@given(found=fetches(), moments=st.lists(st.integers(-1, 220), min_size=1, max_size=8, unique=True))
def test_stored_sentiment_is_what_the_rules_say(found: list[Fetched], moments: list[int]) -> None:
    news = MemoryNewsStore()
    scores = MemoryScoreStore(news)
    for each in found:
        fetch = Fetch(provider="any", fetched_at=each.at, backfill_delay=DELAY)
        assert not take_in([each.raw], news, fetch).refused
    score_stories(news, scores, LastWord(), "TSLA", EVER)
    stored = StoredSentiment(scores, LastWord.key, SENTIMENT)
    asked = np.array([to_micros(START + STEP * each) for each in sorted(moments)], dtype=np.int64)
    series = stored.series("TSLA", asked)
    for stamp in asked.tolist():
        at = from_micros(stamp)
        wanted = oracle(found, at)
        reading = stored.reading("TSLA", at)
        assert reading == (None if series is None else series.as_of(at))
        if wanted is None:
            assert reading is None
        else:
            assert reading is not None
            assert (reading.score, reading.confidence) == pytest.approx(wanted, abs=1e-12)


def test_of_two_that_arrive_together_the_one_published_first_is_kept() -> None:
    """Whatever their ids: a refresh at the open brings a whole night at one moment."""
    first = RawStory(
        external_id="0",
        symbols=("TSLA",),
        published_at=START,
        changed_at=None,
        source="alpaca:a",
        headline="Carmaker recalls half of its cars and the share falls",
        body="",
        url="",
    )
    at = START + timedelta(hours=20)
    for number in range(8):
        news = MemoryNewsStore()
        scores = MemoryScoreStore(news)
        later = replace(first, external_id=str(number + 1), published_at=START + STEP)
        fetch = Fetch(provider="any", fetched_at=at, backfill_delay=DELAY)
        take_in([later, first], news, fetch)
        score_stories(news, scores, LastWord(), "TSLA", EVER)
        reading = StoredSentiment(scores, LastWord.key, SENTIMENT).reading("TSLA", at)
        assert reading is not None
        assert [each.published_at for each in reading.headlines] == [START]
