"""A pass over several agents, taken apart: what it says of one of them, in a lone agent's form.

Whatever reads a lone agent's output (its counts, its decisions, why its bars were held) reads this.
Equity and exposure stay the account's, at the completions of that agent's bars.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.engine import KernelOutput
from ztrade_core.domain.bars import IntArray


def events_of(output: KernelOutput) -> tuple[IntArray, IntArray]:
    """Return each event's instant (microseconds) and the number of its agent, in the pass's order."""
    legs, starts = output.given.legs, _starts(output)
    completed = output.laid.market[1][1]
    times, agents = [], []
    for number, leg in enumerate(legs):
        decided = completed[starts[number] + leg.first : starts[number + 1]]
        times.append(decided)
        agents.append(np.full(len(decided), number, dtype=np.int64))
    moments, numbers = np.concatenate(times), np.concatenate(agents)
    order = np.lexsort((numbers, moments))
    return moments[order], numbers[order]


def of_agent(output: KernelOutput, number: int) -> KernelOutput:
    """Return what the pass left of the agent at this place among the legs."""
    starts, leg = _starts(output), output.given.legs[number]
    begins, ends = starts[number], starts[number + 1]
    mine = events_of(output)[1] == number
    fills = output.fill_rows[0][:, at.FILL_AGENT] == number
    asked = output.asked_rows[0][:, at.ASKED_AGENT] == number
    fill_ints, asked_ints = output.fill_rows[0][fills], output.asked_rows[0][asked]
    fill_ints[:, at.FILL_BAR] -= begins
    asked_ints[:, at.ASKED_BAR] -= begins
    fill_ints[:, at.FILL_AGENT] = asked_ints[:, at.ASKED_AGENT] = 0
    bars, when = output.laid.market
    market = tuple(
        tuple(_part(array, begins, ends, starts[-1]) for array in arrays) for arrays in (bars, when)
    )
    return replace(
        output,
        given=replace(output.given, legs=(leg,)),
        laid=replace(output.laid, market=market, events=int(np.count_nonzero(mine))),
        equity=output.equity[mine],
        exposure=output.exposure[mine],
        fill_rows=(fill_ints, output.fill_rows[1][fills]),
        asked_rows=(asked_ints, output.asked_rows[1][asked]),
        tally=_tally(asked_ints[:, at.ASKED_OUTCOME], int(np.count_nonzero(mine))),
        reasons=output.reasons[_decided_before(output, number) :][: int(np.count_nonzero(mine))],
    )


def _starts(output: KernelOutput) -> list[int]:
    """Return where each agent's bars begin in the flat arrays, and where the last ones end."""
    lengths = [len(leg.series) for leg in output.given.legs]
    return [sum(lengths[:number]) for number in range(len(lengths) + 1)]


def _decided_before(output: KernelOutput, number: int) -> int:
    """Return how many bars the agents before decided on: reasons lie agent after agent."""
    return sum(len(leg.series) - leg.first for leg in output.given.legs[:number])


def _part(array: Any, begins: int, ends: int, total: int) -> Any:
    """Return an agent's part of an array of all bars; one that is empty stays so."""
    return array[begins:ends] if len(array) == total else array


def _tally(asked: IntArray, events: int) -> IntArray:
    """Count an agent's outcomes. Halts are the account's: they are not told apart by agent."""
    tally = np.zeros(at.TALLY, dtype=np.int64)
    tally[at.EVENTS], tally[at.ASKED] = events, len(asked)
    for outcome in (at.HELD_OUTCOME, at.APPROVED, at.RESIZED, at.DENIED):
        tally[at.OUTCOMES + outcome] = np.count_nonzero(asked == outcome)
    tally[at.OUTCOMES + at.HELD_OUTCOME] += events - len(asked)
    return tally
