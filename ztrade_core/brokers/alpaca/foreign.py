"""Orders and fills of somebody else that do not have the form of ours: read as far as they can be.

A person, or another program, may use the same account: orders of several legs without a symbol, short
sales, states that are new. Contract: an item that is not understood and does not carry one of our ids is
returned with what could be read of it, so that it is reported as foreign and hides nothing beside it; one that
is ours, or that carries no id at all, is UnclearError. A state that is not known counts as working.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError

from ztrade_core.brokers.alpaca.answers import FillAnswer, OrderAnswer, parsed
from ztrade_core.brokers.alpaca.client import UnclearError
from ztrade_core.domain.orders import ORDER_PREFIX

UNREADABLE = "unreadable"
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def order_of(answer: Any, at: datetime = _NO_TIME) -> OrderAnswer:
    """Return an order; `at` stands for a moment that a foreign one does not tell."""
    try:
        return parsed(OrderAnswer, answer)
    except UnclearError:
        if not _is_foreign(answer):
            raise
    return _as_far_as_read(answer, at)


def orders_of(answer: Any) -> list[OrderAnswer]:
    """Return a list of orders; UnclearError when it is no list, or one of ours is not understood."""
    if not isinstance(answer, list):
        raise UnclearError("OrderAnswer: not a list")
    orders: list[OrderAnswer] = []
    for each in answer:
        orders.append(order_of(each, orders[-1].submitted_at if orders else _NO_TIME))
    return orders


def fills_of(answer: Any) -> tuple[list[FillAnswer], dict[str, str], str]:
    """Return executions, the order's id of each that is not understood, and the last one's id."""
    if not isinstance(answer, list):
        raise UnclearError("FillAnswer: not a list")
    fills: list[FillAnswer] = []
    unread: dict[str, str] = {}
    last = ""
    for each in answer:
        try:
            fills.append(parsed(FillAnswer, each))
            last = fills[-1].id
        except UnclearError:
            last, order_id = _ids(each)
            if not last or order_id is None:
                raise
            unread[last] = order_id
    return fills, unread, last


def _is_foreign(answer: Any) -> bool:
    client_id = answer.get("client_order_id") if isinstance(answer, dict) else None
    return isinstance(client_id, str) and bool(client_id) and not client_id.startswith(ORDER_PREFIX)


def _as_far_as_read(answer: dict[str, Any], at: datetime) -> OrderAnswer:
    """Return a foreign order, each field that cannot be read put in place of by one that says so."""
    stamp = _moment(answer, "created_at") or _moment(answer, "updated_at") or at
    instead: dict[str, Any] = {
        "id": uuid5(NAMESPACE_URL, answer["client_order_id"]),
        "symbol": UNREADABLE,
        "asset_class": UNREADABLE,
        "side": "sell" if str(answer.get("side")).startswith("sell") else "buy",
        "type": UNREADABLE,
        "time_in_force": UNREADABLE,
        "status": "new",
        "filled_qty": "0",
        "submitted_at": stamp,
        "updated_at": stamp,
    }
    try:
        OrderAnswer.model_validate(answer)
    except (ValidationError, RecursionError) as error:
        wrong = set(answer) if isinstance(error, RecursionError) else _fields(error)
        wrong |= {"replaces", "replaced_by"}  # what cannot be read is followed nowhere
        kept = {name: value for name, value in answer.items() if name not in wrong}
        named = {name: value for name, value in instead.items() if name in wrong}
        return parsed(OrderAnswer, {**kept, "client_order_id": answer["client_order_id"], **named})
    return parsed(OrderAnswer, answer)


def _fields(error: ValidationError) -> set[Any]:
    return {each["loc"][0] for each in error.errors(include_url=False) if each["loc"]}


def _moment(answer: dict[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(answer.get(name)))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def _ids(fill: Any) -> tuple[str, str | None]:
    if not isinstance(fill, dict) or fill.get("activity_type") != "FILL":
        return "", None
    try:
        return str(fill.get("id") or ""), str(UUID(str(fill.get("order_id"))))
    except ValueError:
        return "", None
