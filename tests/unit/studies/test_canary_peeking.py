"""A mind that looks ahead is caught, whichever way it looks; one that does not is not."""

from pathlib import Path

import pytest

from tests.fakes.peeking import (
    A_DAY_AHEAD,
    HONEST,
    NEXT_BAR,
    WHOLE_MEAN,
    PeekingMaker,
    Rule,
    below_its_mean,
    below_its_own_past,
    cheered_today,
    peeking_kernel,
    plain_kernel,
    rises_within,
)
from tests.unit.studies.canary_cases import QUICK, bars, canary_input, cheers
from ztrade_core.backtest.kernel.building import Kernel
from ztrade_core.domain.time import from_micros, to_micros
from ztrade_core.studies.canary import BRIEF, Effort, look_for_peeking
from ztrade_core.studies.canary_findings import CanaryReport, Data
from ztrade_core.studies.canary_kernel import ENGINE as COMPILED
from ztrade_core.studies.canary_loop import ENGINE as LOOP

DAY_BARS = 78


def in_the_loop(rule: Rule, data: Data | None = None, effort: Effort = QUICK) -> CanaryReport:
    given = canary_input(
        data=data or Data(series=bars()), mind_of=lambda known: PeekingMaker(known, rule)
    )
    return look_for_peeking(given, effort=effort)


def in_the_kernel(kernel: Kernel, effort: Effort = QUICK) -> CanaryReport:
    return look_for_peeking(canary_input(kernel=kernel), effort=effort)


@pytest.mark.parametrize("effort", [QUICK, BRIEF], ids=["quick", "brief"])
@pytest.mark.parametrize(
    ("rule", "reach"),
    [(rises_within(1), 1), (rises_within(DAY_BARS), DAY_BARS), (below_its_mean, 10)],
    ids=["the next bar", "one day ahead only", "a mean of the whole series"],
)
def test_a_mind_that_peeks_is_caught_in_the_event_loop(
    rule: Rule, reach: int, effort: Effort
) -> None:
    report = in_the_loop(rule, effort=effort)
    found = report.difference
    assert found is not None
    assert not report.passed
    assert (found.engine, found.what) == (LOOP, "decision")
    assert sorted([found.was, found.became]) == ["buy (it knows)", "sell (it knows)"]
    apart = found.moment.index - bars().timestamps.searchsorted(to_micros(found.opened))
    assert 0 <= apart < reach
    assert "agent_tsla looks ahead: the decision on the bar of 2022-12-1" in report.line()


def test_a_mind_that_peeks_into_later_sentiment_of_the_day_is_caught() -> None:
    series = bars()
    report = in_the_loop(cheered_today, Data(series=series, sentiment=cheers(series)))
    assert report.difference is not None
    assert report.difference.what == "decision"


def test_a_mind_that_holds_all_data_but_looks_back_only_is_not_accused() -> None:
    report = in_the_loop(below_its_own_past)
    assert report.passed
    assert report.loop.decisions == report.loop.bars > 50
    assert report.why_not_compiled == "no folder for compiled kernels is given"


def test_a_mind_that_peeks_is_caught_in_the_compiled_kernel(tmp_path: Path) -> None:
    report = in_the_kernel(peeking_kernel(tmp_path, NEXT_BAR))
    found = report.difference
    assert found is not None
    assert (found.engine, found.what) == (COMPILED, "decision")
    assert found.opened == from_micros(int(bars().timestamps[found.moment.index]))


@pytest.mark.parametrize("effort", [QUICK, BRIEF], ids=["quick", "brief"])
@pytest.mark.parametrize("line", [NEXT_BAR, A_DAY_AHEAD, WHOLE_MEAN])
def test_a_mind_that_peeks_is_caught_in_the_plain_kernel(
    line: str, effort: Effort, tmp_path: Path
) -> None:
    found = in_the_kernel(plain_kernel(tmp_path, line), effort).difference
    assert found is not None
    assert found.engine == COMPILED
    assert found.opened < found.moment.at


def test_the_same_kernel_with_its_own_line_passes(tmp_path: Path) -> None:
    report = in_the_kernel(plain_kernel(tmp_path, HONEST))
    assert report.passed, report.line()
    assert report.kernel.decisions > 20
    assert report.kernel.fills > 20
    assert report.loop.bars > 50
