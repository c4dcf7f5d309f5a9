"""Looking at positions that are held at an exchange: book, broker and market become `plan.Sight`s.

The broker is asked for its open orders first and for its positions second: an order that fills in
between then leaves too little to sell, never too much. A question that fails raises
TransientBrokerError; only a quote may fail: the last bar's close stands in for it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from weakref import WeakKeyDictionary

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.brokerage import BrokerAsset, Quote
from ztrade_core.domain.instruments import AssetClass, exact_decimal, instrument_of
from ztrade_core.domain.orders import ORDER_PREFIX, BrokerOrder, Order
from ztrade_core.domain.time import MICROSECOND, Timeframe
from ztrade_core.errors import BrokerError, TransientBrokerError
from ztrade_core.logs import get_logger
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.awaiting import at_lower_scale, awaited_now, old_orders
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.guard import stop_price_of
from ztrade_core.trading.intents import lot_of, sellable
from ztrade_core.trading.plan import Sight, needs_mark, within
from ztrade_core.trading.refused import backs_off, wants_out

WIDEST_SPREAD = Decimal("0.1")
"""A bid further below the ask than this share of it tells no price."""
SMALL_USD = 25.0
"""A coin holding below this may be less than the exchange sells: its minimum is asked for."""
FRESH_COIN, FRESH_STOCK = timedelta(seconds=15), timedelta(seconds=60)
"""How old a quote may be to tell a price."""
_MINUTE = timedelta(minutes=1)
_ASSETS: WeakKeyDictionary[BrokerFacts, dict[str, BrokerAsset | None]] = WeakKeyDictionary()
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The account at one moment: our positions with their orders, and the broker's answers.

    `stale` has by position the orders that rest at prices of before a split. While one is awaited, a
    position is as its stop must rest meanwhile.
    """

    positions: tuple[StoredPosition, ...]
    legs: dict[str, list[Order]]
    theirs: tuple[BrokerOrder, ...]
    held: dict[str, float]
    resumed: dict[str | None, datetime]
    stale: dict[str, frozenset[str]] = field(default_factory=dict)

    def wants_out(self, position: StoredPosition) -> bool:
        """Return whether a forced exit of a position ended too early, and no resume came after it."""
        lifted = [self.resumed[who] for who in (None, position.agent_id) if who in self.resumed]
        return wants_out(self.legs[position.position_id], max(lifted, default=None))

    def at_broker(self, symbol: str) -> Decimal:
        """Return what the broker holds of a symbol; negative when it is short."""
        return exact_decimal(self.held.get(symbol, 0.0))

    def ours_in(self, symbol: str) -> tuple[BrokerOrder, ...]:
        """Return our open orders of a symbol; foreign ones are not ours to judge."""
        return tuple(
            order
            for order in self.theirs
            if order.request.symbol == symbol
            and order.request.client_order_id.startswith(ORDER_PREFIX)
        )


def look(desk: TradingDesk) -> Looked:
    """Read our book, then ask the broker."""
    epoch, waiting = desk.broker.epoch(), awaited_now(desk, desk.clock.now())
    with desk.store.reading() as uow:
        positions = tuple(uow.positions.all(desk.account, epoch))
        stale = {p.position_id: _stale_of(desk, uow, p) for p in positions}
        legs = {p.position_id: uow.orders.of_position(p.position_id) for p in positions}
        resumed: dict[str | None, datetime] = {}
        for halt, lifted_at, _who, _why in uow.halts.history(desk.account):
            if lifted_at is not None:
                resumed[halt.agent_id] = max(lifted_at, resumed.get(halt.agent_id, lifted_at))
    theirs = desk.broker.open_orders()
    held = desk.broker.positions()
    resting = []
    for position in positions:
        if position.symbol in waiting:
            position = at_lower_scale(position, waiting[position.symbol])  # noqa: PLW2901 - as it rests
            stale[position.position_id] |= old_orders(position, theirs)
        resting.append(position)
    return Looked(
        positions=tuple(resting),
        legs=legs,
        theirs=theirs,
        held=held,
        resumed=resumed,
        stale=stale,
    )


def _stale_of(desk: TradingDesk, uow: UnitOfWork, position: StoredPosition) -> frozenset[str]:
    """Return the orders that worked when a split was applied to the position."""
    if desk.splits is None:
        return frozenset()
    rows = uow.rebasings.of_position(position.account, position.account_epoch, position.position_id)
    return frozenset(order_id for row in rows for order_id in row.orders)


