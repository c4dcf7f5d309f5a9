import pytest

from tests.unit.risk.builders import book, buy, case, conduct, position, sell
from ztrade_core.risk.rules.rule_018_paper_fence import PaperFenceRule

RULE = PaperFenceRule()
PAPER = "https://paper-api.alpaca.markets"


@pytest.mark.parametrize("host", [None, PAPER])
def test_a_simulated_broker_and_the_paper_host_pass(host: str | None) -> None:
    assert RULE.judge(case(buy(), desk=conduct(broker_host=host))).passed


@pytest.mark.parametrize(
    "host",
    [
        "",
        "https://api.alpaca.markets",
        "http://paper-api.alpaca.markets",
        f"{PAPER}/",
        f"{PAPER}:443",
        f"{PAPER}.evil.test",
        f"{PAPER}@evil.test",
        "https://PAPER-API.alpaca.markets",
        "paper-api.alpaca.markets",
    ],
)
def test_any_other_text_is_another_host_and_is_not_repeated(host: str) -> None:
    verdict = RULE.judge(case(buy(), desk=conduct(broker_host=host)))
    assert not verdict.passed
    assert verdict.message == f"the broker's host is not {PAPER}"


def test_an_account_that_is_not_paper_denies_wherever_it_is() -> None:
    for host in (None, PAPER):
        desk = conduct(is_paper=False, broker_host=host)
        assert not RULE.judge(case(buy(), desk=desk)).passed


@pytest.mark.parametrize("odd", ["yes", 1, None])
def test_only_true_is_paper(odd: object) -> None:
    assert not RULE.judge(case(buy(), desk=conduct(is_paper=odd))).passed


def test_a_hold_and_an_exit_report_it() -> None:
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell()):
        assert not RULE.judge(case(candidate, held, desk=conduct(is_paper=False))).passed
