"""Trades, entries and late news across a split on a simulated account, in hand-computed numbers."""

from decimal import Decimal

import pytest

from tests.fakes.desk_makers import proposal
from tests.fakes.split_days import MIDNIGHT, after, on, put_days
from tests.unit.trading.builders import (
    BUY,
    SELL,
    fills,
    orders,
    position,
    trades,
)
from tests.unit.trading.split_house import EVE, bought, house_of
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import iso_z
from ztrade_core.trading.reconciliation import reconcile


def test_a_split_that_leaves_less_than_one_share_ends_the_trade() -> None:
    """46 at 1:100 are 0.46 of a share at 10,000: 4,600 USD are paid, which is what it had cost."""
    kit = bought((10_000.0, 10_000.0), 0.01)
    kit.cycle(after(1, 1))
    assert position(kit) is None
    assert kit.broker().positions() == {}
    assert kit.broker().open_orders() == ()
    (trade,) = trades(kit)
    assert trade.exit_role == "split"
    assert trade.pnl_usd == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_an_entry_that_was_decided_before_is_cancelled(source: str) -> None:
    script = {("agent_tsla", iso_z(on(0, 2))): BUY}
    kit = house_of((33.33, 33.33), first=EVE[:3], script=script, source=source)
    kit.cycle(after(0, 2))
    (entry,) = kit.broker().open_orders()
    kit.cycle(after(1, 1))
    found = kit.broker().order_by_client_id(entry.request.client_order_id)
    assert found is not None
    assert (found.status.value, found.reason) == (
        "canceled",
        "decided before a split, at prices of before",
    )
    assert kit.broker().positions() == {}


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_a_trade_across_a_split_counts_its_shares_and_money_right(source: str) -> None:
    """Bought 46 at 100 = 4,600; sold 138 at 34 = 4,692: 92 won; per share 33.33... to 34."""
    script = {("agent_tsla", iso_z(on(1, 0))): SELL}
    kit = bought((34.0, 34.0, 34.0), script=script, source=source)
    kit.cycle(after(1, 0))
    kit.cycle(after(1, 2))
    (trade,) = trades(kit)
    assert trade.pnl_usd == pytest.approx(92.0)
    assert (trade.quantity, trade.exit_price) == (Decimal(138), 34.0)
    assert trade.entry_price == pytest.approx(100.0 / 3.0)
    cash = kit.broker().cash()
    assert cash == pytest.approx(100_092.0)


def test_sells_on_either_side_of_a_split_make_one_trade_of_the_last_scale() -> None:
    """16 of 46 sold at 100 on the eve (48 new at 33.33...), 90 at 34: 1,600 + 3,060 - 4,600 = 60."""
    script = {
        ("agent_tsla", iso_z(on(0, 2))): proposal("sell", quantity=16.0),
        ("agent_tsla", iso_z(on(1, 0))): SELL,
    }
    kit = house_of((34.0, 34.0, 34.0), script=script, first=(*EVE, 100.0))
    kit.cycle(after(0, 0))
    kit.cycle(after(0, 2))
    kit.cycle(after(0, 4))
    half = position(kit)
    assert half is not None
    kit.cycle(after(1, 0))
    kit.cycle(after(1, 2))
    sold = sum((f.quantity for f in fills(kit) if f.side.value == "sell"), Decimal(0))
    (trade,) = trades(kit)
    kept = half.quantity * 3
    early = Decimal(46) - half.quantity
    assert sold == early + kept
    assert trade.quantity == Decimal(138)
    assert trade.pnl_usd == pytest.approx(float(early) * 100.0 + float(kept) * 34.0 - 4600.0)
    average = (float(early) * 100.0 + float(kept) * 34.0) / 138.0
    assert trade.exit_price == pytest.approx(average)
    assert [o.request.role for o in kit.broker().open_orders()] == []
    assert Role.STOP not in {f.role for f in fills(kit)}


def test_our_orders_of_the_legs_go_along() -> None:
    kit = bought((33.33,))
    kit.cycle(after(1, 0))
    found = {o.request.role: o.request for o in orders(kit) if o.is_working}
    assert (found[Role.STOP].stop_price, found[Role.STOP].quantity) == (
        Decimal("32.34"),
        Decimal(138),
    )
    assert found[Role.TARGET].limit_price == Decimal("35.34")


def test_a_bar_of_the_eve_that_comes_late_is_not_played_against_the_new_levels() -> None:
    """It is at 100, the new target at 35.34; the account stood past midnight when it came."""
    kit = house_of((), first=EVE[:3], source="file")
    kit.cycle(after(0, 0))
    kit.cycle(after(0, 2))
    kit.broker().advance(kit.desk(MIDNIGHT).market.view(MIDNIGHT), MIDNIGHT)
    put_days(kit, EVE, (33.33, 33.33), source="file")
    kit.cycle(after(1, 1))
    assert kit.broker().positions() == {"TSLA": 138.0}
    assert len(fills(kit)) == 1


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_a_stop_of_the_ex_date_that_one_look_learns_with_the_split_is_booked_after_it(
    source: str,
) -> None:
    """138 sold at the stop of 32.34: 4,462.92 - 4,600 = -137.08."""
    kit = bought((33.33, 31.0, 31.0), source=source)
    moment = after(1, 2)
    kit.broker().advance(kit.desk(moment).market.view(moment), moment)
    report = reconcile(kit.desk(moment), moment)
    assert report.clean
    assert position(kit) is None
    (trade,) = trades(kit)
    assert (trade.quantity, trade.exit_price) == (Decimal(138), 32.34)
    assert trade.pnl_usd == pytest.approx(-137.08)
