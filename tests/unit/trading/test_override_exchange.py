"""A person's hand at an exchange: each position is sold once, whatever else fails."""

import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.alpaca_server import Fault as WireFault
from tests.fakes.desk import at
from tests.fakes.desk_broker import Fault, Once
from tests.fakes.desk_exchange import AWAY
from tests.fakes.desk_makers import proposal
from tests.unit.trading.alpaca_world import World
from tests.unit.trading.builders import BTC, IWM, TSLA, at_bar, house
from tests.unit.trading.floor import Floor, bought, entered
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.errors import InputError, OrderRejectedError, OrderStateUnknownError
from ztrade_core.trading.cycle import execute
from ztrade_core.trading.override import Overridden, flatten, halt
from ztrade_core.trading.stages import stored_admission
from ztrade_core.trading.submission import submit

ADA = {"who": "ada", "why": "a test"}
UNCLEAR = OrderStateUnknownError("no answer came back")


def flattened(made: Floor, agent_id: str | None = None) -> Overridden:
    return flatten(made.desk(), at=made.now, agent_id=agent_id, **ADA)


def held_by_two() -> Floor:
    made = entered(TSLA, IWM)
    for order in made.exchange.open(Role.ENTRY):
        made.exchange.fill(order.request.client_order_id, "100")
    made.reconcile()
    return made.later(seconds=20)


def test_flatten_goes_on_when_one_position_cannot_be_sold() -> None:
    made = held_by_two()
    told = flattened(made.with_hooks(before={"close": Fault(UNCLEAR)}))
    assert len(told.sold) == 1
    assert len(told.failed) == 1
    # The look that ends a flatten sends what is not known to have arrived, once.
    assert made.exchange.posted["exit"] == 2
    made.later(seconds=10).protect()
    assert made.exchange.posted["exit"] == 2
    assert made.exchange.free("TSLA") == made.exchange.free("IWM") == 0


def test_flatten_twice_sells_once_and_moves_what_rests() -> None:
    made = bought()
    flattened(made)
    before = made.exchange.posted["close"]
    told = flattened(made)
    assert all("works already" in text for text in told.sold)
    assert made.exchange.posted["exit"] == 1
    assert made.exchange.posted["close"] == before + 2  # at once, and by the look at the end


def test_flatten_sells_no_more_than_the_broker_holds() -> None:
    made = bought()
    made.exchange.held["TSLA"] = Decimal(40)
    flattened(made)
    assert made.exchange.left(Role.EXIT) == Decimal(40)


def test_flatten_of_what_is_gone_already_sends_nothing() -> None:
    made = bought()
    for order in made.exchange.open():
        made.exchange.end(order.request.client_order_id)
    made.exchange.held["TSLA"] = Decimal(0)
    told = flattened(made)
    assert told.sold == ("TSLA: the broker holds nothing of it any more",)
    assert made.exchange.posted["exit"] == 0


def test_flatten_sells_nothing_blindly_while_positions_cannot_be_asked_for() -> None:
    made = bought()
    away = Fault(AWAY, times=99)
    told = flattened(made.with_hooks(before={"positions": away}))
    assert told.sold == ()
    assert made.exchange.posted["exit"] == 0
    assert made.is_whole()
    made.later(seconds=10).protect()
    assert made.exchange.left(Role.EXIT) == Decimal(46)


def test_an_agent_that_is_in_no_configuration_any_more_can_be_flattened() -> None:
    made = bought()
    made.kit = replace(made.kit, company=house(IWM))
    told = flattened(made, TSLA.agent_id)
    assert len(told.sold) == 1
    with made.kit.store.reading() as uow:
        lease = uow.accounts.lease("paper", TSLA.agent_id)
    assert lease is None or lease.holder == ""
    with pytest.raises(InputError, match="agent_spy"):
        flattened(made, "agent_spy")


def test_a_position_of_an_agent_that_is_gone_stays_protected_and_holds_no_lease() -> None:
    made = bought()
    made.kit = replace(made.kit, company=house(IWM))
    assert len(made.protect().armed) == 1
    assert made.is_whole()
    with made.kit.store.reading() as uow:
        lease = uow.accounts.lease("paper", TSLA.agent_id)
    assert lease is None or lease.holder == ""


def test_a_halt_cancels_an_open_entry_and_what_had_filled_is_covered() -> None:
    made = entered()
    made.exchange.fill(made.only(Role.ENTRY), "100", "4")
    told = halt(made.desk(), at=made.now, **ADA)
    assert len(told.canceled) == 1
    assert made.exchange.open(Role.ENTRY) == []
    made.later(seconds=10).protect()
    assert made.is_whole()


