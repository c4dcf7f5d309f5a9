"""A source's record: counted by hand, said only of twenty and more, without overlapping returns."""

import math
from dataclasses import replace

import pytest

from tests.fakes.desk import ACCOUNT, at, bar, calm, kit_in_memory
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.snapshots import GroupSentiment, SentimentReading
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.sentiment.effectiveness import (
    Decided,
    Outcome,
    Record,
    agreement_of,
    decided_with_sentiment,
    level_of,
    outcomes_of,
    records_of,
)
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest


def reading(
    score: float,
    *groups: tuple[str, float],
    agreement: float | None = None,
    scorer: str = "lexicon@1",
) -> SentimentReading:
    return SentimentReading(
        score=score,
        confidence=0.5,
        scorer=scorer,
        agreement=agreement,
        groups=tuple(
            GroupSentiment(group=name, score=said, confidence=0.5, weight=0.5, stories=1)
            for name, said in groups
        ),
    )


def of(records: list[Record], source: str, level: str) -> Record:
    [found] = [each for each in records if (each.source, each.level) == (source, level)]
    return found


def test_accuracy_and_mean_are_counted_with_their_errors() -> None:
    """15 of 20 rise by 1 %, 4 fall by 1 %, one stands still: accuracy .75, mean .0055."""
    told = reading(0.5, ("news", 0.5))
    outcomes = [
        Outcome(reading=told, return_fraction=came) for came in [0.01] * 15 + [-0.01] * 4 + [0.0]
    ]
    found = of(records_of(outcomes), "news", "strong +")
    assert (found.count, found.accuracy) == (20, 0.75)
    assert found.accuracy_error == math.sqrt(0.75 * 0.25 / 20)
    assert found.mean_return == pytest.approx(0.0055, rel=1e-12)
    squares = 15 * 0.0045**2 + 4 * 0.0155**2 + 0.0055**2
    assert found.return_error == pytest.approx(math.sqrt(squares / 19 / 20), rel=1e-12)


def test_nothing_is_said_of_fewer_than_twenty() -> None:
    outcomes = [Outcome(reading=reading(0.5), return_fraction=0.01)] * 19
    found = of(records_of(outcomes), "all sources", "strong +")
    assert (found.count, found.accuracy, found.mean_return) == (19, None, None)


def test_bad_news_is_right_when_the_price_falls_and_sources_are_told_apart() -> None:
    told = reading(0.1, ("news", 0.5), ("reddit", -0.2), agreement=0.65)
    records = records_of([Outcome(reading=told, return_fraction=-0.01)] * 20)
    assert of(records, "news", "strong +").accuracy == 0.0
    assert of(records, "reddit", "weak -").accuracy == 1.0
    assert of(records, "all sources", "sources differ").accuracy == 0.0


def test_what_says_nothing_is_neither_right_nor_wrong() -> None:
    """Of 30 readings that agree 20 say up, 15 of them rightly; the ten zeros count in the mean only."""
    returns = [(0.5, 0.01)] * 15 + [(0.5, -0.01)] * 5 + [(0.0, 0.01)] * 10
    outcomes = [
        Outcome(reading=reading(score, agreement=1.0), return_fraction=came)
        for score, came in returns
    ]
    found = of(records_of(outcomes), "all sources", "sources agree")
    assert (found.count, found.accuracy) == (30, 0.75)
    assert found.mean_return == pytest.approx(0.2 / 30, rel=1e-12)
    assert of(records_of(outcomes), "all sources", "none").accuracy is None
    few = of(records_of(outcomes[1:]), "all sources", "sources agree")
    assert (few.count, few.accuracy) == (29, None)
    assert few.mean_return is not None


def test_scorers_are_told_apart() -> None:
    outcomes = [
        Outcome(reading=reading(0.5, scorer=scorer), return_fraction=came)
        for scorer, came in [("lexicon@1", 0.01)] * 20 + [("finbert@main", -0.01)] * 20
    ]
    found = [one for one in records_of(outcomes) if one.level == "strong +"]
    assert [(one.scorer, one.count, one.accuracy) for one in found] == [
        ("finbert@main", 20, 0.0),
        ("lexicon@1", 20, 1.0),
    ]


def test_decisions_are_read_from_the_ledger_with_what_they_saw() -> None:
    kit = kit_in_memory()
    kit.put_bars({"TSLA": calm(5)})
    seen = reading(0.5, ("news", 0.5))
    desk = kit.desk(at(3))
    market = StoreMarket(
        kit.bars,
        desk.calendar,
        clock=desk.clock,
        providers={},
        history_start=bar(0),
        sentiment=lambda symbol, _: seen if symbol == "TSLA" else None,
    )
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(3), holder="test")
    run_cycle(replace(desk, market=market), request)
    kit.cycle(at(4))
    [found] = decided_with_sentiment(kit.store, ACCOUNT)
    assert (found.symbol, found.opened, found.reading) == ("TSLA", to_micros(bar(3)), seen)
    assert decided_with_sentiment(kit.store, ACCOUNT, "agent_iwm") == []
    assert decided_with_sentiment(kit.store, "paper") == []


def test_levels_and_agreements_are_named() -> None:
    assert [level_of(each) for each in (-0.3, -0.1, 0.0, 0.29, 0.3)] == [
        *("strong -", "weak -", "none", "weak +", "strong +")
    ]
    assert [agreement_of(each) for each in (None, 0.74, 0.75)] == [
        *("one source only", "sources differ", "sources agree")
    ]


def decided(number: int) -> Decided:
    return Decided(
        agent_id="agent_tsla",
        symbol="TSLA",
        timeframe=Timeframe.M5,
        opened=to_micros(bar(number)),
        reading=reading(0.5),
    )


def test_returns_do_not_overlap_and_unknown_outcomes_are_left_out() -> None:
    kit = kit_in_memory()
    kit.put_bars({"TSLA": [100.0, 110.0, 121.0, 121.0, 60.5, 60.5]})
    view = kit.desk(at(5)).market.view(at(5))
    found = outcomes_of([decided(number) for number in range(6)], view, 2)
    assert [each.return_fraction for each in found] == pytest.approx([0.21, -0.5], rel=1e-12)
    with pytest.raises(ValueError, match="not at least 1 bar"):
        outcomes_of([], view, 0)
