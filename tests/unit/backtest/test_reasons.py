"""Reasons that differ in their numbers only are counted as one."""

from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.backtest.reasons import MOST_REASONS, OTHERS, counted_reasons


def test_numbers_that_vary_are_merged_and_those_that_do_not_stay() -> None:
    found = counted_reasons(
        {
            "needs 200 complete bars, has 1": 1,
            "needs 200 complete bars, has 2": 1,
            "needs 200 complete bars, has 17": 3,
            "not bullish": 4,
            "RSI 71.5 is above 70": 2,
        }
    )
    assert list(found.items()) == [
        ("needs 200 complete bars, has N", 5),
        ("not bullish", 4),
        ("RSI 71.5 is above 70", 2),
    ]


def test_instants_are_one_number_and_orders_have_no_name() -> None:
    first, second = "zt1-" + "0a" * 20, "zt1-" + "b1" * 20
    found = counted_reasons(
        {
            "2022-12-28T20:55:00Z is the last bar": 1,
            "2022-12-29T20:55:00Z is the last bar": 1,
            f"exit {first} is working already": 2,
            f"exit {second} is working already": 1,
        }
    )
    assert found == {"exit N is working already": 3, "N is the last bar": 2}
    assert counted_reasons({f"exit {first} works": 1}) == {"exit N works": 1}


def test_what_a_model_writes_anew_for_every_bar_is_not_kept_without_end() -> None:
    words = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(500)]
    found = counted_reasons({word: 500 - number for number, word in enumerate(words)})
    assert len(found) == MOST_REASONS + 1
    assert found[OTHERS] == sum(range(1, 481))
    assert counted_reasons({}) == {}


@given(st.dictionaries(st.text("ab 1,9.", max_size=8), st.integers(1, 99), max_size=60))
def test_no_bar_is_lost_and_order_does_not_matter(counts: dict[str, int]) -> None:
    found = counted_reasons(counts)
    assert sum(found.values()) == sum(counts.values())
    assert found == counted_reasons(dict(reversed(counts.items())))
