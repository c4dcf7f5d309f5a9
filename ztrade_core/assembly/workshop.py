"""From settings to adapters: the only place that chooses.

`open_workshop` builds what every command and every Dagster resource needs, once per process, and
opens no connection before it is used. Heavy libraries are imported where they are chosen.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ztrade_core.assembly.alpaca import AlpacaAccount, Connection, alpaca_account, require_alpaca_py
from ztrade_core.assembly.deciders import Deciders
from ztrade_core.assembly.gathering import gathering_of
from ztrade_core.assembly.sentiment import ScorerShelf, SentimentWorks
from ztrade_core.assembly.vendors import Vendors, wait
from ztrade_core.assembly.wires import Wires
from ztrade_core.brokers.simulated import SimulatedBroker
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import ALPACA, SIMULATED, Mode
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import new_york_date, new_york_midnight, parse_instant
from ztrade_core.errors import InputError
from ztrade_core.market_data.backfill_plan import BackfillTools
from ztrade_core.market_data.chain import SeriesWindow
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.review import QualityReview, review_window
from ztrade_core.market_data.windows import WindowLoader
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.ports.checkpoints import Checkpoints, NoCheckpoints
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.quarantine import HeldRange
from ztrade_core.settings.load import Settings
from ztrade_core.store.asked import SqlAskedRanges
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import PATIENCE_SECONDS, make_engine
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.store.simulation import SqlSimulationStore
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.store.studies import SqlStudyStore
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.wires.pacing import Meter

PAPER = "paper"
REHEARSAL = "rehearsal"
ACCOUNTS = (PAPER, REHEARSAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop(Deciders):
    """The adapters of one process. Desks are made from it, one per account.

    `alpaca` is where the account `paper` is; None: in our own simulation.
    """

    bars: SqlBarStore
    simulations: SqlSimulationStore
    backtests: SqlBacktestStore
    studies: SqlStudyStore
    calendar: Calendar
    checkpoints: Checkpoints
    alpaca: AlpacaAccount | None = None
    meter: Meter = field(default_factory=Meter)
    scorers: ScorerShelf = field(default_factory=ScorerShelf)

    @property
    def halt_path(self) -> Path:
        """Where the file HALT would lie."""
        return self.settings.halt_file

    def desk_for(self, as_of: datetime | None) -> TradingDesk:
        """Return the live desk when no moment is named, else the rehearsal's at that moment."""
        return self.live_desk() if as_of is None else self.rehearsal_desk(as_of)

    def desk_of(self, account: str) -> TradingDesk:
        """Return an account's desk as it stands: a rehearsal's at the account's own time.

        Raises InputError for an unknown account, and while nothing was rehearsed: looking must not
        open the account today, because it could not be played at a past moment any more.
        """
        if account not in ACCOUNTS:
            raise InputError(f"no account {account!r}; there are: {', '.join(ACCOUNTS)}")
        if account == PAPER:
            return self.live_desk()
        with self.simulations.transaction(REHEARSAL) as transaction:
            state = transaction.load()
        if state is None:
            raise InputError("nothing was rehearsed yet: an agent's run with `as_of` begins it")
        return self.rehearsal_desk(state.advanced_to)

    def live_desk(self) -> TradingDesk:
        """Return the paper account's desk: the world's clock, vendors may be asked."""
        connection = None if self.alpaca is None else self.alpaca.connection(self.clock)
        return self._paper_desk(connection)

    def watch_desk(self) -> TradingDesk:
        """Return the paper account's desk for one look: it ends in time although the broker hangs."""
        connection = None if self.alpaca is None else self.alpaca.looking(self.clock)
        return self._paper_desk(connection)

    def broker_name(self, account: str) -> str:
        """Return which broker an account is at."""
        return SIMULATED if self.alpaca is None or account != PAPER else ALPACA

    def rehearsal_desk(self, as_of: datetime) -> TradingDesk:
        """Return the rehearsal account's desk at a past moment: the store only, simulated fills."""
        broker = self._broker(REHEARSAL, as_of)
        return self._desk(broker, SimulatedClock(as_of), live=False)

    def reset_rehearsal(self, opened_at: datetime) -> int:
        """Start a new epoch of the rehearsal account; return its number."""
        return self._broker(REHEARSAL, opened_at).reset(_day_of(opened_at))

    @property
    def vendors(self) -> Vendors:
        """The providers of bars, by their names."""
        return Vendors(
            settings=self.settings,
            calendar=self.calendar,
            clock=self.clock,
            meter=self.meter,
        )

    def market(self, *, live: bool = True) -> StoreMarket:
        """Return the market over the store, with the configured providers; none when not `live`."""
        config = self.settings.company.market_data
        market = StoreMarket(
            self.bars,
            self.calendar,
            clock=self.clock,
            providers=self.vendors.live_chains() if live else {},
            history_start=parse_instant(f"{config.history_start}T00:00:00Z"),
            sentiment=self.sentiment.reading,
        )
        news = self.vendors.split_news(self.splits) if live else None
        return market.keeping_apart(self.quarantine).knowing(self.splits, news)

    def review(self, window: SeriesWindow) -> QualityReview:
        """Inspect the stored bars of a window; what is defective moves to the quarantine."""
        wanted = HeldRange(
            symbol=window.symbol, timeframe=window.timeframe, start=window.start, stop=window.stop
        )
        return review_window(
            wanted,
            store=self.bars,
            quarantine=self.quarantine,
            calendar=self.calendar,
            known_at=self.clock.now(),
            splits=self.splits,
        )

    def backfill_tools(self) -> BackfillTools:
        """Return what backfills are planned and run with."""
        return BackfillTools(
            store=self.bars,
            asked=SqlAskedRanges(self.engine),
            calendar=self.calendar,
            clock=self.clock,
            sleep=wait,
            used=self.vendors.used,
            sent=self.meter.sent,
            quarantine=self.quarantine,
            splits=self.splits,
            split_news=self.vendors.split_news(self.splits, is_live=False),
        )

    def loader(self, asset_class: AssetClass) -> WindowLoader:
        """Return the loader of windows of bars, with the asset class's configured providers."""
        return WindowLoader(self.backfill_tools(), self.vendors.backfill_chains()[asset_class])

    @property
    def sentiment(self) -> SentimentWorks:
        """News and its scores: refreshed, scored, and read as of any moment."""
        return SentimentWorks(
            settings=self.settings,
            news=self.news,
            scores=self.scores,
            gathering=lambda kind, at: gathering_of(self, kind, at, live=True),
            shelf=self.scorers,
        )

    def _broker(self, account: str, opened_at: datetime) -> SimulatedBroker:
        config = self.settings.company.broker
        return SimulatedBroker(
            account=account,
            store=self.simulations,
            calendar=self.calendar,
            costs=config.costs,
            opened_at=_day_of(opened_at),
            initial_cash=config.initial_cash_usd,
        ).knowing(self.splits)

    def _paper_desk(self, connection: Connection | None) -> TradingDesk:
        if connection is None:
            return self._desk(self._broker(PAPER, self.clock.now()), self.clock, live=True)
        return self._desk(connection.broker, self.clock, live=True, facts=connection.facts)

    def _desk(
        self, broker: Broker, clock: Clock, *, live: bool, facts: BrokerFacts | None = None
    ) -> TradingDesk:
        return TradingDesk(
            company=self.settings.company,
            store=self.store,
            market=self.market(live=live),
            broker=broker,
            calendar=self.calendar,
            clock=clock,
            halt_signal=HaltFile(self.halt_path),
            checkpoints=self.checkpoints,
            makers=self.makers,
            live=live,
            facts=facts,
            lease_clock=self.clock,
            splits=self.splits,
            sentiment=self.sentiment,
            story_known_at=self.story_known_at,
            minds=self.own_maker,
        )


