"""Open orders are told in words: what each does, at which price, and no more of them than fit."""

from dataclasses import replace

import pytest

from tests.fakes.moments import AS_OF, tsla_moment
from tests.unit.decision_makers.automated.test_prompt import prompt_of
from ztrade_core.decision_makers.automated.prompt import MOST_MOMENT_BYTES
from ztrade_core.decision_makers.automated.told_orders import (
    MOST_ORDERS,
    order_told,
    pending_told,
)
from ztrade_core.domain.orders import OrderType, Role, Side
from ztrade_core.domain.snapshots import OpenOrder

STOP = OpenOrder(
    role=Role.STOP,
    side=Side.SELL,
    type=OrderType.STOP,
    quantity=12.0,
    filled_quantity=0.0,
    limit_price=None,
    stop_price=109.03,
    target_price=None,
    created_at=AS_OF,
)
ENTRY = replace(
    STOP,
    role=Role.ENTRY,
    side=Side.BUY,
    type=OrderType.LIMIT,
    limit_price=112.5,
    target_price=119.15,
    filled_quantity=4.0,
)
SINCE = "since Wed 28 Dec 12:30 in New York"


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (STOP, "stop: sell 12 TSLA when the price touches 109.03; 0 filled; "),
        (
            replace(STOP, target_price=119.15),
            (
                "stop: sell 12 TSLA when the price touches 109.03, or at 119.15 or better, one"
                " cancelling the other; 0 filled; "
            ),
        ),
        (
            ENTRY,
            (
                "entry: buy 12 TSLA at 112.50 or better, then a stop at 109.03 and a target at"
                " 119.15; 4 filled; "
            ),
        ),
        (
            replace(STOP, role=Role.TARGET, type=OrderType.LIMIT, limit_price=0.5, stop_price=None),
            "target: sell 12 TSLA at 0.5000 or better; 0 filled; ",
        ),
        (
            replace(STOP, role=Role.EXIT, type=OrderType.MARKET, stop_price=None),
            "exit: sell 12 TSLA at the market; 0 filled; ",
        ),
    ],
)
def test_an_order_says_what_it_does_and_at_which_price(order: OpenOrder, told: str) -> None:
    assert order_told(order, "TSLA") == told + SINCE


def test_without_open_orders_the_text_is_what_it_was() -> None:
    assert pending_told(tsla_moment()) == "No entry of yours is open at the broker."
    waiting = tsla_moment(entry_pending=True)
    assert pending_told(waiting).endswith("a second buy is denied.")


def test_the_prompt_tells_every_order_and_of_very_many_only_how_many() -> None:
    told = prompt_of(tsla_moment(entry_pending=True, open_orders=(ENTRY, STOP))).moment
    assert "a second buy is denied. Your open orders, the oldest first:" in told
    assert told.index("- entry: buy") < told.index("- stop: sell")
    many = prompt_of(tsla_moment(open_orders=(STOP,) * 500)).moment
    assert many.count("- stop: sell") == MOST_ORDERS
    assert "- and 490 more" in many
    assert len(many.encode()) < MOST_MOMENT_BYTES
