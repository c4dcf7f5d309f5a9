"""Numbers and moments in the terminal."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ztrade_pipelines.cli import formats


@pytest.mark.parametrize("absent", [None, math.nan, math.inf, Decimal("NaN")])
def test_what_is_absent_or_not_a_number_reads_as_a_dash(absent: float | None) -> None:
    for shown in (
        formats.usd(absent),
        formats.whole_usd(absent),
        formats.price(absent),
        formats.quantity(absent),
        formats.percent(absent),
        formats.ratio(absent),
        formats.count(absent),
    ):
        assert shown == formats.ABSENT


@pytest.mark.parametrize(
    ("value", "signed", "shown"),
    [
        (1234.5, False, "$1,234.50"),
        (-3.2, False, "-$3.20"),
        (3.2, True, "+$3.20"),
        (0.0, True, "$0.00"),
        (-0.001, True, "$0.00"),
        (Decimal(10000), False, "$10,000.00"),
    ],
)
def test_money_has_its_sign_before_the_dollar(
    value: float,
    signed: bool,  # noqa: FBT001
    shown: str,
) -> None:
    assert formats.usd(value, signed=signed) == shown


def test_a_price_below_a_dollar_shows_its_finer_tick() -> None:
    assert formats.price(309.4) == "309.40"
    assert formats.price(0.1234) == "0.1234"


def test_a_quantity_has_no_trailing_zeros() -> None:
    assert formats.quantity(Decimal("14.00000000")) == "14"
    assert formats.quantity(0.05184) == "0.05184"
    assert formats.quantity(0.0) == "0"
    assert formats.quantity(10200.0) == "10,200"


def test_a_fraction_reads_as_per_cent() -> None:
    assert formats.percent(0.03) == "3.00 %"
    assert formats.percent(-0.0123, signed=True, digits=1) == "-1.2 %"
    assert formats.percent(0.0123, signed=True, digits=1) == "+1.2 %"


def test_a_moment_is_in_utc_to_the_minute_unless_it_has_seconds() -> None:
    assert formats.moment(datetime(2022, 12, 28, 14, 55, tzinfo=UTC)) == "2022-12-28 14:55Z"
    assert formats.moment(datetime(2022, 12, 28, 14, 55, 7, tzinfo=UTC)) == "2022-12-28 14:55:07Z"
    assert formats.moment(None) == formats.ABSENT


def test_gains_are_green_and_losses_red() -> None:
    assert formats.toned("x", 1.0) == "[green]x[/]"
    assert formats.toned("x", -1.0) == "[red]x[/]"
    assert formats.toned("x", 0.0) == "x"
    assert formats.toned("x", math.nan) == "x"
