"""Whether an agent's mind sleeps on a bar, live and in rehearsals: its `wake` conditions, from the store.

A run keeps no memory of the one before. So what the mind was last asked on is its newest decision in the
ledger that it was asked for itself, and what came since is read from the books: bars by the market, fills,
denied and unfilled entries, halts. On one history that gives the bars which a backtest
(`decision_makers.sleeping`) asks on. A run that was missed is made up for by the next.

Not asked are the bars it slept on, those the house decided (a passed target), and those that a person or
another mode decided. A mind that was due and could not be asked (a spent budget, a missing key) stays due.
Breaking news always wakes, and so does a run that names its mode. What cannot be read wakes too.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import (
    Action,
    Decision,
    Outcome,
    Proposal,
    SlotKey,
    bar_of_slot,
    is_news_slot,
)
from ztrade_core.domain.orders import TERMINAL
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.waking import (
    ASLEEP_MAKER,
    MOVED,
    WakeConditions,
    crosses_any,
    has_moved,
    wakes,
)
from ztrade_core.errors import StoreError
from ztrade_core.logs import get_logger
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import CycleRequest, TradingDesk

LOOKED_BACK = 20
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Since:
    """What the mind saw when it was last asked, and what came since.

    `newest` is the agent's newest decision of all, asleep or not; None where no level is watched.
    """

    conditions: WakeConditions
    saw: MarketSnapshot
    newest: Decision | None
    filled: bool
    risk_event: bool


def asleep(conditions: WakeConditions) -> Proposal:
    """Return the hold of a bar on which nobody is asked."""
    return Proposal(
        action=Action.HOLD, confidence=0.0, rationale=conditions.reason, maker=ASLEEP_MAKER
    )


def slept_over(
    desk: TradingDesk, request: CycleRequest, snapshot: MarketSnapshot, agent: AgentConfig
) -> Proposal | None:
    """Return the hold of a moment that the mind sleeps over; None: it is to be asked."""
    conditions = agent.wake
    if conditions is None or request.mode is not None or is_news_slot(snapshot.key.slot):
        return None
    if not len(snapshot.bars):
        return None
    try:
        with desk.store.reading() as uow:
            since = _since(uow, snapshot, agent, conditions)
    except StoreError as error:  # the ledger's own rule denies on it; an exit is still asked for
        log.warning("earlier_decisions_unreadable", agent_id=agent.agent_id, problem=str(error))
        return None
    if since is None or _is_awake(desk, snapshot, agent, since):
        return None
    return asleep(conditions)


def _since(
    uow: UnitOfWork, snapshot: MarketSnapshot, agent: AgentConfig, conditions: WakeConditions
) -> _Since | None:
    """Return what is known of the time since the mind was asked; None: it is due."""
    passed = _passed(uow, snapshot, agent)
    saw = uow.ledger.snapshot(passed[-1].snapshot_hash) if passed else None
    if saw is None or not len(saw.bars):
        return None
    key, at = snapshot.key, passed[-1].as_of
    denied = any(each.outcome is Outcome.DENIED for each in passed)
    return _Since(
        conditions=conditions,
        saw=saw,
        newest=_newest(uow, snapshot) if conditions.levels else None,
        filled=_has_filled(uow, snapshot, saw, at),
        risk_event=denied or _has_unfilled(uow, key, at) or _has_halted(uow, snapshot, at),
    )


def _newest(uow: UnitOfWork, snapshot: MarketSnapshot) -> Decision | None:
    for limit in (1, LOOKED_BACK):
        for decision in _before(uow, snapshot, limit=limit):
            return decision
    return None


def _passed(uow: UnitOfWork, snapshot: MarketSnapshot, agent: AgentConfig) -> list[Decision]:
    """Return the waking decisions back to the one the mind was asked for, newest first; none: it is due."""
    for limit in (1, LOOKED_BACK):  # nearly always the last one is it
        found = []
        for decision in _before(uow, snapshot, limit=limit, but=ASLEEP_MAKER):
            found.append(decision)
            if _is_its_own(uow, decision, agent):
                return [] if decision.proposal.is_unasked else found
    return []


def _before(
    uow: UnitOfWork, snapshot: MarketSnapshot, *, limit: int, but: str | None = None
) -> list[Decision]:
    """Return the agent's newest decisions on this epoch before the moment, its own slot aside."""
    key = snapshot.key
    rows = uow.ledger.recent(account=key.account, agent_id=key.agent_id, limit=limit, but=but)
    return [
        row.decision
        for row in rows
        if row.decision.key.account_epoch == key.account_epoch
        and row.decision.key.slot != key.slot
        and row.decision.as_of <= snapshot.as_of
    ]


