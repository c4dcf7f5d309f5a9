"""The arithmetic of a split on shares, prices and levels."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.fakes.split_days import EX_DATE, split
from ztrade_core.domain.rebasing import (
    counts_from,
    level_after,
    meant,
    price_after,
    ratio_text,
    shares_after,
    splits_between,
)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(3.0, "3:1"), (1.5, "3:2"), (0.1, "1:10"), (1 / 3, "1:3"), (0.3333333333, "1:3")],
)
def test_a_ratio_is_told_as_the_fraction_it_is_meant_to_be(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text


def test_a_ratio_of_four_digits_is_taken_as_it_stands() -> None:
    assert meant(0.3333) == Fraction(3333, 10000)


@pytest.mark.parametrize(
    ("quantity", "ratio", "whole", "rest"),
    [
        ("46", 3.0, "138", 0.0),
        ("46", 0.1, "4", 0.6),
        ("30", 1 / 3, "10", 0.0),
        ("45", 1.5, "67", 0.5),
        ("3", 0.1, "0", 0.3),
    ],
)
def test_whole_shares_stay_and_the_rest_of_one_is_told(
    quantity: str, ratio: float, whole: str, rest: float
) -> None:
    shares, left = shares_after(Decimal(quantity), ratio)
    assert shares == Decimal(whole)
    assert left == pytest.approx(rest)


def test_levels_go_up_to_their_tick_and_prices_keep_every_bit() -> None:
    assert level_after(Decimal(97), 3.0) == Decimal("32.34")
    assert level_after(Decimal("2.50"), 3.0) == Decimal("0.8334")
    assert level_after(None, 3.0) is None
    assert price_after(97.0, 3.0) == 97.0 / 3.0


def test_a_split_counts_from_midnight_in_new_york() -> None:
    found = split()
    assert counts_from(found) == datetime(2022, 12, 29, 5, tzinfo=UTC)
    eve = datetime(2022, 12, 28, 15, tzinfo=UTC)
    before = datetime(2022, 12, 29, 4, 59, 59, tzinfo=UTC)
    assert splits_between([found], eve, before) == []
    assert splits_between([found], eve, counts_from(found)) == [found]
    assert splits_between([found], counts_from(found), datetime(2023, 1, 5, tzinfo=UTC)) == []
    assert found.ex_date == EX_DATE
