"""The guard of one position: sends its stops and its forced exits, under derived ids, once each.

Two guards may look at one position at the same time. What a guard did not see when it looked is
another run's doing, and is not repeated; ids are derived, so both can only ever send the same order.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.instruments import AssetClass, exact_decimal, instrument_of, price_up
from ztrade_core.domain.orders import (
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
from ztrade_core.trading.intents import is_unsent
from ztrade_core.trading.refused import backs_off, is_passing, is_too_small, refused_stops
from ztrade_core.trading.submission import NOTHING_TO_SELL, Submission, submit

MAX_REFUSALS = 2
ATTACHED_LEG = 1  # the sequence of the legs an entry brings along
log = get_logger(__name__)


def stop_price_of(desk: TradingDesk, position: StoredPosition) -> Decimal | None:
    """Return the position's stop, else its agent's distance below the average price, else None."""
    if position.stop_price is not None:
        return position.stop_price
    agent = desk.company.agent(position.agent_id)
    if agent is None:
        return None
    distance = agent.limits.stop_loss_fraction
    return exact_decimal(price_up(position.average_price * (1.0 - distance)))


class Guard:
    """Sends the protective orders of one position.

    `legs` are its orders as our book had them before the broker was asked what is open, `open_ids`
    those that the broker then showed.
    """

    def __init__(
        self,
        desk: TradingDesk,
        position: StoredPosition,
        legs: list[Order],
        at: datetime,
        holder: str,
        open_ids: Iterable[str] = (),
    ) -> None:
        self._desk = desk
        self._position = position
        self._seen = {leg.request.client_order_id for leg in legs if not is_unsent(leg)}
        self._seen.update(open_ids)
        self._exits = {leg.request.client_order_id for leg in legs if leg.request.role is Role.EXIT}
        self._at = at
        self._holder = holder

    def mend(self, missing: Decimal, staying: Decimal) -> tuple[str, str]:
        """Arm a stop for the `missing` quantity, or sell what is `staying` (in no open exit).

        Return what was done, and to what.
        """
        stop = stop_price_of(self._desk, self._position)
        mark = self._desk.market.view(self._at).mark(
            self._position.symbol, self._position.timeframe
        )
        if stop is None or (mark is not None and mark <= float(stop)):
            return self.sell(staying, "the stop is passed or cannot be placed")
        return self.arm(missing, staying)

    def arm(self, missing: Decimal, staying: Decimal) -> tuple[str, str]:
        """Place a stop; sell what is `staying` when stops were refused twice.

        A refusal that passes by itself is left to the next look.
        """
        stop = stop_price_of(self._desk, self._position)
        if is_too_small(self._legs(), missing):
            return "failed", f"{self._position.symbol}: {missing} is less than can be ordered"
        try:
            while stop is not None and self._refusals() < MAX_REFUSALS:
                sent = self._send(Role.STOP, missing, stop)
                passing = is_passing(sent.order) and self._refusals() < MAX_REFUSALS
                if sent.order.status is not OrderStatus.REJECTED or passing:
                    return self._told("armed", sent)
        except LeaseLostError as error:  # the run that took over mends what is left
            return self._lost(error)
        return self.sell(staying, f"{MAX_REFUSALS} stops were refused")

    def sell(self, staying: Decimal, why: str) -> tuple[str, str]:
        """Sell at market, saying why; return what was done, and to what."""
        now = max(self._at, self._desk.clock.now())
        if self._desk.broker.is_external and backs_off(self._legs(), now):
            return "failed", f"{self._position.symbol}: sells were refused; the next one waits"
        log.warning("flattening", agent_id=self._position.agent_id, why=why)
        try:
            return self._told("flattened", self.flatten(staying))
        except LeaseLostError as error:
            return self._lost(error)

    def flatten(self, quantity: Decimal) -> Submission:
        """Sell `quantity` at market under the next derived id.

        An exit that was written down and never sent is sent instead, whatever its quantity. Raises
        LeaseLostError when another run took the agent over.
        """
        return self._send(Role.EXIT, quantity, None)

    def _lost(self, error: LeaseLostError) -> tuple[str, str]:
        return "failed", f"{self._position.agent_id} {self._position.symbol}: {error}"

    def _told(self, kind: str, sent: Submission) -> tuple[str, str]:
        position = self._position
        if sent.message == NOTHING_TO_SELL:
            return "ended", f"{position.agent_id} {position.symbol}: {sent.message}"
        if sent.order.broker_order_id is None:
            return "failed", f"{position.agent_id} {position.symbol}: {sent.message}"
        return kind, f"{position.agent_id} {position.symbol}: {sent.order.request.client_order_id}"

    def _refusals(self) -> int:
        return refused_stops(self._legs())

    def _legs(self) -> list[Order]:
        with self._desk.store.reading() as uow:
            return uow.orders.of_position(self._position.position_id)

    def _send(self, role: Role, quantity: Decimal, stop: Decimal | None) -> Submission:
        position = self._position
        with self._desk.store.locked() as uow:
            every = uow.orders.of_position(position.position_id)
            legs = [leg for leg in every if leg.request.role is role]
            unsent = [leg for leg in legs if is_unsent(leg)]
            other = self._of_another_run(every, legs, unsent)
            if other is not None:
                self._seen.update(leg.request.client_order_id for leg in legs)
                return Submission(order=other, sent=False, message="another run was here first")
            if unsent:
                client_order_id = unsent[-1].request.client_order_id
            else:
                sequence = ATTACHED_LEG + 1 + len(legs)
                while uow.orders.get(self._leg_id(role, sequence)) is not None:
                    sequence += 1  # an adopted order has that id
                order = self._intent(role, sequence, quantity, stop)
                if role is Role.STOP and self._pairs(legs):
                    order = replace(order, request=self._with_target(order.request, sequence))
                client_order_id = order.request.client_order_id
                uow.orders.insert(order)
            self._seen.add(client_order_id)
        return submit(self._desk, client_order_id, holder=self._holder, at=self._at)

    def _of_another_run(
        self, every: list[Order], legs: list[Order], unsent: list[Order]
    ) -> Order | None:
        """Return an order that was sent since this guard looked; at an exchange an exit intended too.

        A stop would be refused beside it: the exit reserves what it sells.
        """
        if not unsent and any(leg.request.client_order_id not in self._seen for leg in legs):
            return legs[-1]
        if not self._desk.broker.is_external:
            return None
        for leg in every:
            is_exit = leg.request.role is Role.EXIT and leg.is_working
            if is_exit and leg.request.client_order_id not in self._exits | self._seen:
                return leg
        return None

    def _intent(self, role: Role, sequence: int, quantity: Decimal, stop: Decimal | None) -> Order:
        position = self._position
        request = OrderRequest(
            client_order_id=self._leg_id(role, sequence),
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

    def _with_target(self, request: OrderRequest, sequence: int) -> OrderRequest:
        target_id = self._leg_id(Role.TARGET, sequence)
        target_price = self._position.target_price
        return replace(request, target_price=target_price, target_order_id=target_id)

    def _leg_id(self, role: Role, sequence: int) -> str:
        position = self._position
        return leg_order_id(
            position.account, position.account_epoch, position.position_id, role, sequence
        )

    def _pairs(self, stops: list[Order]) -> bool:
        """Return whether a stop brings its target along; after a refusal the stop goes alone."""
        position = self._position
        is_stock = instrument_of(position.symbol).asset_class is AssetClass.STOCK
        wanted = self._desk.broker.is_external and is_stock and position.target_price is not None
        return wanted and not refused_stops(stops)

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
