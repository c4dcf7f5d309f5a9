"""Domain values to rows and back, exactly. One pair of functions a value, nothing else.

Rows are plain dicts keyed by column name; column types do the exact conversions. Enums cross as
their text.
"""

from dataclasses import fields
from typing import Any

from ztrade_core.domain.decisions import (
    Action,
    ChainedDecision,
    DecidedAnswer,
    Decision,
    Outcome,
    Proposal,
    SlotKey,
    Verdict,
)
from ztrade_core.domain.orders import (
    BrokerOrder,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
)
from ztrade_core.domain.time import Timeframe

Row = dict[str, Any]

_REQUEST = tuple(field.name for field in fields(OrderRequest))
_FILL = tuple(field.name for field in fields(Fill))
_KEY = tuple(field.name for field in fields(SlotKey))
_VERDICT = tuple(field.name for field in fields(Verdict))
_DECISION_PLAIN = (
    "decision_id",
    "symbol",
    "decided_at",
    "as_of",
    "snapshot_hash",
    "config_digest",
    "reason",
    "wanted_quantity",
    "quantity",
    "limit_price",
    "stop_price",
    "target_price",
    "client_order_id",
    "book",
)
_ORDER_PLAIN = (
    "account",
    "account_epoch",
    "decision_id",
    "created_at",
    "updated_at",
    "reserved_usd",
    "broker_order_id",
    "filled_quantity",
    "reason",
)


def pick(value: Any, names: tuple[str, ...]) -> Row:
    """Return the named attributes of a value."""
    return {name: getattr(value, name) for name in names}


def take(row: Any, names: tuple[str, ...]) -> Row:
    """Return the named columns of a row."""
    return {name: row[name] for name in names}


def key_row(key: SlotKey) -> Row:
    """Return a slot's columns."""
    return pick(key, _KEY)


def proposal_row(proposal: Proposal) -> Row:
    """Return an answer's columns."""
    return {
        "action": proposal.action.value,
        "confidence": proposal.confidence,
        "rationale": proposal.rationale,
        "maker": proposal.maker,
        "proposed_stop_price": proposal.stop_price,
        "proposed_target_price": proposal.target_price,
        "proposed_quantity": proposal.quantity,
        "factors": [list(factor) for factor in proposal.factors],
    }


def proposal_of(row: Any) -> Proposal:
    """Return the answer in a row."""
    return Proposal(
        action=Action(row["action"]),
        confidence=row["confidence"],
        rationale=row["rationale"],
        maker=row["maker"],
        stop_price=row["proposed_stop_price"],
        target_price=row["proposed_target_price"],
        quantity=row["proposed_quantity"],
        factors=tuple((name, value) for name, value in row["factors"]),
    )


ANSWER_COLUMNS = (
    *_KEY,
    "as_of",
    "action",
    "confidence",
    "rationale",
    "maker",
    "proposed_stop_price",
    "proposed_target_price",
    "proposed_quantity",
    "factors",
)
"""The columns of a decision that `decided_answer_of` needs."""


def decided_answer_of(row: Any) -> DecidedAnswer:
    """Return what was answered in a decision's row."""
    return DecidedAnswer(
        key=SlotKey(**take(row, _KEY)), as_of=row["as_of"], proposal=proposal_of(row)
    )


def decision_row(chained: ChainedDecision) -> Row:
    """Return a chained decision's columns, verdicts apart."""
    decision = chained.decision
    return {
        **pick(chained, ("sequence", "order_digest", "previous_digest", "digest")),
        **pick(decision, _DECISION_PLAIN),
        **key_row(decision.key),
        **proposal_row(decision.proposal),
        "outcome": decision.outcome.value,
    }


def decision_of(row: Any, verdicts: tuple[Verdict, ...]) -> ChainedDecision:
    """Return the chained decision in a row."""
    decision = Decision(
        **take(row, _DECISION_PLAIN),
        key=SlotKey(**take(row, _KEY)),
        proposal=proposal_of(row),
        outcome=Outcome(row["outcome"]),
    )
    return ChainedDecision(
        sequence=row["sequence"],
        decision=decision,
        verdicts=verdicts,
        order_digest=row["order_digest"],
        previous_digest=row["previous_digest"],
        digest=row["digest"],
    )


def verdict_row(verdict: Verdict) -> Row:
    """Return a verdict's columns."""
    return pick(verdict, _VERDICT)


def verdict_of(row: Any) -> Verdict:
    """Return the verdict in a row."""
    return Verdict(**take(row, _VERDICT))


def request_row(request: OrderRequest) -> Row:
    """Return a request's columns."""
    row = pick(request, _REQUEST)
    for name in ("timeframe", "role", "side", "type"):
        row[name] = row[name].value
    return row


def request_of(row: Any) -> OrderRequest:
    """Return the request in a row."""
    values = take(row, _REQUEST)
    values["timeframe"] = Timeframe(values["timeframe"])
    values["role"] = Role(values["role"])
    values["side"] = Side(values["side"])
    values["type"] = OrderType(values["type"])
    return OrderRequest(**values)


def order_row(order: Order) -> Row:
    """Return an order's columns."""
    return {
        **request_row(order.request),
        **pick(order, _ORDER_PLAIN),
        "status": order.status.value,
    }


def order_of(row: Any) -> Order:
    """Return the order in a row."""
    return Order(
        request=request_of(row), status=OrderStatus(row["status"]), **take(row, _ORDER_PLAIN)
    )


def broker_order_row(order: BrokerOrder) -> Row:
    """Return the columns of an order as the broker shows it."""
    return {
        **request_row(order.request),
        **pick(order, ("broker_order_id", "filled_quantity", "updated_at", "reason")),
        "status": order.status.value,
    }


def broker_order_of(row: Any) -> BrokerOrder:
    """Return the broker's order in a row."""
    return BrokerOrder(
        request=request_of(row),
        status=OrderStatus(row["status"]),
        **take(row, ("broker_order_id", "filled_quantity", "updated_at", "reason")),
    )


def fill_row(fill: Fill) -> Row:
    """Return an execution's columns."""
    return {**pick(fill, _FILL), "side": fill.side.value, "role": fill.role.value}


def fill_of(row: Any) -> Fill:
    """Return the execution in a row."""
    values = take(row, _FILL)
    return Fill(**{**values, "side": Side(values["side"]), "role": Role(values["role"])})
