"""Many candidates of one agent over the same bars: what each comes to, with every rule on.

Bars are loaded and laid out once. Each candidate's figures are those, to the last bit, that
`backtest.runs.run_and_store` stores for the agent with these parameters over the same range.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ztrade_core.backtest.kernel.building import is_built
from ztrade_core.backtest.kernel.engine import NotCompiledError
from ztrade_core.backtest.kernel.schedule import bar_schedule
from ztrade_core.backtest.legs import Leg
from ztrade_core.backtest.loop import LoopInput, Progress, run_loop
from ztrade_core.backtest.mood import NO_MOOD, Mood, mood_of
from ztrade_core.backtest.news_ticks import news_ticks
from ztrade_core.backtest.runs import Bench, gaps_in, known_range, load_bars
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.studies import Figures, Parameters, Trial
from ztrade_core.domain.time import to_micros
from ztrade_core.domain.words import are, counted
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.logs import get_logger
from ztrade_core.studies.compiled import CompiledCandidates
from ztrade_core.studies.figures import Frame, figures_of_kernel, figures_of_loop, frame_of
from ztrade_core.studies.parameters import agent_with, with_values

log = get_logger(__name__)

__all__ = ["StudyData", "agent_with", "evaluate", "load_study_data", "window_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyData:
    """An agent's bars with the warm-up of the longest look-back tried.

    `first` is the index of the first bar that is decided on; `completed` is when each bar completes
    (microseconds); `lookback` how many bars of warm-up the longest look-back needs; `mood` what was known
    of the symbol's sentiment.
    """

    agent: AgentConfig
    series: BarSeries
    first: int
    source: str
    completed: IntArray
    lookback: int
    mood: Mood = NO_MOOD


def load_study_data(
    bench: Bench, agent: AgentConfig, start: str, end: str, candidates: Sequence[Parameters]
) -> StudyData:
    """Read the bars of a range once, with warm-up enough for every candidate.

    Raises InputError for a bad range or a future one and for an agent that no strategy decides for, NoDataError
    without bars, ConfigError for a candidate that the agent cannot have.
    """
    maker = bench.maker_of(agent)
    if not isinstance(maker, StrategyMaker):
        raise InputError(
            f"{agent.agent_id} is decided by {maker.name}: a study varies the parameters of a"
            " strategy; write mode: strategy"
        )
    begins, ends = known_range(bench, start, end)
    agents = [agent_with(agent, parameters) for parameters in candidates] or [agent]
    lookback = max(maker.lookback_bars(each) for each in agents)
    series, first, source = load_bars(bench, agent, begins, ends, lookback)
    completed, _ = bar_schedule(bench.calendar, agent.instrument.asset_class, series)
    return StudyData(
        agent=agent,
        series=series,
        first=first,
        source=source,
        completed=completed,
        lookback=lookback,
        mood=_mood(bench, agent, series, first),
    )


def _mood(bench: Bench, agent: AgentConfig, series: BarSeries, first: int) -> Mood:
    """Return what was known; a study decides on bars only, and counts the news that it leaves out."""
    left_out = len(news_ticks(bench.breaking, bench.calendar, agent, series, first=first))
    return replace(mood_of(bench.sentiment, bench.calendar, series, first), left_out=left_out)


def window_of(data: StudyData, begins: datetime, ends: datetime) -> StudyData:
    """Return the bars that are decided on within `begins <= t < ends`, with their warm-up.

    They are those that a run over that range has: opened from `begins` on and complete by `ends`.
    Raises NoDataError when there are none.
    """
    opened = data.series.timestamps
    first = max(data.first, int(np.searchsorted(opened, to_micros(begins))))
    end = int(np.searchsorted(data.completed, to_micros(ends), side="right"))
    end = min(end, int(np.searchsorted(opened, to_micros(ends))))
    if first >= end:
        raise NoDataError(f"no bars of {data.agent.symbol} from {begins} to {ends}")
    start = max(0, first - data.lookback)
    return replace(
        data,
        series=data.series.window(start, end),
        first=first - start,
        completed=data.completed[start:end],
    )


def evaluate(
    bench: Bench,
    data: StudyData,
    candidates: Sequence[Parameters],
    progress: Progress | None = None,
) -> list[Trial]:
    """Run every candidate over the bars and return its figures, in the order given.

    Each runs compiled where it can, else in the event loop: its trial says why. `progress` is told
    (candidates done, candidates in all).
    """
    decided = data.series.window(data.first, len(data.series))
    frame = frame_of(
        data.agent,
        decided,
        data.completed[data.first :],
        bench.company.broker.costs,
        gaps_in(bench, data.agent, decided)["missing_bars"],
    )
    compiled, why = _compiled(bench, data, len(candidates))
    trials = []
    for number, parameters in enumerate(candidates):
        agent = with_values(data.agent, parameters)
        figures, reason = _figures(bench, data, agent, (frame, compiled, why))
        trials.append(
            Trial(number=number, parameters=parameters, metrics=figures, why_not_compiled=reason)
        )
        if progress is not None:
            progress(number + 1, len(candidates))
    slow = [trial.why_not_compiled for trial in trials if trial.why_not_compiled]
    if slow:
        log.warning("not_compiled", candidates=len(slow), of=len(trials), why=slow[0])
    return trials


def _compiled(
    bench: Bench, data: StudyData, candidates: int
) -> tuple[CompiledCandidates | None, str]:
    """Return what runs candidates compiled, or why nothing can."""
    folder, strategy = bench.kernel_folder, data.agent.strategy.name
    bars = (len(data.series) - data.first) * candidates
    if folder is None:
        return None, "no folder for compiled kernels is given"
    try:
        if bars < bench.worth_bars and not is_built((strategy,), folder):
            return (
                None,
                f"{counted(bars, 'bar')} {are(bars)} played sooner than {strategy} is compiled",
            )
        return CompiledCandidates(bench.company, bench.calendar, _leg(data), folder), ""
    except (NotCompiledError, ImportError) as error:
        return None, str(error)


def _figures(
    bench: Bench,
    data: StudyData,
    agent: AgentConfig,
    means: tuple[Frame, CompiledCandidates | None, str],
) -> tuple[Figures, str]:
    """Return a candidate's figures and why it did not run compiled (empty: it did)."""
    frame, compiled, why = means
    if compiled is not None:
        try:
            return figures_of_kernel(frame, compiled.run(agent)), ""
        except NotCompiledError as error:
            why = str(error)
    output = run_loop(
        LoopInput(
            company=bench.company,
            agent=agent,
            maker=bench.maker_of(agent),
            calendar=bench.calendar,
            series=data.series,
            first=data.first,
            source=data.source,
            sentiment=data.mood.series,
        )
    )
    return figures_of_loop(frame, output), why


def _leg(data: StudyData) -> Leg:
    return Leg(
        agent=data.agent,
        series=data.series,
        first=data.first,
        source=data.source,
        sentiment=data.mood.series,
    )
