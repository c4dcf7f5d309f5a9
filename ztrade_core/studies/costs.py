"""Cost sensitivity: an agent over the same bars at multiples of the configured costs.

Commission and slippage are multiplied, all else (collar, volume, rules) stays. What the costs take is
the difference to the run free of costs: what is paid, and what is traded otherwise because of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ztrade_core.backtest.runs import Bench
from ztrade_core.domain.configuration import AgentConfig, Company, Costs
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.studies import Figures, StudyKind, Trial
from ztrade_core.errors import InputError
from ztrade_core.ports.studies import StudyStore
from ztrade_core.studies.evaluation import load_study_data
from ztrade_core.studies.sweep import agent_of
from ztrade_core.studies.variants import (
    Variant,
    Varied,
    concluded,
    number_of,
    run_variants,
    study_of,
)

MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
MULTIPLE = "cost_multiple"
FREE, CONFIGURED = MULTIPLES.index(0.0), MULTIPLES.index(1.0)


def study_costs(bench: Bench, studies: StudyStore, agent_id: str, asked: tuple[str, str]) -> Varied:
    """Run an agent at every multiple of its costs, and keep the study.

    Raises InputError for an unknown agent, a bad range and an agent without costs, NoDataError
    without bars.
    """
    agent = agent_of(bench, agent_id)
    _require_costs(agent, bench.company.broker.costs)
    data = load_study_data(bench, agent, *asked, [])
    variants = [
        Variant(
            label=f"{multiple:g} x",
            parameters=((MULTIPLE, multiple),),
            bench=replace(bench, company=with_costs(bench.company, multiple)),
            sentiment=data.mood.series,
        )
        for multiple in MULTIPLES
    ]
    trials = with_losses(run_variants(data, variants))
    labels, notes = [each.label for each in variants], _notes(bench.company.broker.costs, trials)
    study = study_of(
        StudyKind.COSTS, bench, data, asked, {"multiples": list(MULTIPLES), **data.mood.entry}
    )
    study = concluded(study, summary_of(trials), labels, notes)
    studies.save(study, trials)
    return Varied(study=study, labels=tuple(labels), trials=trials, notes=tuple(notes))


def with_costs(company: Company, multiple: float) -> Company:
    """Return the company with commissions and slippage multiplied."""
    costs = company.broker.costs
    scaled = replace(
        costs,
        stock_commission_bps=costs.stock_commission_bps * multiple,
        crypto_commission_bps=costs.crypto_commission_bps * multiple,
        slippage_bps=costs.slippage_bps * multiple,
    )
    return replace(company, broker=replace(company.broker, costs=scaled))


def with_losses(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials with their profit, and what of the profit free of costs is lost.

    `trials` are in the order of MULTIPLES. `lost_share` is None when nothing is earned free of costs.
    """
    free = _profit(trials[FREE])
    found = []
    for trial in trials:
        profit = _profit(trial)
        figures: Figures = {
            "profit_usd": profit,
            "lost_to_costs_usd": free - profit,
            "lost_share": (free - profit) / free if free > 0.0 else None,
        }
        found.append(replace(trial, metrics={**trial.metrics, **figures}))
    return found


def summary_of(trials: Sequence[Trial]) -> Figures:
    """Return what the study says: the break-even multiple, and what the configured costs take."""
    returns = [number_of(trial.metrics, "total_return") or 0.0 for trial in trials]
    even = break_even(MULTIPLES, returns)
    now = trials[CONFIGURED].metrics
    return {
        "break_even_multiple": even,
        "break_even": _in_words(even, trials),
        "profit_without_costs_usd": trials[FREE].metrics["profit_usd"],
        "profit_usd": now["profit_usd"],
        "lost_to_costs_usd": now["lost_to_costs_usd"],
        "lost_share": now["lost_share"],
        "commission_usd": now["commission_usd"],
        "coin_fees_usd": now["coin_fees_usd"],
        "total_return": now["total_return"],
        "trades": now["trades"],
        "trials": len(trials),
    }


def break_even(multiples: Sequence[float], returns: Sequence[float]) -> float | None:
    """Return the first multiple at which a positive return is used up, linear between two; else None.

    `multiples` ascend.
    """
    points = zip(multiples, returns, strict=True)
    for (low, earned), (high, left) in pairwise(points):
        if earned > 0.0 >= left:
            return low + (high - low) * earned / (earned - left)
    return None


def _in_words(even: float | None, trials: Sequence[Trial]) -> str:
    if even is not None:
        return f"at {even:.2f} x the configured costs"
    if not any(number_of(trial.metrics, "fills") for trial in trials):
        return "none: it never traded"
    if (number_of(trials[-1].metrics, "total_return") or 0.0) > 0.0:
        return f"above {MULTIPLES[-1]:g} x: it still earns there"
    return "below 0 x: it earns nothing even free of costs"


def _notes(costs: Costs, trials: Sequence[Trial]) -> list[str]:
    notes = []
    collar = costs.collar_bps
    if collar is not None and costs.slippage_bps * MULTIPLES[-1] > collar:
        notes.append(
            f"from {collar / costs.slippage_bps:g} x on an entry's slippage reaches its limit, the"
            f" collar of {collar:g} bps: it costs no more than that"
        )
    signs = [(number_of(trial.metrics, "total_return") or 0.0) > 0.0 for trial in trials]
    if sum(one != other for one, other in pairwise(signs)) > 1:
        notes.append("the return crosses zero more than once: at other costs it trades otherwise")
    if len({trial.metrics["fills"] for trial in trials}) > 1:
        notes.append("costs change what is traded: the numbers of executions differ")
    return notes


def _require_costs(agent: AgentConfig, costs: Costs) -> None:
    is_stock = agent.instrument.asset_class is AssetClass.STOCK
    name = "stock_commission_bps" if is_stock else "crypto_commission_bps"
    if getattr(costs, name) == 0.0 == costs.slippage_bps:
        raise InputError(
            f"{agent.agent_id} trades free of costs: {name} and slippage_bps are 0 in"
            " config/broker.yaml, and so is every multiple of them"
        )


def _profit(trial: Trial) -> float:
    final, capital = (
        number_of(trial.metrics, name) or 0.0 for name in ("final_equity_usd", "capital_usd")
    )
    return final - capital


def multiple_of(trial: Trial) -> float:
    """Return a trial's multiple of the configured costs."""
    return dict(trial.parameters)[MULTIPLE]
