"""Products that are wrong about what stands at the broker: silence, stops, exits, coins, fills."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tests.faults.teeth_patches import answering, variant, wrong
from ztrade_core.brokers.alpaca.client import UnclearError
from ztrade_core.domain.orders import OrderRequest, OrderStatus, Role
from ztrade_core.errors import (
    TransientBrokerError,
)

CORE = "ztrade_core.trading."
ALPACA = "ztrade_core.brokers.alpaca."
Right = Callable[..., Any]


def plain_sell(_right: Right) -> Right:
    return lambda self, request, _live: self._submit(request)


def unclear_move_then_sell(right: Right) -> Right:
    def by_replacing(self: Any, request: OrderRequest, live: Any) -> Any:
        with suppress(UnclearError):
            return right(self, request, live)
        return None

    return by_replacing


def booked_each_time(right: Right) -> Right:
    def add_fill(*args: Any) -> bool:
        right(*args)
        return True

    return add_fill


def silence_as(nothing: Callable[[], Any]) -> Callable[[Right], Right]:
    def made(right: Right) -> Right:
        def asked(*args: Any) -> Any:
            try:
                return right(*args)
            except TransientBrokerError:
                return nothing()

        return asked

    return made


def for_the_ordered_quantity(right: Right) -> Right:
    def arm(self: Any, _missing: Any, staying: Any) -> Any:
        with self._desk.store.reading() as uow:
            entry = uow.orders.get(self._position.position_id)
        return right(self, entry.request.quantity, staying)

    return arm


def cancelled_and_left(_right: Right) -> Right:
    def rebase(self: Any, step: Any, _sight: Any) -> bool:
        self._free(step)
        return False

    return rebase


def cancelled_whatever_was_said(right: Right) -> Right:
    def canceled(desk: Any, order_id: str, *args: Any, **kwargs: Any) -> Any:
        done = right(desk, order_id, *args, **kwargs)
        if done is None:
            done = replace(desk.broker.order_by_client_id(order_id), status=OrderStatus.CANCELED)
        return done

    return canceled


def rest_goes_on(right: Right) -> Right:
    return lambda sight: () if sight.open(Role.ENTRY) else right(sight)


def gross_of_fees(right: Right) -> Right:
    def fees(self: Any, request: Any, activity: Any) -> Any:
        return tuple(each * 0 for each in right(self, request, activity))

    return fees


def uncapped(_right: Right) -> Right:
    """A sell for what was asked, whatever is held: else this cap alone would make up for it."""
    return lambda _desk, order, _at: order.request


CLOSER = ALPACA + "closing:Closer."
LEGS = CORE + "plan:"
NAKED = "unprotected: without a stop"

VARIANTS = (
    variant(
        "failed positions query taken as flat",
        "positions_unanswered",
        "wrong: on a question without an answer followed ['DELETE",
        wrong(ALPACA + "broker:AlpacaBroker.positions", silence_as(dict)),
    ),
    variant(
        "failed open-orders query taken as none",
        "lists_unanswered",
        "wrong: on a question without an answer followed ['POST",
        wrong(ALPACA + "broker:AlpacaBroker.open_orders", silence_as(tuple)),
        wrong(CORE + "holding:within_holding", uncapped),
    ),
    variant(
        "stop for the ordered quantity",
        "partial_fill",
        "wrong: violation: TSLA: open sells of",
        wrong(CORE + "guard:Guard.arm", for_the_ordered_quantity),
        wrong(CORE + "holding:within_holding", uncapped),
    ),
    variant(
        "rest of a partial fill goes on",
        "partial_fill",
        "unprotected: stops 0",
        wrong(LEGS + "_cover", rest_goes_on),
    ),
    variant(
        "unclear cancel taken as done",
        "cancel_unanswered",
        "wrong: was sold",
        wrong(CORE + "exchange:_canceled", cancelled_whatever_was_said),
        wrong(CORE + "holding:within_holding", uncapped),
    ),
    variant("stop never re-armed", "stop_taken_away", NAKED, answering(LEGS + "_cover", ())),
    variant(
        "refused stops left at that",
        "stops_refused",
        "unprotected: a position that no stop can cover was kept",
        answering(CORE + "guard:Guard.sell", ("failed", "")),
    ),
    variant("legs of the day kept", "overnight", NAKED, answering(LEGS + "_rebase", ())),
    variant(
        "legs cancelled, no pair sent",
        "covered_at_once",
        "unprotected: the run left without a stop",
        wrong(CORE + "exchange:Mender._rebase", cancelled_and_left),
    ),
    variant("gap through never rescued", "coin_gap", NAKED, answering(LEGS + "_rescue", ())),
    variant(
        "coins gross of fees",
        "coin_day",
        "wrong: our book holds",
        wrong(ALPACA + "executions:Executions._fees", gross_of_fees),
    ),
    variant(
        "entry never ended",
        "entry_rests",
        "rule_breaks: an entry works after its bar",
        answering(CORE + "stale_entries:end_stale_entries", ((), ())),
    ),
    variant(
        "surplus stop kept",
        "shares_taken_away",
        "wrong: open stops sell 46 of the 26",
        answering(LEGS + "surplus", ()),
    ),
    variant(
        "exit beside a stop that stays",
        "coin_exit",
        "wrong: coins were not sold",
        wrong(CLOSER + "_by_cancelling", plain_sell),
    ),
    variant(
        "unclear move, so cancel and sell",
        "exit_answer_lost",
        "wrong: an unclear exit was followed by",
        wrong(CLOSER + "_by_replacing", unclear_move_then_sell),
    ),
    variant(
        "exit never moved to the market",
        "exit_falls_behind",
        "wrong: the exit rests above the market",
        answering(CORE + "exchange:push", ""),
    ),
    variant(
        "exit of a dead run forgotten",
        "exit_of_a_dead_run",
        "lost: the exit was forgotten",
        answering(CORE + "protection:_send_exits", None),
    ),
    variant(
        "fills booked each time they are told",
        "coin_day",
        "wrong: our book holds",
        wrong("ztrade_core.store.sql_orders:SqlOrders.add_fill", booked_each_time),
    ),
    variant(
        "entry without its stop",
        "covered_at_once",
        "rule_breaks: went out without its stop leg",
        answering(ALPACA + "forms:_legs", {}),
    ),
)
