"""Five hundred and more decisions of one session, made by the very cycle: what replays are proved on.

Seven agents on synthetic walks: strategies with and without sentiment, a model's scripted answers (good,
weak, too large, with wishes), and now and then a person. Some entries are denied, some shrunk.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice

from tests.fakes.by_hand import Said
from tests.fakes.desk import SESSION_BARS, DeskKit, at, bar, calendar, kit_in_memory
from tests.fakes.desk_makers import ScriptedMaker
from tests.fakes.series import random_closes
from tests.unit.risk.builders import agent, company
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import AgentConfig, Company, Mode, StrategyChoice
from ztrade_core.domain.decisions import Action, ChainedDecision, Proposal
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.snapshots import GroupSentiment, SeenHeadline, SentimentReading
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.voting import votes_of
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.ports.store import Store
from ztrade_core.settings.company import with_digest
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.replay import ReplayRange, ReplayRoom

SMALL = (
    ("rsi_period", 3.0),
    ("sma_fast", 2.0),
    ("sma_slow", 4.0),
    ("trend_period", 4.0),
    ("channel_period", 4.0),
    ("volume_period", 3.0),
    ("atr_period", 3.0),
)
CHOICES = {
    "TSLA": StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 4.0))),
    "IWM": StrategyChoice(name="mean_reversion", parameters=(("entry_z", 1.0),)),
    "AAPL": StrategyChoice(name="sentiment_momentum", parameters=SMALL),
    "MSFT": StrategyChoice(name="sentiment_momentum", parameters=(*SMALL, ("exit_sentiment", 0.0))),
    "NVDA": StrategyChoice(name="buy_and_hold"),
}
MODEL = "AMD"
WEAK_MODEL = "PEP"
MANUAL_EVERY = 13
WHOLE_DAY = ReplayRange(start=bar(0), stop=at(SESSION_BARS))


def traders() -> Company:
    """The company of the session; RULE_004 has no daily bars to judge by."""
    strategies = [replace(_agent(symbol), strategy=choice) for symbol, choice in CHOICES.items()]
    models = [replace(_agent(symbol), mode=Mode.AUTOMATED) for symbol in (MODEL, WEAK_MODEL)]
    return with_digest(company(*strategies, *models, max_correlated_positions=None))


def _agent(symbol: str) -> AgentConfig:
    name = f"agent_{symbol.lower()}"
    return agent(name, symbol, min_confidence=0.5, max_daily_trades=8, position_usd=4000.0)


def answers() -> dict[tuple[str, str], Proposal]:
    """What the models say: buys and sells in turns, with wishes; the weak one is never sure enough."""
    script = {}
    for number in range(SESSION_BARS):
        action = (Action.BUY, Action.HOLD, Action.SELL)[number % 3]
        said = Proposal(
            action=action,
            confidence=0.8,
            rationale=f"as I see it, «{number}»",
            maker="claude:test",
            quantity=7.0 if number % 2 else 700.0,
            factors=(("mood", 0.1 * number), ("why", None)),
        )
        script[f"agent_{MODEL.lower()}", iso_z(bar(number))] = said
        script[f"agent_{WEAK_MODEL.lower()}", iso_z(bar(number))] = replace(said, confidence=0.2)
    return script


def reading(symbol: str, as_of: datetime) -> SentimentReading | None:
    """Sentiment that turns every half hour; none of the model's symbol."""
    if symbol == MODEL:
        return None
    good = as_of.minute < 30
    seen = SeenHeadline(
        news_id="0" * 32,
        published_at=bar(0),
        source="alpaca:benzinga",
        headline=f"{symbol} \x1b[31mrises — «soon»",
        score=0.5,
        confidence=0.9,
    )
    group = GroupSentiment(group="news", score=0.5, confidence=0.9, weight=1.0, stories=1)
    score = 0.5 if good else -0.6
    return SentimentReading(
        score=score, confidence=0.9, scorer="lexicon@1", groups=(group,), headlines=(seen,)
    )


@dataclass(frozen=True, kw_only=True)
class Session:
    """A kit, and its agents' cycles over the whole session."""

    kit: DeskKit

    def desk(self, as_of: datetime) -> TradingDesk:
        """The kit's desk with sentiment, real strategies, and models that follow their script."""
        desk = self.kit.desk(as_of)
        market = StoreMarket(
            self.kit.bars,
            calendar(),
            clock=SimulatedClock(as_of),
            providers={},
            history_start=self.kit.opened_at,
            sentiment=reading,
        )
        makers = {Mode.STRATEGY: StrategyMaker(), Mode.AUTOMATED: ScriptedMaker(answers())}
        return replace(desk, market=market, makers=makers)

    def trade(self, bars: int = SESSION_BARS) -> None:
        """Store the market, then let every agent decide on every bar."""
        agents = self.kit.company.agents
        walks = {each.symbol: random_closes(seed, bars) for seed, each in enumerate(agents)}
        self.kit.put_bars(walks, volume=400.0)
        for number in range(bars):
            for place, each in enumerate(agents):
                self.decide(each.agent_id, number, by_hand=(number + place) % MANUAL_EVERY == 0)

    def decide(self, agent_id: str, number: int, *, by_hand: bool = False) -> None:
        """Run one agent's cycle on one bar, by a person where said."""
        manual = Proposal(
            action=Action.BUY, confidence=0.9, rationale="a hunch", maker="manual:ada"
        )
        request = CycleRequest(
            agent_id=agent_id,
            as_of=at(number),
            holder="run",
            writer=Said(manual) if by_hand else None,
        )
        run_cycle(self.desk(at(number)), request)


@lru_cache(maxsize=1)
def traded() -> Store:
    """The whole session's store, in memory; made once a process, to be copied and not written to."""
    kit = kit_in_memory(company=traders())
    Session(kit=kit).trade()
    return kit.store


def copied(target: Store, most: int | None = None) -> list[ChainedDecision]:
    """Write the session's decisions (the first `most`) with all they stand on into a store; return them."""
    return copied_from(traded(), target, most)


def copied_from(origin: Store, target: Store, most: int | None = None) -> list[ChainedDecision]:
    """Write a session's decisions with all they stand on into a store, members' tapes too; return them."""
    with origin.reading() as source, target.locked() as uow:
        for row in islice(source.ledger.rows(), most):
            decision = row.decision
            snapshot = source.ledger.snapshot(decision.snapshot_hash)
            tape = source.tapes.get(decision.key)
            assert snapshot is not None
            assert tape is not None
            uow.ledger.put_snapshot(snapshot)
            uow.tapes.put_first(tape)
            for name, _ in votes_of(decision.proposal):
                key = replace(decision.key, slot=member_slot(name, decision.key.slot))
                member = source.tapes.get(key)
                assert member is not None
                uow.tapes.put_first(member)
            uow.ledger.append(decision, row.verdicts, row.order_digest)
            for order in source.orders.of_decision(decision.decision_id):
                uow.orders.insert(order)
    with target.reading() as uow:
        return list(uow.ledger.rows())


def room(store: Store, company_of_now: Company) -> ReplayRoom:
    """What replays need: the store, a configuration, strategies; no broker, no market, no clock."""
    return ReplayRoom(store=store, company=company_of_now, makers={Mode.STRATEGY: StrategyMaker()})
