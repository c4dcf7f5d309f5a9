"""The future canary: does anything that an agent saw, decided or did depend on what came later?

Everything known after a moment is changed from a seed, the agent runs again, and up to that moment all
must be the same: inputs by their content hash, decisions, verdicts, executions, equity. The compiled
kernel runs the whole range each time; the event loop, the very cycle of live trading, the last
`WINDOW_BARS` bars before each named moment, so that a check takes seconds, or all of them.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError
from ztrade_core.backtest.mood import mood_of
from ztrade_core.backtest.runs import Bench, known_range, load_bars
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import MICROSECOND, from_micros, iso_z, to_micros
from ztrade_core.errors import InputError
from ztrade_core.studies.canary_findings import (
    CanaryInput,
    CanaryReport,
    Compared,
    Data,
    Difference,
    Future,
    Moment,
)
from ztrade_core.studies.canary_kernel import check_kernel, held_spans, run_compiled
from ztrade_core.studies.canary_loop import check_loop, play, refuse_model
from ztrade_core.studies.canary_moments import Held, completion, drawn_bars, moments_of

SEED = 20221228
WINDOW_BARS = 100
DRAWN = 200  # moments beside the named ones; the kernel alone looks at them
BRIEF_BARS = 700_000  # that the kernel plays for moments drawn: some 0.3 s
PROBE_BARS = 200  # where no kernel runs, positions are looked for in so many
FUTURES = (Future.CRASH, Future.BOOM)
ALL_FUTURES = tuple(Future)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much a canary does.

    `window_bars` is how many bars up to a moment the event loop plays (None: all of them), `drawn` how
    many moments are drawn at random beside the named ones: the kernel plays one other future for each,
    that ends days after it, and of `drawn_bars` in all no more than these. `near`: so do those after the
    named ones, else they go on past the old end. `BRIEF` goes with every backtest.
    """

    window_bars: int | None = WINDOW_BARS
    drawn: int = DRAWN
    drawn_bars: int | None = None
    futures: tuple[Future, ...] = FUTURES
    near: bool = False


BRIEF = Effort(window_bars=8, drawn_bars=BRIEF_BARS, near=True)
BOUNDED = Effort()
WHOLE = Effort(window_bars=None, drawn=5 * DRAWN, futures=ALL_FUTURES)


def check_stored(
    bench: Bench,
    agent_id: str,
    asked: tuple[str, str] | None = None,
    *,
    effort: Effort = BOUNDED,
    seed: int = SEED,
    sentiment: SentimentSeries | None = None,
) -> CanaryReport:
    """Look for a look ahead of an agent over stored bars.

    `asked` is the range as `parse_range` takes it; None is that of the agent's newest stored run, else
    all its bars. `sentiment` None is what is stored. Raises InputError and NoDataError like a backtest, and InputError for a model.
    """
    agent = bench.company.agent(agent_id)
    if agent is None:
        known = ", ".join(a.agent_id for a in bench.company.agents) or "none"
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    begins, ends = known_range(bench, *(asked or usual_range(bench, agent_id)))
    mind = bench.maker_of(agent)
    refuse_model(mind, agent)
    series, first, source = load_bars(bench, agent, begins, ends, mind.lookback_bars(agent))
    if sentiment is None:
        sentiment = mood_of(bench.sentiment, bench.calendar, series, first).series
    if sentiment is not None:
        sentiment = replace(sentiment, readings=None)  # other futures have numbers only
    given = CanaryInput(
        company=bench.company,
        agent=agent,
        calendar=bench.calendar,
        data=Data(series=series, sentiment=sentiment),
        first=first,
        source=source,
        mind_of=lambda _: bench.maker_of(agent),
        kernel_folder=bench.kernel_folder,
        worth_bars=bench.worth_bars,
    )
    return look_for_peeking(given, effort=effort, seed=seed)


