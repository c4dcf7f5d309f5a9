"""The judge of Alpaca's cases finds every kind of wrongness that is planted, and nothing in a sound house."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes import store_rows
from tests.fakes.alpaca_bodies import bracket, coin, refused, sell
from tests.fakes.alpaca_server import AlpacaServer
from tests.faults.alpaca_house import (
    ACCOUNT,
    EPOCH,
    House,
    Plant,
    decided,
    entry,
    later,
    row,
    sound,
    stop_of,
)
from tests.faults.alpaca_judge import judge_alpaca
from tests.unit.risk.builders import company
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.store.tables.trading import FILLS, ORDERS
from ztrade_core.store.transactions import writing


@pytest.fixture
def house(sqlite_url: str, engine_of: Callable[[str], Engine]) -> House:
    return sound(engine_of(sqlite_url))


def test_a_sound_house_has_no_findings(house: House) -> None:
    assert house.judged().all == []
    with AlpacaServer(house.ledger) as server:
        assert judge_alpaca(house.engine, server).all == []


def test_an_exit_in_place_of_the_target_is_sound(house: House) -> None:
    exit_row = row(stop_of("zt1-exit", "10", role=Role.EXIT).request, status=OrderStatus.ACCEPTED)
    house.write(lambda uow: uow.orders.insert(replace(exit_row, filled_quantity=Decimal(0))))
    parent = house.sent("zt1-stop")
    first = house.ledger.patch(parent.id, {"limit_price": "99", "client_order_id": "zt1-exit"})
    house.ledger.patch(first.id, {"limit_price": "98"})
    house.change("zt1-target", status=OrderStatus.CANCELED)
    assert house.judged().all == []


def second_entry(house: House) -> None:
    """A blind retry under another id."""
    house.ledger.end(house.sent("zt1-stop"), "canceled")
    house.ledger.accept(bracket("zt1-9"))
    house.write(lambda uow: uow.orders.insert(entry(9)))


def two_exits(house: House) -> None:
    for number in (1, 2):
        order = stop_of(f"zt1-x{number}", "1", role=Role.EXIT)
        house.write(lambda uow, order=order: uow.orders.insert(order))
    house.ledger.cancel(house.sent("zt1-stop").id)
    for number in (1, 2):
        house.ledger.accept(sell(f"zt1-x{number}", qty="1"))


def lost_decision(house: House) -> None:
    house.write(lambda uow: uow.ledger.append(decided(3), (), ""))


def never_sent(house: House) -> None:
    lost_decision(house)
    order = replace(entry(3), status=OrderStatus.UNKNOWN, filled_quantity=Decimal(0))
    house.write(lambda uow: uow.orders.insert(order))


def stranger(house: House) -> None:
    house.ledger.accept(bracket("by-hand", qty="1"))


def timeout_taken_as_failure(house: House) -> None:
    house.change("zt1-1", status=OrderStatus.REJECTED)


def believed_working(house: House) -> None:
    order = stop_of("zt1-gone", "1")
    house.write(lambda uow: uow.orders.insert(order))


def missed_partial_fill(house: House) -> None:
    house.change("zt1-1", filled_quantity=Decimal(9))


def missed_fill(house: House) -> None:
    with writing(house.engine) as connection:
        connection.execute(sa.delete(FILLS).where(FILLS.c.client_order_id == "zt1-1"))


def fill_of_another_price(house: House) -> None:
    with writing(house.engine) as connection:
        connection.execute(sa.update(FILLS).values(price=Decimal(99)))


def invented_fill(house: House) -> None:
    fill = store_rows.fill(77, client_order_id="zt1-1")
    house.write(lambda uow: uow.orders.add_fill(ACCOUNT, EPOCH, fill))


def book_holds_more(house: House) -> None:
    common = {"account": ACCOUNT, "account_epoch": EPOCH}
    more = store_rows.position(**common, quantity=Decimal(11))
    house.write(lambda uow: uow.positions.put(more))


def broker_holds_more(house: House) -> None:
    house.ledger.held["IWM"] = Decimal(1)


def stop_cancelled(house: House) -> None:
    house.ledger.cancel(house.sent("zt1-coin-stop").id)
    house.change("zt1-coin-stop", status=OrderStatus.CANCELED)


def stop_too_small(house: House) -> None:
    house.ledger.patch(house.sent("zt1-stop").legs[0].id, {"qty": "4"})


def stop_too_large(house: House) -> None:
    house.sent("zt1-coin-stop").quantity = Decimal("0.06")


def naked_for_long(house: House) -> None:
    """Covered again in the end, but after 31 seconds."""
    ledger = house.ledger
    ledger.cancel(house.sent("zt1-stop").id)
    later(house, 31)
    house.change("zt1-stop", status=OrderStatus.CANCELED)
    house.change("zt1-target", status=OrderStatus.CANCELED)
    stop = {"type": "stop", "stop_price": "95", "time_in_force": "gtc"}
    ledger.accept(sell("zt1-stop-2", **stop))
    house.write(lambda uow: uow.orders.insert(stop_of("zt1-stop-2", "10")))


def positions_deleted(house: House) -> None:
    house.ledger.violations.append("DELETE /v2/positions must never come")


def accepted_twice(house: House) -> None:
    house.ledger.accepted["zt1-1"] += 1


def sent_again(house: House) -> None:
    refused(lambda: house.ledger.accept(bracket("zt1-1")))


def still_reserves(house: House) -> None:
    house.change("zt1-1", reserved_usd=1000.0)


def broken_chain(house: House) -> None:
    with writing(house.engine) as connection:
        for trigger in ("decisions_no_update",):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("UPDATE decisions SET rationale = 'other'")


def during_a_halt(house: House) -> None:
    early = replace(store_rows.halt(0), since=store_rows.minutes(-9))
    house.write(lambda uow: uow.halts.add(ACCOUNT, early))


def no_stop_leg(house: House) -> None:
    for leg in house.sent("zt1-1").legs:
        leg.parent = None


def stop_above_the_limit(house: House) -> None:
    with writing(house.engine) as connection:
        wanted = ORDERS.c.client_order_id == "zt1-2"
        connection.execute(sa.update(ORDERS).where(wanted).values(stop_price=Decimal(64001)))


PLANTS: dict[Plant, str] = {
    second_entry: "duplicated: entry of agent_tsla",
    two_exits: "duplicated: exit of position-1",
    accepted_twice: "duplicated: zt1-1 accepted 2 times",
    lost_decision: "lost: zt1-3 of slot slot-3 is not in our book",
    never_sent: "lost: zt1-3 of slot slot-3: unknown",
    stranger: "wrong: order by-hand is at the broker and not in our book",
    timeout_taken_as_failure: "wrong: order zt1-1: we say rejected, the broker filled",
    believed_working: "wrong: order zt1-gone: we say accepted, the broker has none",
    missed_partial_fill: "wrong: order zt1-1: we say 9 filled, the broker 10",
    missed_fill: "wrong: fill",
    fill_of_another_price: "wrong: fill",
    invented_fill: "wrong: fill fill-77",
    book_holds_more: "wrong: our book holds 11 TSLA, fills make 10",
    broker_holds_more: "wrong: the broker holds 1 IWM, fills make 0",
    stop_cancelled: "unprotected: BTC/USD: stops 0, exits 0, held 0.049875",
    stop_too_small: "unprotected: TSLA: stops 4, exits 0, held 10",
    stop_too_large: "wrong: BTC/USD: stops 0.06",
    naked_for_long: "unprotected: TSLA: up to 10 without a stop for 31.0 s",
    positions_deleted: "wrong: violation: DELETE /v2/positions",
    sent_again: "wrong: zt1-1 was sent again without looking it up",
    still_reserves: "wrong: order zt1-1 reserves 1000.0, not 0.0",
    broken_chain: "wrong: chain: row 1",
    during_a_halt: "rule_breaks: RULE_008: zt1-1 was intended while halt-0 stood",
    no_stop_leg: "rule_breaks: RULE_003: zt1-1 went out without its stop leg",
    stop_above_the_limit: "rule_breaks: RULE_003: zt1-2 has stop 64001",
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_what_is_planted_is_found(house: House, plant: Plant) -> None:
    plant(house)
    found = house.judged().all
    assert [each for each in found if each.startswith(PLANTS[plant])], found


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("RULE_001: agent_tsla 1000.00 USD of 999.00", {"max_agent_exposure_fraction": 0.00999}),
        ("RULE_005: BTC/USD 3200.00 USD of 3199.00", {"max_symbol_fraction": 0.03199}),
        ("RULE_006: gross 4200.00 USD of 4199.00", {"max_gross_exposure_fraction": 0.04199}),
    ],
)
def test_exposure_above_a_limit_is_a_broken_rule(
    house: House, rule: str, limits: dict[str, float]
) -> None:
    assert rule in house.judged(company=company(*LIMITS_AGENTS, **limits)).rule_breaks
    exact = {name: round(limit + 0.00001, 5) for name, limit in limits.items()}
    at_the_limit = house.judged(company=company(*LIMITS_AGENTS, **exact)).rule_breaks
    assert not [each for each in at_the_limit if each.startswith(rule.partition(" USD")[0])]


LIMITS_AGENTS = company().agents


def test_open_buys_count_with_their_fee(house: House) -> None:
    house.ledger.accept(coin("zt1-9", symbol="ETH/USD", qty="1", limit_price="4999"))
    breaks = house.judged(company=company(max_symbol_fraction=0.05)).rule_breaks
    assert breaks == ["RULE_005: ETH/USD 5011.50 USD of 5000.00"]


def test_what_foreigners_did_is_not_ours(house: House) -> None:
    ledger = house.ledger
    ledger.fill(ledger.accept(bracket("by-hand", symbol="IWM", qty="3")), "100")
    assert house.judged().all != []
    ledger.foreign_held["IWM"] = Decimal(3)
    assert house.judged(foreign=frozenset({"by-hand"})).all == []


def test_of_a_house_at_work_only_what_holds_at_any_moment_is_judged(house: House) -> None:
    lost_decision(house)
    missed_fill(house)
    stop_cancelled(house)
    assert house.judged(settled=False).all == []
    later(house, 31)
    assert len(house.judged(settled=False).unprotected) == 1


def test_the_limit_of_naked_time_is_the_callers(house: House) -> None:
    stop_cancelled(house)
    later(house, 20)
    findings = judge_alpaca(house.engine, house.ledger, ACCOUNT, naked_limit_seconds=19.9)
    assert [each for each in findings.unprotected if "20.0 s" in each]
    assert house.ledger.naked_since["BTC/USD"] < house.ledger.now - timedelta(seconds=19)


def test_an_adopted_entry_is_judged_by_its_leg_at_the_broker(house: House) -> None:
    house.change("zt1-1", decision_id=None)
    with writing(house.engine) as connection:
        wanted = ORDERS.c.client_order_id == "zt1-1"
        connection.execute(sa.update(ORDERS).where(wanted).values(stop_price=None))
    assert house.judged().rule_breaks == []
    no_stop_leg(house)
    assert len(house.judged().rule_breaks) == 1


def test_an_entry_at_work_reserves_its_worst_cost(house: House) -> None:
    house.ledger.accept(bracket("zt1-5", symbol="IWM", qty="3"))
    open_entry = entry(5, symbol="IWM", quantity=Decimal(3), position_id="position-5")
    waiting = replace(open_entry, status=OrderStatus.ACCEPTED, filled_quantity=Decimal(0))
    changed = {"decided_bar": store_rows.minutes(5), "agent_id": "agent_iwm"}
    waiting = replace(waiting, request=replace(waiting.request, **changed), reserved_usd=300.0)
    house.write(lambda uow: uow.orders.insert(waiting))
    assert house.judged().all == []
    house.change("zt1-5", reserved_usd=0.0)
    assert house.judged().all == ["wrong: order zt1-5 reserves 0.0, not 300.0"]
