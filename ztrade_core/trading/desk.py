"""The trading desk: the ports one account is traded through, and what a request may ask.

A desk is for one account (`paper`, `rehearsal`, `backtest`). It holds no state of its own: state
lives in the store and at the broker.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.configuration import AgentConfig, Company, Mode
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError, StoreError
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.ports.checkpoints import Checkpoints
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.halts import HaltSignal
from ztrade_core.ports.market import Market
from ztrade_core.ports.mind import AnswerWriter, DecisionMaker
from ztrade_core.ports.news import StoryTimes
from ztrade_core.ports.sentiment import SentimentDesk
from ztrade_core.ports.splits import SplitStore
from ztrade_core.ports.store import Store

LEASE_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingDesk:
    """Everything a cycle needs, chosen by `assembly`.

    `live`: the clock is the world's, so vendors may be asked and a stale tick is refused.
    `lift_breakers_daily`: a backtest's `on_halt: next_day`; a person resumes everywhere else.
    `facts` is what a real broker can be asked beyond orders; None on a simulated account.
    `lease_clock` tells the world's time where `clock` is simulated but processes are real.
    `splits` None: positions come across none (a backtest's prices are of one scale).
    `sentiment` brings news and scores up to date before a live decision, and tells a rehearsal
    what has no score; None: nothing does.
    `story_known_at` tells of stories, for decisions on them; None: there are none.
    `minds` gives the makers that are an agent's own (a model, a file); None, or where it gives none:
    `makers` has them.
    `tells_orders`: minds see their open orders; not in a backtest (`MarketSnapshot.open_orders`).
    """

    company: Company
    store: Store
    market: Market
    broker: Broker
    calendar: Calendar
    clock: Clock
    halt_signal: HaltSignal
    checkpoints: Checkpoints
    makers: Mapping[Mode, DecisionMaker]
    live: bool
    lift_breakers_daily: bool = False
    facts: BrokerFacts | None = None
    lease_clock: Clock | None = None
    splits: SplitStore | None = None
    sentiment: SentimentDesk | None = None
    story_known_at: StoryTimes | None = None
    minds: Callable[[Mode, AgentConfig], DecisionMaker | None] | None = None
    tells_orders: bool = True

    @property
    def account(self) -> str:
        """The account's name."""
        return self.broker.account

    @property
    def lease_seconds(self) -> int:
        """Maximum runtime of a run plus one minute."""
        return self.company.broker.run_max_seconds + LEASE_GRACE_SECONDS

    def lease_now(self) -> datetime:
        """Return the moment that leases are measured at."""
        return (self.lease_clock or self.clock).now()

    def agent(self, agent_id: str) -> AgentConfig:
        """Return the agent; an unknown id raises InputError naming those there are."""
        agent = self.company.agent(agent_id)
        if agent is None:
            known = ", ".join(a.agent_id for a in self.company.agents) or "none"
            raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
        return agent

    def maker_of(self, mode: Mode, agent: AgentConfig) -> DecisionMaker:
        """Return who decides for an agent in a mode; InputError for a mode that is not there."""
        own = None if self.minds is None else self.minds(mode, agent)
        return self.maker(mode) if own is None else own

    def maker(self, mode: Mode) -> DecisionMaker:
        """Return the decision maker of a mode that all agents share; InputError for another."""
        maker = self.makers.get(mode)
        if maker is None:
            known = ", ".join(sorted(self.makers))
            raise InputError(
                f"mode {mode.value!r} does not exist in this version; there are: {known}"
            )
        return maker


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRequest:
    """What a run is asked to do. `mode` None is the agent's own; `writer` answers in its place.

    `holder` names the run (its id): the lease on the agent is taken in its name. `story` is the id of the
    breaking news that it is about: its slot is the story's, not the bar's.
    """

    agent_id: str
    as_of: datetime
    holder: str
    dry_run: bool = False
    mode: Mode | None = None
    writer: AnswerWriter | None = None
    story: str | None = None


def stored_snapshot(desk: TradingDesk, snapshot_hash: str) -> MarketSnapshot:
    """Return the frozen moment of a hash; StoreError when it is not kept."""
    with desk.store.reading() as uow:
        snapshot = uow.ledger.snapshot(snapshot_hash)
    if snapshot is None:
        raise StoreError(f"no snapshot {snapshot_hash} in the store")
    return snapshot
