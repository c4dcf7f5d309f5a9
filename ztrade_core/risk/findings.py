"""Rules that judge several numbers: one finding a number, and one verdict of them all."""

from collections.abc import Sequence
from dataclasses import dataclass

from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.rule import Rule, ruling, switched_off
from ztrade_core.risk.wording import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number of a rule against its limit."""

    passed: bool
    message: str
    observed: float | None = None
    limit: float | None = None


def verdict_of(rule: Rule, findings: Sequence[Finding], also: Sequence[str] = ()) -> Verdict:
    """Return a rule's verdict: what failed, or all that passed; `also` fails whatever passed.

    `observed` and `limit` are those of the first that failed, else of the first. Nothing to judge
    is a rule whose limits are all off.
    """
    if not findings and not also:
        return switched_off(rule)
    failed = [finding for finding in findings if not finding.passed]
    shown = failed or findings
    return ruling(
        rule,
        sentence([*also, *(finding.message for finding in shown)]),
        passed=not failed and not also,
        observed=shown[0].observed if shown else None,
        limit=shown[0].limit if shown else None,
    )
