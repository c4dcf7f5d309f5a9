"""Which engine runs an agent's backtest: the compiled kernel, a compiled session, the event loop.

A strategy runs in the kernel, any other mind between the compiled bars of a session; what neither can
decide, in the loop. All give the same rows, to the last bit; which one it was, and why not a compiled one,
is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ztrade_core.backtest.asking import Interview, Remembering
from ztrade_core.backtest.kernel.building import is_built, is_session_built
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.kernel.explaining import hold_reasons
from ztrade_core.backtest.kernel.inputs import why_not
from ztrade_core.backtest.kernel.session import Session
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import (
    LoopInput,
    LoopOutput,
    Progress,
    backtest_fills,
    costs_paid,
    run_loop,
)
from ztrade_core.backtest.news_ticks import why_loop
from ztrade_core.backtest.reasons import counted_reasons
from ztrade_core.backtest.replaying import Replay
from ztrade_core.decision_makers.recorded import RecordedMaker
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.equity import EquityCurve
from ztrade_core.domain.words import are, counted
from ztrade_core.logs import get_logger

EVENT_LOOP = "event_loop/1"
KERNEL = "kernel/1"
SESSION = "session/1"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRun:
    """A run's output, the engine that made it, and why it was not the kernel (empty: it was)."""

    output: LoopOutput
    engine: str
    why_not_compiled: str


def run_agent(
    given: LoopInput,
    kernel_folder: Path | None,
    progress: Progress | None = None,
    *,
    worth_bars: int = 0,
) -> EngineRun:
    """Run an agent by the fastest engine that its mind and bars allow.

    `kernel_folder` keeps compiled kernels; None is the event loop always. A kernel that is not there yet
    is compiled for `worth_bars` bars or more: fewer are played sooner than compiled. The kernel tells `progress`
    once, at the end: it is there before a bar could be drawn. A mind that is no strategy is asked
    between compiled bars; where only the loop can decide, it is not asked again for what it answered.
    """
    is_plain = isinstance(given.maker, StrategyMaker | RecordedMaker)
    if not is_plain:
        given = replace(given, maker=Remembering(given.maker))
    by_kernel = isinstance(given.maker, StrategyMaker) and given.wake is None
    try:
        folder = _given_folder(kernel_folder, given)
        if by_kernel:
            output = _compiled(given, folder, worth_bars)
        else:
            output = _asked(given, folder, worth_bars, progress)
    except (NotCompiledError, ImportError) as error:
        log.info("not_compiled", agent_id=given.agent.agent_id, why=str(error))
        loop = run_loop(given, progress)
        return EngineRun(output=loop, engine=EVENT_LOOP, why_not_compiled=str(error))
    if progress is not None:
        progress(len(output.equity), len(output.equity))
    return EngineRun(output=output, engine=KERNEL if by_kernel else SESSION, why_not_compiled="")


def _given_folder(kernel_folder: Path | None, given: LoopInput) -> Path:
    if given.news:
        raise NotCompiledError(why_loop(given.agent, given.news))
    if kernel_folder is None:
        raise NotCompiledError("no folder for compiled kernels is given")
    return kernel_folder


def _compiled(given: LoopInput, kernel_folder: Path, worth_bars: int) -> LoopOutput:
    strategy = given.agent.strategy.name
    _refuse_few(given, worth_bars, strategy, is_built=is_built((strategy,), kernel_folder))
    portfolio = _portfolio(given)
    reason = why_not(portfolio)
    if reason is not None:
        raise NotCompiledError(reason)
    return loop_output(run_kernel(portfolio, kernel_folder))


def _asked(
    given: LoopInput, kernel_folder: Path, worth_bars: int, progress: Progress | None
) -> LoopOutput:
    """Play compiled between the bars that the mind, or a recording, is asked on."""
    built = is_session_built(kernel_folder)
    _refuse_few(given, worth_bars, "the pass between two answers", is_built=built)
    portfolio = _portfolio(given)
    reason = why_not(portfolio)
    if reason is not None:
        raise NotCompiledError(reason)
    session = Session(portfolio, kernel_folder)
    if isinstance(given.maker, RecordedMaker):
        replay = Replay(given, session, given.maker)
        replay.run()
        return loop_output(session.output(), replay.holds)
    interview = Interview(given, session)
    interview.run(progress)
    return loop_output(session.output(), interview.holds)


def _refuse_few(given: LoopInput, worth_bars: int, what: str, *, is_built: bool) -> None:
    bars = len(given.series) - given.first
    if bars < worth_bars and not is_built:
        raise NotCompiledError(
            f"{counted(bars, 'bar')} {are(bars)} played sooner than {what} is compiled"
        )


def _portfolio(given: LoopInput) -> PortfolioInput:
    return PortfolioInput(company=given.company, calendar=given.calendar, legs=(given.leg,))


def loop_output(output: KernelOutput, holds: Mapping[str, int] | None = None) -> LoopOutput:
    """Return what the event loop would have left of a lone agent's run.

    `holds` counts why bars were held where a mind outside answered; None: the kernel's strategies did.
    """
    leg = output.given.legs[0]
    counted_holds = counted_reasons(hold_reasons(output) if holds is None else holds)
    values = output.equity - output.given.company.capital_usd
    values += leg.agent.allocated_usd  # in place: a run may have millions of bars
    fills = output.fills()
    commission_usd, coin_fees_usd = costs_paid(fills)
    return LoopOutput(
        fills=backtest_fills(fills),
        equity=EquityCurve(output.laid.market[1][1][leg.first :], values, values - output.exposure),
        outcomes=output.outcomes,
        denials=output.denials,
        halts=output.halts,
        commission_usd=commission_usd,
        coin_fees_usd=coin_fees_usd,
        holds=counted_holds,
    )
