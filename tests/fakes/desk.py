"""A trading desk on any database, with chosen bars, answers and checkpoints.

`kit_on(engine)` and `kit_in_memory()` hold what lasts: store, broker's books, bars. `kit.desk(as_of)`
makes a desk for one moment, as a process that has just started would. One session is set:
Wednesday 2022-12-28, 14:30 to 21:00 UTC, five-minute bars; `bar(n)` opens then, `at(n)` is when
bar `n` is complete.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sqlalchemy.engine import Engine

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk_makers import Script, ScriptedMaker
from tests.fakes.series import series_of_closes
from tests.unit.risk.builders import TSLA, company
from ztrade_core.brokers.simulated import SimulatedBroker
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.configuration import Company, Mode
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.ports.checkpoints import Checkpoints, NoCheckpoints
from ztrade_core.ports.halts import HaltSignal, NoHaltSignal
from ztrade_core.ports.news import StoryTimes
from ztrade_core.ports.simulation import SimulationStore
from ztrade_core.ports.splits import SplitStore
from ztrade_core.ports.store import Store
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.memory import MemoryStore
from ztrade_core.store.memory_simulation import MemorySimulationStore
from ztrade_core.store.simulation import SqlSimulationStore
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest, TradingDesk

DAY_OPENS = datetime(2022, 12, 28, 5, 0, tzinfo=UTC)  # 00:00 New York
SESSION_OPENS = datetime(2022, 12, 28, 14, 30, tzinfo=UTC)
STEP = timedelta(minutes=5)
SESSION_BARS = 78
ACCOUNT = "rehearsal"


def bar(number: int) -> datetime:
    """When bar `number` of the session opens."""
    return SESSION_OPENS + number * STEP


def at(number: int) -> datetime:
    """When bar `number` of the session is complete, and may be decided on."""
    return bar(number) + STEP


@lru_cache(maxsize=1)
def calendar() -> ExchangeSessions:
    """The weeks around the session, loaded once a process."""
    return ExchangeSessions(start=date(2022, 11, 1), end=date(2023, 1, 31))


def same_broker(broker: SimulatedBroker) -> Broker:
    """Trade with the simulated broker itself."""
    return broker


def quiet_company() -> Company:
    """TSLA alone, under every rule but the correlation's (there are no daily bars to judge it)."""
    return company(TSLA, max_correlated_positions=None)


@dataclass(frozen=True, kw_only=True)
class DeskKit:
    """What a desk is made of; `dataclasses.replace` makes a different one on the same books."""

    store: Store
    simulations: SimulationStore
    bars: BarStore
    company: Company = field(default_factory=quiet_company)
    account: str = ACCOUNT
    script: Script = field(default_factory=dict)
    checkpoints: Checkpoints = field(default_factory=NoCheckpoints)
    halt_signal: HaltSignal = field(default_factory=NoHaltSignal)
    opened_at: datetime = DAY_OPENS
    wrap: Callable[[SimulatedBroker], Broker] = same_broker
    facts: BrokerFacts | None = None
    splits: SplitStore | None = None
    stories: StoryTimes | None = None

    def broker(self) -> SimulatedBroker:
        """The simulated broker itself, as its own judge would see it."""
        broker = SimulatedBroker(
            account=self.account,
            store=self.simulations,
            calendar=calendar(),
            costs=self.company.broker.costs,
            opened_at=self.opened_at,
            initial_cash=self.company.broker.initial_cash_usd,
        )
        return broker if self.splits is None else broker.knowing(self.splits)

    def desk(self, as_of: datetime, *, now: datetime | None = None) -> TradingDesk:
        """A rehearsal's desk at a moment; `now` sets the clock apart from it."""
        clock = SimulatedClock(as_of if now is None else now)
        market = StoreMarket(
            self.bars, calendar(), clock=clock, providers={}, history_start=DAY_OPENS
        )
        if self.splits is not None:
            market = market.knowing(self.splits)
        return TradingDesk(
            company=self.company,
            store=self.store,
            market=market,
            broker=self.wrap(self.broker()),
            calendar=calendar(),
            clock=clock,
            halt_signal=self.halt_signal,
            checkpoints=self.checkpoints,
            makers=dict.fromkeys(Mode, ScriptedMaker(self.script)),
            live=False,
            facts=self.facts,
            splits=self.splits,
            story_known_at=self.stories,
        )

    def cycle(
        self,
        as_of: datetime,
        agent_id: str = TSLA.agent_id,
        *,
        holder: str = "run",
        dry_run: bool = False,
        story: str | None = None,
    ) -> CycleResult:
        """Run one agent's cycle at a moment on a desk of its own."""
        request = CycleRequest(
            agent_id=agent_id, as_of=as_of, holder=holder, dry_run=dry_run, story=story
        )
        return run_cycle(self.desk(as_of), request)

    def put_bars(
        self,
        closes: Mapping[str, Sequence[float]],
        *,
        first: int = 0,
        wick: float = 0.001,
        volume: float = 1e6,
    ) -> None:
        """Store five-minute bars of the session from bar `first` on, by symbol."""
        series = [
            series_of_closes(
                symbol,
                Timeframe.M5,
                [bar(first + step) for step in range(len(values))],
                values,
                volumes=[volume] * len(values),
                wick=wick,
            )
            for symbol, values in closes.items()
        ]
        self.bars.upsert(series, source="test", ingested_at=DAY_OPENS)


def calm(count: int, price: float = 100.0) -> list[float]:
    """Closes that go nowhere."""
    return [price + 0.1 * (step % 3) for step in range(count)]


def kit_on(engine: Engine, **parts: object) -> DeskKit:
    """A kit on a migrated database; the engine stays the caller's to dispose of."""
    return DeskKit(
        store=SqlStore(engine),
        simulations=SqlSimulationStore(engine),
        bars=SqlBarStore(engine),
        **parts,  # type: ignore[arg-type]
    )


def kit_in_memory(**parts: object) -> DeskKit:
    """A kit that lives in this process."""
    return DeskKit(
        store=MemoryStore(),
        simulations=MemorySimulationStore(),
        bars=MemoryBarStore(),
        **parts,  # type: ignore[arg-type]
    )
