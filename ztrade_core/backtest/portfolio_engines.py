"""Which engine runs several agents in one account: the kernel where it can, the event loop otherwise.

Both give the same executions, marks and counts, to the last bit; which one it was is told.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from typing_extensions import override

from ztrade_core.backtest.attention import Attention
from ztrade_core.backtest.engines import EVENT_LOOP, KERNEL
from ztrade_core.backtest.kernel.building import is_built
from ztrade_core.backtest.kernel.by_agent import events_of, of_agent
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.kernel.explaining import hold_reasons
from ztrade_core.backtest.kernel.inputs import why_not
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import Progress, Tally
from ztrade_core.backtest.portfolio_loop import run_portfolio_loop
from ztrade_core.decision_makers.recorded import RecordedMaker
from ztrade_core.decision_makers.sleeping import SleepingMaker
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain import words
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal, is_news_slot
from ztrade_core.domain.equity import EquityCurve, curve_of
from ztrade_core.domain.orders import Fill
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.logs import get_logger
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.cycle import CycleResult

log = get_logger(__name__)
Makers = Mapping[str, DecisionMaker]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRun:
    """What a run of several agents left.

    `equity` has one mark of the account an instant at which a bar completed, `tallies` what each
    agent's bars came to, by its id; `halts` are the account's. `why_not_compiled` is empty for the kernel.
    """

    fills: list[Fill]
    equity: Sequence[EquityPoint]
    tallies: dict[str, Tally]
    halts: dict[str, int]
    engine: str
    why_not_compiled: str


def run_portfolio(
    given: PortfolioInput,
    makers: Makers,
    kernel_folder: Path | None,
    progress: Progress | None = None,
    *,
    worth_bars: int = 0,
) -> PortfolioRun:
    """Run agents in one account by the fastest engine that their minds and bars allow.

    `makers` has each agent's mind by its id. `kernel_folder` keeps compiled kernels; None is the event
    loop always. A kernel that is not there yet is compiled for `worth_bars` bars or more.
    """
    bars = _bars(given)
    try:
        output = run_kernel(given, _folder_for(given, makers, kernel_folder, worth_bars))
    except (NotCompiledError, ImportError) as error:
        log.info("not_compiled", agents=sorted(makers), why=str(error))
        return _looped(given, makers, str(error), progress)
    if progress is not None:
        progress(bars, bars)
    return portfolio_run(output)


def _folder_for(
    given: PortfolioInput, makers: Makers, kernel_folder: Path | None, worth_bars: int
) -> Path:
    """Return the kernels' folder; NotCompiledError where these agents are not run compiled."""
    if kernel_folder is None:
        raise NotCompiledError("no folder for compiled kernels is given")
    for agent_id, maker in sorted(makers.items()):
        if not isinstance(maker, StrategyMaker):
            raise NotCompiledError(f"{maker.name} decides for {agent_id}, which is no strategy")
    reason = why_not(given)
    if reason is not None:
        raise NotCompiledError(reason)
    bars, names = _bars(given), tuple(leg.agent.strategy.name for leg in given.legs)
    if bars < worth_bars and not is_built(names, kernel_folder):
        raise NotCompiledError(
            f"{words.counted(bars, 'bar')} {words.are(bars)} played sooner than their strategies are compiled"
        )
    return kernel_folder


def _bars(given: PortfolioInput) -> int:
    return sum(len(leg.series) - leg.first for leg in given.legs)


def portfolio_run(output: KernelOutput) -> PortfolioRun:
    """Return what the event loop would have left of these agents."""
    moments = events_of(output)[0]
    last = np.append(moments[1:] != moments[:-1], True)  # of an instant's events: the last mark
    cash = output.equity - output.exposure
    tallies = {}
    for number, leg in enumerate(output.given.legs):
        alone, tally = of_agent(output, number), Tally()
        tally.outcomes.update(alone.outcomes)
        tally.denials.update(alone.denials)
        tally.holds.update(hold_reasons(alone))
        tallies[leg.agent.agent_id] = tally
    return PortfolioRun(
        fills=output.fills(),
        equity=EquityCurve(moments[last], output.equity[last], cash[last]),
        tallies=tallies,
        halts=output.halts,
        engine=KERNEL,
        why_not_compiled="",
    )


def _looped(
    given: PortfolioInput, makers: Makers, why: str, progress: Progress | None
) -> PortfolioRun:
    watch = _Watch(given, progress)
    sleepers, attentions = _sleeping(given, makers)
    output = run_portfolio_loop(
        given, _EachItsOwn({**makers, **sleepers}), watcher=watch, attentions=attentions
    )
    marks = {
        point.timestamp: EquityPoint(
            timestamp=point.timestamp,
            portfolio_value=point.equity,
            cash_balance=point.equity - point.exposure,
        )
        for point in output.points
    }
    return PortfolioRun(
        fills=output.fills,
        equity=curve_of(list(marks.values())),
        tallies=watch.tallies,
        halts=output.halts,
        engine=EVENT_LOOP,
        why_not_compiled=why,
    )


def _sleeping(given: PortfolioInput, makers: Makers) -> tuple[Makers, list[Attention]]:
    """Return the minds that sleep between wakes, by their agents, and what counts for them."""
    sleepers, attentions = {}, []
    for leg in given.legs:
        agent_id, wake = leg.agent.agent_id, leg.agent.wake
        if wake is None or isinstance(makers[agent_id], RecordedMaker):
            continue
        attention = Attention(agent_id)
        attentions.append(attention)
        sleepers[agent_id] = SleepingMaker(makers[agent_id], wake, attention.counts)
    return sleepers, attentions


class _Watch:
    """Counts what each agent's cycles came to, and tells how far the run is."""

    def __init__(self, given: PortfolioInput, progress: Progress | None) -> None:
        self.tallies = {leg.agent.agent_id: Tally() for leg in given.legs}
        self._progress = progress
        self._total = _bars(given)
        self._done = 0

    def __call__(self, result: CycleResult) -> None:
        key = result.observed.key
        self.tallies[key.agent_id].add(result)
        self._done += not is_news_slot(key.slot)
        if self._progress is not None:
            self._progress(self._done, self._total)


class _EachItsOwn(DecisionMaker):
    """Hands every question to the mind of the agent that it is about."""

    def __init__(self, makers: Makers) -> None:
        self._makers = makers

    @property
    @override
    def name(self) -> str:
        return " and ".join(sorted({maker.name for maker in self._makers.values()}))

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self._makers[agent.agent_id].lookback_bars(agent)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self._makers[agent.agent_id].propose(snapshot, agent)


def counted(tallies: Mapping[str, Tally], what: str) -> Counter[str]:
    """Return the sum of one count (`outcomes`, `denials`, `holds`) over agents."""
    total: Counter[str] = Counter()
    for tally in tallies.values():
        total.update(getattr(tally, what))
    return total
