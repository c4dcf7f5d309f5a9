"""The compiled kernel is the event loop: every decision, fill and mark, to the last bit.

The loop runs the real cycle, gateway, broker and ledger; the kernel runs arrays. Bars are wild,
limits bind, several agents share the account.
"""

from collections import Counter

from hypothesis import assume, given, settings

from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.portfolios import MOMENTUM, portfolios
from ztrade_core.backtest.kernel import portfolio
from ztrade_core.backtest.kernel.building import Kernel
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.kernel.explaining import hold_reasons
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import backtest_fills
from ztrade_core.backtest.portfolio_loop import PortfolioOutput, run_portfolio_loop
from ztrade_core.backtest.reasons import counted_reasons
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.orders import Fill
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.trading.cycle import CycleResult

Decision = tuple[str, str, str, str, float, tuple[str, ...]]


def asked_of(results: list[CycleResult]) -> list[Decision]:
    """The loop's decisions that asked for something: slot, agent, action, outcome, size, failed rules."""
    found = []
    for result in results:
        admission = result.validated.admission
        assert admission is not None
        decision = admission.row.decision
        if decision.proposal.action is Action.HOLD:
            continue
        is_entry = decision.proposal.action is Action.BUY
        failed = [v.rule_id for v in admission.row.verdicts if is_entry and not v.passed]
        key = decision.key
        what = (decision.proposal.action.value, decision.outcome.value, decision.quantity)
        found.append((key.slot, key.agent_id, *what, tuple(failed)))
    return found


def asked_by(output: KernelOutput) -> list[Decision]:
    return [
        (
            iso_z(from_micros(each.opened)),
            each.agent_id,
            each.action.value,
            each.outcome.value,
            each.quantity,
            each.failed,
        )
        for each in output.decisions()
    ]


def told(fills: list[Fill]) -> list[tuple[object, ...]]:
    return [
        (
            f.agent_id,
            f.role,
            f.filled_at,
            f.known_at,
            f.quantity,
            f.price,
            f.fee_usd,
            f.fee_quantity,
        )
        for f in fills
    ]


def same(loop: PortfolioOutput, results: list[CycleResult], output: KernelOutput) -> None:
    assert asked_by(output) == asked_of(results)
    assert told(output.fills()) == told(loop.fills)
    assert [each.pnl for each in backtest_fills(output.fills())] == [
        each.pnl for each in backtest_fills(loop.fills)
    ]
    assert output.equity.tolist() == [point.equity for point in loop.points]
    assert output.exposure.tolist() == [point.exposure for point in loop.points]
    assert output.outcomes == loop.outcomes
    assert output.denials == loop.denials
    assert output.halts == loop.halts


def same_reasons(results: list[CycleResult], output: KernelOutput) -> None:
    validated = [result.validated for result in results]
    reasons = Counter(each.reason for each in validated if each.outcome is Outcome.HELD)
    assert counted_reasons(hold_reasons(output)) == counted_reasons(reasons)


def compare(case: PortfolioInput, kernel: Kernel) -> None:
    try:
        output = run_kernel(case, kernel_folder(), kernel)
    except NotCompiledError:
        assume(False)  # noqa: FBT003 - a case the kernel leaves to the loop
    results: list[CycleResult] = []
    loop = run_portfolio_loop(case, StrategyMaker(), watcher=results.append)
    same(loop, results, output)
    if len(case.legs) == 1:
        same_reasons(results, output)


@given(portfolios())
def test_the_compiled_kernel_is_the_event_loop(case: PortfolioInput) -> None:
    compare(case, whole_kernel())


@given(portfolios(most=1))
def test_a_lone_agent_holds_for_the_same_reasons(case: PortfolioInput) -> None:
    compare(case, whole_kernel())


@given(portfolios(most=2, choices=(MOMENTUM,)))
def test_sentiment_weighs_the_same_in_both(case: PortfolioInput) -> None:
    compare(case, whole_kernel())


@given(portfolios(most=2))
@settings(max_examples=15)
def test_the_kernel_is_the_same_uncompiled(case: PortfolioInput) -> None:
    compare(case, portfolio.run)