def sold_by_decision() -> tuple[Floor, str]:
    """TSLA's exit of bar 1 is decided and not sent yet; return its decision."""
    made = bought()
    made.protect()
    made.kit = replace(made.kit, script={**made.kit.script, at_bar(1): proposal("sell")})
    made.now = at(1)
    refused = Fault(OrderRejectedError("insufficient qty available"))
    made.with_hooks(before={"close": refused}).kit.cycle(at(1))
    (order,) = made.orders(Role.EXIT)
    assert order.status is OrderStatus.REJECTED
    assert order.decision_id is not None
    return made, order.decision_id


def again(made: Floor, decision_id: str) -> None:
    desk = made.desk()
    execute(desk, stored_admission(desk, decision_id), holder="again", at=made.now)


def test_an_exit_that_was_refused_is_tried_again_under_a_new_id() -> None:
    made, decision_id = sold_by_decision()
    again(made, decision_id)
    assert made.exchange.left(Role.EXIT) == Decimal(46)
    again(made, decision_id)
    assert made.exchange.posted["exit"] == 1


def test_an_exit_that_was_refused_because_the_stop_had_filled_is_not_tried_again() -> None:
    made, decision_id = sold_by_decision()
    made.exchange.fill(made.only(Role.STOP), "97")
    again(made, decision_id)
    assert made.exchange.posted["exit"] == 0
    assert made.exchange.held["TSLA"] == 0


def test_an_exit_is_not_tried_again_while_the_broker_cannot_be_asked() -> None:
    made, decision_id = sold_by_decision()
    again(made.with_hooks(before={"positions": Fault(AWAY, times=99)}), decision_id)
    assert made.exchange.posted["exit"] == 0
    assert len(made.orders(Role.EXIT)) == 1


def test_an_exit_whose_answer_was_lost_is_never_sent_twice() -> None:
    made = bought()
    lossy = made.with_hooks(after={"close": Fault(UNCLEAR)})
    flattened(lossy)
    for _ in range(3):
        made.later(seconds=10).reconcile()
        made.protect()
    assert made.exchange.posted["exit"] == 1
    assert made.exchange.left(Role.EXIT) == Decimal(46)


def test_an_exit_of_which_the_stop_sold_a_part_meanwhile_sells_the_rest_only() -> None:
    made = bought()
    stop = made.only(Role.STOP)
    part = Once(lambda: made.exchange.fill(stop, "97", "6"))
    flattened(made.with_hooks(before={"order_by_client_id": part}))
    assert made.exchange.left(Role.EXIT) == Decimal(40)
    assert made.exchange.posted["exit"] == 1
    first, second = made.orders(Role.EXIT)  # the second found nothing left to sell
    assert first.request.quantity == Decimal(40)
    assert second.status is OrderStatus.CANCELED


def test_an_exit_whose_stop_filled_before_it_was_sent_is_cancelled_not_sent() -> None:
    made = bought()
    made.protect()
    flatten_id = unsent_exit(made)
    made.exchange.fill(made.only(Role.STOP), "97")
    done = submit(made.desk(), flatten_id, holder="run", at=made.now)
    assert done.order.status is OrderStatus.CANCELED
    assert "holds nothing" in done.message
    assert made.exchange.posted["exit"] == 0


def unsent_exit(made: Floor) -> str:
    """An exit that a run wrote down before it died."""
    away = made.with_hooks(before={"order_by_client_id": Fault(AWAY, times=99)})
    flattened(away)
    (order,) = made.orders(Role.EXIT)
    return order.request.client_order_id


def test_flatten_is_sent_within_thirty_seconds_though_the_quotes_hang(
    server: AlpacaServer,
) -> None:
    world = World(server, TSLA, IWM, BTC).bought(TSLA, IWM, BTC)
    server.fault(
        WireFault(method="GET", path="/v2/stocks", how="silence", times=99, seconds=5.0),
        WireFault(method="GET", path="/v1beta3", how="silence", times=99, seconds=5.0),
    )
    started = time.monotonic()
    told = flatten(world.desk(), at=world.now, **ADA)
    assert time.monotonic() - started < 30.0
    assert (len(told.sold), told.failed) == (3, ())
    world.later(10)
    world.reconcile()
    assert world.positions() == []
    assert world.ledger.violations == []


def test_halt_at_alpaca_cancels_the_bracket(server: AlpacaServer) -> None:
    world = World(server)
    world.cycle()
    told = halt(world.desk(), at=world.now + timedelta(seconds=1), **ADA)
    assert len(told.canceled) == 1
    assert world.ledger.working() == []


def test_flatten_halts_and_says_that_nothing_is_sold_while_alpaca_is_silent(
    server: AlpacaServer,
) -> None:
    world = World(server)
    server.fault(WireFault(method="GET", path="/v2/account", times=99))
    told = flatten(world.desk(), at=world.now, **ADA)
    assert [each.kind for each in told.halts] == ["manual"]
    assert told.sold == ()
    assert any("nothing could be sold" in text for text in told.failed)