def _is_its_own(uow: UnitOfWork, decision: Decision, agent: AgentConfig) -> bool:
    """Return whether a decision was for the agent's own mind to answer."""
    if decision.proposal.is_of_house:
        return False
    tape = uow.tapes.get(decision.key)
    return tape is not None and tape.mode == agent.mode.value


def _has_filled(
    uow: UnitOfWork, snapshot: MarketSnapshot, saw: MarketSnapshot, since: datetime
) -> bool:
    """Return whether an order of the agent was executed since.

    A broker may tell late of an execution before: then another position is held than the mind saw.
    """
    was = None if saw.position is None else saw.position.position_id
    now = None if snapshot.position is None else snapshot.position.position_id
    key = snapshot.key
    fills = uow.orders.fills(key.account, key.account_epoch, since=since)
    return was != now or any(fill.agent_id == key.agent_id for fill in fills)


def _has_unfilled(uow: UnitOfWork, key: SlotKey, since: datetime) -> bool:
    """Return whether an entry ended without an execution since, of that decision or a later one."""
    entries = uow.orders.newest_entries(key.account, key.account_epoch, key.agent_id, LOOKED_BACK)
    return any(
        entry.status in TERMINAL
        and not entry.filled_quantity
        and (entry.created_at >= since or entry.updated_at > since)
        for entry in entries
    )


def _has_halted(uow: UnitOfWork, snapshot: MarketSnapshot, since: datetime) -> bool:
    """Return whether a halt of the agent or the company began or was lifted since, until the moment.

    What an account's earlier epoch came to later in its time is no event of this one.
    """
    key = snapshot.key
    return any(
        at is not None and since <= at <= snapshot.as_of
        for halt, lifted_at, _, _ in uow.halts.history(key.account)
        if halt.agent_id in {None, key.agent_id}
        for at in (halt.since, lifted_at)
    )


def _is_awake(
    desk: TradingDesk, snapshot: MarketSnapshot, agent: AgentConfig, since: _Since
) -> bool:
    conditions = since.conditions
    close, then = float(snapshot.bars.closes[-1]), float(since.saw.bars.closes[-1])
    moved = has_moved(close, then, conditions.terms[MOVED])
    counted = 0
    if conditions.every_bars is not None:
        bars = _bars_after(desk, snapshot, agent, since.saw.bars.last_open)
        counted = len(bars) - is_news_slot(since.saw.key.slot)  # that bar had its turn
    if wakes(conditions.terms, counted, moved, (since.filled, since.risk_event)):
        return True
    return since.newest is not None and _crossed(desk, snapshot, agent, since.newest, conditions)


def _bars_after(
    desk: TradingDesk, snapshot: MarketSnapshot, agent: AgentConfig, after: datetime
) -> BarSeries:
    view = desk.market.view(snapshot.as_of)
    return view.bars_after(agent.symbol, agent.timeframe, after)


def _crossed(
    desk: TradingDesk,
    snapshot: MarketSnapshot,
    agent: AgentConfig,
    newest: Decision,
    conditions: WakeConditions,
) -> bool:
    """Return whether a close since the newest decision's bar crossed a level, of missed runs too."""
    after = _bar_of(desk, agent, newest)
    if after is None:
        return True
    count = max(1, len(_bars_after(desk, snapshot, agent, after)))
    view = desk.market.view(snapshot.as_of)
    closes = view.last_bars(agent.symbol, agent.timeframe, count + 1).closes
    steps = pairwise(float(close) for close in closes)
    return any(crosses_any(before, close, conditions.levels) for before, close in steps)


def _bar_of(desk: TradingDesk, agent: AgentConfig, decision: Decision) -> datetime | None:
    """Return the open of the last bar that a decision saw; None when that is not known."""
    slot = decision.key.slot
    if not is_news_slot(slot):
        return bar_of_slot(slot)  # None of a decision that was made without bars
    asset_class = agent.instrument.asset_class
    return desk.calendar.expected_bar(asset_class, agent.timeframe, decision.as_of)
