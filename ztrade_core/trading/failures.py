"""How often an agent failed in a row: what RULE_017 and its breaker count.

Read inside the caller's transaction. An entry is a failure when the broker rejected it; one that
the broker took, however it ended, begins the count anew; one that never reached it says nothing.
Answers are read from the ledger: the decision that is being made is not among them yet. A bar on
which a mind slept is no answer, nor is one on which it was not asked (a spent budget, a missing key) or
from which nothing came back (a vendor's outage, a time that ran out): it neither breaks a row nor
lengthens it.
"""

from datetime import datetime

from ztrade_core.domain.orders import OrderStatus
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.errors import LedgerBrokenError
from ztrade_core.ports.store import UnitOfWork

LOOKED_BACK = 20


def failures_in_a_row(uow: UnitOfWork, account: str, epoch: int, agent_id: str) -> int:
    """Count rejected entries and invalid answers, each in a row, since the last resume."""
    failed_at = [
        *_rejections(uow, account, epoch, agent_id),
        *_invalid_answers(uow, account, epoch, agent_id),
    ]
    if not failed_at:
        return 0
    forgiven = last_pardon(uow, account, agent_id)
    return len([at for at in failed_at if forgiven is None or at > forgiven])


def last_pardon(uow: UnitOfWork, account: str, agent_id: str) -> datetime | None:
    """Return when a halt of the agent or of the company was last lifted."""
    lifted = [
        at
        for halt, at, _, _ in uow.halts.history(account)
        if at is not None and halt.agent_id in {None, agent_id}
    ]
    return max(lifted, default=None)


def _rejections(uow: UnitOfWork, account: str, epoch: int, agent_id: str) -> list[datetime]:
    found = []
    for order in uow.orders.newest_entries(account, epoch, agent_id, LOOKED_BACK):
        if order.status is OrderStatus.REJECTED and not order.filled_quantity:
            found.append(order.updated_at)
        elif order.broker_order_id is not None:
            break
    return found


def _invalid_answers(uow: UnitOfWork, account: str, epoch: int, agent_id: str) -> list[datetime]:
    """Return when the newest answers were asked for, as long as they are invalid.

    A ledger that cannot be read counts none: RULE_007 denies on it, and exits must go on.
    """
    for count in (1, LOOKED_BACK):  # nearly always the last one is valid
        found: list[datetime] = []
        try:
            rows = uow.ledger.recent(
                account=account, agent_id=agent_id, limit=count, but=ASLEEP_MAKER
            )
        except LedgerBrokenError:
            return []
        for row in rows:
            decision = row.decision
            if decision.proposal.is_unheard:
                continue
            if decision.key.account_epoch != epoch or not decision.proposal.is_invalid:
                return found
            found.append(decision.as_of)
        if not found and not all(row.decision.proposal.is_unheard for row in rows):
            break
    return found
