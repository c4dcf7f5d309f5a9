from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from tests.unit.risk.builders import book, buy, case, company, facts, position, sell
from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.judge import denials, judge, rules_for
from ztrade_core.risk.rule import Rule

IDS = [f"{each:03}" for each in range(1, 22)]


@dataclass(frozen=True)
class BrokenRule(Rule):
    rule_id: ClassVar[str] = "RULE_999"
    name: ClassVar[str] = "broken"
    description: ClassVar[str] = "Never true."

    @override
    def judge(self, case: RiskCase) -> Verdict:
        raise ZeroDivisionError("by zero")


def test_every_rule_stands_once_in_the_order_of_its_id() -> None:
    rules = rules_for(company())
    assert [rule.rule_id for rule in rules] == [f"RULE_{each}" for each in IDS]
    assert len({rule.name for rule in rules}) == len(IDS)
    assert all(rule.name.isidentifier() and rule.description.endswith(".") for rule in rules)


def test_a_quiet_entry_passes_every_rule() -> None:
    each = case(buy())
    verdicts = judge(each, rules_for(company()))
    assert [verdict.message for verdict in verdicts if not verdict.passed] == []
    assert [verdict.rule_id for verdict in verdicts] == [f"RULE_{each}" for each in IDS]
    assert denials(each, verdicts) == ()


def test_a_quiet_hold_and_an_exit_pass_every_rule() -> None:
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell()):
        verdicts = judge(case(candidate, held), rules_for(company()))
        assert [verdict.message for verdict in verdicts if not verdict.passed] == []


def test_an_exception_in_a_rule_is_a_failed_verdict_that_names_it() -> None:
    verdicts = judge(case(buy()), (BrokenRule(), *rules_for(company())))
    assert len(verdicts) == 1 + len(IDS)
    assert not verdicts[0].passed
    assert verdicts[0].rule_id == "RULE_999"
    assert "ZeroDivisionError" in verdicts[0].message
    assert all(verdict.passed for verdict in verdicts[1:])


def test_failed_verdicts_deny_an_entry_and_only_report_on_exit_and_hold() -> None:
    stale = facts(fresh=False)
    held = book(position("agent_tsla", "TSLA"))
    rules = rules_for(company())
    entry = case(buy(), market=stale)
    assert [each.rule_id for each in denials(entry, judge(entry, rules))] == ["RULE_012"]
    for candidate in (None, sell()):
        other = case(candidate, held, market=stale)
        verdicts = judge(other, rules)
        assert not all(verdict.passed for verdict in verdicts)
        assert denials(other, verdicts) == ()


def test_verdicts_hold_no_number_that_is_none() -> None:
    """A ledger row must hash the same after the database turned NaN into NULL."""
    nothing = float("nan")
    verdicts = judge(
        case(buy(nothing, confidence=nothing), book(equity=nothing)), rules_for(company())
    )
    for verdict in verdicts:
        for number in (verdict.observed, verdict.limit):
            assert number is None or number == number  # noqa: PLR0124 - NaN is not itself