def usual_range(bench: Bench, agent_id: str) -> tuple[str, str]:
    """Return the range of the agent's newest stored run, else of all its bars, as text."""
    runs = bench.backtests.runs(agent_id, limit=1)
    if runs:
        return iso_z(runs[0].start), iso_z(runs[0].end)
    agent = bench.company.agent(agent_id)
    for status in bench.bars.status():
        if agent is not None and (status.symbol, status.timeframe) == (
            agent.symbol,
            agent.timeframe,
        ):
            last = status.last_open + agent.timeframe.duration
            return iso_z(status.first_open), iso_z(last)
    now = bench.clock.now()
    return iso_z(now - MICROSECOND), iso_z(now)


def look_for_peeking(
    given: CanaryInput, *, effort: Effort = BOUNDED, seed: int = SEED
) -> CanaryReport:
    """Run both engines before other futures and report; it ends with the first difference."""
    known, why_not_compiled = _compiled(given)
    series = given.data.series
    count = 0 if known is None else _affordable(effort, len(series) - given.first)
    drawn = drawn_bars(series, given.first, count, seed)
    held = _probed(given) if known is None else held_spans(known)
    moments = moments_of(series, given.first, held, given.calendar, drawn)
    kernel, loop = Compared(), Compared()
    found: Difference | None = None
    for number, moment in enumerate(moments):
        if found is None and known is not None:
            futures, near = _futures_of(effort, moment, number)
            done, found = check_kernel(given, known, moment, futures, seed, near=near)
            kernel = kernel.plus(done)
    for moment in moments:
        if found is None and not moment.is_drawn:
            start = _start(given, moment, effort.window_bars)
            done, found = check_loop(given, moment, start, effort.futures, seed)
            loop = loop.plus(done)
    return CanaryReport(
        agent_id=given.agent.agent_id,
        begins=from_micros(int(series.timestamps[given.first])),
        ends=completion(series, len(series) - 1, given.calendar),
        seed=seed,
        moments=moments,
        kernel=kernel,
        loop=loop,
        window_bars=effort.window_bars,
        why_not_compiled=why_not_compiled,
        difference=found,
    )


def _affordable(effort: Effort, bars: int) -> int:
    """Return how many moments are drawn; a run up to one is half the bars long on average."""
    if effort.drawn_bars is None:
        return effort.drawn
    return min(effort.drawn, 2 * effort.drawn_bars // bars)


def _futures_of(effort: Effort, moment: Moment, number: int) -> tuple[tuple[Future, ...], bool]:
    """Return the futures the kernel plays after a moment, and whether they end soon: one if drawn."""
    if not moment.is_drawn:
        return effort.futures, effort.near
    return (effort.futures[number % len(effort.futures)],), True


def _compiled(given: CanaryInput) -> tuple[KernelOutput | None, str]:
    try:
        return run_compiled(given, given.data), ""
    except (NotCompiledError, ImportError) as error:
        return None, str(error)


def _start(given: CanaryInput, moment: Moment, window_bars: int | None) -> int:
    if window_bars is None:
        return given.first
    return max(given.first, moment.index + 1 - window_bars)


def _probed(given: CanaryInput) -> Held:
    """Return the positions that the event loop takes in a stretch from the first third on."""
    series = given.data.series
    start = given.first + (len(series) - given.first) // 3
    stop = min(start + PROBE_BARS, len(series))
    played = play(given, given.data, start, stop)
    spans: list[tuple[int, int]] = []
    entered = -1
    for fill in played.fills:
        bar = _bar_of(series, fill.filled_at)
        if fill.side.value == "buy":
            entered = bar
        elif entered >= 0:
            spans.append((entered, bar))
            entered = -1
    return spans if entered < 0 else [*spans, (entered, stop - 1)]


def _bar_of(series: BarSeries, instant: datetime) -> int:
    """Return the bar in which something happened."""
    return int(series.timestamps.searchsorted(to_micros(instant), side="right")) - 1
