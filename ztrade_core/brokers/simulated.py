"""The simulated broker: a `Broker` whose books live in a SimulationStore.

Contract: every call is one transaction of its own, so a process may die between any two. An id is
accepted once; a second submit of it answers with the order that is there. Fills are made only by
`advance`, from bars complete by then (`ztrade_core.brokers.playing`); so are the re-basings of splits
(`ztrade_core.brokers.splitting`), where there are `splits`. What does not belong here:
our own order book, rules, decisions.
"""

from dataclasses import replace
from datetime import datetime
from typing import Self

from typing_extensions import override

from ztrade_core.brokers.playing import BarPlayer, Played
from ztrade_core.brokers.splitting import Splitter
from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import (
    TERMINAL,
    BrokerOrder,
    Fill,
    OrderRequest,
    OrderStatus,
    Side,
)
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.domain.simulation import SimulatedAccount
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import iso_z, new_york_date
from ztrade_core.errors import InputError, OrderRejectedError
from ztrade_core.fills import arithmetic
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.market import MarketView
from ztrade_core.ports.simulation import SimulationStore, SimulationTransaction
from ztrade_core.ports.splits import SplitStore


class SimulatedBroker(Broker):
    """One simulated account; `opened_at` and `initial_cash` are used when it does not exist yet."""

    def __init__(
        self,
        *,
        account: str,
        store: SimulationStore,
        calendar: Calendar,
        costs: Costs,
        opened_at: datetime,
        initial_cash: float,
    ) -> None:
        self._account = account
        self._store = store
        self._costs = costs
        self._opened_at = opened_at
        self._initial_cash = initial_cash
        self._player = BarPlayer(calendar, costs)
        self._splits: SplitStore | None = None

    def knowing(self, splits: SplitStore) -> Self:
        """Apply these splits to what the account holds; without them prices are of one scale."""
        self._splits = splits
        return self

    @property
    @override
    def account(self) -> str:
        return self._account

    @property
    @override
    def fee_bps_by_asset(self) -> tuple[float, float]:
        return self._costs.stock_commission_bps, self._costs.crypto_commission_bps

    @property
    @override
    def is_paper(self) -> bool:
        return True

    @property
    @override
    def host(self) -> str | None:
        return None

    @property
    @override
    def is_external(self) -> bool:
        return False

    def _load(self, transaction: SimulationTransaction) -> SimulatedAccount:
        """Return the account, or what it would be: a question opens no account."""
        return transaction.load() or self._new_epoch(1, self._opened_at)

    def _open(self, transaction: SimulationTransaction) -> SimulatedAccount:
        state = transaction.load()
        if state is None:
            state = self._new_epoch(1, self._opened_at)
            transaction.open_epoch(state)
        return state

    def _new_epoch(self, epoch: int, opened_at: datetime) -> SimulatedAccount:
        return SimulatedAccount(
            account=self._account,
            account_epoch=epoch,
            opened_at=opened_at,
            initial_cash=self._initial_cash,
            cash=self._initial_cash,
            advanced_to=opened_at,
        )

    def reset(self, opened_at: datetime) -> int:
        """Start a new epoch with fresh cash at `opened_at`; return its number."""
        with self._store.transaction(self._account) as transaction:
            state = transaction.load()
            epoch = 1 if state is None else state.account_epoch + 1
            transaction.open_epoch(self._new_epoch(epoch, opened_at))
            return epoch

    @override
    def epoch(self) -> int:
        with self._store.transaction(self._account) as transaction:
            return self._load(transaction).account_epoch

    @override
    def account_time(self) -> datetime | None:
        with self._store.transaction(self._account) as transaction:
            return self._load(transaction).advanced_to

    @override
    def cash(self) -> float:
        with self._store.transaction(self._account) as transaction:
            return self._load(transaction).cash

    @override
    def positions(self) -> dict[str, float]:
        with self._store.transaction(self._account) as transaction:
            state = self._load(transaction)
            return {symbol: state.positions[symbol].quantity for symbol in sorted(state.positions)}

    @override
    def open_orders(self) -> tuple[BrokerOrder, ...]:
        with self._store.transaction(self._account) as transaction:
            return tuple(self._load(transaction).orders.values())

    @override
    def order_by_client_id(self, client_order_id: str) -> BrokerOrder | None:
        with self._store.transaction(self._account) as transaction:
            self._load(transaction)
            return transaction.find_order(client_order_id)

    @override
    def fills(self, *, after: datetime | None = None) -> tuple[Fill, ...]:
        with self._store.transaction(self._account) as transaction:
            self._load(transaction)
            return tuple(transaction.fills(after=after))

    @override
    def rebasings(self) -> tuple[Rebasing, ...]:
        with self._store.transaction(self._account) as transaction:
            self._load(transaction)
            return tuple(transaction.rebasings())

    @override
    def submit(self, request: OrderRequest) -> BrokerOrder:
        with self._store.transaction(self._account) as transaction:
            state = self._open(transaction)
            known = transaction.find_order(request.client_order_id)
            if known is not None:
                return known
            self._refuse_unfit(state, request)
            order = BrokerOrder(
                broker_order_id=f"sim-{request.client_order_id}",
                request=request,
                status=OrderStatus.ACCEPTED,
                filled_quantity=request.quantity * 0,
                updated_at=state.advanced_to,
            )
            state.orders[request.client_order_id] = order
            transaction.save(state)
            return order

    @override
    def close(self, request: OrderRequest) -> BrokerOrder:
        """Submit: a simulated stop reserves nothing."""
        return self.submit(request)

    @override
    def quote(self, symbol: str) -> Quote | None:
        return None

    def _refuse_unfit(self, state: SimulatedAccount, request: OrderRequest) -> None:
        if request.quantity <= 0:
            raise OrderRejectedError(f"quantity {request.quantity} is not positive")
        if request.side is Side.SELL:
            position = state.positions.get(request.symbol)
            held = 0.0 if position is None else position.quantity
            if float(request.quantity) > held:
                raise OrderRejectedError(
                    f"insufficient quantity: sell {request.quantity} of {held} {request.symbol}"
                )
            return
        free = state.cash
        for order in state.orders.values():
            if order.request.side is Side.BUY:
                free = self._cash_after(free, order.request)
        if not self._cash_after(free, request) >= 0.0:
            need = free - self._cash_after(free, request)
            raise OrderRejectedError(f"insufficient buying power: {need:.2f} of {free:.2f} USD")

    def _cash_after(self, cash: float, request: OrderRequest) -> float:
        """Return what a buy leaves of `cash` at its limit (a market order: at its reference)."""
        price = request.limit_price or request.reference_price
        if price is None:
            raise OrderRejectedError("a buy needs a limit price or a reference price")
        quantity, fee = float(request.quantity), 0.0
        if instrument_of(request.symbol).asset_class is AssetClass.STOCK:
            bps = self._costs.stock_commission_bps
            fee = arithmetic.commission_usd(quantity, float(price), bps)
        return arithmetic.cash_after_buy(cash, quantity, float(price), fee)

    @override
    def cancel(self, client_order_id: str) -> BrokerOrder:
        with self._store.transaction(self._account) as transaction:
            state = self._load(transaction)
            order = transaction.find_order(client_order_id)
            if order is None:
                raise OrderRejectedError(f"no order {client_order_id} at the simulated broker")
            if order.status in TERMINAL:
                return order
            ended = replace(order, status=OrderStatus.CANCELED, updated_at=state.advanced_to)
            state.orders.pop(client_order_id, None)
            transaction.close_order(ended)
            transaction.save(state)
            return ended

    @override
    def advance(self, view: MarketView, until: datetime) -> None:
        known = self._known_splits(until)
        with self._store.transaction(self._account) as transaction:
            state = self._open(transaction)
            if until < state.advanced_to:
                raise InputError(
                    f"account {self._account} stands at {iso_z(state.advanced_to)} and never runs"
                    f" backwards to {iso_z(until)}; `ztrade rehearsal reset` starts a new epoch"
                )
            due = Splitter(state, transaction, view, known).due(until) if known else []
            if until == state.advanced_to and not due:
                return
            played = Played()
            for each in due:
                self._play_on(state, view, each.at, played)
                Splitter(state, transaction, view, known).apply(each, played)
            self._play_on(state, view, until, played)
            for fill in played.fills:
                transaction.add_fill(fill)
            for order in played.ended:
                transaction.close_order(order)
            transaction.save(state)

    def _play_on(
        self, state: SimulatedAccount, view: MarketView, until: datetime, played: Played
    ) -> None:
        if until <= state.advanced_to:
            return
        more = self._player.play(state, view, until)
        state.advanced_to = until
        played.fills += more.fills
        played.ended += more.ended

    def _known_splits(self, until: datetime) -> dict[str, tuple[Split, ...]]:
        """Return the splits of `until` and before, by symbol; read before the account is opened."""
        if self._splits is None:
            return {}
        day = new_york_date(until)
        return {symbol: self._splits.of(symbol, until=day) for symbol in self._splits.symbols()}
