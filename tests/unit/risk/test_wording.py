import pytest

from ztrade_core.risk.wording import apart, exactly, percent, plain, usd

NAN = float("nan")


def test_numbers_that_differ_never_read_alike() -> None:
    assert apart(0.1000001, 0.1, percent) == ("10.00001 %", "10.00000 %")
    assert apart(5000.001, 5000.0, usd) == ("$5,000.001", "$5,000.000")


def test_equal_numbers_and_the_last_bit_read_alike() -> None:
    assert apart(0.1, 0.1, percent) == ("10.00 %", "10.00 %")
    assert apart(0.1 + 0.2, 0.3, percent) == ("30.00 %", "30.00 %")


@pytest.mark.parametrize(
    ("value", "text"), [(10.0, "10"), (0.5, "0.5"), (1234.0, "1,234"), (1e-8, "0.00000001")]
)
def test_quantities_read_exactly(value: float, text: str) -> None:
    assert exactly(value) == text


def test_money_is_signed_before_the_dollar_and_nan_reads_as_unknown() -> None:
    assert usd(-1234.5) == "-$1,234.50"
    assert usd(NAN) == "an unknown amount"
    assert percent(NAN) == "an unknown share"
    assert plain(NAN) == exactly(NAN) == "not a number"
