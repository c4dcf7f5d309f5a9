"""What refusals mean for the next order: which count, how long to wait, whether to try again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ztrade_core.domain.orders import Order, OrderRequest, OrderStatus, OrderType, Role, Side
from ztrade_core.domain.time import Timeframe
from ztrade_core.trading.refused import (
    backs_off,
    is_passing,
    is_too_small,
    refused_stops,
    wants_out,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
RESERVED = "insufficient qty available for order (requested: 46, available: 0)"
SMALL = "0.000005 BTC/USD is below 0.000014, the smallest order: nothing was sent"


def leg(role: Role, status: OrderStatus, reason: str = "", *, ago: float = 0.0) -> Order:
    moment = NOW - timedelta(seconds=ago)
    request = OrderRequest(
        client_order_id=f"{role}-{ago}",
        agent_id="agent_tsla",
        symbol="TSLA",
        timeframe=Timeframe.M5,
        role=role,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=Decimal(46),
        position_id="p",
        decided_bar=NOW,
    )
    return Order(
        request=request,
        account="paper",
        account_epoch=2,
        decision_id=None,
        status=status,
        created_at=moment,
        updated_at=moment,
        reason=reason,
    )


def stop(reason: str, ago: float = 0.0) -> Order:
    return leg(Role.STOP, OrderStatus.REJECTED, reason, ago=ago)


def test_only_definite_refusals_count_at_once() -> None:
    assert refused_stops([stop("no"), stop("no")]) == 2
    assert refused_stops([stop(SMALL), stop(SMALL), stop("no")]) == 1
    assert refused_stops([leg(Role.EXIT, OrderStatus.REJECTED, "no")]) == 0
    assert not is_passing(stop("no"))
    assert is_passing(stop(RESERVED))
    assert is_passing(stop(SMALL))


@pytest.mark.parametrize(
    ("ages", "count"), [((0,), 0), ((4, 0), 0), ((10, 0), 1), ((20, 10, 0), 2), ((9, 5, 0), 1)]
)
def test_refusals_of_a_reserved_quantity_count_by_looks(ages: tuple[int, ...], count: int) -> None:
    assert refused_stops([stop(RESERVED, ago) for ago in ages]) == count


def test_what_was_too_small_is_so_for_less_and_not_for_more() -> None:
    assert is_too_small([stop(SMALL)], Decimal(46))
    assert not is_too_small([stop(SMALL)], Decimal(47))
    assert not is_too_small([stop("no")], Decimal(1))


@pytest.mark.parametrize(("refusals", "seconds"), [(1, 10), (2, 20), (3, 40), (6, 300), (99, 300)])
def test_refused_exits_wait_longer_each_time(refusals: int, seconds: float) -> None:
    exits = [leg(Role.EXIT, OrderStatus.REJECTED, "no")] * refusals
    assert backs_off(exits, NOW + timedelta(seconds=seconds - 0.1))
    assert not backs_off(exits, NOW + timedelta(seconds=seconds))


def test_an_exit_that_was_taken_ends_the_waiting() -> None:
    refused, taken = (leg(Role.EXIT, s) for s in (OrderStatus.REJECTED, OrderStatus.EXPIRED))
    assert not backs_off([refused, refused, taken], NOW)
    assert not backs_off([], NOW)
    assert not backs_off([replace(refused, decision_id="d")], NOW)


def test_a_forced_exit_that_ended_short_is_tried_again_unless_a_person_resumed() -> None:
    short = replace(leg(Role.EXIT, OrderStatus.EXPIRED), broker_order_id="x")
    assert wants_out([short], None)
    assert wants_out([short], NOW - timedelta(seconds=1))
    assert not wants_out([short], NOW)
    assert not wants_out([replace(short, decision_id="d")], None)
    assert not wants_out([replace(short, filled_quantity=Decimal(46))], None)
    assert not wants_out([short, replace(short, status=OrderStatus.ACCEPTED)], None)
    nothing_to_sell = leg(Role.EXIT, OrderStatus.CANCELED)
    assert not wants_out([nothing_to_sell], None)
    assert not wants_out([], None)
