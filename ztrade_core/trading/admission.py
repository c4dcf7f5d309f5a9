"""From a proposal to a candidate order and its request: sizes, prices and ids, all ours.

Pure on values: what the gateway computes inside its locked transaction, without touching it.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

from ztrade_core.domain.book import Book
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.instruments import (
    AssetClass,
    exact_decimal,
    price_up,
    quantity_down,
)
from ztrade_core.domain.orders import OrderRequest, OrderType, Role, Side, leg_order_id
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.risk.arithmetic import (
    collared_price,
    entry_notional_usd,
    stop_below,
    target_above,
)
from ztrade_core.risk.case import Candidate, fee_bps_of
from ztrade_core.risk.sizing import EntryPlan, Sizing, size_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A candidate with what its order would need. `sizing` only on entries.

    `reference_price` is the decision bar's close; `limit_price` None is a market order.
    """

    candidate: Candidate | None
    sizing: Sizing | None
    reference_price: float
    limit_price: float | None
    reason: str


NOTHING = Draft(candidate=None, sizing=None, reference_price=math.nan, limit_price=None, reason="")


def draft_of(
    company: Company, agent: AgentConfig, book: Book, snapshot: MarketSnapshot, proposal: Proposal
) -> Draft:
    """Return what the proposal asks for, sized; a hold or nothing to sell has no candidate."""
    if proposal.action is Action.HOLD:
        return NOTHING
    if len(snapshot.bars) == 0:
        return Draft(
            candidate=None,
            sizing=None,
            reference_price=math.nan,
            limit_price=None,
            reason="there are no bars to price an order from",
        )
    if proposal.action is Action.BUY:
        return _entry(company, agent, book, snapshot, proposal)
    return _exit(agent, book, snapshot, proposal)


def _entry(
    company: Company, agent: AgentConfig, book: Book, snapshot: MarketSnapshot, proposal: Proposal
) -> Draft:
    close = float(snapshot.bars.closes[-1])
    limit = _collared(company, close)
    judged = close if limit is None else limit
    stop, target = _bracket(agent, proposal, close)
    plan = EntryPlan(
        limit_price=judged,
        stop_price=stop,
        bar_volume=float(snapshot.bars.volumes[-1]),
        wanted=proposal.quantity,
    )
    sizing = size_entry(company, agent, book, plan)
    one_lot = 1.0 / agent.instrument.lots_per_unit
    quantity = sizing.quantity if sizing.quantity > 0.0 else one_lot
    fee_bps = fee_bps_of(company.broker.costs, agent.instrument)
    candidate = Candidate(
        agent_id=agent.agent_id,
        symbol=agent.symbol,
        side=Side.BUY,
        quantity=quantity,
        limit_price=judged,
        stop_price=stop,
        target_price=target,
        notional_usd=entry_notional_usd(quantity, judged, fee_bps),
        confidence=proposal.confidence,
    )
    return Draft(
        candidate=candidate,
        sizing=sizing,
        reference_price=close,
        limit_price=limit,
        reason=sizing.message,
    )


def _collared(company: Company, close: float) -> float | None:
    collar = company.broker.costs.collar_bps
    return None if collar is None else collared_price(close, collar)


def _bracket(agent: AgentConfig, proposal: Proposal, close: float) -> tuple[float, float]:
    """Return stop and target: the proposal's, else the agent's distances from the close."""
    stop, target = proposal.stop_price, proposal.target_price
    limits = agent.limits
    return (
        stop_below(close, limits.stop_loss_fraction) if stop is None else price_up(stop),
        target_above(close, limits.take_profit_fraction) if target is None else price_up(target),
    )


def _exit(agent: AgentConfig, book: Book, snapshot: MarketSnapshot, proposal: Proposal) -> Draft:
    close = float(snapshot.bars.closes[-1])
    position = book.position_of(agent.agent_id)
    if position is None:
        return _without_exit(close, "nothing to sell: the agent is flat")
    wanted = position.quantity
    if proposal.quantity is not None and proposal.quantity > 0.0:
        wanted = min(wanted, proposal.quantity)
    quantity = quantity_down(wanted, agent.instrument.lots_per_unit)
    if not quantity > 0.0:
        return _without_exit(close, f"nothing to sell: {wanted} is less than one lot")
    candidate = Candidate(
        agent_id=agent.agent_id,
        symbol=agent.symbol,
        side=Side.SELL,
        quantity=quantity,
        limit_price=close,
        stop_price=None,
        target_price=None,
        notional_usd=quantity * close,
        confidence=proposal.confidence,
    )
    return Draft(
        candidate=candidate, sizing=None, reference_price=close, limit_price=None, reason=""
    )


def _without_exit(close: float, reason: str) -> Draft:
    return Draft(
        candidate=None, sizing=None, reference_price=close, limit_price=None, reason=reason
    )


def request_of(
    draft: Draft,
    candidate: Candidate,
    agent: AgentConfig,
    book: Book,
    snapshot: MarketSnapshot,
    client_order_id: str,
) -> OrderRequest:
    """Return the order of an admitted candidate, on the broker's grid."""
    if candidate.side is Side.SELL:
        return _exit_request(candidate, agent, book, snapshot, client_order_id)
    key = snapshot.key
    is_stock = agent.instrument.asset_class is AssetClass.STOCK
    legs = {
        leg: leg_order_id(key.account, key.account_epoch, client_order_id, leg, 1)
        for leg in (Role.STOP, Role.TARGET)
    }
    return OrderRequest(
        client_order_id=client_order_id,
        agent_id=agent.agent_id,
        symbol=agent.symbol,
        timeframe=agent.timeframe,
        role=Role.ENTRY,
        side=Side.BUY,
        type=OrderType.MARKET if draft.limit_price is None else OrderType.LIMIT,
        quantity=exact_decimal(candidate.quantity),
        position_id=client_order_id,
        decided_bar=snapshot.decided_bar,
        limit_price=None if draft.limit_price is None else exact_decimal(draft.limit_price),
        stop_price=_finite(candidate.stop_price),
        target_price=_finite(candidate.target_price),
        stop_order_id=legs[Role.STOP],
        target_order_id=legs[Role.TARGET] if is_stock else None,
        reference_price=exact_decimal(draft.reference_price),
        good_for_bars=1,
    )


def _finite(price: float | None) -> Decimal | None:
    return exact_decimal(price) if price is not None and math.isfinite(price) else None


def _exit_request(
    candidate: Candidate,
    agent: AgentConfig,
    book: Book,
    snapshot: MarketSnapshot,
    client_order_id: str,
) -> OrderRequest:
    position = book.position_of(agent.agent_id)
    return OrderRequest(
        client_order_id=client_order_id,
        agent_id=agent.agent_id,
        symbol=agent.symbol,
        timeframe=agent.timeframe,
        role=Role.EXIT,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=exact_decimal(candidate.quantity),
        position_id=client_order_id if position is None else position.position_id,
        decided_bar=snapshot.decided_bar,
        reference_price=exact_decimal(candidate.limit_price),
    )
