"""Equity, the day's base at 00:00 New York, the peak, and the book that rules judge."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.fakes.desk import ACCOUNT, DAY_OPENS, DeskKit, at, bar, kit_in_memory
from tests.fakes.store_rows import halt, mark, order, request, trade
from tests.fakes.store_rows import position as stored
from tests.unit.trading.builders import BUY, IWM, TSLA, at_bar, house, kit, marks
from ztrade_core.domain.book import Book
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.domain.time import new_york_midnight
from ztrade_core.trading.marking import (
    AccountFacts,
    build_book,
    equity_of,
    gross_exposure_of,
    store_mark,
)

MARKS = {"TSLA": 110.0, "IWM": 200.0}
NOW = at(5)


def facts(
    at_time: datetime = NOW, held: Mapping[str, float] | None = None, cash: float = 90_000.0
) -> AccountFacts:
    return AccountFacts(
        epoch=1, cash=cash, held={} if held is None else held, marks=MARKS, at=at_time
    )


def book_of(desk_kit: DeskKit, given: AccountFacts) -> Book:
    with desk_kit.store.reading() as uow:
        return build_book(desk_kit.desk(given.at), uow, given)


def test_equity_is_cash_plus_every_position_at_its_mark() -> None:
    held = [
        stored(quantity=Decimal("15.5")),
        stored("agent_iwm", symbol="IWM", quantity=Decimal(2)),
    ]
    assert equity_of(1000.0, held, MARKS) == 1000.0 + 15.5 * 110.0 + 2.0 * 200.0
    assert gross_exposure_of(held, MARKS) == 15.5 * 110.0 + 400.0


def test_a_missing_mark_makes_the_equity_unknown() -> None:
    assert equity_of(1000.0, [stored(symbol="BTC/USD")], MARKS) is None
    assert equity_of(1000.0, [], {}) == 1000.0


def test_a_missing_mark_is_not_stored_as_equity() -> None:
    desk_kit = kit_in_memory()
    with desk_kit.store.locked() as uow:
        uow.positions.put(stored())
    assert store_mark(desk_kit.desk(at(1)), at(1), "mark", {}) is None
    assert marks(desk_kit) == []


def test_the_first_cycle_of_a_day_stores_its_base_at_midnight_in_new_york() -> None:
    desk_kit = kit()
    desk_kit.cycle(at(0))
    (base,) = marks(desk_kit, "day_base")
    assert (base.at, base.equity) == (DAY_OPENS, 100_000.0)


def test_the_day_base_is_stored_once_a_day() -> None:
    desk_kit = kit()
    for number in range(3):
        desk_kit.cycle(at(number))
    assert len(marks(desk_kit, "day_base")) == 1
    assert [m.at for m in marks(desk_kit, "mark")] == [at(0), at(1), at(2)]


def test_the_day_of_the_clock_change_has_23_hours() -> None:
    sunday, monday = (new_york_midnight(datetime(2022, 3, day, tzinfo=UTC)) for day in (13, 14))
    assert monday - sunday == timedelta(hours=23)
    november = new_york_midnight(datetime(2022, 11, 6, tzinfo=UTC))
    assert new_york_midnight(datetime(2022, 11, 7, tzinfo=UTC)) - november == timedelta(hours=25)


def test_the_day_base_of_a_young_account_is_its_opening_equity() -> None:
    desk_kit = kit(opened_at=bar(3))
    desk_kit.cycle(at(5))
    assert [m.at for m in marks(desk_kit, "day_base")] == [bar(3)]


def test_a_day_base_of_yesterday_does_not_count_today() -> None:
    desk_kit = kit_in_memory(company=house())
    with desk_kit.store.locked() as uow:
        uow.accounts.add_snapshot(mark(DAY_OPENS - timedelta(seconds=1), "day_base", 5.0))
    assert book_of(desk_kit, facts()).day_base_equity is None
    assert book_of(desk_kit, facts()).total_capital is None


def test_a_resume_of_today_is_the_new_day_base() -> None:
    desk_kit = kit_in_memory(company=house())
    with desk_kit.store.locked() as uow:
        uow.accounts.add_snapshot(mark(DAY_OPENS, "day_base", 100_000.0))
        uow.accounts.add_snapshot(mark(at(2), "resume", 97_000.0))
    assert book_of(desk_kit, facts()).day_base_equity == 97_000.0


def test_total_capital_is_the_less_of_the_days_base_and_now() -> None:
    desk_kit = kit_in_memory(company=house())
    with desk_kit.store.locked() as uow:
        uow.accounts.add_snapshot(mark(DAY_OPENS, "day_base", 100_000.0))
    assert book_of(desk_kit, facts(cash=101_000.0)).total_capital == 100_000.0
    assert book_of(desk_kit, facts(cash=99_000.0)).total_capital == 99_000.0


def test_the_peak_only_rises_until_a_resume_sets_it_anew() -> None:
    desk_kit = kit_in_memory(company=house())
    desk = desk_kit.desk(at(0))
    with desk_kit.store.locked() as uow:
        uow.accounts.add_snapshot(
            replace(mark(DAY_OPENS, "mark", 120_000.0), peak_equity=120_000.0)
        )
    first = store_mark(desk, at(0), "mark", MARKS)
    assert first is not None
    assert (first.equity, first.peak_equity) == (100_000.0, 120_000.0)
    resumed = store_mark(desk, at(1), "resume", MARKS)
    assert resumed is not None
    assert resumed.peak_equity == 100_000.0


def test_a_book_that_is_behind_the_brokers_has_no_equity() -> None:
    desk_kit = kit_in_memory(company=house())
    assert book_of(desk_kit, facts(held={"TSLA": 3.0})).equity is None
    assert book_of(desk_kit, facts()).equity == 90_000.0


def test_stops_at_the_broker_protect_and_intended_ones_do_not() -> None:
    desk_kit = kit_in_memory(company=house())
    leg = {"role": Role.STOP, "position_id": "position-1"}
    with desk_kit.store.locked() as uow:
        uow.positions.put(stored())
        uow.orders.insert(
            order(2, of=request(2, **leg), status=OrderStatus.ACCEPTED, account=ACCOUNT)
        )
        uow.orders.insert(order(3, of=request(3, **leg), account=ACCOUNT))
    (held,) = book_of(desk_kit, facts(held={"TSLA": 15.5})).positions
    assert (held.quantity, held.protected_quantity, held.mark) == (15.5, 16.0, 110.0)


def test_a_position_without_a_mark_is_worth_nothing_known() -> None:
    desk_kit = kit_in_memory(company=house())
    with desk_kit.store.locked() as uow:
        uow.positions.put(stored(symbol="BTC/USD"))
    (held,) = book_of(desk_kit, facts(held={"BTC/USD": 15.5})).positions
    assert math.isnan(held.mark)


def test_an_open_entry_reserves_what_is_left_to_fill() -> None:
    desk_kit = kit_in_memory(company=house())
    with desk_kit.store.locked() as uow:
        uow.orders.insert(order(1, status=OrderStatus.ACCEPTED, reserved_usd=1600.0))
        uow.orders.update(
            order(
                1,
                status=OrderStatus.PARTIALLY_FILLED,
                reserved_usd=1600.0,
                filled_quantity=Decimal(4),
            )
        )
    (entry,) = book_of(desk_kit, facts()).open_entries
    assert entry.reserved_usd == 1200.0  # 12 of 16 are left


def streak(desk_kit: DeskKit) -> int:
    return book_of(desk_kit, facts(at(70))).record_of(TSLA.agent_id).consecutive_losses


def test_losses_in_a_row_are_counted_back_from_the_last_trade() -> None:
    desk_kit = kit_in_memory(company=house())
    for number, pnl in enumerate((-1.0, 5.0, -2.0, -0.01), start=1):
        with desk_kit.store.locked() as uow:
            uow.positions.add_trade(trade(number, pnl_usd=pnl))
    assert streak(desk_kit) == 2


def test_a_trade_that_made_nothing_ends_a_streak() -> None:
    desk_kit = kit_in_memory(company=house())
    for number, pnl in enumerate((-1.0, -1.0, 0.0), start=1):
        with desk_kit.store.locked() as uow:
            uow.positions.add_trade(trade(number, pnl_usd=pnl))
    assert streak(desk_kit) == 0


def test_a_lifted_halt_forgives_the_losses_before_it() -> None:
    desk_kit = kit_in_memory(company=house())
    with desk_kit.store.locked() as uow:
        for number in (1, 2, 3):
            uow.positions.add_trade(trade(number, pnl_usd=-1.0))
        uow.halts.add(ACCOUNT, halt(agent_id=TSLA.agent_id, kind="consecutive_losses"))
        lifted = trade(2).closed_at
        uow.halts.lift(ACCOUNT, "halt-1", who="ada", why="looked", at=lifted)
    assert streak(desk_kit) == 1


def test_entries_since_midnight_in_new_york_are_the_days_trades() -> None:
    desk_kit = kit_in_memory(company=house(TSLA, IWM))
    with desk_kit.store.locked() as uow:
        for number, moment in enumerate((DAY_OPENS - timedelta(seconds=1), DAY_OPENS, at(3))):
            uow.orders.insert(order(number, created_at=moment, status=OrderStatus.FILLED))
        uow.orders.insert(order(9, created_at=at(4), status=OrderStatus.EXPIRED))
    assert book_of(desk_kit, facts()).record_of(TSLA.agent_id).trades_today == 2


def test_a_loss_by_a_gap_is_measured_against_midnight() -> None:
    desk_kit = kit({at_bar(0): BUY}, closes=(100.0, 100.0, 98.0))
    for number in range(3):
        desk_kit.cycle(at(number))
    book = book_of(
        desk_kit, replace(facts(at(2), held={"TSLA": 46.0}, cash=95_400.0), marks={"TSLA": 98.0})
    )
    assert (book.day_base_equity, book.equity) == (100_000.0, 99_908.0)  # 46 shares fell by $2
