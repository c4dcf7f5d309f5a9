"""Playing bars on a simulated account: the order of events within a bar, DESIGN section 7.

(1) orders of the bar before: exits, then entries, at the open or at the limit; (2) a stop, else a
target; orders good for one bar end with it. Which bars are due is `bars_due`'s question. Pure: it
moves the SimulatedAccount it is given and returns what happened. Arithmetic is `ztrade_core.fills`'
only.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.brokers.bars_due import PlayedBar, bars_due
from ztrade_core.brokers.legs import legs_of
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.instruments import (
    AssetClass,
    exact_decimal,
    instrument_of,
    quantity_down,
    ticks_per_unit,
)
from ztrade_core.domain.orders import (
    BrokerOrder,
    Fill,
    OrderRequest,
    OrderStatus,
    Role,
    Side,
)
from ztrade_core.domain.simulation import SimulatedAccount, SimulatedPosition
from ztrade_core.domain.time import Timeframe
from ztrade_core.fills import arithmetic
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.market import MarketView


@dataclass(slots=True)
class Played:
    """What playing bars did: executions and orders that ended, in order."""

    fills: list[Fill] = field(default_factory=list)
    ended: list[BrokerOrder] = field(default_factory=list)


class BarPlayer:
    """Plays bars in the order (completion, agent id)."""

    def __init__(self, calendar: Calendar, costs: Costs) -> None:
        self._calendar = calendar
        self._costs = costs

    def play(self, state: SimulatedAccount, view: MarketView, until: datetime) -> Played:
        """Play the bars complete by `until` that symbols with working orders have not seen yet."""
        played = Played()
        schedule: list[tuple[datetime, str, str, PlayedBar]] = []
        for symbol, (agent_id, timeframe) in _traded(state).items():
            bars = bars_due(self._calendar, state, (symbol, timeframe), view, until)
            schedule.extend((bar.completed, agent_id, symbol, bar) for bar in bars)
        schedule.sort(key=lambda entry: entry[:3])
        for _, _, symbol, bar in schedule:
            _SymbolBar(state, symbol, bar, self._costs, played).play()
        return played


def _traded(state: SimulatedAccount) -> dict[str, tuple[str, Timeframe]]:
    traded: dict[str, tuple[str, Timeframe]] = {}
    for order in state.orders.values():
        traded[order.request.symbol] = (order.request.agent_id, order.request.timeframe)
    return traded


class _SymbolBar:
    """One symbol's one bar on one account."""

    def __init__(
        self, state: SimulatedAccount, symbol: str, bar: PlayedBar, costs: Costs, played: Played
    ) -> None:
        self._state = state
        self._symbol = symbol
        self._bar = bar
        self._costs = costs
        self._played = played
        instrument = instrument_of(symbol)
        self._is_crypto = instrument.asset_class is AssetClass.CRYPTO
        self._lots_per_unit = instrument.lots_per_unit
        self._slippage = costs.slippage_bps / 10000.0
        self._commission_bps = (
            costs.crypto_commission_bps if self._is_crypto else costs.stock_commission_bps
        )
        self._entered_inside_bar = False

    def play(self) -> None:
        for order in self._waiting(Role.EXIT):
            self._exit(order)
        for order in self._waiting(Role.ENTRY):
            self._entry(order)
        self._legs()
        for order_id, order in self._state.orders.items():
            if order.request.symbol == self._symbol and order.updated_at < self._bar.completed:
                self._state.orders[order_id] = replace(order, updated_at=self._bar.completed)

    def _waiting(self, role: Role) -> list[BrokerOrder]:
        return [
            order
            for order in self._state.orders.values()
            if order.request.symbol == self._symbol
            and order.request.role is role
            and order.request.decided_bar < self._bar.opened
            and order.updated_at < self._bar.completed
        ]

    def _exit(self, order: BrokerOrder) -> None:
        bar = self._bar.bar
        price = arithmetic.exit_price(bar.open, bar.volume, self._slippage)
        if not math.isnan(price):
            self._sell(order, price, self._bar.opened)

    def _entry(self, order: BrokerOrder) -> None:
        request = order.request
        bar = self._bar.bar
        limit = math.inf if request.limit_price is None else float(request.limit_price)
        stop = 0.0 if request.stop_price is None else float(request.stop_price)
        state = arithmetic.entry_state(
            bar.open, bar.low, bar.volume, limit, stop, 1.0 / ticks_per_unit(limit)
        )
        price = arithmetic.entry_price(state, bar.open, limit, self._slippage)
        if not math.isnan(price):
            self._buy(order, price, inside=state == arithmetic.ENTRY_INSIDE_BAR)
        elif state == arithmetic.ENTRY_CANCELED:
            self._end(order, OrderStatus.CANCELED, "the bar opened at or below the stop")
        else:
            self._end(order, OrderStatus.EXPIRED, "not filled within its bar")

    def _buy(self, order: BrokerOrder, price: float, *, inside: bool) -> None:
        request = order.request
        quantity = float(request.quantity)
        fee_usd, fee_coin, kept = 0.0, 0.0, quantity
        if self._is_crypto:
            fee_coin = arithmetic.commission_in_coin(quantity, self._commission_bps)
            kept = quantity_down(quantity - fee_coin, self._lots_per_unit)
            fee_coin = float(request.quantity - exact_decimal(kept))
        else:
            fee_usd = arithmetic.commission_usd(quantity, price, self._commission_bps)
        cash = arithmetic.cash_after_buy(self._state.cash, quantity, price, fee_usd)
        if cash < 0.0:
            self._end(order, OrderStatus.REJECTED, "the fill would cost more than there is cash")
            return
        self._entered_inside_bar = inside
        filled_at = self._bar.completed if inside else self._bar.opened
        self._state.cash = cash
        if kept > 0.0:  # else the fee took the whole lot: nothing is held, nothing to protect
            self._hold(request, kept, price)
        self._record(order, quantity, price, (fee_usd, fee_coin), filled_at)
        if kept > 0.0:
            self._attach_legs(request, kept, price)

    def _hold(self, request: OrderRequest, kept: float, price: float) -> None:
        """Open the symbol's position, or add to it (rules that forbid adding may be off)."""
        held = self._state.positions.get(self._symbol)
        quantity, average = kept, price
        if held is not None:
            quantity = float(exact_decimal(held.quantity) + exact_decimal(kept))
            average = (held.quantity * held.average_price + kept * price) / quantity
        self._state.positions[self._symbol] = SimulatedPosition(
            symbol=self._symbol,
            agent_id=request.agent_id,
            position_id=request.position_id if held is None else held.position_id,
            timeframe=request.timeframe,
            quantity=quantity,
            average_price=average,
            entered_bar=self._bar.opened,
        )

    def _attach_legs(self, request: OrderRequest, kept: float, price: float) -> None:
        for leg in legs_of(request, kept, price, self._costs.stop_reference):
            self._state.orders[leg.client_order_id] = BrokerOrder(
                broker_order_id=f"sim-{leg.client_order_id}",
                request=leg,
                status=OrderStatus.ACCEPTED,
                filled_quantity=Decimal(0),
                updated_at=self._bar.opened,
            )

    def _legs(self) -> None:
        bar = self._bar.bar
        for order in self._waiting(Role.STOP):
            stop = float(order.request.stop_price or 0)
            price = arithmetic.stop_fill_price(bar.open, bar.low, bar.volume, stop)
            if not math.isnan(price):
                at_open = bar.open <= stop and not self._entered_inside_bar
                self._sell(order, price, self._bar.opened if at_open else self._bar.completed)
        if self._entered_inside_bar:
            return
        for order in self._waiting(Role.TARGET):
            target = float(order.request.limit_price or 0)
            tick = 1.0 / ticks_per_unit(target)
            price = arithmetic.target_fill_price(bar.open, bar.high, bar.volume, target, tick)
            if not math.isnan(price):
                at_open = bar.open >= target
                self._sell(order, price, self._bar.opened if at_open else self._bar.completed)

    def _sell(self, order: BrokerOrder, price: float, filled_at: datetime) -> None:
        position = self._state.positions.get(self._symbol)
        if order.request.client_order_id not in self._state.orders:
            return
        if position is None:
            self._end(order, OrderStatus.CANCELED, "nothing is held any more")
            return
        quantity = min(float(order.request.quantity), position.quantity)
        fee_usd = arithmetic.commission_usd(quantity, price, self._commission_bps)
        self._state.cash = arithmetic.cash_after_sell(self._state.cash, quantity, price, fee_usd)
        self._record(order, quantity, price, (fee_usd, 0.0), filled_at)
        left = float(exact_decimal(position.quantity) - exact_decimal(quantity))
        if left * self._lots_per_unit >= 1.0 - 1e-6:
            position.quantity = left
            self._shrink_legs(exact_decimal(left))
            return
        del self._state.positions[self._symbol]
        self._cancel_all_sells()

    def _shrink_legs(self, left: Decimal) -> None:
        for order in list(self._state.orders.values()):
            request = order.request
            if request.symbol == self._symbol and request.side is Side.SELL:
                shrunk = replace(request, quantity=min(request.quantity, left))
                self._state.orders[request.client_order_id] = replace(order, request=shrunk)

    def _cancel_all_sells(self) -> None:
        for order in list(self._state.orders.values()):
            if order.request.symbol == self._symbol and order.request.side is Side.SELL:
                self._end(order, OrderStatus.CANCELED, "the position was closed")

    def _record(
        self,
        order: BrokerOrder,
        quantity: float,
        price: float,
        fees: tuple[float, float],
        filled_at: datetime,
    ) -> None:
        request = order.request
        self._played.fills.append(
            Fill(
                fill_id=f"{request.client_order_id}:1",
                client_order_id=request.client_order_id,
                agent_id=request.agent_id,
                position_id=request.position_id,
                symbol=self._symbol,
                side=request.side,
                role=request.role,
                quantity=exact_decimal(quantity),
                price=exact_decimal(price),
                fee_usd=exact_decimal(fees[0]),
                fee_quantity=exact_decimal(fees[1]),
                filled_at=filled_at,
                known_at=self._bar.known_at,
            )
        )
        self._end(order, OrderStatus.FILLED, "", filled=exact_decimal(quantity))

    def _end(
        self,
        order: BrokerOrder,
        status: OrderStatus,
        reason: str,
        *,
        filled: Decimal = Decimal(0),
    ) -> None:
        client_order_id = order.request.client_order_id
        self._state.orders.pop(client_order_id, None)
        self._played.ended.append(
            replace(
                order,
                status=status,
                filled_quantity=filled,
                updated_at=self._bar.completed,
                reason=reason,
            )
        )
