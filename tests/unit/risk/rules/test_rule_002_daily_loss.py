import pytest

from tests.unit.risk.builders import NAN, book, buy, case, halt, sell
from ztrade_core.risk.rules.rule_002_daily_loss import DailyLossRule

RULE = DailyLossRule(limit_fraction=0.02, drawdown_fraction=0.15)


@pytest.mark.parametrize(
    ("equity", "passed"),
    [(98000.01, True), (98000.0, False), (97999.99, False), (101000.0, True), (NAN, False)],
)
def test_loss_of_exactly_two_per_cent_of_the_day_base_denies(
    equity: float, *, passed: bool
) -> None:
    assert RULE.judge(case(buy(), book(equity=equity))).passed is passed


def test_one_cent_under_the_limit_is_seen_in_the_message() -> None:
    verdict = RULE.judge(case(buy(), book(equity=98000.01)))
    assert "the day's loss is 1.99999 %; it halts all entries at 2.00000 %" in verdict.message
    assert verdict.observed == pytest.approx(0.0199999)
    assert verdict.limit == 0.02


@pytest.mark.parametrize(
    ("peak", "passed"), [(117647.04, True), (100000 / 0.85, False), (117647.07, False)]
)
def test_drawdown_of_exactly_fifteen_per_cent_denies(peak: float, *, passed: bool) -> None:
    """85 % of 117,647.0588... is 100,000."""
    verdict = RULE.judge(case(buy(), book(peak_equity=peak)))
    assert verdict.passed is passed
    if not passed:
        assert verdict.limit == 0.15
        assert "the drawdown is 15.0" in verdict.message


@pytest.mark.parametrize("part", ["equity", "day_base_equity", "peak_equity"])
@pytest.mark.parametrize("value", [None, NAN, 0.0, -1.0])
def test_a_missing_part_denies(part: str, value: float | None) -> None:
    verdict = RULE.judge(case(buy(), book(**{part: value})))
    assert not verdict.passed


@pytest.mark.parametrize("kind", ["daily_loss", "drawdown"])
def test_a_breaker_that_stands_denies_though_the_loss_is_made_good_or_the_limit_off(
    kind: str,
) -> None:
    standing = book(halts=(halt(kind),))
    assert not RULE.judge(case(buy(), standing)).passed
    off = DailyLossRule(limit_fraction=None, drawdown_fraction=None).judge(case(buy(), standing))
    assert not off.passed
    assert "by ada" in off.message


def test_halts_of_other_kinds_are_other_rules_business() -> None:
    others = book(halts=(halt("manual"), halt("consecutive_losses", "agent_tsla")))
    assert RULE.judge(case(buy(), others)).passed


def test_off_passes_without_any_number() -> None:
    off = DailyLossRule(limit_fraction=None, drawdown_fraction=None)
    verdict = off.judge(case(buy(), book(equity=None, day_base_equity=None, peak_equity=None)))
    assert verdict.passed
    assert "off by configuration" in verdict.message


def test_each_limit_can_be_off_alone() -> None:
    only_day = DailyLossRule(limit_fraction=0.02, drawdown_fraction=None)
    only_drawdown = DailyLossRule(limit_fraction=None, drawdown_fraction=0.15)
    deep = book(peak_equity=200000.0)
    lost = book(equity=97000.0)
    assert only_day.judge(case(buy(), deep)).passed
    assert not only_drawdown.judge(case(buy(), deep)).passed
    assert not only_day.judge(case(buy(), lost)).passed
    assert only_drawdown.judge(case(buy(), lost)).passed


def test_exit_and_hold_report_the_loss() -> None:
    lost = book(equity=98000.0)
    assert not RULE.judge(case(sell(), lost)).passed
    assert not RULE.judge(case(None, lost)).passed
