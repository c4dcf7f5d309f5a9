"""The golden backtest: the same decisions, fills and marks as yesterday, to the byte."""

from tests.golden.small_backtest import TEXT, small_backtest


def test_the_small_backtest_is_what_it_was_to_the_byte() -> None:
    now, kept = small_backtest(), TEXT.read_text()
    assert now.splitlines() == kept.splitlines(), "see tests/golden/small_backtest.py"
    assert now == kept


def test_the_golden_text_holds_what_can_happen() -> None:
    kept = TEXT.read_text()
    for word in ("sell (stop)", "sell (target)", "sell (exit)", " denied ", " resized "):
        assert word in kept
