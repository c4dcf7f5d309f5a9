"""A simulated account on hand-written bars, and the orders that are sent to it.

Bars are five minutes long: `bar(n)` opens and `at(n)` completes it, as in `tests.fakes.desk`.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from tests.fakes.desk import DAY_OPENS, at, bar, calendar
from tests.unit.risk.builders import COSTS
from ztrade_core.brokers.simulated import SimulatedBroker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.orders import OrderRequest, OrderType, Role, Side
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.ports.market import MarketView
from ztrade_core.ports.simulation import SimulationStore
from ztrade_core.store.memory_simulation import MemorySimulationStore

CASH = 10_000.0
Row = tuple[float, ...]
"""Open, high, low, close and, where it is not 1000, volume."""


def series_of_rows(
    rows: Sequence[Row],
    symbol: str = "TSLA",
    timeframe: Timeframe = Timeframe.M5,
    opened: Sequence[datetime] | None = None,
) -> BarSeries:
    stamps = [bar(number) for number in range(len(rows))] if opened is None else opened
    columns = [[float(row[column]) for row in rows] for column in range(4)]
    volumes = [float(row[4]) if len(row) > 4 else 1000.0 for row in rows]
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=np.array([to_micros(stamp) for stamp in stamps], dtype=np.int64),
        opens=np.array(columns[0]),
        highs=np.array(columns[1]),
        lows=np.array(columns[2]),
        closes=np.array(columns[3]),
        volumes=np.array(volumes),
    )


def broker_on(
    store: SimulationStore | None = None, *, costs: Costs = COSTS, cash: float = CASH
) -> SimulatedBroker:
    return SimulatedBroker(
        account="rehearsal",
        store=MemorySimulationStore() if store is None else store,
        calendar=calendar(),
        costs=costs,
        opened_at=DAY_OPENS,
        initial_cash=cash,
    )


class Floor:
    """An account and the bars it is played on."""

    def __init__(self, broker: SimulatedBroker, *series: BarSeries) -> None:
        self.broker = broker
        self._market = ArrayMarket(series, calendar())

    def view(self, number: int) -> MarketView:
        return self._market.view(at(number))

    def play(self, number: int) -> None:
        """Play everything up to the completion of bar `number`."""
        self.broker.advance(self.view(number), at(number))

    def story(self) -> list[tuple[str, float, float]]:
        """What filled: role, quantity, price."""
        return [(f.role.value, float(f.quantity), float(f.price)) for f in self.broker.fills()]

    def ending(self, client_order_id: str) -> tuple[str, str]:
        """How an order ended, and why."""
        order = self.broker.order_by_client_id(client_order_id)
        assert order is not None
        return order.status.value, order.reason


def floor(*rows: Row, symbol: str = "TSLA", costs: Costs = COSTS, cash: float = CASH) -> Floor:
    return Floor(broker_on(costs=costs, cash=cash), series_of_rows(rows, symbol))


def entry(
    quantity: str = "10",
    *,
    decided: int = 0,
    order_id: str = "zt1-entry",
    symbol: str = "TSLA",
    agent_id: str = "agent_tsla",
    **prices: str | None,
) -> OrderRequest:
    """A buy limited at 100 with a stop at 95 and a target at 110; `prices` are other ones."""
    given = {"limit": "100", "stop": "95", "target": "110", "reference": "100", **prices}
    price = {name: None if text is None else Decimal(text) for name, text in given.items()}
    return OrderRequest(
        client_order_id=order_id,
        agent_id=agent_id,
        symbol=symbol,
        timeframe=Timeframe.M5,
        role=Role.ENTRY,
        side=Side.BUY,
        type=OrderType.MARKET if price["limit"] is None else OrderType.LIMIT,
        quantity=Decimal(quantity),
        position_id=order_id,
        decided_bar=bar(decided),
        limit_price=price["limit"],
        stop_price=price["stop"],
        target_price=price["target"],
        stop_order_id=f"{order_id}-stop",
        target_order_id=f"{order_id}-target",
        reference_price=price["reference"],
        good_for_bars=1,
    )


def sell(
    quantity: str = "10",
    *,
    decided: int,
    order_id: str = "zt1-exit",
    symbol: str = "TSLA",
    stop: str | None = None,
    position_id: str = "zt1-entry",
) -> OrderRequest:
    return OrderRequest(
        client_order_id=order_id,
        agent_id="agent_tsla",
        symbol=symbol,
        timeframe=Timeframe.M5,
        role=Role.EXIT if stop is None else Role.STOP,
        side=Side.SELL,
        type=OrderType.MARKET if stop is None else OrderType.STOP,
        quantity=Decimal(quantity),
        position_id=position_id,
        decided_bar=bar(decided),
        stop_price=None if stop is None else Decimal(stop),
    )
