import pytest

from tests.unit.risk.builders import NAN, book, buy, case, open_entry, position, sell
from ztrade_core.risk.rules.rule_001_agent_exposure import AgentExposureRule

RULE = AgentExposureRule(limit_fraction=0.10)


@pytest.mark.parametrize(
    ("notional", "passed"),
    [(9999.99, True), (10000.0, True), (10000.000001, True), (10000.01, False), (NAN, False)],
)
def test_order_may_reach_ten_per_cent_of_capital_and_not_a_cent_more(
    notional: float, *, passed: bool
) -> None:
    assert RULE.judge(case(buy(notional))).passed is passed


def test_breach_of_one_cent_is_seen_in_the_message() -> None:
    verdict = RULE.judge(case(buy(10000.01)))
    assert verdict.message == (
        "agent_tsla would hold $10,000.01, 10.00001 % of $100,000.00;"
        " the limit is 10.00000 % ($10,000.00)"
    )
    assert verdict.observed == 10000.01 / 100000
    assert verdict.limit == 0.10


@pytest.mark.parametrize(("notional", "passed"), [(3000.0, True), (3000.01, False)])
def test_positions_and_open_entries_of_the_agent_count_and_those_of_others_do_not(
    notional: float, *, passed: bool
) -> None:
    standing = book(
        position("agent_tsla", "TSLA", 4000.0),
        position("agent_iwm", "IWM", 50000.0),
        open_entries=(
            open_entry("agent_tsla", "TSLA", 3000.0),
            open_entry("agent_btc", "BTC/USD", 20000.0),
        ),
    )
    assert RULE.judge(case(buy(notional), standing)).passed is passed


def test_capital_is_the_smaller_of_day_base_and_equity_now() -> None:
    lost = book(equity=99000.0)
    gained = book(equity=101000.0)
    assert RULE.judge(case(buy(9900.0), lost)).passed
    assert not RULE.judge(case(buy(9900.01), lost)).passed
    assert RULE.judge(case(buy(10000.0), gained)).passed
    assert not RULE.judge(case(buy(10000.01), gained)).passed


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"equity": None}, "equity is not known"),
        ({"day_base_equity": None}, "no equity is stored for 00:00 New York"),
        ({"equity": NAN}, "not a positive number"),
        ({"day_base_equity": NAN}, "not a positive number"),
        ({"equity": 0.0}, "not a positive number"),
        ({"equity": -5.0}, "not a positive number"),
    ],
)
def test_missing_capital_denies_and_says_what_is_missing(
    missing: dict[str, float | None], words: str
) -> None:
    verdict = RULE.judge(case(buy(), book(**missing)))
    assert not verdict.passed
    assert words in verdict.message
    assert verdict.observed is None


def test_a_mark_that_is_not_a_number_denies() -> None:
    standing = book(position("agent_tsla", "TSLA", mark=NAN))
    assert not RULE.judge(case(buy(), standing)).passed


def test_a_short_position_counts_with_its_size() -> None:
    standing = book(position("agent_tsla", "TSLA", 9000.0, quantity=-10.0))
    assert RULE.judge(case(buy(1000.0), standing)).passed
    assert not RULE.judge(case(buy(1000.01), standing)).passed


def test_exit_and_hold_judge_the_standing_book() -> None:
    over = book(position("agent_tsla", "TSLA", 10000.01))
    exit_case, hold = case(sell(), over), case(None, over)
    for each in (exit_case, hold):
        verdict = RULE.judge(each)
        assert not verdict.passed
        assert not each.is_entry
        assert "agent_tsla holds $10,000.01" in verdict.message
    assert RULE.judge(case(sell(), book(position("agent_tsla", "TSLA", 10000.0)))).passed


def test_off_passes_and_says_so() -> None:
    verdict = AgentExposureRule(limit_fraction=None).judge(case(buy(NAN), book(equity=None)))
    assert verdict.passed
    assert "off by configuration" in verdict.message
