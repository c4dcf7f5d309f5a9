"""How the account stands with its broker when an order is judged: facts of rules 009-011, 015, 018.

Read inside the caller's transaction; what the broker says of itself it says without being asked.
"""

import math
from datetime import datetime, timedelta

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.orders import Order, intent_hash
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.risk.case import DeskFacts, PastEntry
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.marking import AccountFacts

HOUR = timedelta(hours=1)


def desk_facts(
    desk: TradingDesk,
    uow: UnitOfWork,
    facts: AccountFacts,
    agent: AgentConfig,
    last_bar: datetime | None,
) -> DeskFacts:
    """Return the facts for judging `agent` on its decision bar.

    On a dry run, which reconciles nothing, a survey stands in for a clean or missing reconciliation.
    """
    found = uow.reconciliations.last(desk.account, facts.epoch)
    if facts.survey is not None and (found is None or found.clean):
        found = facts.survey
    since = facts.at - HOUR
    entries = uow.orders.entries(
        desk.account, facts.epoch, since=since if last_bar is None else min(since, last_bar)
    )
    return DeskFacts(
        at=facts.at,
        mark=facts.marks.get(agent.symbol, math.nan),
        entries=tuple(_past(order) for order in entries),
        reconciled_at=None if found is None else found.report.at,
        unreconciled=() if found is None else found.findings,
        is_paper=desk.broker.is_paper,
        broker_host=desk.broker.host,
    )


def _past(order: Order) -> PastEntry:
    request = order.request
    return PastEntry(
        agent_id=request.agent_id,
        symbol=request.symbol,
        side=request.side,
        created_at=order.created_at,
        intent=intent_hash(
            order.account,
            order.account_epoch,
            request.agent_id,
            request.symbol,
            request.side,
            request.decided_bar,
        ),
    )
