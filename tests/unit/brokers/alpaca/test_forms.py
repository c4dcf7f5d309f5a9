"""Our order as Alpaca's body: every form by hand, exact to the last digit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.alpaca_desk import COIN
from tests.unit.brokers.builders import entry, sell
from ztrade_core.brokers.alpaca.forms import crypto_stop_limit, order_body, plain
from ztrade_core.domain.orders import OrderRequest, OrderType, Role
from ztrade_core.errors import OrderRejectedError

STOCK = {"symbol": "TSLA", "qty": "10", "time_in_force": "day"}


def coin_sell(quantity: str, stop: str | None = None) -> OrderRequest:
    return sell(quantity, decided=0, symbol="BTC/USD", stop=stop)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (
            entry(),
            {
                **STOCK,
                "side": "buy",
                "type": "limit",
                "limit_price": "100",
                "client_order_id": "zt1-entry",
                "order_class": "bracket",
                "stop_loss": {"stop_price": "95"},
                "take_profit": {"limit_price": "110"},
            },
        ),
        (
            entry(target=None, limit=None),
            {
                **STOCK,
                "side": "buy",
                "type": "market",
                "client_order_id": "zt1-entry",
                "order_class": "oto",
                "stop_loss": {"stop_price": "95"},
            },
        ),
        (
            sell(decided=0),
            {**STOCK, "side": "sell", "type": "market", "client_order_id": "zt1-exit"},
        ),
        (
            sell(decided=0, stop="95.25"),
            {
                **STOCK,
                "side": "sell",
                "type": "stop",
                "stop_price": "95.25",
                "time_in_force": "gtc",
                "client_order_id": "zt1-exit",
            },
        ),
        (
            entry("0.12345678", limit="64123.57", stop="61000", **COIN),
            {
                "symbol": "BTC/USD",
                "qty": "0.12345678",
                "side": "buy",
                "type": "limit",
                "limit_price": "64123.57",
                "time_in_force": "ioc",
                "client_order_id": "zt1-entry",
            },
        ),
        (
            coin_sell("0.09975", stop="61000.01"),
            {
                "symbol": "BTC/USD",
                "qty": "0.09975",
                "side": "sell",
                "type": "stop_limit",
                "stop_price": "61000.01",
                "limit_price": "59780.00",  # 59780.0098 down to the cent
                "time_in_force": "gtc",
                "client_order_id": "zt1-exit",
            },
        ),
        (
            coin_sell("0.09975"),
            {
                "symbol": "BTC/USD",
                "qty": "0.09975",
                "side": "sell",
                "type": "market",
                "time_in_force": "ioc",
                "client_order_id": "zt1-exit",
            },
        ),
    ],
)
def test_each_order_has_the_form_that_alpaca_accepts(
    request_: OrderRequest, body: dict[str, Any]
) -> None:
    assert order_body(request_) == body


def test_an_entry_of_coins_that_is_good_till_cancelled_is_gtc() -> None:
    request = replace(entry("0.1", **COIN), good_for_bars=0)
    assert order_body(request)["time_in_force"] == "gtc"


def test_a_target_rests_till_cancelled() -> None:
    request = replace(
        sell(decided=0), role=Role.TARGET, type=OrderType.LIMIT, limit_price=Decimal("110.50")
    )
    body = order_body(request)
    assert (body["type"], body["limit_price"], body["time_in_force"]) == ("limit", "110.50", "gtc")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (entry("0"), "not positive"),
        (entry("-1"), "not positive"),
        (replace(entry(), quantity=Decimal("NaN")), "not positive"),
        (entry("1.5"), "not whole"),
        (replace(entry(), stop_price=Decimal("NaN")), "price NaN"),
        (replace(entry(), limit_price=Decimal(0)), "price 0"),
        (replace(entry(), target_price=Decimal("Infinity")), "price Infinity"),
        (replace(entry(), limit_price=None), "without a limit price"),
        (replace(sell(decided=0, stop="1"), stop_price=None), "without a stop price"),
        (entry(order_id=""), "1 to 128"),
        (entry(order_id="x" * 129), "1 to 128"),
        (coin_sell("1", stop="0.0001"), "no tick"),
    ],
)
def test_what_cannot_be_said_is_refused_before_it_is_sent(request_: OrderRequest, why: str) -> None:
    with pytest.raises(OrderRejectedError, match=f"{why}.*nothing was sent"):
        order_body(request_)


@given(
    st.decimals(min_value="0.0001", max_value=10**9, places=9, allow_nan=False).filter(
        lambda d: d > 0
    )
)
def test_every_digit_travels(quantity: Decimal) -> None:
    body = order_body(replace(coin_sell("1"), quantity=quantity))
    assert Decimal(body["qty"]) == quantity
    assert "E" not in plain(quantity).upper()


@given(st.decimals(min_value="0.01", max_value=10**6, places=4))
def test_a_coins_stop_limit_lies_two_percent_below_and_on_the_tick(stop: Decimal) -> None:
    limit = crypto_stop_limit(stop)
    tick = Decimal("0.01") if stop * Decimal("0.98") >= 1 else Decimal("0.0001")
    assert 0 <= stop * Decimal("0.98") - limit < tick
    assert limit % tick == 0
