"""From settings to adapters: the only place that chooses.

`open_workshop` builds what every command and every Dagster resource needs, once per process, and
opens no connection before it is used. Heavy libraries are imported where they are chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from ztrade_core.brokers.simulated import SimulatedBroker
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import new_york_date, new_york_midnight, parse_instant
from ztrade_core.errors import InputError
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.synthetic import SyntheticProvider
from ztrade_core.market_data.windows import WindowLoader
from ztrade_core.ports.checkpoints import Checkpoints, NoCheckpoints
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.ports.providers import BarProvider
from ztrade_core.settings.load import Settings
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.store.simulation import SqlSimulationStore
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.desk import TradingDesk

PAPER = "paper"
REHEARSAL = "rehearsal"
ACCOUNTS = (PAPER, REHEARSAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The adapters of one process. Desks are made from it, one per account."""

    settings: Settings
    engine: Engine
    store: SqlStore
    bars: SqlBarStore
    simulations: SqlSimulationStore
    backtests: SqlBacktestStore
    calendar: Calendar
    clock: Clock
    makers: Mapping[Mode, DecisionMaker]
    checkpoints: Checkpoints

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
        return self._desk(PAPER, self.clock, live=True)

    def rehearsal_desk(self, as_of: datetime) -> TradingDesk:
        """Return the rehearsal account's desk at a past moment: the store only, simulated fills."""
        return self._desk(REHEARSAL, SimulatedClock(as_of), live=False)

    def reset_rehearsal(self, opened_at: datetime) -> int:
        """Start a new epoch of the rehearsal account; return its number."""
        return self._broker(REHEARSAL, opened_at).reset(_day_of(opened_at))

    def market(self) -> StoreMarket:
        """Return the market over the store, with the configured providers."""
        config = self.settings.company.market_data
        return StoreMarket(
            self.bars,
            self.calendar,
            clock=self.clock,
            providers={
                AssetClass.STOCK: self._providers(config.stock_providers),
                AssetClass.CRYPTO: self._providers(config.crypto_providers),
            },
            history_start=parse_instant(f"{config.history_start}T00:00:00Z"),
        )

    def loader(self, asset_class: AssetClass) -> WindowLoader:
        """Return the loader of windows of bars, with the asset class's configured providers."""
        config = self.settings.company.market_data
        is_stock = asset_class is AssetClass.STOCK
        names = config.stock_providers if is_stock else config.crypto_providers
        return WindowLoader(self.bars, self.calendar, self.clock, self._providers(names))

    def _providers(self, names: Sequence[str]) -> tuple[BarProvider, ...]:
        known = {
            "synthetic": lambda: SyntheticProvider(
                self.settings.company.market_data.synthetic_seed, self.calendar
            )
        }
        return tuple(known[name]() for name in names if name in known)

    def _broker(self, account: str, opened_at: datetime) -> SimulatedBroker:
        config = self.settings.company.broker
        return SimulatedBroker(
            account=account,
            store=self.simulations,
            calendar=self.calendar,
            costs=config.costs,
            opened_at=_day_of(opened_at),
            initial_cash=config.initial_cash_usd,
        )

    def _desk(self, account: str, clock: Clock, *, live: bool) -> TradingDesk:
        return TradingDesk(
            company=self.settings.company,
            store=self.store,
            market=self.market(),
            broker=self._broker(account, clock.now()),
            calendar=self.calendar,
            clock=clock,
            halt_signal=HaltFile(self.halt_path),
            checkpoints=self.checkpoints,
            makers=self.makers,
            live=live,
            lease_clock=self.clock,
        )


def _day_of(moment: datetime) -> datetime:
    """A new account opens at 00:00 New York of its first day, so that it has a day's base."""
    return new_york_midnight(new_york_date(moment)).astimezone(UTC)


def open_workshop(settings: Settings, *, checkpoints: Checkpoints | None = None) -> Workshop:
    """Build the adapters that the settings ask for. Nothing is connected to yet."""
    engine = make_engine(settings.database_url)
    return Workshop(
        settings=settings,
        engine=engine,
        store=SqlStore(engine),
        bars=SqlBarStore(engine),
        simulations=SqlSimulationStore(engine),
        backtests=SqlBacktestStore(engine),
        calendar=ExchangeSessions(),
        clock=SystemClock(),
        makers={Mode.STRATEGY: StrategyMaker()},
        checkpoints=checkpoints or NoCheckpoints(),
    )
