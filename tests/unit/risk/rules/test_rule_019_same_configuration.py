from dataclasses import replace

from tests.unit.risk.builders import book, buy, case, company, facts, position, sell
from ztrade_core.risk.rules.rule_019_same_configuration import SameConfigurationRule

RULE = SameConfigurationRule(required=True)
OLD, NEW = "a" * 64, "b" * 64
CHANGED = replace(company(), digest=NEW)


def test_the_same_digest_passes() -> None:
    same = case(buy(), company=CHANGED, market=facts(config_digest=NEW))
    assert RULE.judge(same).passed


def test_a_changed_digest_denies_and_both_are_named() -> None:
    verdict = RULE.judge(case(buy(), company=CHANGED, market=facts(config_digest=OLD)))
    assert not verdict.passed
    assert verdict.message == (
        "the configuration changed from aaaaaaaaaaaa to bbbbbbbbbbbb since the inputs were frozen"
    )


def test_a_digest_that_only_begins_alike_denies() -> None:
    nearly = facts(config_digest=NEW[:-1] + "c")
    assert not RULE.judge(case(buy(), company=CHANGED, market=nearly)).passed


def test_a_hold_and_an_exit_report_it() -> None:
    held = book(position("agent_tsla", "TSLA"))
    for candidate in (None, sell()):
        changed = case(candidate, held, company=CHANGED, market=facts(config_digest=OLD))
        assert not RULE.judge(changed).passed


def test_off_passes_and_says_so() -> None:
    changed = case(buy(), company=CHANGED, market=facts(config_digest=OLD))
    verdict = SameConfigurationRule(required=False).judge(changed)
    assert verdict.passed
    assert "off by configuration" in verdict.message
