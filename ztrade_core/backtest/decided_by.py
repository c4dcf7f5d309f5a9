"""Who decides in a backtest, and what the stored run tells of it.

A recording costs nothing and is repeated slot by slot. A model is asked only within a budget that was
named, and every bar before its training cutoff is contaminated: it may know how that day went. Those
bars are counted and their figures stand apart.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.backtest.cutoff_split import split_figures
from ztrade_core.backtest.loop import LoopOutput
from ztrade_core.decision_makers.budgeted import BudgetedMaker, require_budget
from ztrade_core.decision_makers.recorded import FROM_FILE, RecordedMaker, Recording
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.cutoffs import BY_FILE, Cutoff, clean_after, cutoff_of
from ztrade_core.domain.time import (
    from_micros,
    iso_z,
    new_york_date,
    parse_instant,
)
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.performance.trades import Figures
from ztrade_core.ports.mind import DecisionMaker, ModelMaker

RecordingOf = Callable[[AgentConfig, str], Recording]


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
FORMER_ENSEMBLE = "a former ensemble"


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

    def told(self, agent: AgentConfig, decided: BarSeries) -> dict[str, object]:
        """Return what a run's configuration keeps of a mind that is no strategy."""
        return told_of(self.maker, agent, decided)

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


def told_of(maker: DecisionMaker, agent: AgentConfig, decided: BarSeries) -> dict[str, object]:
    """Return what is kept of a recording or a model; nothing of a strategy.

    Raises InputError for a recording without a slot that is a bar.
    """
    if isinstance(maker, RecordedMaker):
        cutoff = cutoff_of_recording(maker.recording, agent)
        told: dict[str, object] = {"recorded": _recorded(maker.recording, decided)}
        return told if cutoff is None else told | {"model": told_of_model(cutoff)}
    if isinstance(maker, BudgetedMaker):
        cutoff = Cutoff(models=(maker.model.model,), day=maker.model.training_cutoff)
        spent = {"budget_usd": maker.budget_usd, "unasked": maker.unasked}
        return {"model": told_of_model(cutoff) | spent}
    return {}


def told_of_model(cutoff: Cutoff) -> dict[str, object]:
    """Return what a run keeps of the models that decided."""
    day = cutoff.day
    return {
        "name": " and ".join(cutoff.models),
        "training_cutoff": None if day is None else day.isoformat(),
    }


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
    """Return a model's own metrics, also where its answers are repeated; none of any other mind."""
    if isinstance(maker, BudgetedMaker):
        cost = {"model_cost_usd": maker.spent_usd, "model_calls": maker.calls}
        return cost | _split(clean_from(maker.model), agent, output)
    if isinstance(maker, RecordedMaker):
        cutoff = cutoff_of_recording(maker.recording, agent)
        return {} if cutoff is None else _split(cutoff.clean_from, agent, output)
    return {}


def _split(begins: datetime | None, agent: AgentConfig, output: LoopOutput) -> Figures:
    asset_class = agent.instrument.asset_class
    return split_figures(
        output.equity, begins, capital_usd=agent.allocated_usd, asset_class=asset_class
    )


def clean_from(model: ModelMaker) -> datetime | None:
    """Return the moment from which a model cannot know what happens: after its cutoff's day."""
    return clean_after(model.training_cutoff)


def cutoff_of_recording(recording: Recording, agent: AgentConfig) -> Cutoff | None:
    """Return the cutoff of whoever gave a recording's answers; None where none was a model's.

    Other models than the agent's of now have an unknown one. A file does not name its makers: it counts as
    the agent's own mind's.
    """
    own = cutoff_of(agent)
    makers = {
        (answer.maker, recording.voters.get(slot, ())) for slot, answer in recording.entries.items()
    }
    names = {name for maker, voters in makers for name in models_named(maker, agent, voters)}
    if not names:
        return own if (FROM_FILE, ()) in makers else None
    if own is not None and names <= set(own.models):
        return own
    return Cutoff(models=tuple(sorted(names)), day=None)


def models_named(maker: str, agent: AgentConfig, voters: Collection[str] = ()) -> tuple[str, ...]:
    """Return the models that a decision's maker stands for; none for a strategy, a person, the house.

    Who is behind an ensemble its `voters` say, the makers of its members' answers. Without any it is the
    agent's ensemble of now, or a former one of which nothing is known.
    """
    kind, _, name = maker.partition(":")
    if kind == Mode.AUTOMATED.value:
        return (name.rpartition("/")[0],)
    if kind == Mode.ENSEMBLE.value:
        named = (each for voter in voters for each in models_named(voter, agent))
        return tuple(dict.fromkeys(named)) if voters else _ensemble_of_now(agent)
    return (BY_FILE,) if maker.startswith(Mode.SUBAGENT.value) else ()


def _ensemble_of_now(agent: AgentConfig) -> tuple[str, ...]:
    if agent.ensemble is None:
        return (FORMER_ENSEMBLE,)
    own = cutoff_of(agent)
    return () if own is None else own.models