class Eyes:
    """Makes the sights of one look. After one quote that failed no other is asked for."""

    def __init__(self, desk: TradingDesk, at: datetime) -> None:
        self._desk = desk
        self._at = at
        self._now = max(at, desk.clock.now())
        self._quotes_answer = True

    def sight(self, position: StoredPosition, looked: Looked) -> Sight:
        """Return what is known of a position; its mark only where a price decides anything."""
        symbol = position.symbol
        is_coin = instrument_of(symbol).asset_class is AssetClass.CRYPTO
        sight = Sight(
            position_id=position.position_id,
            orders=looked.ours_in(symbol),
            at_broker=looked.at_broker(symbol),
            held=self._held(position, looked.held),
            lot=lot_of(symbol),
            stop_price=stop_price_of(self._desk, position),
            first_fill_at=position.opened_at,
            is_coin=is_coin,
            is_trading=is_coin or self._session_runs(),
            now=self._now,
            wants_out=looked.wants_out(position),
            backs_off=backs_off(looked.legs[position.position_id], self._now),
            stale=looked.stale.get(position.position_id, frozenset()),
        )
        if is_coin and (sight.uncovered > 0 or sight.wants_out):
            sight = replace(sight, least=self._least(symbol))
        return replace(sight, mark=self._mark(position)) if needs_mark(sight) else sight

    def _least(self, symbol: str) -> Decimal:
        """Return the smallest order of a coin; 0 where that is not known."""
        asset = asset_of(self._desk, symbol)
        if asset is None:
            return Decimal(0)
        return max(asset.minimum_quantity or Decimal(0), asset.quantity_increment or Decimal(0))

    def _session_runs(self) -> bool:
        """Return whether a minute of a stock session runs right now."""
        start, stop = self._now - _MINUTE + MICROSECOND, self._now + MICROSECOND
        return bool(self._desk.calendar.expected_bars(AssetClass.STOCK, Timeframe.M1, start, stop))

    def _held(self, position: StoredPosition, held: dict[str, float]) -> Decimal:
        quantity = sellable(position.symbol, position.quantity, held)
        return Decimal(0) if self._is_dust(position, quantity) else quantity

    def _is_dust(self, position: StoredPosition, quantity: Decimal) -> bool:
        """Return whether the exchange would not sell so little; unknown is no."""
        worth = float(quantity) * position.average_price
        is_coin = instrument_of(position.symbol).asset_class is AssetClass.CRYPTO
        if not is_coin or not 0.0 < worth < SMALL_USD:
            return False
        asset = asset_of(self._desk, position.symbol)
        minimum = None if asset is None else asset.minimum_quantity
        return minimum is not None and quantity < minimum

    def _mark(self, position: StoredPosition) -> float | None:
        """Return the bid, else the last bar's close, else None."""
        bid = self._bid(position.symbol)
        if bid is not None:
            return bid
        return self._desk.market.view(self._at).mark(position.symbol, position.timeframe)

    def _bid(self, symbol: str) -> float | None:
        if not self._quotes_answer:
            return None
        try:
            quote = self._desk.broker.quote(symbol)
        except BrokerError as error:
            self._quotes_answer = False
            log.warning("no_quote", symbol=symbol, error=str(error))
            return None
        is_coin = instrument_of(symbol).asset_class is AssetClass.CRYPTO
        limit = FRESH_COIN if is_coin else FRESH_STOCK
        if quote is not None and not within(self._now - quote.at, limit):
            log.info("old_quote", symbol=symbol, quoted_at=quote.at.isoformat())
            return None
        return bid_of(quote)


def asset_of(desk: TradingDesk, symbol: str) -> BrokerAsset | None:
    """Return what the broker says of a symbol, asked for once a process; None when it is not known."""
    if desk.facts is None:
        return None
    known = _ASSETS.setdefault(desk.facts, {})
    if symbol not in known:
        try:
            known[symbol] = desk.facts.asset(symbol)
        except TransientBrokerError:
            return None
    return known[symbol]


def bid_of(quote: Quote | None) -> float | None:
    """Return the bid if it tells a price: a stub far below the ask does not."""
    if quote is None or quote.bid is None or not quote.bid > 0:
        return None
    if quote.ask is not None and quote.ask > 0 and quote.bid < quote.ask * (1 - WIDEST_SPREAD):
        return None
    return float(quote.bid)
