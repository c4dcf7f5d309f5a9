"""Which bars a mind is asked on, by hand; and that a session is compiled of what its name hashes."""

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.desk import bar
from tests.fakes.desk_makers import ScriptedMaker, proposal
from tests.fakes.kernels import kernel_folder
from tests.unit.backtest.builders import STOCK, bars_of, given, script_of, wide_open
from ztrade_core.backtest.engines import run_agent
from ztrade_core.backtest.kernel import building
from ztrade_core.backtest.kernel.minds.dispatch import KINDS
from ztrade_core.backtest.loop import LoopOutput, run_loop
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import INVALID_ANSWER, Proposal
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.waking import WakeConditions

FLAT = (100.0, 100.5, 99.5, 100.0)
BUY, SELL = proposal("buy", quantity=10.0), proposal("sell")


def asked_bars(
    rows: list[tuple[float, float, float, float]],
    wake: WakeConditions,
    answers: Mapping[int, Proposal] | None = None,
    *,
    house: Company | None = None,
) -> tuple[list[int], LoopOutput]:
    """Return the numbers of the bars that were asked, the same by session and by loop."""
    series = bars_of(rows)
    script = script_of(series, answers or {}, STOCK.agent_id)
    asked = []
    outputs = []
    for runs in (lambda each: run_agent(each, kernel_folder()).output, run_loop):
        mind = ScriptedMaker(script)
        each = replace(given(series, mind, house=house or wide_open()), wake=wake)
        outputs.append(runs(each))
        asked.append([slot for _, slot in mind.asked])
    assert asked[0] == asked[1]
    assert outputs[0] == outputs[1]
    slots = [iso_z(bar(number)) for number in range(len(rows))]
    return [slots.index(slot) for slot in asked[0]], outputs[0]


def test_every_third_bar_from_the_first() -> None:
    asked, output = asked_bars([FLAT] * 8, WakeConditions(every_bars=3))
    assert asked == [0, 3, 6]
    assert output.holds == {"asleep: wakes every 3 bars": 5, "as scripted": 3}


def test_a_close_that_crosses_a_level() -> None:
    closes = [100.0, 100.9, 101.0, 102.0, 100.5, 100.6]
    rows = [(100.5, 103.0, 99.5, close) for close in closes]
    asked, _ = asked_bars(rows, WakeConditions(levels=(101.0,)))
    assert asked == [0, 2, 4]  # 102 to 100.5 comes back through it


def test_a_move_from_the_close_it_was_asked_on() -> None:
    closes = [100.0, 100.6, 101.0, 101.6, 100.0, 99.9]
    rows = [(100.5, 103.0, 99.5, close) for close in closes]
    asked, _ = asked_bars(rows, WakeConditions(moved_fraction=0.01))
    assert asked == [0, 2, 5]  # 101 is 1 % above 100; 99.9 is the first that is 1 % below 101


def test_a_fill_wakes_on_its_bar_and_a_sleeping_position_has_its_stop() -> None:
    """Bought on bar 0, filled on 1, asked there; stopped on bar 4, asked there; then nothing."""
    rows = [FLAT] * 4 + [(100.0, 100.0, 96.0, 98.0)] + [(98.0, 98.5, 97.5, 98.0)] * 3
    asked, output = asked_bars(rows, WakeConditions(on_fill=True), {0: BUY})
    assert asked == [0, 1, 4]
    assert [fill.action for fill in output.fills] == ["buy", "sell (stop)"]


def test_an_entry_that_is_denied_or_does_not_fill_is_a_risk_event() -> None:
    """Bar 0's entry is denied: its stop is above the price. Bar 1's does not fill on bar 2."""
    rows = [FLAT, FLAT, (102.0, 103.0, 101.5, 102.0), *[(102.0, 103.0, 101.5, 102.0)] * 3]
    answers = {0: proposal("buy", stop_price=101.0), 1: BUY}
    asked, output = asked_bars(rows, WakeConditions(on_risk_event=True), answers)
    assert asked == [0, 1, 2]
    assert output.outcomes["denied"] == 1
    assert output.fills == []


def test_a_halt_that_begins_is_a_risk_event() -> None:
    """The stop on bar 3 loses 0.03 % of the capital, over the day's 0.02 %."""
    house = wide_open(max_daily_loss_fraction=0.0002)
    rows = [FLAT] * 3 + [(100.0, 100.0, 96.0, 98.0)] + [(98.0, 98.5, 97.5, 98.0)] * 4
    asked, output = asked_bars(rows, WakeConditions(on_risk_event=True), {0: BUY}, house=house)
    assert output.halts == {"daily_loss": 1}
    assert asked == [0, 4]  # it began with bar 3's decision; the next bar knows of it


def test_five_unusable_answers_halt_a_mind_that_sleeps_between_them() -> None:
    """Asked on every second bar: the fifth such answer is bar 8's, the halt begins on bar 9."""
    unusable = replace(proposal("hold"), factors=((INVALID_ANSWER, "no JSON"),))
    answers = dict.fromkeys(range(0, 10, 2), unusable) | {10: BUY}
    asked, output = asked_bars([FLAT] * 12, WakeConditions(every_bars=2), answers)
    assert asked == [0, 2, 4, 6, 8, 10]
    assert output.halts == {"runaway": 1}
    assert (output.outcomes["denied"], output.fills) == (1, [])


@pytest.mark.parametrize(
    "compiled", [building._SESSION, building.modules_of(KINDS)], ids=["session", "kernel"]
)
def test_every_source_that_is_compiled_is_hashed(compiled: tuple[str, ...]) -> None:
    modules = {*compiled, "ztrade_core.backtest.kernel.portfolio"}
    for name in modules:
        for function in vars(importlib.import_module(name)).values():
            if inspect.isfunction(function) and _is_ours(function):
                assert function.__module__ in modules, f"{name} calls {function.__qualname__}"


def _is_ours(function: Any) -> bool:
    known = function.__module__ in {
        "ztrade_core.strategies.answers",
        "ztrade_core.backtest.kernel.minds.dispatch",
    }
    return function.__module__.startswith("ztrade_core.") and not known
