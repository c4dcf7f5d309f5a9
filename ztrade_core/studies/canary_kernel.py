"""The canary in the compiled kernel: the whole range again before other futures.

Compared up to the moment are every bar's reason, every decision that asked for something with its
outcome, size and failed rules, every execution, equity and exposure, all to the last bit.
"""

from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.building import is_built
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.kernel.inputs import why_not
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.domain.time import from_micros
from ztrade_core.strategies.protocol import ACTIONS
from ztrade_core.studies.canary_findings import (
    CanaryInput,
    Compared,
    Data,
    Difference,
    Future,
    Moment,
)
from ztrade_core.studies.canary_futures import other_future
from ztrade_core.studies.canary_moments import Held

ENGINE = "compiled kernel"
Found = tuple[int, str, str, str]
"""Bar, what, was, became."""
Row = tuple[list[int], Any]
"""A row of a kernel's output: its whole numbers, and its other ones."""


def run_compiled(given: CanaryInput, data: Data) -> KernelOutput:
    """Run the agent compiled over all its bars; NotCompiledError where only the loop can."""
    mind, folder, name = given.mind_of(data), given.kernel_folder, given.agent.strategy.name
    if folder is None and given.kernel is None:
        raise NotCompiledError("no folder for compiled kernels is given")
    if not isinstance(mind, StrategyMaker):
        raise NotCompiledError(f"{mind.name} decides, which is no strategy")
    leg = Leg(
        agent=given.agent,
        series=data.series,
        first=given.first,
        source=given.source,
        sentiment=data.sentiment,
    )
    portfolio = PortfolioInput(company=given.company, calendar=given.calendar, legs=(leg,))
    reason = why_not(portfolio)
    if reason is not None:
        raise NotCompiledError(reason)
    where = folder or Path()
    is_ready = given.kernel is not None or is_built((name,), where)
    if not is_ready and len(data.series) - given.first < given.worth_bars:
        raise NotCompiledError(f"so few bars are played sooner than {name} is compiled")
    return run_kernel(portfolio, where, given.kernel)


def held_spans(output: KernelOutput) -> Held:
    """Return the bars of entry and exit of every position; an open one ends with the last bar."""
    spans: list[tuple[int, int]] = []
    entered = -1
    for row in output.fill_rows[0].tolist():
        if row[at.FILL_KIND] == at.ENTRY_FILL:
            entered = row[at.FILL_BAR]
        elif entered >= 0:
            spans.append((entered, row[at.FILL_BAR]))
            entered = -1
    if entered >= 0:
        spans.append((entered, output.given.legs[0].first + len(output.equity) - 1))
    return spans


def check_kernel(
    given: CanaryInput,
    known: KernelOutput,
    moment: Moment,
    futures: tuple[Future, ...],
    seed: int,
    *,
    near: bool = False,
) -> tuple[Compared, Difference | None]:
    """Run before other futures; one that only the loop can decide is left out of the count.

    `near` as in `canary_futures.other_future`.
    """
    done = Compared()
    first_time = 1
    for future in futures:
        other = other_future(given.data, moment.index, future, seed, given.calendar, near=near)
        try:
            again = run_compiled(replace(given, worth_bars=0), other)
        except NotCompiledError:
            continue
        done = done.plus(replace(_size(known, moment.index), moments=first_time))
        first_time = 0
        found = first_difference(known, again, moment.index)
        if found is not None:
            bar, what, was, became = found
            return done, Difference(
                engine=ENGINE,
                moment=moment,
                future=future,
                opened=from_micros(int(given.data.series.timestamps[bar])),
                what=what,
                was=was,
                became=became,
            )
    return done, None


def first_difference(one: KernelOutput, other: KernelOutput, last: int) -> Found | None:
    """Return the first difference on bars up to `last`; on one bar the decision is told first."""
    found = [
        each
        for each in (
            _asked(one, other, last),
            _points(one, other, last, "reasons", "decision"),
            _fills(one, other, last),
            _points(one, other, last, "equity", "equity"),
            _points(one, other, last, "exposure", "exposure"),
        )
        if each is not None
    ]
    return min(found, key=lambda each: each[0], default=None)


def _size(known: KernelOutput, last: int) -> Compared:
    return Compared(
        runs=1,
        bars=last + 1 - known.given.legs[0].first,
        decisions=int(np.count_nonzero(known.asked_rows[0][:, at.ASKED_BAR] <= last)),
        fills=int(np.count_nonzero(known.fill_rows[0][:, at.FILL_BAR] <= last)),
    )


def _points(
    one: KernelOutput, other: KernelOutput, last: int, name: str, what: str
) -> Found | None:
    first = one.given.legs[0].first
    was, became = (getattr(each, name)[: last + 1 - first] for each in (one, other))
    if np.array_equal(was, became):
        return None
    event = int(np.argmax(was != became))
    kind = "reason " if name == "reasons" else ""
    return first + event, what, f"{kind}{was[event]}", f"{kind}{became[event]}"


def _asked(one: KernelOutput, other: KernelOutput, last: int) -> Found | None:
    pair = _first_unequal(one.asked_rows, other.asked_rows, at.ASKED_BAR, last)
    if pair is None:
        return None
    bar = min(int(row[0][at.ASKED_BAR]) for row in pair if row is not None)
    was, became = (_decision(row, bar) for row in pair)
    return bar, "decision", was, became


def _decision(row: Row | None, bar: int) -> str:
    if row is None or row[0][at.ASKED_BAR] != bar:
        return "hold"
    ints, quantity = row
    return f"{ACTIONS[ints[at.ASKED_ACTION]]} {quantity:g} (outcome {ints[at.ASKED_OUTCOME]})"


def _fills(one: KernelOutput, other: KernelOutput, last: int) -> Found | None:
    pair = _first_unequal(one.fill_rows, other.fill_rows, at.FILL_BAR, last)
    if pair is None:
        return None
    bar = min(int(row[0][at.FILL_BAR]) for row in pair if row is not None)
    was, became = (_execution(row) for row in pair)
    return bar, "execution", was, became


def _execution(row: Row | None) -> str:
    return "none" if row is None else f"{row[1][at.FILL_QUANTITY]:g} at {row[1][at.FILL_PRICE]:g}"


def _first_unequal(
    one: tuple[IntArray, FloatArray], other: tuple[IntArray, FloatArray], column: int, last: int
) -> tuple[Row | None, Row | None] | None:
    """Return the first rows on bars up to `last` that differ; None stands where one has no more."""
    rows = []
    for ints, numbers in (one, other):
        known = ints[:, column] <= last
        rows.append((ints[known], numbers[known]))
    if all(np.array_equal(was, became) for was, became in zip(*rows, strict=True)):
        return None
    told: list[list[Row | None]] = [
        [*zip(ints.tolist(), numbers.tolist(), strict=True), None] for ints, numbers in rows
    ]
    return next((was, became) for was, became in zip_longest(*told) if was != became)
