"""RULE_015: our book was compared with the broker's lately, and nothing stands against it.

The last reconciliation of the account is at most `max_age_seconds` old when the order is judged
(exactly so old is allowed; one made later than that moment is not old). An order at the broker that
is not ours, a position that differs and an execution that fits no order of ours stand from the
moment they are found until a person resumes the company, even when a later look finds nothing.
"""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.time import iso_z
from ztrade_core.risk.arithmetic import within
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off
from ztrade_core.risk.wording import apart, plain, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReconciledRule(Rule):
    """`max_age_seconds` None is off."""

    rule_id: ClassVar[str] = "RULE_015"
    name: ClassVar[str] = "book_reconciled"
    description: ClassVar[str] = (
        "Our book was compared with the broker's lately and nothing stands against it."
    )

    max_age_seconds: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the last reconciliation's age and what stands."""
        limit, desk = self.max_age_seconds, case.desk
        if limit is None:
            return switched_off(self)
        if desk.reconciled_at is None:
            return ruling(
                self, "the account was never reconciled with its broker", passed=False, limit=limit
            )
        age = (desk.at - desk.reconciled_at).total_seconds()
        seen, allowed = apart(age, limit, plain)
        standing = [f"{text} (until a person resumes)" for text in desk.unreconciled]
        when = f"our book was reconciled at {iso_z(desk.reconciled_at)}, {seen} s before"
        return ruling(
            self,
            sentence([*standing, f"{when}; the limit is {allowed}"]),
            passed=within(age, limit) and not standing,
            observed=age,
            limit=limit,
        )
