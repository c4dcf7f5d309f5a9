"""The rules as asset checks of an agent's decision: one a rule, one evaluation a run.

They show; the gateway enforces. On a hold they judge the standing book, on an exit they report.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Outcome, Verdict
from ztrade_core.risk.judge import rules_for
from ztrade_pipelines import ui
from ztrade_pipelines.keys import decision_key


def check_name(rule_id: str, name: str) -> str:
    """Return a rule's check: `rule_001_agent_exposure`."""
    return f"{rule_id}_{name}".lower()


def rule_checks(company: Company, agent_id: str) -> list[dg.AssetCheckSpec]:
    """Return one check a rule, none blocking: a denial is a normal outcome."""
    return [
        dg.AssetCheckSpec(
            name=check_name(rule.rule_id, rule.name),
            asset=decision_key(agent_id),
            description=rule.description,
            blocking=False,
            metadata={"rule": rule.rule_id, "limits": "config/risk_limits.yaml"},
        )
        for rule in rules_for(company)
    ]


def check_output(spec: dg.AssetCheckSpec) -> str:
    """Return the op output that carries a check's evaluation."""
    return spec.get_python_identifier()


def evaluations(
    agent_id: str, verdicts: Sequence[Verdict], outcome: Outcome
) -> Iterator[dg.AssetCheckResult]:
    """Yield one evaluation a verdict; a failed one is an error when it denied, else a warning."""
    denied = outcome is Outcome.DENIED
    for verdict in verdicts:
        yield dg.AssetCheckResult(
            asset_key=decision_key(agent_id),
            check_name=check_name(verdict.rule_id, verdict.name),
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.ERROR if denied else dg.AssetCheckSeverity.WARN,
            description=verdict.message,
            metadata={
                "rule": verdict.rule_id,
                "observed": ui.number(verdict.observed),
                "limit": ui.number(verdict.limit),
                "message": verdict.message,
            },
        )
