"""A sound day at Alpaca, for tests of the judge: ten shares and a tenth of a coin, bought and covered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Engine

from tests.fakes import store_rows
from tests.fakes.alpaca_bodies import bracket, coin, coin_stop, oco
from tests.fakes.alpaca_ledger import AlpacaLedger, FakeOrder
from tests.faults.alpaca_judge import judge_alpaca
from tests.faults.alpaca_rows import Terms
from tests.faults.judge import Findings
from tests.unit.risk.builders import BTC, TSLA, company
from ztrade_core.domain.orders import Order, OrderStatus, OrderType, Role, Side
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.store.sql_store import SqlStore

ACCOUNT, EPOCH = "paper", 2
COINS = Decimal("0.05")
LIMITS = company(TSLA, BTC, max_correlated_positions=None)
Plant = Callable[["House"], None]


@dataclass
class House:
    """The fake's ledger, and our book of the same day."""

    engine: Engine
    ledger: AlpacaLedger

    @property
    def store(self) -> SqlStore:
        return SqlStore(self.engine)

    def judged(self, **terms: Any) -> Findings:
        given = Terms(**{"company": LIMITS, **terms})
        return judge_alpaca(self.engine, self.ledger, ACCOUNT, terms=given)

    def write(self, deed: Callable[[UnitOfWork], object]) -> None:
        with self.store.locked() as uow:
            deed(uow)

    def order(self, order_id: str) -> Order:
        with self.store.reading() as uow:
            found = uow.orders.get(order_id)
        assert found is not None
        return found

    def change(self, order_id: str, **changes: Any) -> None:
        order = replace(self.order(order_id), **changes)
        self.write(lambda uow: uow.orders.update(order))

    def sent(self, order_id: str) -> FakeOrder:
        return self.ledger.by_client_id(order_id)


def sound(engine: Engine) -> House:
    """Return a house in which everything is as promised."""
    house = House(engine, AlpacaLedger())
    ledger = house.ledger
    ledger.fill(ledger.accept(bracket("zt1-1")), "100")
    ledger.cancel(ledger.by_client_id("zt1-1").legs[0].id)
    ledger.accept(oco("zt1-stop"))
    ledger.fill(ledger.accept(coin("zt1-2", qty="0.05")), "64000")
    ledger.accept(coin_stop("zt1-coin-stop", qty="0.049875"))
    house.write(
        lambda uow: uow.accounts.epoch_of(ACCOUNT, "alpaca", ledger.account_number, store_rows.NOON)
    )
    house.write(_book)
    house.write(lambda uow: _fills(uow, ledger))
    return house


def entry(number: int, **changes: Any) -> Order:
    """A filled entry of our book."""
    wanted = {"quantity": Decimal(10), "limit_price": Decimal(100), "stop_price": Decimal(95)}
    legs = {"stop_order_id": "zt1-leg", "target_order_id": "zt1-leg-target"}
    request = store_rows.request(number, **{**wanted, **legs, **changes})
    return row(request, decision_id=f"decision-{number}")


def stop_of(order_id: str, quantity: str, **changes: Any) -> Order:
    """A live stop of our book."""
    form = {"client_order_id": order_id, "role": Role.STOP, "side": Side.SELL}
    form |= {"type": OrderType.STOP, "quantity": Decimal(quantity), "limit_price": None}
    request = store_rows.request(1, **{**form, "stop_order_id": None, **changes})
    return row(request, status=OrderStatus.ACCEPTED, filled=Decimal(0))


def row(
    request: Any,
    *,
    status: OrderStatus = OrderStatus.FILLED,
    filled: Decimal | None = None,
    decision_id: str | None = None,
) -> Order:
    return store_rows.order(
        of=request,
        account=ACCOUNT,
        account_epoch=EPOCH,
        status=status,
        filled_quantity=request.quantity if filled is None else filled,
        reserved_usd=0.0,
        decision_id=decision_id,
    )


def decided(number: int, agent_id: str = "agent_tsla", **changes: Any) -> Any:
    key = replace(
        store_rows.slot_key(number, account=ACCOUNT, agent_id=agent_id), account_epoch=EPOCH
    )
    return store_rows.decision(number, key=key, **changes)


COIN_ENTRY = {
    "agent_id": "agent_btc",
    "symbol": "BTC/USD",
    "position_id": "position-2",
    "quantity": COINS,
    "limit_price": Decimal(64000),
    "stop_price": Decimal(60000),
}


def _book(uow: UnitOfWork) -> None:
    uow.ledger.append(decided(1), (), "")
    uow.ledger.append(decided(2, "agent_btc", symbol="BTC/USD"), (), "")
    uow.orders.insert(entry(1))
    uow.orders.insert(entry(2, **COIN_ENTRY))
    uow.orders.insert(stop_of("zt1-stop", "10", target_order_id="zt1-target"))
    form = {"role": Role.TARGET, "type": OrderType.LIMIT, "limit_price": Decimal(110)}
    uow.orders.insert(stop_of("zt1-target", "10", **form))
    coin_stop_row = {"agent_id": "agent_btc", "symbol": "BTC/USD", "position_id": "position-2"}
    uow.orders.insert(stop_of("zt1-coin-stop", "0.049875", **coin_stop_row))
    common = {"account": ACCOUNT, "account_epoch": EPOCH}
    uow.positions.put(store_rows.position(**common, quantity=Decimal(10)))
    held = {"symbol": "BTC/USD", "position_id": "position-2", "quantity": Decimal("0.049875")}
    uow.positions.put(store_rows.position("agent_btc", **common, **held))


def _fills(uow: UnitOfWork, ledger: AlpacaLedger) -> None:
    for fill in ledger.fills:
        order = ledger.by_id(fill["order_id"])
        is_coin = "/" in fill["symbol"]
        uow.orders.add_fill(
            ACCOUNT,
            EPOCH,
            store_rows.fill(
                fill_id=fill["id"],
                client_order_id=order.client_order_id,
                agent_id="agent_btc" if is_coin else "agent_tsla",
                symbol=fill["symbol"],
                quantity=Decimal(fill["qty"]),
                price=Decimal(fill["price"]),
                fee_quantity=Decimal("0.000125") if is_coin else Decimal(0),
            ),
        )


def later(house: House, seconds: float) -> None:
    house.ledger.now += timedelta(seconds=seconds)
