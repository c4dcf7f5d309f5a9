"""Who decides in a backtest, and what the stored run tells of it.

A recording costs nothing and is repeated slot by slot. A model is asked only within a budget that was
named, and every bar before its training cutoff is contaminated: it may know how that day went. Those
bars are counted and their figures stand apart.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ztrade_core.backtest.loop import LoopOutput
from ztrade_core.decision_makers.budgeted import BudgetedMaker, require_budget
from ztrade_core.decision_makers.recorded import RecordedMaker, Recording
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import (
    from_micros,
    iso_z,
    new_york_date,
    new_york_midnight,
    parse_instant,
)
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.performance.metrics import curve_figures
from ztrade_core.performance.trades import Figures
from ztrade_core.ports.mind import DecisionMaker, ModelMaker

RecordingOf = Callable[[AgentConfig, str], Recording]
CLEAN = "clean/"
CLEAN_FIGURES = ("total_return", "cagr", "volatility", "sharpe", "sortino", "max_drawdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a run asks for besides its agent and range.

    `recorded`: where a recording is (`ledger`, `ledger:ACCOUNT` or a file); None: the agent's own
    mind decides. `budget_usd` is what a model may cost. `strict` refuses a range in which bars are
    missing.
    """

    recorded: str | None = None
    budget_usd: float | None = None
    strict: bool = False


PLAIN_RUN = RunOptions()
LEDGER = "ledger"


def is_ledger(asked: str) -> bool:
    """Return whether a recording is asked of the ledger, not of a file."""
    return asked.partition(":")[0] == LEDGER


def require_one_agent(asked: RunOptions, agents: int) -> None:
    """Refuse to read one agent's file for several."""
    if asked.recorded is not None and agents > 1 and not is_ledger(asked.recorded):
        raise InputError(f"{asked.recorded} holds one agent's decisions: name the agent (agent_id)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """A run's decision maker, and when it is asked."""

    maker: DecisionMaker
    wake: WakeConditions | None

    def told(self, decided: BarSeries) -> dict[str, object]:
        """Return what a run's configuration keeps of a mind that is no strategy."""
        return told_of(self.maker, decided)

    def figures(self, agent: AgentConfig, output: LoopOutput) -> Figures:
        """Return a model's own metrics: what it cost, and the figures after its training cutoff."""
        return figures_of(self.maker, agent, output)


def mind_for(
    agent: AgentConfig,
    asked: RunOptions,
    maker_of: Callable[[AgentConfig], DecisionMaker],
    recording_of: RecordingOf | None,
) -> Mind:
    """Return the mind of a run; InputError for a budget where none is spent, or none where one is.

    A recording is asked on every bar: what slept then is recorded as a hold.
    """
    if asked.budget_usd is not None:
        require_budget(asked.budget_usd)
    maker = _maker_for(agent, asked, maker_of, recording_of)
    return Mind(maker=maker, wake=agent.wake if asked.recorded is None else None)


def _maker_for(
    agent: AgentConfig,
    asked: RunOptions,
    maker_of: Callable[[AgentConfig], DecisionMaker],
    recording_of: RecordingOf | None,
) -> DecisionMaker:
    if asked.recorded is not None:
        if asked.budget_usd is not None:
            raise InputError("a recording costs nothing: leave the budget out")
        if recording_of is None:
            raise InputError("no recording can be read here: this run knows no ledger and no files")
        recording = recording_of(agent, asked.recorded)
        if recording.agent_id != agent.agent_id:
            raise InputError(f"the recording is {recording.agent_id}'s, not {agent.agent_id}'s")
        return RecordedMaker(recording)
    maker = maker_of(agent)
    if not isinstance(maker, ModelMaker):
        if asked.budget_usd is not None:
            raise InputError(
                f"{agent.agent_id} is decided by {maker.name}, which costs nothing: leave the budget out"
            )
        return maker
    if asked.budget_usd is None:
        raise InputError(
            f"{agent.agent_id} is decided by {maker.model}, which costs up to"
            f" {maker.most_usd(agent):g} USD an answer: name a budget (--budget-usd, budget_usd)"
        )
    return BudgetedMaker(maker, asked.budget_usd)


def told_of(maker: DecisionMaker, decided: BarSeries) -> dict[str, object]:
    """Return what is kept of a recording or a model; nothing of a strategy.

    Raises InputError for a recording without a slot that is a bar.
    """
    if isinstance(maker, RecordedMaker):
        return {"recorded": _recorded(maker.recording, decided)}
    if isinstance(maker, BudgetedMaker):
        cutoff = maker.model.training_cutoff
        return {
            "model": {
                "name": maker.model.model,
                "training_cutoff": None if cutoff is None else cutoff.isoformat(),
                "budget_usd": maker.budget_usd,
                "unasked": maker.unasked,
            }
        }
    return {}


def _recorded(recording: Recording, decided: BarSeries) -> dict[str, object]:
    """Return what is kept of a recording; `in_range` are its slots within the days of the bars."""
    opened = {iso_z(from_micros(stamp)) for stamp in decided.timestamps.tolist()}
    days = [
        new_york_date(each) for each in (from_micros(int(decided.timestamps[0])), decided.last_open)
    ]
    within = sorted(
        slot
        for slot in recording.entries
        if days[0] <= new_york_date(parse_instant(slot)) <= days[1]
    )
    lost = [slot for slot in within if slot not in opened]
    if len(lost) == len(within):
        slots = sorted(recording.entries)
        raise InputError(
            f"{recording.source}: none of its {counted(len(slots), 'slot')} ({slots[0]} to {slots[-1]})"
            f" is a bar of {decided.symbol} {decided.timeframe} from {days[0]} to {days[1]}: a slot is"
            " the time at which its bar opens"
        )
    return {
        "source": recording.source,
        "digest": recording.digest,
        "entries": len(recording.entries),
        "skipped": recording.skipped,
        "answered": len(within) - len(lost),
        "in_range": len(within),
        "first_without_bar": lost[0] if lost else None,
    }


def figures_of(maker: DecisionMaker, agent: AgentConfig, output: LoopOutput) -> Figures:
    """Return a model's own metrics; none of any other mind."""
    if not isinstance(maker, BudgetedMaker):
        return {}
    begins = clean_from(maker.model)
    clean = [point for point in output.equity if begins is not None and point.timestamp > begins]
    contaminated = len(output.equity) - len(clean)
    before = output.equity[contaminated - 1].portfolio_value if contaminated else None
    figures = clean_figures(clean, agent, before)
    return {
        "model_cost_usd": maker.spent_usd,
        "model_calls": maker.calls,
        "contaminated_bars": contaminated,
        "clean_bars": len(clean),
        **{CLEAN + name: figures.get(name) for name in CLEAN_FIGURES},
    }


def clean_from(model: ModelMaker) -> datetime | None:
    """Return the moment from which a model cannot know what happens: after its cutoff's day."""
    cutoff = model.training_cutoff
    return None if cutoff is None else new_york_midnight(cutoff + timedelta(days=1)).astimezone(UTC)


def clean_figures(
    points: Sequence[EquityPoint], agent: AgentConfig, before: float | None
) -> Figures:
    """Return the figures of a stretch that begins at the equity marked `before` (None: the capital)."""
    capital = agent.allocated_usd if before is None else before
    if not points or not capital > 0.0:
        return {}
    figures = curve_figures(points, capital, agent.instrument.asset_class)
    return {
        name: value if value is None or math.isfinite(value) else None
        for name, value in figures.items()
    }
