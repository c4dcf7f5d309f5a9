"""Orders on Alpaca's grid: down, up, refused; each number by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.alpaca_desk import COIN
from tests.unit.brokers.builders import entry, sell
from ztrade_core.brokers.alpaca.forms import order_body
from ztrade_core.brokers.alpaca.grid import Grid
from ztrade_core.domain.brokerage import BrokerAsset
from ztrade_core.domain.orders import OrderType, Role
from ztrade_core.errors import OrderRejectedError, TransientBrokerError

BTC = BrokerAsset(
    symbol="BTC/USD",
    tradable=True,
    minimum_quantity=Decimal("0.0001"),
    quantity_increment=Decimal("0.0001"),
    price_increment=Decimal("0.5"),
)
TSLA = BrokerAsset(
    symbol="TSLA",
    tradable=True,
    minimum_quantity=None,
    quantity_increment=None,
    price_increment=None,
)


class Assets:
    """What Alpaca says, and how often it was asked."""

    def __init__(self, *assets: BrokerAsset) -> None:
        self.told = {asset.symbol: asset for asset in assets}
        self.asked: list[str] = []

    def ask(self, symbol: str) -> BrokerAsset | None:
        self.asked.append(symbol)
        return self.told.get(symbol)


def grid(*assets: BrokerAsset) -> Grid:
    return Grid(Assets(*assets).ask)


def test_a_coins_entry_goes_down_to_its_increments() -> None:
    fitted = grid(BTC).fitted(entry("0.12345678", limit="64123.57", stop="61000.01", **COIN))
    assert fitted.quantity == Decimal("0.1234")
    assert (fitted.limit_price, fitted.stop_price) == (Decimal("64123.5"), Decimal("61000.5"))


def test_a_coins_stop_goes_up_and_its_limit_down() -> None:
    made = grid(BTC)
    stop = made.fitted(sell("0.09975", decided=0, symbol="BTC/USD", stop="61000.01"))
    body = order_body(stop, made.price_increment("BTC/USD"))
    # 61000.5 x 0.98 = 59780.49
    assert (body["qty"], body["stop_price"], body["limit_price"]) == (
        "0.0997",
        "61000.5",
        "59780.0",
    )


def test_a_stocks_prices_go_to_the_cent_and_below_a_dollar_to_its_hundredth() -> None:
    made = grid(TSLA)
    wanted = entry(limit="100.019", stop="95.001", target="110.001")
    fitted = made.fitted(wanted)
    assert (fitted.limit_price, fitted.stop_price) == (Decimal("100.01"), Decimal("95.01"))
    assert fitted.target_price == Decimal("110.01")
    cheap = made.fitted(sell(decided=0, stop="0.93211"))
    assert cheap.stop_price == Decimal("0.9322")


def test_a_target_goes_up() -> None:
    target = replace(
        sell(decided=0), role=Role.TARGET, type=OrderType.LIMIT, limit_price=Decimal("110.001")
    )
    assert grid(TSLA).fitted(target).limit_price == Decimal("110.01")


def test_what_is_on_the_grid_keeps_every_digit() -> None:
    wanted = entry("10", limit="100.10", stop="95", target="110.50")
    assert order_body(grid(TSLA).fitted(wanted)) == order_body(wanted)


def test_an_increment_that_alpaca_does_not_name_is_our_own() -> None:
    unnamed = replace(BTC, quantity_increment=None, price_increment=None, minimum_quantity=None)
    fitted = grid(unnamed).fitted(entry("0.123456789", limit="64123.579", **COIN))
    assert (fitted.quantity, fitted.limit_price) == (Decimal("0.12345678"), Decimal("64123.57"))


@pytest.mark.parametrize("quantity", ["0.00009999", "0.00005"])
def test_a_coin_order_below_the_smallest_is_refused_and_named(quantity: str) -> None:
    for request in (
        entry(quantity, **COIN),
        sell(quantity, decided=0, symbol="BTC/USD"),
    ):
        with pytest.raises(OrderRejectedError, match=r"below 0\.0001, the smallest"):
            grid(BTC).fitted(request)
    assert grid(BTC).fitted(entry("0.0001", **COIN)).quantity == Decimal("0.0001")


def test_what_alpaca_does_not_trade_is_not_bought_and_asked_for_again() -> None:
    assets = Assets(replace(TSLA, tradable=False))
    made = Grid(assets.ask)
    for _ in range(2):
        with pytest.raises(OrderRejectedError, match="does not trade TSLA: nothing was sent"):
            made.fitted(entry())
    assert assets.asked == ["TSLA", "TSLA"]
    with pytest.raises(OrderRejectedError, match="does not trade AAPL"):
        made.fitted(entry(symbol="AAPL"))
    assets.told["TSLA"] = TSLA
    assert made.fitted(entry()) == entry()


def test_an_asset_is_asked_for_once() -> None:
    assets = Assets(TSLA, BTC)
    made = Grid(assets.ask)
    for _ in range(3):
        made.fitted(entry())
        made.fitted(entry("0.1", **COIN))
    assert assets.asked == ["TSLA", "BTC/USD"]


def test_selling_shares_asks_nothing() -> None:
    """An exit must not depend on whether Alpaca answers about the asset."""

    def unanswered(symbol: str) -> BrokerAsset | None:
        raise TransientBrokerError(symbol)

    made = Grid(unanswered)
    assert made.fitted(sell(decided=0)) == sell(decided=0)
    assert made.down("TSLA", Decimal("99.8049")) == Decimal("99.80")
    with pytest.raises(TransientBrokerError):
        made.fitted(entry())


@given(
    st.decimals(min_value="0.0001", max_value=10**6, places=8),
    st.sampled_from(["0.01", "0.5", "1e-9", "0.0001", "25"]),
)
def test_a_price_moves_by_less_than_a_step_and_never_the_wrong_way(
    price: Decimal, increment: str
) -> None:
    step = Decimal(increment)
    made = grid(replace(BTC, price_increment=step, minimum_quantity=None))
    fitted = made.fitted(entry("1", limit=str(price), stop=str(price), **COIN))
    assert fitted.limit_price is not None
    assert fitted.stop_price is not None
    assert 0 <= price - fitted.limit_price < step
    assert 0 <= fitted.stop_price - price < step
    assert fitted.limit_price % step == fitted.stop_price % step == 0
    assert made.down("BTC/USD", price) == fitted.limit_price
