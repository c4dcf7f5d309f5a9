"""RULE_009: no second entry where one was just made, is still open, or was made on the same bar.

A second entry is one of the same agent, symbol and side. It is a duplicate when

- it comes less than `window_seconds` after one before it, whatever became of that one (exactly so
  many seconds later is allowed), or is dated before it;
- an entry of the agent in the symbol may still fill: open, on its way, or of unknown fate;
- an entry of the same intent exists: decided on the same bar (`domain.orders.intent_hash`), as two
  slots of one bar would be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.orders import intent_hash
from ztrade_core.domain.time import iso_z
from ztrade_core.risk.arithmetic import at_least
from ztrade_core.risk.case import Candidate, PastEntry, RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off
from ztrade_core.risk.wording import apart, plain, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRule(Rule):
    """Judges entries only; `window_seconds` None is off. `observed` is the youngest's age."""

    rule_id: ClassVar[str] = "RULE_009"
    name: ClassVar[str] = "duplicate"
    description: ClassVar[str] = (
        "No entry of the same agent, symbol and side was made just before, is open, or was decided"
        " on the same bar."
    )

    window_seconds: float | None

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the entry against those before it."""
        window, entry = self.window_seconds, case.entry
        if window is None:
            return switched_off(self)
        if entry is None:
            return ruling(self, "no entry is asked for", passed=True)
        ages = [(case.desk.at - each.created_at).total_seconds() for each in _same(case, entry)]
        youngest = min(ages, default=None)
        problems = []
        if youngest is not None and not at_least(youngest, window):
            seen, needed = apart(youngest, window, plain)
            problems.append(f"an entry was made {seen} s ago; {needed} s must lie between two")
        problems += [*_open(case, entry), *_same_intent(case, entry)]
        return ruling(
            self,
            sentence(problems) or "no entry like it was made, is open or has the same intent",
            passed=not problems,
            observed=youngest,
            limit=window,
        )


def _same(case: RiskCase, entry: Candidate) -> list[PastEntry]:
    wanted = (entry.agent_id, entry.symbol, entry.side)
    return [each for each in case.desk.entries if (each.agent_id, each.symbol, each.side) == wanted]


def _open(case: RiskCase, entry: Candidate) -> Iterator[str]:
    for order in case.book.open_entries:
        if (order.agent_id, order.symbol) == (entry.agent_id, entry.symbol):
            yield f"entry {order.client_order_id} is open or unknown"


def _same_intent(case: RiskCase, entry: Candidate) -> Iterator[str]:
    book, bar = case.book, case.market.decided_bar
    intent = intent_hash(
        book.account, book.account_epoch, entry.agent_id, entry.symbol, entry.side, bar
    )
    if any(each.intent == intent for each in case.desk.entries):
        yield f"an entry was decided on the same bar ({'none' if bar is None else iso_z(bar)})"
