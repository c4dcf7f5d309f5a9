"""Protection: the open stop quantity at the broker equals the position, else arm, else flatten.

Runs after every submit, in every observe, in reconciliation and in the ten-second sensor. It asks
the broker what is open; when that question fails nothing is concluded and no stop is sent. An exit
that was intended but never sent (its run died) is sent first: exits queue, they are not lost. A stop
refused twice, or one the mark has passed already, flattens the position at market.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.instruments import exact_decimal, instrument_of, price_up
from ztrade_core.domain.orders import (
    BrokerOrder,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
    leg_order_id,
)
from ztrade_core.errors import LeaseLostError
from ztrade_core.logs import get_logger
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.submission import Submission, submit

MAX_REFUSALS = 2
ATTACHED_LEG = 1  # the sequence of the legs an entry brings along
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What protecting found: `armed` stops and `flattened` positions.

    `failed` names what could not be mended; empty when every position carries its stop.
    """

    checked: int
    armed: tuple[str, ...] = ()
    flattened: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def acted(self) -> bool:
        """Whether anything was sent to the broker."""
        return bool(self.armed or self.flattened)


def protect(desk: TradingDesk, at: datetime, *, holder: str) -> Protection:
    """Make every position of the account carry its stop.

    Raises TransientBrokerError when the broker's open orders cannot be had: then nothing is known.
    """
    epoch = desk.broker.epoch()
    with desk.store.reading() as uow:
        positions = uow.positions.all(desk.account, epoch)
        working = uow.orders.working(desk.account, epoch)
        legs = {p.position_id: uow.orders.of_position(p.position_id) for p in positions}
    told: dict[str, list[str]] = {"armed": [], "flattened": [], "failed": []}
    for order in working:
        if order.request.role is Role.EXIT and order.broker_order_id is None:
            try:
                submit(desk, order.request.client_order_id, holder=holder, at=at)
            except LeaseLostError as error:
                told["failed"].append(str(error))
    theirs = desk.broker.open_orders() if positions else ()
    for position in positions:
        missing = _beside(position, theirs, Role.STOP)
        staying = _beside(position, theirs, Role.EXIT)
        if missing > 0 and staying > 0:
            guard = Guard(desk, position, legs[position.position_id], at, holder)
            kind, text = guard.mend(missing, staying)
            told[kind].append(text)
    return Protection(
        checked=len(positions),
        armed=tuple(told["armed"]),
        flattened=tuple(told["flattened"]),
        failed=tuple(told["failed"]),
    )


def _beside(position: StoredPosition, theirs: tuple[BrokerOrder, ...], role: Role) -> Decimal:
    """Return what open orders of the role leave of a position; dust counts as nothing."""
    left = position.quantity - _open_quantity(position, theirs, role)
    lot = exact_decimal(1.0 / instrument_of(position.symbol).lots_per_unit)
    return left if left >= lot else Decimal(0)


def _open_quantity(
    position: StoredPosition, theirs: tuple[BrokerOrder, ...], role: Role
) -> Decimal:
    quantity = Decimal(0)
    for order in theirs:
        request = order.request
        if request.role is role and request.position_id == position.position_id:
            quantity += request.quantity - order.filled_quantity
    return quantity


def _is_unsent(leg: Order) -> bool:
    return leg.is_working and leg.broker_order_id is None


