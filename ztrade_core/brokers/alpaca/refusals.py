"""What Alpaca's refusals mean: one table, read by message, since one code covers several causes.

Contract: `cause_of` names the cause of a refusal that `client` took for a definite no, or of an answer
that says nothing about the order (keys, rate). A text that is not in the table is OTHER: still a no.
The texts are Alpaca's, recorded or reported in public; they are compared in lower case, by their parts.
"""

from enum import StrEnum
from typing import NamedTuple


class Cause(StrEnum):
    """Why Alpaca said no."""

    BUYING_POWER = "the account cannot pay for it"
    QUANTITY = "an open order reserves the quantity, or it is not held"
    WASH_TRADE = "it opposes an open order of this account"
    MINIMUM = "it is smaller than the smallest order"
    NOT_OPEN = "the order is over, or cannot be changed as it stands"
    TAKEN_ID = "the client order id was used before"
    NOT_FOUND = "there is no such order, position or asset"
    FORM = "it is not an order that Alpaca takes"
    SUBSCRIPTION = "the data plan does not include it"
    KEYS = "the keys were not accepted"
    RATE = "too many requests"
    OTHER = "Alpaca's own words say why"


class _Row(NamedTuple):
    status: int
    part: str
    cause: Cause


_TABLE = (
    _Row(401, "", Cause.KEYS),
    _Row(429, "", Cause.RATE),
    _Row(403, "buying power", Cause.BUYING_POWER),
    _Row(403, "insufficient qty", Cause.QUANTITY),
    _Row(403, "insufficient balance", Cause.BUYING_POWER),
    _Row(403, "wash trade", Cause.WASH_TRADE),
    _Row(403, "cost basis must be", Cause.MINIMUM),
    _Row(403, "minimal amount", Cause.MINIMUM),
    _Row(403, "subscription does not permit", Cause.SUBSCRIPTION),
    _Row(403, "parameters are not changed", Cause.NOT_OPEN),
    _Row(404, "not found", Cause.NOT_FOUND),
    _Row(404, "does not exist", Cause.NOT_FOUND),
    _Row(422, "client_order_id must be unique", Cause.TAKEN_ID),
    _Row(422, "only open orders", Cause.NOT_OPEN),
    _Row(422, "cannot replace order", Cause.NOT_OPEN),
    _Row(422, "unable to replace order", Cause.NOT_OPEN),
    _Row(422, "order is already in", Cause.NOT_OPEN),
    _Row(422, "order is pending", Cause.NOT_OPEN),
    _Row(422, "limit orders require", Cause.FORM),
    _Row(422, "time_in_force", Cause.FORM),
    _Row(422, "sub-penny", Cause.FORM),
    _Row(422, "fractional orders", Cause.FORM),
    _Row(422, "not allowed for advanced", Cause.FORM),
    _Row(422, "invalid order type", Cause.FORM),
)


def cause_of(status: int, message: str) -> Cause:
    """Return what a refusal means."""
    text = message.lower()
    for row in _TABLE:
        if row.status == status and row.part in text:
            return row.cause
    return Cause.OTHER
