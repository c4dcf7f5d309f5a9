"""A model within a budget: asked as long as the rest pays for the dearest answer it could give.

Contract: what is spent never exceeds the budget, because an answer is asked only if the rest pays for
the worst it can cost. After that every bar is a hold ("budget spent"), counted. A model whose answer cost
more than its own `most_usd` is not asked again. One object, one run.
"""

import math

from typing_extensions import override

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import DecisionMaker, ModelMaker

SPENT = "budget spent: the rest does not pay for another answer"
OVERPRICED = "budget spent: an answer cost more than the model's most"


def require_budget(budget_usd: float) -> None:
    """Refuse what is no budget: InputError unless it is a number above 0."""
    if not (math.isfinite(budget_usd) and budget_usd > 0.0):
        raise InputError(f"budget {budget_usd:g} USD: it must be a number above 0")


class Purse:
    """What one or several models may cost together in a run, and what they did."""

    def __init__(self, budget_usd: float) -> None:
        """Take a budget above 0; InputError for any other."""
        require_budget(budget_usd)
        self.budget_usd = budget_usd
        self.spent_usd = 0.0


class BudgetedMaker(DecisionMaker):
    """Asks a model and keeps account. `spent_usd`, `calls` and `unasked` tell what came of it."""

    def __init__(self, model: ModelMaker, budget: float | Purse) -> None:
        """Take a budget of its own above 0 (InputError for any other), or a purse that is shared."""
        self.model = model
        self.purse = budget if isinstance(budget, Purse) else Purse(budget)
        self.spent_usd = 0.0
        self.calls = 0
        self.unasked = 0
        self._is_overpriced = False

    @property
    def budget_usd(self) -> float:
        """What it may cost, together with whoever shares its purse."""
        return self.purse.budget_usd

    @property
    @override
    def name(self) -> str:
        return self.model.name

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self.model.lookback_bars(agent)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        most = self.model.most_usd(agent)
        affordable = most >= 0.0 and self.purse.spent_usd + most <= self.budget_usd  # NaN is not
        if self._is_overpriced or not affordable:
            self.unasked += 1
            why = OVERPRICED if self._is_overpriced else SPENT
            return Proposal(action=Action.HOLD, confidence=0.0, rationale=why, maker=self.name)
        self.calls += 1
        answer = self.model.ask(snapshot, agent)
        if not 0.0 <= answer.cost_usd < math.inf:
            raise InputError(
                f"{self.model.model} told {answer.cost_usd} USD as the cost of an answer: no budget can"
                " be kept with it"
            )
        self._is_overpriced = answer.cost_usd > most
        self.spent_usd = self.spent_usd + answer.cost_usd
        self.purse.spent_usd = self.purse.spent_usd + answer.cost_usd
        return answer.proposal
