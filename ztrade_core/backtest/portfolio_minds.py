"""Who decides for several agents in one account: models within one budget, and split at their cutoffs.

The account is clean from the day on which no model of the run can know anything any more; each agent
from its own model's.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ztrade_core.backtest.cutoff_split import split_figures
from ztrade_core.backtest.decided_by import told_of_model
from ztrade_core.decision_makers.budgeted import BudgetedMaker, Purse
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.cutoffs import Cutoff, together
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.errors import InputError
from ztrade_core.performance.trades import Figures
from ztrade_core.ports.mind import DecisionMaker, ModelMaker

Makers = Mapping[str, DecisionMaker]


def makers_for(
    agents: Sequence[AgentConfig],
    maker_of: Callable[[AgentConfig], DecisionMaker],
    budget_usd: float | None,
) -> dict[str, DecisionMaker]:
    """Return each agent's mind by its id; all models share one budget.

    Raises InputError for models without a budget, and for a budget where none is asked.
    """
    makers = {agent.agent_id: maker_of(agent) for agent in agents}
    models = {name: each for name, each in makers.items() if isinstance(each, ModelMaker)}
    if budget_usd is None:
        if models:
            told = ", ".join(f"{name} by {model.model}" for name, model in models.items())
            raise InputError(
                f"models decide here ({told}), and asking them costs money: name a budget (--budget-usd,"
                " budget_usd)"
            )
        return makers
    purse = Purse(budget_usd)
    if not models:
        raise InputError("no model decides for these agents: leave the budget out")
    return makers | {name: BudgetedMaker(model, purse) for name, model in models.items()}


def cutoff_of_maker(maker: DecisionMaker) -> Cutoff | None:
    """Return a model's cutoff; None for a mind that is none."""
    if not isinstance(maker, BudgetedMaker):
        return None
    return Cutoff(models=(maker.model.model,), day=maker.model.training_cutoff)


def told_of_makers(makers: Makers) -> dict[str, object]:
    """Return what a run keeps of its models; nothing where there is none."""
    cutoff = together(map(cutoff_of_maker, makers.values()))
    if cutoff is None:
        return {}
    models = [each for each in makers.values() if isinstance(each, BudgetedMaker)]
    spent = {
        "budget_usd": models[0].budget_usd,
        "unasked": sum(each.unasked for each in models),
    }
    return {"model": told_of_model(cutoff) | spent}


def figures_of_makers(
    makers: Makers,
    equity: Sequence[EquityPoint],
    *,
    capital_usd: float,
    asset_class: AssetClass,
) -> Figures:
    """Return what the models cost, and the account's figures split at the latest of their cutoffs."""
    cutoff = together(map(cutoff_of_maker, makers.values()))
    if cutoff is None:
        return {}
    models = [each for each in makers.values() if isinstance(each, BudgetedMaker)]
    split = split_figures(
        equity, cutoff.clean_from, capital_usd=capital_usd, asset_class=asset_class
    )
    calls = sum(each.calls for each in models)
    return {"model_cost_usd": models[0].purse.spent_usd, "model_calls": calls} | split


def clean_moment(makers: Makers, agent_id: str) -> tuple[bool, datetime | None]:
    """Return whether a model decides for an agent, and from when it is clean (None: never)."""
    cutoff = cutoff_of_maker(makers[agent_id])
    return (False, None) if cutoff is None else (True, cutoff.clean_from)
