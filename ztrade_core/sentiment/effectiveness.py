"""What our own decisions saw of sentiment, and what prices did then: the record of each source.

A decision's snapshot keeps its reading. Its outcome is the return from the close of the decision bar to
the close so many bars later. Decisions of an agent nearer to each other than that share part of their
returns, so only one in so many bars is looked at. Scorers are told apart: two scorers' numbers are two
scales. It is a record, not a proof: n and standard errors are told, and nothing is said of fewer than
`LEAST`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, to_micros
from ztrade_core.ports.market import MarketView
from ztrade_core.ports.store import Store

LEAST = 20
STRONG = 0.3
AGREED = 0.75
OVERALL = "all sources"
_EVERY = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision with its reading; `opened` is its bar's open (microseconds)."""

    agent_id: str
    symbol: str
    timeframe: Timeframe
    opened: int
    reading: SentimentReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A reading, and the return after it (a fraction)."""

    reading: SentimentReading
    return_fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How often a source at a level, by one scorer, was followed by a price in its direction, and by how much.

    `accuracy` is the share with the price going its way (standing still is not) of the readings that are
    not 0, which say nothing; `mean_return` a fraction, of all. With their standard errors; None below LEAST.
    """

    scorer: str
    source: str
    level: str
    count: int
    accuracy: float | None
    accuracy_error: float | None
    mean_return: float | None
    return_error: float | None


def decided_with_sentiment(
    store: Store, account: str, agent_id: str | None = None
) -> list[Decided]:
    """Return an account's decisions whose snapshot has a reading, oldest first."""
    found = []
    with store.reading() as uow:
        rows = uow.ledger.recent(account=account, agent_id=agent_id, limit=_EVERY)
        for row in reversed(rows):
            snapshot = uow.ledger.snapshot(row.decision.snapshot_hash)
            if snapshot is None or snapshot.sentiment is None or not len(snapshot.bars):
                continue
            found.append(
                Decided(
                    agent_id=snapshot.key.agent_id,
                    symbol=snapshot.symbol,
                    timeframe=snapshot.bars.timeframe,
                    opened=to_micros(snapshot.bars.last_open),
                    reading=snapshot.sentiment,
                )
            )
    return found


def outcomes_of(decided: Iterable[Decided], view: MarketView, horizon_bars: int) -> list[Outcome]:
    """Return what followed the decisions, one an agent in so many bars; those without bars left out.

    Raises ValueError for a horizon below 1.
    """
    if horizon_bars < 1:
        raise ValueError(f"horizon {horizon_bars} is not at least 1 bar")
    by_agent: dict[tuple[str, str, Timeframe], list[Decided]] = {}
    for each in sorted(decided, key=lambda one: one.opened):
        by_agent.setdefault((each.agent_id, each.symbol, each.timeframe), []).append(each)
    found: list[Outcome] = []
    for (_, symbol, timeframe), theirs in sorted(by_agent.items()):
        since = from_micros(theirs[0].opened) - MICROSECOND
        found += _of_agent(theirs, view.bars_after(symbol, timeframe, since), horizon_bars)
    return found


def records_of(outcomes: Sequence[Outcome]) -> list[Record]:
    """Return the record of every scorer, of each source at each level, and of the whole by agreement."""
    returns: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for each in outcomes:
        reading, came = each.reading, each.return_fraction
        said = {group.group: group.score for group in reading.groups} | {OVERALL: reading.score}
        for source, score in said.items():
            key = (reading.scorer, source, level_of(score))
            returns.setdefault(key, []).append((score, came))
        agreement = (reading.scorer, OVERALL, agreement_of(reading.agreement))
        returns.setdefault(agreement, []).append((reading.score, came))
    return [_record(*key, returns[key]) for key in sorted(returns)]


def level_of(score: float) -> str:
    """Return the bucket of a score."""
    if score == 0.0:
        return "none"
    return f"{'strong' if abs(score) >= STRONG else 'weak'} {'+' if score > 0.0 else '-'}"


def agreement_of(agreement: float | None) -> str:
    """Return the bucket of an agreement."""
    if agreement is None:
        return "one source only"
    return "sources agree" if agreement >= AGREED else "sources differ"


def _of_agent(decided: Sequence[Decided], bars: BarSeries, horizon_bars: int) -> list[Outcome]:
    places: Mapping[int, int] = {at: n for n, at in enumerate(bars.timestamps.tolist())}
    found, free = [], 0
    for each in decided:
        place = places.get(each.opened)
        if place is None or place < free or place + horizon_bars >= len(bars):
            continue
        free = place + horizon_bars
        came = float(bars.closes[free]) / float(bars.closes[place]) - 1.0
        found.append(Outcome(reading=each.reading, return_fraction=came))
    return found


def _record(scorer: str, source: str, level: str, pairs: Sequence[tuple[float, float]]) -> Record:
    said = [score * came > 0.0 for score, came in pairs if score]
    accuracy, accuracy_error = _share(said)
    mean, error = _mean([came for _, came in pairs])
    return Record(
        scorer=scorer,
        source=source,
        level=level,
        count=len(pairs),
        accuracy=accuracy,
        accuracy_error=accuracy_error,
        mean_return=mean,
        return_error=error,
    )


def _share(said: Sequence[bool]) -> tuple[float, float] | tuple[None, None]:
    """Return the share of True and its standard error; None of too few."""
    count = len(said)
    if count < LEAST:
        return None, None
    right = said.count(True) / count
    return right, math.sqrt(right * (1.0 - right) / count)


def _mean(returns: Sequence[float]) -> tuple[float, float] | tuple[None, None]:
    """Return the mean and its standard error; None of too few."""
    count = len(returns)
    if count < LEAST:
        return None, None
    mean = math.fsum(returns) / count
    spread = math.fsum((came - mean) ** 2 for came in returns) / (count - 1)
    return mean, math.sqrt(spread / count)
