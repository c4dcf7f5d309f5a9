"""A world at the fake Alpaca: a desk on the real adapter, one clock for both, the ledger as judge."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tests.fakes.alpaca_kit import EPOCH, alpaca_kit_in_memory, orders_at
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk import DeskKit, at
from tests.unit.trading.builders import BUY, TSLA, at_bar, house
from ztrade_core.domain.accounts import ReconciliationReport, StoredPosition
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.orders import Order, Role
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.watch import Watched, watch

ADA = {"who": "ada", "why": "a test"}
PRICES = {"TSLA": 100.0, "IWM": 200.0, "BTC/USD": 100.0}


class World:
    """A kit at the fake, and a clock that both have."""

    def __init__(
        self,
        server: AlpacaServer,
        *agents: AgentConfig,
        script: dict[tuple[str, str], Proposal] | None = None,
    ) -> None:
        agents = agents or (TSLA,)
        self.ledger = server.ledger
        self.server = server
        self.now: datetime = at(0)
        answers = {at_bar(0, agent.agent_id): BUY for agent in agents}
        self.kit: DeskKit = alpaca_kit_in_memory(
            server.url, script={**answers, **(script or {})}, company=house(*agents)
        )
        self.kit.put_bars({a.symbol: (PRICES[a.symbol],) * 12 for a in agents})
        self.set(at(0))

    def set(self, moment: datetime) -> "World":
        self.now = self.ledger.now = moment
        return self

    def later(self, seconds: float) -> "World":
        return self.set(self.now + timedelta(seconds=seconds))

    def quote(self, symbol: str, bid: str) -> None:
        self.ledger.price(symbol, bid, bid)

    def cycle(self, agent: AgentConfig = TSLA) -> CycleResult:
        return self.kit.cycle(self.now, agent.agent_id)

    def desk(self) -> TradingDesk:
        return self.kit.desk(self.now)

    def watch(self) -> Watched:
        return watch(self.desk(), self.now, holder="watch")

    def reconcile(self) -> ReconciliationReport:
        return reconcile(self.desk(), self.now)

    def answers(self, script: dict[tuple[str, str], Proposal]) -> None:
        self.kit = replace(self.kit, script={**self.kit.script, **script})

    def bought(self, *agents: AgentConfig) -> "World":
        """Buy on bar 0, fill at the quote, and look once, 20 s later."""
        for agent in agents or (TSLA,):
            self.quote(agent.symbol, str(PRICES[agent.symbol]))
            self.cycle(agent)
        self.later(20).watch()
        return self

    def positions(self) -> list[StoredPosition]:
        with self.kit.store.reading() as uow:
            return uow.positions.all("paper", EPOCH)

    def orders(self, role: Role) -> list[Order]:
        return [order for order in orders_at(self.kit) if order.request.role is role]

    def findings(self) -> tuple[str, ...]:
        with self.kit.store.reading() as uow:
            last = uow.reconciliations.last("paper", EPOCH)
        return () if last is None else last.findings

    def working(self, symbol: str = "TSLA") -> list[tuple[str, str, str, Decimal]]:
        return sorted(
            (o.side, o.type, o.time_in_force, o.remaining)
            for o in self.ledger.working()
            if o.symbol == symbol
        )

    def assert_sound(self) -> None:
        """Our book is the broker's, every holding is covered, and nothing forbidden was done."""
        held = {s: q for s, q in self.ledger.held.items() if q}
        ours = {p.symbol: p.quantity for p in self.positions()}
        assert ours.keys() == held.keys()
        for symbol, quantity in ours.items():
            assert abs(quantity - held[symbol]) < Decimal("1e-8")
        assert self.ledger.naked_since == {}
        assert self.ledger.violations == []
