"""Decisions of every kind of mind over one session: what replays of them are proved on.

Ensembles with models, files and strategies among their members, files alone, sleepers, shadows, and now and
then a person. Answers that cannot be used, that do not come, and that the budget does not pay for are among them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from typing_extensions import override

from tests.fakes.desk import SESSION_BARS, bar, kit_in_memory
from tests.fakes.desk_makers import Script
from tests.fakes.ensembles import CROSSING, REVERTING
from tests.fakes.models import ScriptedModel
from tests.fakes.replayed import Session
from tests.unit.risk.builders import agent, company
from ztrade_core.decision_makers.ensemble import ensemble_of
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import (
    AgentConfig,
    Company,
    EnsembleConfig,
    MindChoice,
    Mode,
    Vote,
)
from ztrade_core.domain.decisions import INVALID_ANSWER, UNANSWERED, Action, Proposal
from ztrade_core.domain.model_config import PUBLISHED_PRICES, ModelConfig, ModelsConfig
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.ports.mind import DecisionMaker, Member
from ztrade_core.ports.store import Store
from ztrade_core.settings.company import with_digest
from ztrade_core.trading.desk import TradingDesk

BUDGET_USD = 6.0  # spent some time before the session ends
BY_MODEL = MindChoice(name="sonnet", mode=Mode.AUTOMATED, model=ModelConfig())
BY_FILE = MindChoice(name="desk", mode=Mode.SUBAGENT)
OWN = MindChoice(name="own", mode=Mode.STRATEGY)
OTHER = MindChoice(name="other", mode=Mode.STRATEGY, strategy=REVERTING)
SHADOWS = (OTHER, replace(BY_MODEL, samples=2))


def every_mind() -> Company:
    """The company of the session; RULE_004 has no daily bars to judge by."""
    mixed = EnsembleConfig(vote=Vote.MAJORITY, members=(BY_MODEL, BY_FILE, OWN))
    weighed = EnsembleConfig(vote=Vote.CONFIDENCE, members=(OWN, OTHER, BY_FILE))
    agents = (
        replace(_agent("TSLA"), mode=Mode.ENSEMBLE, ensemble=mixed),
        replace(_agent("IWM"), mode=Mode.ENSEMBLE, ensemble=weighed),
        replace(_sleeper("AAPL"), mode=Mode.ENSEMBLE, ensemble=mixed),
        replace(_sleeper("MSFT"), mode=Mode.AUTOMATED, model=ModelConfig()),
        replace(_agent("NVDA"), mode=Mode.SUBAGENT),
        replace(_agent("AMD"), mode=Mode.AUTOMATED, model=ModelConfig()),
        replace(_agent("PEP"), shadows=SHADOWS),
    )
    models = ModelsConfig(
        prices=PUBLISHED_PRICES, daily_budget_usd=BUDGET_USD, max_usd_per_decision=1.0
    )
    made = company(*agents, max_correlated_positions=None)
    return with_digest(replace(made, models=models))


def _agent(symbol: str) -> AgentConfig:
    made = agent(f"agent_{symbol.lower()}", symbol, min_confidence=0.5, max_daily_trades=8)
    return replace(made, strategy=CROSSING)


def _sleeper(symbol: str) -> AgentConfig:
    return replace(_agent(symbol), wake=WakeConditions(every_bars=3, on_fill=True))


def _script(name: str, shift: int) -> Script:
    """What one mind says to every agent: orders in turns, and now and then nothing that can be used."""
    turns = (
        _said(name, Action.BUY, 0.9, quantity=4.0),
        _said(name, Action.HOLD, 0.6),
        _said(name, Action.BUY, 0.7, quantity=900.0),
        _said(name, Action.SELL, 0.8),
        _said(name, Action.HOLD, 0.0, INVALID_ANSWER),
        _said(name, Action.SELL, 0.7),
        _said(name, Action.HOLD, 0.0, UNANSWERED),
    )
    return {
        (each.agent_id, iso_z(bar(number))): turns[(number + shift) % len(turns)]
        for number in range(SESSION_BARS)
        for each in every_mind().agents
    }


def _said(
    name: str, action: Action, confidence: float, mark: str = "", **wishes: float
) -> Proposal:
    return Proposal(
        action=action,
        confidence=confidence,
        rationale=f"so says «{name}»",
        maker=f"{name}/1",
        factors=((mark, "as scripted"),) if mark else (),
        **wishes,
    )


@lru_cache(maxsize=1)
def _voices() -> dict[Mode, ScriptedModel]:
    return {
        Mode.AUTOMATED: ScriptedModel(_script("automated", 0)),
        Mode.SUBAGENT: ScriptedModel(_script("subagent", 1), cost_usd=0.0, most=0.0),
    }


def _minds(mode: Mode, asked: AgentConfig) -> DecisionMaker | None:
    if mode is not Mode.ENSEMBLE or asked.ensemble is None:
        return _voices().get(mode)
    voices = {Mode.STRATEGY: StrategyMaker(), **_voices()}
    members = [Member(choice=each, maker=voices[each.mode]) for each in asked.members]
    return ensemble_of(asked.ensemble.vote, members)


@dataclass(frozen=True, kw_only=True)
class MindsSession(Session):
    """The session, in which everybody is asked as its agent's file says."""

    @override
    def desk(self, as_of: datetime) -> TradingDesk:
        return replace(super().desk(as_of), makers={Mode.STRATEGY: StrategyMaker()}, minds=_minds)


@lru_cache(maxsize=1)
def traded_by_all() -> Store:
    """The whole session's store, in memory; made once a process, to be copied and not written to."""
    kit = kit_in_memory(company=every_mind())
    MindsSession(kit=kit).trade()
    return kit.store
