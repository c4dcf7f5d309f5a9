"""On any history a mind that sleeps is asked on the same bars, from the store and in a backtest."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.fakes.desk import kit_in_memory
from tests.fakes.minds import WildMaker, wake_conditions, wild_makers
from tests.fakes.waking import backtest_cycles, house_of, kit_for, live_cycles, news_at
from tests.unit.backtest.builders import wide_open
from tests.unit.brokers.builders import Row
from ztrade_core.backtest.desks import BACKTEST
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.trading.cycle import CycleResult

BARS = 24


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Bars of a random walk around 100, in steps that reach stops and targets; a few without volume."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    step = draw(st.sampled_from([0.001, 0.005, 0.02]))
    rows, last = [], 100.0
    for _ in range(BARS):
        opened = round(last * (1.0 + step * float(rng.normal()) / 2.0), 2)
        last = round(opened * (1.0 + step * float(rng.normal())), 2)
        high = round(max(opened, last) * (1.0 + step * float(rng.random())), 2)
        low = round(min(opened, last) * (1.0 - step * float(rng.random())), 2)
        rows.append((opened, high, low, last, 0.0 if rng.random() < 0.1 else 1e6))
    return rows


def came_to(results: Sequence[CycleResult]) -> list[tuple[object, ...]]:
    """Who answered what on which slot, and what the rules made of it."""
    return [
        (
            each.observed.key.slot,
            each.tape.proposal,
            each.validated.outcome,
            each.validated.reason,
        )
        for each in results
    ]


@settings(max_examples=60, deadline=None)
@given(
    rows=histories(),
    mind=wild_makers(),
    wake=wake_conditions(),
    news=st.lists(st.integers(0, BARS - 2), max_size=3, unique=True),
    loss=st.sampled_from([None, 0.0005]),
)
def test_the_store_wakes_as_the_backtests_memory_does(
    rows: list[Row],
    mind: WildMaker,
    wake: WakeConditions | None,
    news: list[int],
    loss: float | None,
) -> None:
    assume(wake is not None)
    assert wake is not None
    company = house_of(wake, wide_open(max_daily_loss_fraction=loss))
    ticks = news_at(sorted(number + 1.5 for number in news))
    live, tested = replace(mind, seen=[]), replace(mind, seen=[])
    found = live_cycles(
        kit_for(kit_in_memory(account=BACKTEST), rows, company, ticks), live, BARS, news=ticks
    )
    expected = backtest_cycles(rows, tested, company, ticks)
    assert came_to(found) == came_to(expected)
    assert len(live.seen) == len(tested.seen)
