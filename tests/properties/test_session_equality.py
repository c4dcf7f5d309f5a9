"""A mind asked in between compiled bars is the event loop with a mind that sleeps: to the last bit.

Bars are wild, limits bind, the mind answers anything: entries with brackets and sizes of their own,
exits of nothing, entries beside a position. It must see the same snapshots and leave the same rows.
"""

from dataclasses import replace

from hypothesis import assume, given, settings

from tests.fakes.kernels import kernel_folder
from tests.fakes.minds import WildMaker, wake_conditions, wild_makers
from tests.fakes.portfolios import portfolios
from tests.properties.test_kernel_equality import asked_by, asked_of
from ztrade_core.backtest.asking import Interview
from ztrade_core.backtest.engines import loop_output, run_agent
from ztrade_core.backtest.kernel import resuming
from ztrade_core.backtest.kernel.engine import NotCompiledError
from ztrade_core.backtest.kernel.session import Session
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.decision_makers.recorded import RecordedMaker, Recording
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.trading.cycle import CycleResult


def loop_input(case: PortfolioInput, mind: WildMaker, wake: WakeConditions | None) -> LoopInput:
    leg = case.legs[0]
    return LoopInput(
        company=case.company,
        agent=leg.agent,
        maker=mind,
        calendar=case.calendar,
        series=leg.series,
        first=leg.first,
        source="test",
        sentiment=leg.sentiment,
        wake=wake,
    )


def compare(
    case: PortfolioInput, mind: WildMaker, wake: WakeConditions | None, module: object
) -> None:
    case = replace(case, legs=(replace(case.legs[0], source="test"),))
    asked = loop_input(case, mind, wake)
    try:
        session = Session(case, kernel_folder(), module)
        interview = Interview(asked, session)
        interview.run()
    except NotCompiledError:
        assume(False)  # noqa: FBT003 - a case the session leaves to the loop
    seen = list(mind.seen)
    mind.seen.clear()
    results: list[CycleResult] = []
    looped = run_loop(asked, watcher=results.append)
    assert mind.seen == seen
    output = session.output()
    assert asked_by(output) == asked_of(results)
    assert loop_output(output, interview.holds) == looped


@given(portfolios(most=1), wild_makers(), wake_conditions())
def test_a_session_is_the_event_loop_with_a_sleeping_mind(
    case: PortfolioInput, mind: WildMaker, wake: WakeConditions | None
) -> None:
    compare(case, mind, wake, None)


@given(portfolios(most=1), wild_makers())
def test_a_recording_repeats_the_same_by_session_and_by_loop(
    case: PortfolioInput, mind: WildMaker
) -> None:
    answers: dict[str, Proposal] = {}
    case = replace(case, legs=(replace(case.legs[0], source="test"),))
    asked = loop_input(case, mind, None)
    first = run_loop(asked, watcher=lambda result: noted(answers, result))
    maker = RecordedMaker(Recording(agent_id="agent_0", source="test", entries=answers))
    replayed = replace(asked, maker=maker)
    done = run_agent(replayed, kernel_folder())
    assume(done.engine == "session/1")
    assert done.output == run_loop(replayed)
    assert (done.output.fills, done.output.equity) == (first.fills, first.equity)


def noted(answers: dict[str, Proposal], result: CycleResult) -> None:
    """Keep what the mind answered, some holds left out: it stands for itself."""
    proposal, slot = result.tape.proposal, result.tape.key.slot
    if not proposal.maker.startswith("protection:") and not (
        proposal.action is Action.HOLD and slot[-3] == "0"
    ):
        answers[slot] = proposal


@given(portfolios(most=1), wild_makers(), wake_conditions())
@settings(max_examples=15)
def test_a_session_is_the_same_uncompiled(
    case: PortfolioInput, mind: WildMaker, wake: WakeConditions | None
) -> None:
    compare(case, mind, wake, resuming)
