"""From scored headlines to one number: a mean per group of sources, and the groups' shrunken mean.

With d = 2^(-age / half-life), age counted from `published_at` and stories older than four half-lives left
out: a group's score is the mean of its stories' scores weighed by d. Over the groups that have stories,

    S = sum w s d / (sum w d + 0.25)

with w the group's weight (renormalised over these groups), s its score, d its freshest story's. The 0.25
pulls few and old headlines towards zero. Confidence is shrunk the same way. Agreement is
1 - (max s - min s) / 2.

Plain scalars, explicit loops, one fixed order: stories as given, groups as in `GROUPS`. Whoever asks, live
or in a backtest, gets the same bits. Not here: which stories are known, or retold (`folding`, `stored`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.news import SourceGroup, group_of
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.sentiment_config import SentimentConfig
from ztrade_core.domain.snapshots import GroupSentiment, SeenHeadline, SentimentReading
from ztrade_core.domain.time import MICROSECOND, to_micros

GROUPS = (SourceGroup.NEWS, SourceGroup.REDDIT, SourceGroup.FILINGS)
SHRINKAGE = 0.25
HALF_LIVES = 4
MOST_HEADLINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How stories are weighed: the half-life in microseconds, a weight each of `GROUPS`."""

    half_life: int
    weights: tuple[float, float, float]

    @property
    def reach(self) -> int:
        """How old a story may be, in microseconds."""
        return HALF_LIVES * self.half_life


class Heard(NamedTuple):
    """A story as it is weighed; `published_at` and `known_at` in microseconds, `group` an index."""

    published_at: int
    known_at: int
    score: float
    confidence: float
    group: int
    story: ScoredStory


class Group(NamedTuple):
    """What a group says at a moment: means, its freshest story's d, the sum of all d, stories."""

    place: int
    score: float
    confidence: float
    freshest: float
    decays: float
    stories: int


def terms_of(config: SentimentConfig, symbol: str) -> Terms:
    """Return how a symbol's stories are weighed."""
    is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
    hours = config.stock_half_life_hours if is_stock else config.crypto_half_life_hours
    weights = config.weights
    return Terms(
        half_life=timedelta(hours=hours) // MICROSECOND,
        weights=(weights.news, weights.reddit, weights.filings),
    )


def heard(stories: Iterable[ScoredStory]) -> list[Heard]:
    """Return the stories that have a score, as they are weighed.

    Raises ValueError for scores of two scorers: they cannot be compared.
    """
    found: list[Heard] = []
    scorer = ""
    for story in stories:
        if scorer and story.scorer != scorer:
            raise ValueError(f"scores of {scorer} and {story.scorer} cannot be mixed")
        scorer = story.scorer
        if story.score is None or story.confidence is None:
            continue
        found.append(
            Heard(
                published_at=to_micros(story.published_at),
                known_at=to_micros(story.known_at),
                score=story.score,
                confidence=story.confidence,
                group=GROUPS.index(group_of(story.source)),
                story=story,
            )
        )
    return found


def reading_of(stories: Sequence[Heard], at: int, terms: Terms) -> SentimentReading | None:
    """Return what stories known at a moment (microseconds) say; None: there is no news."""
    groups = groups_of(stories, at, terms)
    total = combined(groups, terms)
    if total is None:
        return None
    score, confidence = total
    weights = _weights(groups, terms)
    return SentimentReading(
        score=score,
        confidence=confidence,
        scorer=stories[0].story.scorer,
        agreement=_agreement(groups),
        groups=tuple(
            GroupSentiment(
                group=GROUPS[each.place].value,
                score=each.score,
                confidence=each.confidence,
                weight=weights[each.place],
                stories=each.stories,
            )
            for each in groups
        ),
        headlines=_heaviest(stories, groups, at, terms),
    )


def groups_of(stories: Iterable[Heard], at: int, terms: Terms) -> list[Group]:
    """Return the groups that have a story at a moment, in the order of `GROUPS`."""
    parts: tuple[list[Heard], ...] = ([], [], [])
    for story in stories:
        parts[story.group].append(story)
    found = (_group(place, part, at, terms) for place, part in enumerate(parts) if part)
    return [group for group in found if group is not None]


def _group(place: int, stories: Iterable[Heard], at: int, terms: Terms) -> Group | None:
    """Return what one group's stories say; None when all are too old."""
    half_life, reach = terms.half_life, terms.reach
    scores = confidences = decays = freshest = 0.0
    count = 0
    for published_at, _, score, confidence, _, _ in stories:
        age = at - published_at
        if age > reach:
            continue
        decay = 2.0 ** -(age / half_life) if age > 0 else 1.0
        scores += score * decay
        confidences += confidence * decay
        decays += decay
        freshest = max(freshest, decay)
        count += 1
    if not count:
        return None
    return Group(
        place=place,
        score=_clipped(scores / decays, -1.0),
        confidence=_clipped(confidences / decays, 0.0),
        freshest=freshest,
        decays=decays,
        stories=count,
    )


def combined(groups: Sequence[Group], terms: Terms) -> tuple[float, float] | None:
    """Return score and confidence of the groups together; None without any."""
    if not groups:
        return None
    weights = _weights(groups, terms)
    score, confidence, divisor = 0.0, 0.0, 0.0
    for group in groups:
        part = weights[group.place] * group.freshest
        score += part * group.score
        confidence += part * group.confidence
        divisor += part
    divisor += SHRINKAGE
    return score / divisor, confidence / divisor


def decay_of(age: int, half_life: int) -> float:
    """Return d of an age, at most 1."""
    return float(2.0 ** -(age / half_life)) if age > 0 else 1.0


def _weights(groups: Sequence[Group], terms: Terms) -> list[float]:
    """Return the groups' weights, renormalised over those there are."""
    total = 0.0
    for group in groups:
        total += terms.weights[group.place]
    return [weight / total for weight in terms.weights]


def _agreement(groups: Sequence[Group]) -> float | None:
    if len(groups) < 2:  # noqa: PLR2004  (one cannot agree with itself)
        return None
    said = [group.score for group in groups]
    return 1.0 - (max(said) - min(said)) / 2.0


def _heaviest(
    stories: Iterable[Heard], groups: Sequence[Group], at: int, terms: Terms
) -> tuple[SeenHeadline, ...]:
    """Return the stories by their part in the whole: of the group's mean, times the group's."""
    weights = _weights(groups, terms)
    parts = {each.place: weights[each.place] * each.freshest / each.decays for each in groups}
    weighed = [
        (-parts[each.group] * decay_of(at - each.published_at, terms.half_life), each)
        for each in stories
        if at - each.published_at <= terms.reach
    ]
    weighed.sort(key=lambda pair: (pair[0], pair[1].known_at, pair[1].story.news_id))
    return tuple(_seen(each) for _, each in weighed[:MOST_HEADLINES])


def _seen(each: Heard) -> SeenHeadline:
    story = each.story
    return SeenHeadline(
        news_id=story.news_id,
        published_at=story.published_at,
        source=story.source,
        headline=story.headline,
        score=each.score,
        confidence=each.confidence,
    )


def _clipped(value: float, low: float) -> float:
    """A mean lies between its parts; rounding may leave it one bit outside."""
    return min(max(value, low), 1.0)
