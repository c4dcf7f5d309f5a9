import pytest

from tests.unit.risk.builders import (
    NAN,
    book,
    buy,
    case,
    correlation,
    facts,
    open_entry,
    position,
    sell,
)
from ztrade_core.domain.book import Book
from ztrade_core.risk.case import MarketFacts
from ztrade_core.risk.rules.rule_004_correlation import CorrelationRule

RULE = CorrelationRule(limit=3, threshold=0.7)


def standing(*symbols: str) -> Book:
    return book(*(position(f"agent_{symbol}", symbol) for symbol in symbols))


def pairs(value: float | None, *symbols: str) -> MarketFacts:
    known = tuple(
        correlation(first, second, value)
        for i, first in enumerate(symbols)
        for second in symbols[i + 1 :]
    )
    return facts(correlations=known)


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        (0.7, True),
        (0.69, True),
        (-0.9, True),
        (0.700001, False),
        (1.0, False),
        (None, False),
        (NAN, False),
    ],
)
def test_a_fourth_position_is_denied_only_when_correlated_above_the_threshold(
    value: float | None, *, passed: bool
) -> None:
    market = pairs(value, "TSLA", "A", "B", "C")
    assert RULE.judge(case(buy(), standing("A", "B", "C"), market=market)).passed is passed


def test_three_correlated_together_are_allowed() -> None:
    verdict = RULE.judge(case(buy(), standing("A", "B"), market=pairs(0.9, "TSLA", "A", "B")))
    assert verdict.passed
    assert (verdict.observed, verdict.limit) == (3.0, 3.0)


def test_a_pair_that_is_absent_counts_as_correlated() -> None:
    verdict = RULE.judge(case(buy(), standing("A", "B", "C")))
    assert not verdict.passed
    assert (verdict.observed, verdict.limit) == (4.0, 3.0)
    assert "(B, C, TSLA)" in verdict.message


def test_the_group_around_another_symbol_denies_too() -> None:
    """TSLA is correlated with A only; A also with B and C: A would be one of four."""
    market = facts(
        correlations=(
            correlation("A", "TSLA", 0.9),
            correlation("B", "A", 0.9),
            correlation("A", "C", 0.9),
            correlation("TSLA", "B", 0.1),
            correlation("TSLA", "C", 0.1),
            correlation("B", "C", 0.1),
        )
    )
    verdict = RULE.judge(case(buy(), standing("A", "B", "C"), market=market))
    assert not verdict.passed
    assert verdict.message.startswith("A and 3 others")


def test_open_entries_of_any_agent_count() -> None:
    pending = book(
        position("agent_A", "A"),
        open_entries=(open_entry("agent_B", "B", 1.0), open_entry("agent_C", "C", 1.0)),
    )
    assert not RULE.judge(case(buy(), pending)).passed
    assert RULE.judge(case(None, pending)).passed


def test_one_symbol_held_twice_is_one_symbol() -> None:
    twice = book(position("a1", "A"), position("a2", "A"), position("a3", "B"))
    assert RULE.judge(case(buy(), twice)).observed == 3.0


def test_of_two_values_for_a_pair_the_higher_stands_and_unknown_is_highest() -> None:
    for values in ((0.1, 0.9), (0.9, 0.1), (0.1, None), (None, 0.1)):
        market = facts(correlations=tuple(correlation("A", "B", value) for value in values))
        verdict = CorrelationRule(limit=1, threshold=0.7).judge(
            case(None, standing("A", "B"), market=market)
        )
        assert not verdict.passed


def test_hold_and_exit_judge_what_stands() -> None:
    four = standing("A", "B", "C", "D")
    assert not RULE.judge(case(None, four)).passed
    with_tsla = book(position("agent_tsla", "TSLA"), *standing("A", "B").positions)
    assert RULE.judge(case(sell(), with_tsla)).passed


def test_an_empty_book_and_off_pass() -> None:
    assert RULE.judge(case(None)).observed == 0.0
    off = CorrelationRule(limit=None, threshold=0.7).judge(case(buy(), standing("A", "B", "C")))
    assert off.passed
    assert "off by configuration" in off.message
