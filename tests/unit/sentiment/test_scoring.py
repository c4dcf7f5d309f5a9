"""Stored stories get scores once, by one scorer, and the newest reading is kept."""

from collections.abc import Sequence
from datetime import timedelta

from typing_extensions import override

from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.score_store import MemoryScoreStore
from tests.fakes.scored_stories import NOON, scored_story, story_of
from tests.fakes.sentiment_config import SENTIMENT
from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.scoring import keep_latest, score_stories
from ztrade_core.sentiment.stored import StoredSentiment

WINDOW = (NOON - timedelta(days=1), NOON + timedelta(days=1))


class LengthScorer(Scorer):
    """Scores by length, nothing for texts without letters; `asked` are the texts, in order."""

    def __init__(self, key: str = "length@1") -> None:
        self._key = key
        self.asked: list[str] = []

    @property
    @override
    def key(self) -> str:
        return self._key

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        self.asked += texts
        return [
            Scored(score=1.0 / len(text), confidence=0.5) if any(map(str.isalpha, text)) else None
            for text in texts
        ]


def test_stories_of_the_window_are_scored_once() -> None:
    inside = [scored_story(-2, headline="Tesla up"), scored_story(-1, headline="...")]
    outside = scored_story(-48, headline="Long ago")
    news = MemoryNewsStore([story_of(each) for each in (*inside, outside)])
    scores, scorer = MemoryScoreStore(news), LengthScorer()
    done = score_stories(news, scores, scorer, "TSLA", WINDOW)
    assert (done.stories, done.scored, done.without_words) == (2, 2, 1)
    assert scorer.asked == ["Tesla up", "..."]
    [first, second] = scores.known("TSLA", "length@1", *WINDOW)
    assert (first.headline, first.score, second.score) == ("Tesla up", 1 / 8, None)
    again = score_stories(news, scores, scorer, "TSLA", WINDOW)
    assert (again.stories, again.scored) == (2, 0)
    assert len(scorer.asked) == 2


def test_another_revision_scores_anew_and_is_never_mixed_in() -> None:
    news = MemoryNewsStore([story_of(scored_story(-1, headline="Tesla up"))])
    scores = MemoryScoreStore(news)
    for key in ("length@1", "length@2"):
        assert score_stories(news, scores, LengthScorer(key), "TSLA", WINDOW).scored == 1
    reading = StoredSentiment(scores, "length@2", SENTIMENT).reading("TSLA", NOON)
    assert reading is not None
    assert (reading.scorer, reading.groups[0].stories) == ("length@2", 1)


def test_the_newest_reading_is_kept_and_no_news_is_none() -> None:
    news = MemoryNewsStore([story_of(scored_story(-1, headline="Tesla up"))])
    scores = MemoryScoreStore(news)
    score_stories(news, scores, LengthScorer(), "TSLA", WINDOW)
    stored = StoredSentiment(scores, "length@1", SENTIMENT)
    reading = keep_latest(stored, scores, "TSLA", NOON)
    assert keep_latest(stored, scores, "IWM", NOON) is None
    assert [(each.symbol, each.reading) for each in scores.latest()] == [
        ("IWM", None),
        ("TSLA", reading),
    ]
