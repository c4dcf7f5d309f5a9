"""A look ahead that hides: in what a mind remembers from run to run, on few bars only."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.peeking import PeekingMaker, RememberingMaker, plain_kernel
from tests.unit.studies.canary_cases import QUICK, bars, canary_input
from ztrade_core.studies.canary import BOUNDED, BRIEF, Effort, look_for_peeking
from ztrade_core.studies.canary_findings import Data

RARE = "ticks[bar] // 10000 % 33 == 5"
LINE = f"z_of(ticks[min(bar + 1, len(ticks) - 1)] if {RARE} else ticks[bar], mean, deviation)"


@pytest.mark.parametrize(("remembered", "reach"), [(False, 1), (True, 1), (True, 2)])
def test_a_mind_that_remembers_earlier_runs_is_caught(*, remembered: bool, reach: int) -> None:
    """Even one that saw the whole future before."""
    seen = dict(zip(bars().timestamps.tolist(), bars().closes.tolist(), strict=True))
    memory = seen if remembered else {}
    given = canary_input(mind_of=lambda _: RememberingMaker(memory, reach))
    found = look_for_peeking(given, effort=replace(QUICK, window_bars=2)).difference
    assert found is not None
    assert found.what == "decision"
    assert "it remembers" in found.was


def test_what_only_the_same_bars_again_show_is_told_so() -> None:
    """Made to look whether it compiles, to look for positions, and for four runs: it buys in the last."""
    made = iter(range(100))

    def mind(data: Data) -> PeekingMaker:
        buys = next(made) == 5
        return PeekingMaker(data, lambda _data, _bar: buys)

    report = look_for_peeking(canary_input(mind_of=mind), effort=replace(QUICK, window_bars=2))
    found = report.difference
    assert found is not None
    assert found.future is None
    assert "depends on what earlier runs left in the mind" in report.line()
    assert "the same bars again" in report.line()


@pytest.mark.parametrize("effort", [BOUNDED, BRIEF], ids=["bounded", "brief"])
def test_a_peek_on_three_bars_of_a_hundred_is_caught(effort: Effort, tmp_path: Path) -> None:
    """The seed is fixed, so it is found for good; the named moments alone do not find it."""
    ticks = np.rint(bars().closes * 1e6).astype(np.int64)
    assert 0.0 < np.mean(ticks // 10000 % 33 == 5) < 0.04
    given = canary_input(kernel=plain_kernel(tmp_path, LINE))
    few = replace(effort, window_bars=2, drawn=0)
    assert look_for_peeking(given, effort=few).passed
    found = look_for_peeking(given, effort=replace(effort, window_bars=2)).difference
    assert found is not None
    assert found.moment.is_drawn
