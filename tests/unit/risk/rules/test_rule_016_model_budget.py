"""RULE_016: today's spending on models against the budget, to the cent."""

from dataclasses import replace

import pytest

from tests.unit.risk.builders import NAN, buy, case, company, conduct
from ztrade_core.domain.model_config import NO_MODELS
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.judge import denials, judge, rules_for
from ztrade_core.risk.rules.rule_016_model_budget import ModelBudgetRule


def spending(usd: float) -> RiskCase:
    return case(buy(), desk=conduct(model_spent_usd=usd))


@pytest.mark.parametrize(
    ("usd", "passed"),
    [
        (0.0, True),
        (4.99, True),
        (5.0, True),
        (5.01, False),
        (NAN, False),
        (float("inf"), False),
    ],
)
def test_exactly_the_budget_is_allowed(usd: float, *, passed: bool) -> None:
    verdict = ModelBudgetRule(limit_usd=5.0).judge(spending(usd))
    assert (verdict.passed, verdict.limit) == (passed, 5.0)
    assert "the daily budget is 5" in verdict.message


def test_off_is_off() -> None:
    verdict = ModelBudgetRule(limit_usd=None).judge(spending(1e6))
    assert verdict.passed
    assert "off by configuration" in verdict.message


def test_an_order_that_no_model_was_asked_for_has_cost_nothing() -> None:
    assert ModelBudgetRule(limit_usd=0.0).judge(case(buy())).passed


def test_the_companys_budget_is_the_limit_that_denies() -> None:
    house = replace(company(), models=replace(NO_MODELS, daily_budget_usd=5.0))
    for usd, denied in ((5.0, []), (5.01, ["RULE_016"])):
        each = replace(spending(usd), company=house)
        found = denials(each, judge(each, rules_for(house)))
        assert [verdict.rule_id for verdict in found] == denied
