"""What a rule is: a frozen value that holds its limit and judges one case.

A rule is a pure function of the case. `passed` false denies an entry and only reports on an exit
or a hold; that choice is the gateway's (`judge.denials`), never a rule's.
"""

import math
from typing import ClassVar, Protocol

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.case import RiskCase

OFF = "off by configuration"


class Rule(Protocol):
    """One rule. `name` is an identifier, `description` a statement that is true when it passes."""

    rule_id: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]

    def judge(self, case: RiskCase) -> Verdict:
        """Judge one case; a number that is missing or NaN fails."""
        ...


def ruling(
    rule: Rule,
    message: str,
    *,
    passed: bool,
    observed: float | None = None,
    limit: float | None = None,
) -> Verdict:
    """Return a rule's verdict; numbers that are not finite are left to the message."""
    return Verdict(
        rule_id=rule.rule_id,
        name=rule.name,
        passed=passed,
        observed=_finite(observed),
        limit=_finite(limit),
        message=message,
    )


def switched_off(rule: Rule) -> Verdict:
    """Return the verdict of a rule whose limit the configuration writes as `off`."""
    return ruling(rule, f"{rule.name} is {OFF}", passed=True)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
