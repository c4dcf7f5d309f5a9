"""What wakes a mind: numbers at their boundaries, and conditions that say nothing."""

import math
from typing import Any

import pytest

from ztrade_core.domain.waking import (
    AccountCounts,
    WakeConditions,
    crosses_any,
    has_crossed,
    has_moved,
    wakes,
)

NO_EVENTS = (False, False)
COUNTS: dict[str, Any] = {"bars": 5, "fills": 2, "denied": 1, "unfilled": 0, "halts": 0}


def counts(**changes: Any) -> AccountCounts:
    return AccountCounts(**{**COUNTS, "standing": frozenset(), **changes})


@pytest.mark.parametrize(
    ("before", "close", "crossed"),
    [
        (99.0, 100.0, True),  # reached from below
        (99.0, 101.0, True),
        (101.0, 100.0, True),  # reached from above
        (101.0, 99.0, True),
        (100.0, 101.0, False),  # leaving a level is no crossing: reaching it was
        (100.0, 100.0, False),
        (98.0, 99.99, False),
        (math.nan, 101.0, False),
    ],
)
def test_a_level_is_crossed_by_reaching_or_passing_it(
    before: float,
    close: float,
    crossed: bool,  # noqa: FBT001
) -> None:
    assert has_crossed(before, close, 100.0) is crossed
    assert crosses_any(before, close, (50.0, 100.0)) is crossed


def test_a_move_is_measured_from_the_close_it_was_asked_on() -> None:
    assert has_moved(101.0, 100.0, 0.01)
    assert has_moved(99.0, 100.0, 0.01)
    assert not has_moved(100.99, 100.0, 0.01)
    assert not has_moved(1e9, 100.0, math.inf)


def awake(terms: Any, bars: int, events: tuple[bool, bool] = NO_EVENTS) -> bool:
    return wakes(terms, bars, False, events)  # noqa: FBT003 - it did not move


def test_bars_are_counted_from_the_last_question() -> None:
    terms = WakeConditions(every_bars=3).terms
    assert [awake(terms, bars) for bars in (1, 2, 3, 4)] == [False, False, True, True]


def test_an_event_wakes_only_whom_it_concerns() -> None:
    events = ((True, False), (False, True), NO_EVENTS)
    on_fill = WakeConditions(on_fill=True).terms
    on_risk = WakeConditions(on_risk_event=True).terms
    assert [awake(on_fill, 1, each) for each in events] == [True, False, False]
    assert [awake(on_risk, 1, each) for each in events] == [False, True, False]


@pytest.mark.parametrize(
    "change",
    [{"denied": 2}, {"unfilled": 1}, {"halts": 1}, {"standing": frozenset({"daily_loss"})}],
)
def test_a_denial_an_unfilled_entry_and_a_halt_are_risk_events(change: dict[str, Any]) -> None:
    assert counts(**change).had_risk_event(counts())
    assert counts().had_risk_event(counts(**change))


def test_a_fill_and_a_bar_are_none() -> None:
    assert not counts(fills=3, bars=9).had_risk_event(counts())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "wakes on nothing"),
        ({"every_bars": 0}, "at least 1"),
        ({"levels": (0.0,)}, "no number above 0"),
        ({"levels": (math.inf,)}, "no number above 0"),
        ({"moved_fraction": math.nan}, "no number above 0"),
    ],
)
def test_conditions_that_say_nothing_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WakeConditions(**given)


def test_the_reason_of_a_sleeping_bar_tells_every_condition() -> None:
    every = WakeConditions(
        every_bars=12, levels=(95.0, 105.5), moved_fraction=0.01, on_fill=True, on_risk_event=True
    )
    assert every.reason == (
        "asleep: wakes every 12 bars, at 95, at 105.5, when moved by 0.01, on a fill, on a risk event"
    )
