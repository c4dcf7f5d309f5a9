"""The plan for a position at an exchange: nothing oversold, nothing left bare, nothing done in vain."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.domain.orders import (
    BrokerOrder,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
)
from ztrade_core.domain.time import Timeframe
from ztrade_core.trading.plan import Deed, Sight, left_in, needs_mark, plan

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ONE = Decimal(1)
COUNTS = st.integers(0, 60).map(Decimal)


def working(
    order_id: str, role: Role, quantity: Decimal | int, *, filled: Decimal | int = 0, **more: object
) -> BrokerOrder:
    """An open order of the position `p` with a stop at 95 where it is one."""
    facts = {"ends_with_session": False, "age": 60.0, "position_id": "p", **more}
    request = OrderRequest(
        client_order_id=order_id,
        agent_id="agent_tsla",
        symbol="TSLA",
        timeframe=Timeframe.M5,
        role=role,
        side=Side.BUY if role is Role.ENTRY else Side.SELL,
        type=OrderType.STOP if role is Role.STOP else OrderType.LIMIT,
        quantity=Decimal(quantity),
        position_id=str(facts["position_id"]),
        decided_bar=NOW,
        stop_price=Decimal(95) if role is Role.STOP else None,
    )
    return BrokerOrder(
        broker_order_id=f"x-{order_id}",
        request=request,
        status=OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.ACCEPTED,
        filled_quantity=Decimal(filled),
        updated_at=NOW - timedelta(seconds=float(str(facts["age"]))),
        ends_with_session=bool(facts["ends_with_session"]),
    )


def sight(
    *orders: BrokerOrder,
    held: Decimal | int = 46,
    at_broker: Decimal | int | None = None,
    **m: object,
) -> Sight:
    known: dict[str, object] = {
        "position_id": "p",
        "orders": orders,
        "held": Decimal(held),
        "at_broker": Decimal(held if at_broker is None else at_broker),
        "lot": ONE,
        "stop_price": Decimal(95),
        "first_fill_at": NOW - timedelta(hours=1),
        "is_coin": False,
        "is_trading": True,
        "now": NOW,
    }
    return Sight(**{**known, **m})  # type: ignore[arg-type]


def deeds(of: Sight) -> list[tuple[str, Decimal]]:
    return [(step.deed.value, step.quantity) for step in plan(of)]


def stop(quantity: Decimal | int = 46, name: str = "stop", **more: object) -> BrokerOrder:
    return working(name, Role.STOP, quantity, **more)  # type: ignore[arg-type]


def test_a_covered_position_is_left_alone() -> None:
    assert plan(sight(stop())) == ()
    assert plan(sight(stop(), mark=94.0)) == ()  # the exchange fires a stock's stop by itself


def test_a_bare_position_is_armed_whatever_the_hour_if_no_price_speaks_against_it() -> None:
    assert deeds(sight()) == [("arm", Decimal(46))]
    assert deeds(sight(mark=95.01)) == [("arm", Decimal(46))]
    assert deeds(sight(mark=90.0, is_trading=False)) == [("arm", Decimal(46))]


def test_a_bare_position_whose_stop_the_price_has_passed_is_sold() -> None:
    assert deeds(sight(mark=95.0)) == [("flatten", Decimal(46))]
    assert deeds(sight(stop_price=None)) == [("flatten", Decimal(46))]


def test_a_forced_exit_that_ended_short_is_sent_again_in_the_session_and_covered_outside() -> None:
    assert deeds(sight(stop(), wants_out=True)) == [("flatten", Decimal(46))]
    assert deeds(sight(wants_out=True)) == [("flatten", Decimal(46))]
    assert deeds(sight(wants_out=True, is_trading=False)) == [("arm", Decimal(46))]
    assert deeds(sight(working("exit", Role.EXIT, 46), wants_out=True)) == [("push", Decimal(0))]


def test_while_refused_sells_wait_the_position_is_covered_instead() -> None:
    waiting = {"backs_off": True, "mark": 90.0}
    assert deeds(sight(wants_out=True, **waiting)) == [("arm", Decimal(46))]
    assert deeds(sight(**waiting)) == [("arm", Decimal(46))]
    assert plan(sight(stop(), is_coin=True, **waiting)) == ()


def test_less_than_can_be_ordered_is_covered() -> None:
    assert plan(sight(stop(40), least=Decimal(7))) == ()
    assert deeds(sight(stop(40), least=Decimal(6))) == [("arm", Decimal(6))]


def test_only_what_neither_a_stop_nor_an_exit_sells_is_armed() -> None:
    leaving = working("exit", Role.EXIT, 6)
    assert deeds(sight(stop(30), leaving)) == [("push", Decimal(0)), ("arm", Decimal(10))]
    assert deeds(sight(stop(40), leaving)) == [("push", Decimal(0))]


def test_a_first_fill_of_moments_ago_is_given_ten_seconds() -> None:
    entry = working("entry", Role.ENTRY, 46, filled=4)

    def after(seconds: float) -> list[tuple[str, Decimal]]:
        return deeds(sight(entry, held=4, first_fill_at=NOW - timedelta(seconds=seconds)))

    assert after(9.9) == []
    assert after(10) == [("end_entry", Decimal(0))]
    assert after(-5) == []  # the broker's clock is a little ahead of ours
    assert after(-5.1) == [("end_entry", Decimal(0))]  # one of the two is wrong


def test_legs_that_die_with_the_session_are_replaced_once_the_entry_has_filled() -> None:
    leg = stop(ends_with_session=True)
    assert deeds(sight(leg)) == [("rebase", Decimal(46))]
    assert plan(sight(leg, working("entry", Role.ENTRY, 50, filled=46))) == ()
    assert deeds(sight(leg, working("exit", Role.EXIT, 46))) == [("push", Decimal(0))]


def test_a_stop_above_what_the_broker_holds_is_cancelled_before_all_else() -> None:
    assert deeds(sight(stop(), held=40)) == [("cut", Decimal(0))]
    two = sight(stop(40, "large"), stop(6, "small"), held=40)
    assert [(s.deed, s.order_id) for s in plan(two)] == [(Deed.CUT, "small")]
    other = sight(stop(40, "old", position_id="before"), stop(40, "own"), held=40)
    assert [s.order_id for s in plan(other)] == ["old"]


def test_a_gap_in_our_book_alone_cancels_no_stop() -> None:
    assert plan(sight(stop(), held=40, at_broker=46)) == ()
    assert plan(sight(stop(), held=0, at_broker=46)) == ()


def test_a_coins_stop_that_was_gapped_through_is_rescued() -> None:
    coin = {"is_coin": True}
    assert deeds(sight(stop(), mark=94.9, **coin)) == [("rescue", Decimal(46))]
    assert plan(sight(stop(), mark=95.0, **coin)) == ()
    assert plan(sight(stop(), mark=None, **coin)) == ()


def test_a_coins_stop_that_fills_in_part_is_rescued_after_five_seconds_of_silence() -> None:
    def silent(seconds: float) -> list[tuple[str, Decimal]]:
        resting = stop(46, filled=6, age=seconds)
        return deeds(sight(resting, held=40, is_coin=True, mark=96.0))

    assert silent(4.9) == []
    assert silent(5) == [("rescue", Decimal(40))]
    assert silent(-5.1) == [("rescue", Decimal(40))]


def test_dust_and_nothing_are_flat() -> None:
    assert plan(sight(held=0)) == ()
    assert plan(sight(held=Decimal("0.5"), at_broker=1)) == ()


def test_a_price_is_asked_for_only_where_it_decides_something() -> None:
    assert not needs_mark(sight(stop()))
    assert needs_mark(sight(stop(), is_coin=True))
    assert needs_mark(sight())
    assert not needs_mark(sight(is_trading=False))
    assert not needs_mark(sight(working("exit", Role.EXIT, 46)))


@st.composite
def sights(draw: st.DrawFn) -> Sight:
    """Any position with any open orders around it."""
    orders = [
        working(
            f"{role.value}-{number}",
            role,
            draw(COUNTS) + 1,
            ends_with_session=draw(st.booleans()),
            age=draw(st.floats(-10, 30)),
            position_id=draw(st.sampled_from(["p", "before"])),
        )
        for role in (Role.STOP, Role.STOP, Role.EXIT, Role.ENTRY, Role.TARGET)
        for number in range(draw(st.integers(0, 2)))
    ]
    at_broker = draw(COUNTS)
    return sight(
        *orders,
        at_broker=at_broker,
        held=min(draw(COUNTS), at_broker),
        mark=draw(st.none() | st.floats(80, 110)),
        is_coin=draw(st.booleans()),
        is_trading=draw(st.booleans()),
        wants_out=draw(st.booleans()),
        backs_off=draw(st.booleans()),
        stop_price=draw(st.none() | st.just(Decimal(95))),
        first_fill_at=NOW - timedelta(seconds=draw(st.floats(-5, 20))),
    )


@given(sights())
def test_no_plan_sells_more_than_is_held_beside_open_exits(of: Sight) -> None:
    leaving = left_in(of.open(Role.EXIT))
    sold = sum((s.quantity for s in plan(of) if s.deed in {Deed.FLATTEN, Deed.RESCUE}), Decimal(0))
    assert sold == 0 or sold + leaving <= of.held


@given(sights())
def test_no_plan_leaves_stops_above_what_is_held(of: Sight) -> None:
    steps = plan(of)
    gone = {s.order_id for s in steps if s.deed in {Deed.CUT, Deed.REBASE, Deed.RESCUE}}
    stops = [o for o in of.open(Role.STOP) if o.request.client_order_id not in gone]
    placed = sum((s.quantity for s in steps if s.deed in {Deed.ARM, Deed.REBASE}), Decimal(0))
    assert placed == 0 or left_in(stops) + placed <= of.at_broker
    assert left_in(stops) - of.at_broker < of.lot


@given(sights())
def test_nothing_bare_is_left_without_a_step_but_a_young_fill(of: Sight) -> None:
    waits = bool(of.open(Role.ENTRY)) and -5 <= (NOW - of.first_fill_at).total_seconds() < 10
    if of.uncovered > 0 and not waits:
        assert {s.deed for s in plan(of)} - {Deed.PUSH}


@given(sights())
def test_a_position_whose_stops_equal_it_gets_no_step(of: Sight) -> None:
    covered = sight(
        stop(of.held), held=of.held, is_trading=of.is_trading, first_fill_at=of.first_fill_at
    )
    assert of.held == 0 or plan(covered) == ()
