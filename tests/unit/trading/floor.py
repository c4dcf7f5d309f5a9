"""A desk at an exchange: bars, a script, and the exchange that tests fill by hand.

`bought()` is TSLA bought on bar 0 under a decision's stop of 97 and target of 106, filled at 100 and
taken over; the world stands a minute into bar 1.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.desk import DeskKit, at
from tests.fakes.desk_broker import Hook, interposed
from tests.fakes.desk_exchange import Exchange, trading_at
from tests.fakes.desk_points import Meanwhile
from tests.unit.trading.builders import BTC, BUY, TSLA, at_bar, house, kit
from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.orders import Order, Role
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.protected import Protection
from ztrade_core.trading.protection import protect
from ztrade_core.trading.reconciliation import reconcile

PAPER = "paper"
MINUTE = timedelta(minutes=1)
NOW = at(0) + MINUTE


class DiedError(Exception):
    """What a test raises where a process would die."""


@dataclass(kw_only=True)
class Floor:
    """A kit and its exchange; `now` is moved by tests."""

    kit: DeskKit
    exchange: Exchange
    now: datetime = NOW
    hooks: dict[str, Hook] = field(default_factory=dict)

    def desk(self) -> TradingDesk:
        """A desk as a process that has just started would make it, now."""
        self.exchange.now = self.now
        return self.kit.desk(self.now)

    def with_hooks(
        self, *, before: dict[str, Hook] | None = None, after: dict[str, Hook] | None = None
    ) -> "Floor":
        """The same floor, with something that happens around the broker's calls."""
        inner = trading_at(self.exchange)
        hooked = interposed(before=before, after=after)
        return replace(self, kit=replace(self.kit, wrap=lambda none: hooked(inner(none))))

    def protect(self, holder: str = "watch") -> Protection:
        return protect(self.desk(), self.now, holder=holder)

    def reconcile(self) -> Any:
        return reconcile(self.desk(), self.now)

    def dies_at(self, point: str) -> None:
        """Protect in a process that dies at a checkpoint."""

        def die() -> None:
            raise DiedError

        dying = replace(self.kit, checkpoints=Meanwhile({point: die}))
        with pytest.raises(DiedError):
            protect(dying.desk(self.now), self.now, holder="died")

    def later(self, **by: float) -> "Floor":
        self.now += timedelta(**by)
        self.exchange.now = self.now
        return self

    def position(self, agent_id: str = TSLA.agent_id) -> StoredPosition | None:
        with self.kit.store.reading() as uow:
            return uow.positions.get(PAPER, 1, agent_id)

    def orders(self, role: Role) -> list[Order]:
        """Our orders of a role, oldest first."""
        with self.kit.store.reading() as uow:
            found = uow.orders.recent(PAPER, 1)[::-1]
        return [order for order in found if order.request.role is role]

    def only(self, role: Role) -> str:
        """The id of the one open order of a role at the exchange."""
        (order,) = self.exchange.open(role)
        return order.request.client_order_id

    def is_whole(self, symbol: str = "TSLA") -> bool:
        """Whether open stops sell exactly what is held, and nothing is reserved twice."""
        held = self.exchange.held.get(symbol, Decimal(0))
        stops = [o for o in self.exchange.open(Role.STOP) if o.request.symbol == symbol]
        covered = sum((o.request.quantity - o.filled_quantity for o in stops), Decimal(0))
        return abs(held - covered) < Decimal("1e-8") and self.exchange.free(symbol) >= 0


def floor(*agents: AgentConfig, closes: dict[str, tuple[float, ...]] | None = None) -> Floor:
    """Agents that buy on bar 0, and an exchange."""
    agents = agents or (TSLA,)
    bars = closes or {agent.symbol: (100.0,) * 12 for agent in agents}
    exchange = Exchange(now=NOW)
    made = kit(
        {at_bar(0, agent.agent_id): BUY for agent in agents},
        closes=bars,
        of=house(*agents),
        account=PAPER,
        wrap=trading_at(exchange),
    )
    return Floor(kit=made, exchange=exchange)


def entered(*agents: AgentConfig) -> Floor:
    """Entries are at the exchange and rest there; the world stands at bar 0's end."""
    agents = agents or (TSLA,)
    made = floor(*agents)
    made.now = at(0)
    for agent in agents:
        made.kit.cycle(at(0), agent.agent_id)
    made.later(minutes=1)
    return made


def bought(agent: AgentConfig = TSLA, quantity: str | None = None) -> Floor:
    made = entered(agent)
    made.exchange.fill(made.only(Role.ENTRY), "100", quantity)
    made.reconcile()
    return made.later(seconds=20)


def coins() -> Floor:
    """BTC bought and protected: what is left of 0.25 % fees rests under a stop."""
    made = bought(BTC)
    made.protect()
    made.reconcile()
    return made
