"""The decision maker that asks a strategy: the default mind, deterministic and free.

It turns a frozen snapshot into the strategy's input and the answer into a proposal. Stop, target and
size are left to the agent's bracket and the sizing rules; whether a proposal may trade is the
gateway's question.
"""

from functools import lru_cache

from typing_extensions import override

from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.strategies.protocol import StrategyInput
from ztrade_core.strategies.registry import strategy_named, validate_strategy


class StrategyMaker(DecisionMaker):
    """Answers with the strategy of the agent's configuration."""

    @property
    @override
    def name(self) -> str:
        return "strategy/1"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        choice = agent.strategy
        return strategy_named(choice.name).lookback_bars(_parameters(choice))

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        strategy, needed = strategy_named(agent.strategy.name), self.lookback_bars(agent)
        maker = f"strategy:{strategy.name}/{strategy.version}"
        if len(snapshot.bars) < needed:
            return _hold(too_few_bars(needed, len(snapshot.bars)), maker)
        answer = strategy.decide(_input(snapshot, agent), _parameters(agent.strategy))
        if snapshot.entry_pending and answer.action is Action.BUY:
            return _hold("an entry is already pending", maker)
        return Proposal(
            action=answer.action,
            confidence=answer.confidence,
            rationale=answer.reason,
            maker=maker,
            factors=answer.factors,
        )


def too_few_bars(needed: int, present: int) -> str:
    """Return the reason of a hold for want of bars."""
    return f"needs {needed} complete bars, has {present}"


def _input(snapshot: MarketSnapshot, agent: AgentConfig) -> StrategyInput:
    reading = snapshot.sentiment
    return StrategyInput(
        bars=snapshot.bars,
        in_position=snapshot.position is not None,
        min_confidence=agent.limits.min_confidence,
        sentiment_score=None if reading is None else reading.score,
        sentiment_confidence=None if reading is None else reading.confidence,
    )


def _hold(reason: str, maker: str) -> Proposal:
    return Proposal(action=Action.HOLD, confidence=0.0, rationale=reason, maker=maker)


@lru_cache(maxsize=64)
def _parameters(choice: StrategyChoice) -> dict[str, float]:
    return validate_strategy(choice.name, choice.as_dict())
