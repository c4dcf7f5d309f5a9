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


class BudgetedMaker(DecisionMaker):
    """Asks a model and keeps account. `spent_usd`, `calls` and `unasked` tell what came of it."""

    def __init__(self, model: ModelMaker, budget_usd: float) -> None:
        """Take a budget above 0; InputError for any other."""
        require_budget(budget_usd)
        self.model = model
        self.budget_usd = budget_usd
        self.spent_usd = 0.0
        self.calls = 0
        self.unasked = 0
        self._is_overpriced = False

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
        affordable = most >= 0.0 and self.spent_usd + most <= self.budget_usd  # NaN is not
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
        return answer.proposal