class Guard:
    """Sends the protective orders of one position.

    `legs` are its orders as our book had them before the broker was asked what is open: a leg that
    was sent since is another run's mending, and is not repeated.
    """

    def __init__(
        self,
        desk: TradingDesk,
        position: StoredPosition,
        legs: list[Order],
        at: datetime,
        holder: str,
    ) -> None:
        self._desk = desk
        self._position = position
        self._seen = Counter(leg.request.role for leg in legs if not _is_unsent(leg))
        self._at = at
        self._holder = holder

    def mend(self, missing: Decimal, staying: Decimal) -> tuple[str, str]:
        """Arm a stop for the `missing` quantity, or sell what is `staying` (in no open exit).

        Return what was done, and to what.
        """
        try:
            return self._mend(missing, staying)
        except LeaseLostError as error:  # the run that took over mends what is left
            return "failed", f"{self._position.agent_id} {self._position.symbol}: {error}"

    def _mend(self, missing: Decimal, staying: Decimal) -> tuple[str, str]:
        stop = self._stop_price()
        mark = self._desk.market.view(self._at).mark(
            self._position.symbol, self._position.timeframe
        )
        if stop is None or (mark is not None and mark <= float(stop)):
            return self._flatten(staying, "the stop is passed or cannot be placed")
        while self._refusals() < MAX_REFUSALS:
            sent = self._send(Role.STOP, missing, stop)
            if sent.order.status is not OrderStatus.REJECTED:
                return self._told("armed", sent)
        return self._flatten(staying, f"{MAX_REFUSALS} stops were refused")

    def flatten(self, quantity: Decimal) -> Submission:
        """Sell `quantity` at market under the next derived id.

        An exit that was written down and never sent is sent instead, whatever its quantity.
        """
        return self._send(Role.EXIT, quantity, None)

    def _flatten(self, staying: Decimal, why: str) -> tuple[str, str]:
        log.warning("flattening", agent_id=self._position.agent_id, why=why)
        return self._told("flattened", self.flatten(staying))

    def _told(self, kind: str, sent: Submission) -> tuple[str, str]:
        position = self._position
        if sent.order.broker_order_id is None:
            return "failed", f"{position.agent_id} {position.symbol}: {sent.message}"
        return kind, f"{position.agent_id} {position.symbol}: {sent.order.request.client_order_id}"

    def _stop_price(self) -> Decimal | None:
        if self._position.stop_price is not None:
            return self._position.stop_price
        agent = self._desk.company.agent(self._position.agent_id)
        if agent is None:
            return None
        distance = agent.limits.stop_loss_fraction
        return exact_decimal(price_up(self._position.average_price * (1.0 - distance)))

    def _refusals(self) -> int:
        with self._desk.store.reading() as uow:
            legs = uow.orders.of_position(self._position.position_id)
        return sum(
            1
            for leg in legs
            if leg.request.role is Role.STOP and leg.status is OrderStatus.REJECTED
        )

    def _send(self, role: Role, quantity: Decimal, stop: Decimal | None) -> Submission:
        position = self._position
        with self._desk.store.locked() as uow:
            legs = [
                o for o in uow.orders.of_position(position.position_id) if o.request.role is role
            ]
            unsent = [leg for leg in legs if _is_unsent(leg)]
            if not unsent and len(legs) > self._seen[role]:
                self._seen[role] = len(legs)
                return Submission(order=legs[-1], sent=False, message="another run was here first")
            self._seen[role] += 1
            if unsent:
                client_order_id = unsent[-1].request.client_order_id
            else:
                client_order_id = leg_order_id(
                    position.account,
                    position.account_epoch,
                    position.position_id,
                    role,
                    ATTACHED_LEG + 1 + len(legs),
                )
                uow.orders.insert(self._intent(client_order_id, role, quantity, stop))
        return submit(self._desk, client_order_id, holder=self._holder, at=self._at)

    def _intent(
        self, client_order_id: str, role: Role, quantity: Decimal, stop: Decimal | None
    ) -> Order:
        position = self._position
        request = OrderRequest(
            client_order_id=client_order_id,
            agent_id=position.agent_id,
            symbol=position.symbol,
            timeframe=position.timeframe,
            role=role,
            side=Side.SELL,
            type=OrderType.STOP if role is Role.STOP else OrderType.MARKET,
            quantity=quantity,
            position_id=position.position_id,
            decided_bar=self._decided_bar(role),
            stop_price=stop,
        )
        return Order(
            request=request,
            account=position.account,
            account_epoch=position.account_epoch,
            decision_id=None,
            status=OrderStatus.INTENDED,
            created_at=self._at,
            updated_at=self._at,
        )

    def _decided_bar(self, role: Role) -> datetime:
        """Return the bar an order is decided on: an exit sent within a bar fills after that bar.

        Its open is a price of the past. A stop guards the running bar too, which errs on the side
        of selling.
        """
        position = self._position
        bars = self._desk.market.view(self._at).last_bars(position.symbol, position.timeframe, 1)
        if not len(bars):
            return self._at
        if role is Role.STOP:
            return bars.last_open
        asset_class = instrument_of(position.symbol).asset_class
        running = self._desk.calendar.expected_bars(
            asset_class, position.timeframe, bars.last_open, self._at
        )
        return running[-1] if running else bars.last_open