def _day_of(moment: datetime) -> datetime:
    """A new account opens at 00:00 New York of its first day, so that it has a day's base."""
    return new_york_midnight(new_york_date(moment)).astimezone(UTC)


def open_workshop(
    settings: Settings,
    *,
    checkpoints: Checkpoints | None = None,
    wires: Wires | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Workshop:
    """Build the adapters that the settings ask for. Nothing is connected to yet.

    `wires` stand in for the network under Alpaca; `patience_seconds` is how long a writer waits for
    the database. Raises ConfigError when something is not installed.
    """
    is_at_alpaca = settings.company.broker.broker == ALPACA
    if is_at_alpaca:
        require_alpaca_py()
    engine = make_engine(settings.database_url, patience_seconds=patience_seconds)
    store = SqlStore(engine)
    return Workshop(
        settings=settings,
        engine=engine,
        store=store,
        bars=SqlBarStore(engine),
        simulations=SqlSimulationStore(engine),
        backtests=SqlBacktestStore(engine),
        studies=SqlStudyStore(engine),
        calendar=ExchangeSessions(),
        clock=SystemClock(),
        makers={Mode.STRATEGY: StrategyMaker()},
        checkpoints=checkpoints or NoCheckpoints(),
        alpaca=alpaca_account(PAPER, settings, store, wires) if is_at_alpaca else None,
    )
