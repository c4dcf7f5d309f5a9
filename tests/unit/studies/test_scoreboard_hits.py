"""Directions are judged at the next bar's open and the close of the horizon, by hand-made prices."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.desk import at, bar
from tests.unit.risk.builders import COSTS
from tests.unit.studies.scoreboard_cases import HORIZON, bars_from, said
from ztrade_core.domain.decisions import INVALID_ANSWER, UNASKED
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import iso_z
from ztrade_core.studies.scoreboard_answers import Answer, answer_of
from ztrade_core.studies.scoreboard_hits import HitRate, Judge, cost_fraction, wilson


def answer(number: int, action: str, **more: object) -> Answer:
    return answer_of(iso_z(bar(number)), at(number), said(action, **more))


def judged(*answers: Answer, cost: float = 0.0, horizon: int = HORIZON) -> HitRate:
    return Judge(series=bars_from(), horizon_bars=horizon, cost_fraction=cost).hits(answers)


@pytest.mark.parametrize(
    ("number", "action", "right"),
    [
        (0, "buy", 1),  # opens at 100 after bar 0, closes at 102 two bars after it
        (0, "sell", 0),
        (2, "buy", 0),  # 102, then 100
        (2, "sell", 1),
        (5, "sell", 0),  # 99, then 99: stands still
        (5, "buy", 0),
    ],
)
def test_a_direction_is_right_when_the_price_went_there(
    number: int, action: str, right: int
) -> None:
    found = judged(answer(number, action))
    assert (found.judged, found.right, found.rate) == (1, right, float(right))


def test_a_buy_has_to_earn_its_costs_and_a_sell_has_not() -> None:
    """102 less 1 % is 100.98, and 100 with 1 % is 101."""
    assert judged(answer(0, "buy"), cost=0.01).right == 0
    assert judged(answer(0, "buy"), cost=0.0099).right == 1
    assert judged(answer(4, "sell"), cost=0.5).right == 1  # 100, then 98


def test_costs_of_a_side_are_slippage_and_the_classes_commission() -> None:
    costs = replace(COSTS, stock_commission_bps=1.0)
    assert cost_fraction(costs, AssetClass.STOCK) == 0.0003
    assert cost_fraction(costs, AssetClass.CRYPTO) == 0.0027


def test_a_horizon_that_is_not_over_is_open_and_no_miss() -> None:
    found = judged(answer(5, "sell"), answer(6, "buy"), answer(7, "sell"))
    assert (found.judged, found.open, found.no_bar) == (1, 2, 0)
    none = judged(answer(7, "buy"))
    assert (none.rate, none.low, none.high, none.few) == (None, None, None, True)


def test_an_answer_whose_bar_is_not_stored_is_not_judged() -> None:
    found = judged(answer(40, "buy"), answer(0, "buy"))
    assert (found.judged, found.right, found.no_bar, found.open) == (1, 1, 1, 0)


def test_holds_and_what_is_no_answer_are_not_counted() -> None:
    invalid = answer(0, "sell", factors=((INVALID_ANSWER, "prose"),))
    unasked = answer(1, "sell", factors=((UNASKED, "no key"),))
    found = judged(answer(0, "hold"), invalid, unasked)
    assert (found.judged, found.open, found.no_bar) == (0, 0, 0)


def test_news_is_judged_from_the_first_bar_that_opens_after_it() -> None:
    """A story during bar 2: bar 3 opens at 102, and two bars after bar 2 the close is 100."""

    def on_news(when: datetime, action: str) -> Answer:
        return answer_of("news:1", when, said(action))

    assert judged(on_news(bar(2) + timedelta(minutes=1), "sell")).right == 1
    assert judged(on_news(bar(3), "sell")).right == 1  # it may still fill in bar 3
    # from bar 4: 101, then 99 where the horizon counts from bar 3
    assert judged(on_news(bar(3) + timedelta(seconds=1), "buy")).right == 0
    assert judged(on_news(at(7), "buy")).open == 1


def test_answers_within_a_horizon_of_each_other_prove_as_much_as_one() -> None:
    """Of bars 0 to 5 with a horizon of 2, bars 0, 2 and 4 lie apart: the interval is that of 3."""
    found = judged(*(answer(number, "buy") for number in range(6)))
    assert (found.judged, found.right, found.apart) == (6, 1, 3)
    assert found.rate == 1 / 6
    assert (found.low, found.high) == wilson(1 / 6, 3)
    assert found.few


def test_thirty_apart_are_no_few() -> None:
    series = bars_from([100.0 + number % 2 for number in range(62)])
    judge = Judge(series=series, horizon_bars=2, cost_fraction=0.0)
    assert not judge.hits(answer(2 * number, "buy") for number in range(30)).few
    assert judge.hits(answer(2 * number, "buy") for number in range(29)).few


def test_wilsons_interval_is_that_of_the_tables() -> None:
    """2 of 4: (0.5 + 0.4802) / 1.9604 +- 0.34996; 10 of 10: from 1 / (1 + 0.38415) to 1."""
    low, high = wilson(0.5, 4)
    assert low == pytest.approx(0.15004, abs=1e-5)
    assert high == pytest.approx(0.84996, abs=1e-5)
    low, high = wilson(1.0, 10)
    assert low == pytest.approx(0.72247, abs=1e-5)
    assert high == pytest.approx(1.0)
    assert wilson(0.0, 10)[0] == pytest.approx(0.0)
    with pytest.raises(ValueError, match="0 observations"):
        wilson(0.5, 0)


@pytest.mark.parametrize("count", [1, 12, 30])
def test_none_right_and_all_right_reach_exactly_to_the_ends(count: int) -> None:
    """Of 12: 1 - 12 / (12 + 3.8415) = 0.2425."""
    none, every = wilson(0.0, count), wilson(1.0, count)
    assert (none[0], every[1]) == (0.0, 1.0)
    square = 1.959963984540054**2
    assert none[1] == pytest.approx(square / (count + square))
    assert every[0] == pytest.approx(count / (count + square))
