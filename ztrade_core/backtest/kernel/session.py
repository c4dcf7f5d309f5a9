"""A lone agent's pass that stops where its mind is to be asked, and goes on with the answer.

`next_bar` plays to the next bar that somebody is asked on; what the book holds there is told by
`held`, and `answer` takes what the mind says. What it did is a `KernelOutput` like any pass's.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel import portfolio
from ztrade_core.backtest.kernel import resuming as to
from ztrade_core.backtest.kernel.building import compiled_session
from ztrade_core.backtest.kernel.engine import _WHY, KernelOutput, NotCompiledError
from ztrade_core.backtest.kernel.inputs import kernel_input
from ztrade_core.backtest.kernel.proposing import ADDS, Wish
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.instruments import price_up, quantity_down
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.risk.arithmetic import quantity_on_lots, stop_below, target_above
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

NOTHING: Wish = (HOLD, 0.0, math.nan, math.nan, math.inf, -1.0)
_SESSION_WHY = {**_WHY, ADDS: "an entry adds to a position, which the rules allow here"}
_CODES = {Action.BUY: BUY, Action.SELL: SELL, Action.HOLD: HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The position on the bar that is asked about: `entered_on` is the bar its entry was decided on."""

    quantity: float
    price: float
    stop: float
    target: float
    entered_on: int
    leaving: bool


class Session:
    """One pass. `module` holds `proceed` and `look`: compiled, or `kernel.resuming` itself."""

    def __init__(self, given: PortfolioInput, folder: Path, module: Any = None) -> None:
        """Lay everything out; NotCompiledError where only the event loop can decide."""
        if len(given.legs) != 1:
            raise NotCompiledError("a session is one agent's")
        self.given = given
        self._module = compiled_session(folder) if module is None else module
        try:
            self.laid = kernel_input(given)
        except ValueError as error:
            raise NotCompiledError(str(error)) from error
        laid = self.laid
        self.watch = np.zeros(to.WATCH, dtype=np.int64)
        self.watch[to.BAR] = self.watch[to.THEN] = to.NOWHERE
        beside = tuple(array.copy() for array in laid.beside)
        self._given = (laid.market, laid.spans, laid.rules, beside)
        self._out = _room(given, laid.events)
        self._saved = (
            np.zeros(at.STATE + at.ACCOUNT),
            np.zeros(at.COUNTS + at.DAYS + at.TALLY + to.WATCH, dtype=np.int64),
        )
        starts_late = (laid.spans[1], *laid.spans[1:])  # a session's minds are outside: no warm-up
        portfolio.begin(laid.market, starts_late, laid.minds, laid.rules[0], self._out[7:11])

    def proceed(self, wish: Wish, wake: Any) -> int:
        """Take the answer on the bar that was asked, and play to the next one, or to NOWHERE."""
        bar: int = self._module.proceed(wish, wake, self.watch, self._given, self._out)
        self._check(bar)
        return bar

    def look(self, wish: Wish, bar: int, most: int) -> int:
        """Take an answer on a bar that was passed (NOWHERE: none), and play on for `most` bars."""
        first: int = self._module.look(
            wish, (bar, most), self.watch, self._given, self._out, self._saved
        )
        self._check(first)
        return first

    def _check(self, bar: int) -> None:
        status = int(self._out[4][at.STATUS])
        if status != at.FINISHED and (bar == to.NOWHERE or status == ADDS):
            raise NotCompiledError(_SESSION_WHY[status])

    @property
    def was_in_position(self) -> bool:
        """Whether the agent held something on the bars that `look` passed last."""
        return bool(self._saved[0][at.HELD] > 0.0)

    @property
    def held(self) -> Held | None:
        """The position on the bar played last, or None."""
        state, tally = self._out[7][0], self._out[4]
        if not state[at.HELD] > 0.0:
            return None
        ints, numbers = self._out[0], self._out[1]
        row = int(tally[at.FILLS]) - 1
        while ints[row, at.FILL_KIND] != at.ENTRY_FILL:
            row -= 1
        return Held(
            quantity=float(state[at.HELD]),
            price=float(numbers[row, at.FILL_PRICE]),
            stop=float(state[at.STOP]),
            target=float(state[at.TARGET]),
            entered_on=int(ints[row, at.FILL_BAR]) - 1,
            leaving=bool(state[at.EXIT] > 0.0),
        )

    def may_enter(self, bar: int) -> bool:
        """Return whether an entry decided on this bar can fill in the running session."""
        flags = int(self.laid.market[1][2][bar])
        return bool(self.laid.rules[0][0, at.IS_CRYPTO] > 0.0) or bool(flags & at.IN_SESSION)

    def output(self) -> KernelOutput:
        """Return what the pass left."""
        out = self._out
        fills, asked = int(out[4][at.FILLS]), int(out[4][at.ASKED])
        return KernelOutput(
            given=self.given,
            laid=self.laid,
            equity=out[5],
            exposure=out[6],
            fill_rows=(out[0][:fills], out[1][:fills]),
            asked_rows=(out[2][:asked], out[3][:asked]),
            tally=out[4],
            reasons=out[11],
        )


def wake_arrays(wake: WakeConditions | None, flags: Any = None) -> Any:
    """Return the conditions as the pass takes them; None wakes on every bar.

    `flags`, one a bar, alone say where to wake.
    """
    conditions = WakeConditions(every_bars=1) if wake is None else wake
    return (
        np.array(conditions.terms),
        np.array(conditions.levels, dtype=np.float64),
        np.zeros(0, dtype=np.int8) if flags is None else flags,
    )


def wish_of(proposal: Proposal, agent: AgentConfig, close: float, held: Held | None) -> Wish:
    """Return a proposal in the pass's numbers; NotCompiledError for one that only the loop takes."""
    if proposal.is_invalid:
        raise NotCompiledError("an answer could not be used: the loop counts those")
    code, lots = _CODES[proposal.action], agent.instrument.lots_per_unit
    wanted = proposal.quantity
    if code == SELL and held is not None and wanted is not None and wanted > 0.0:
        asked = quantity_down(min(held.quantity, wanted), lots)
        if asked != held.quantity:
            raise NotCompiledError("a proposal sells a part of a position")
    confidence = float(proposal.confidence)  # another type would be compiled for
    if code != BUY:
        return (code, confidence, math.nan, math.nan, math.inf, -1.0)
    limits, stop, target = agent.limits, proposal.stop_price, proposal.target_price
    named = -1.0
    if wanted is not None:
        named = float(wanted) if math.isfinite(wanted) else 0.0
    return (
        BUY,
        confidence,
        stop_below(close, limits.stop_loss_fraction) if stop is None else price_up(stop),
        target_above(close, limits.take_profit_fraction) if target is None else price_up(target),
        math.inf if wanted is None else quantity_on_lots(wanted, lots),
        named,
    )


def _room(given: PortfolioInput, events: int) -> Any:
    """Return room for all that the bars could leave; what is not written takes no memory."""
    account = np.zeros(at.ACCOUNT)
    account[at.CASH] = given.company.capital_usd
    fills, asked = 2 * events + 2, events + 2
    return (
        np.zeros((fills, at.FILL_INTS), dtype=np.int64),
        np.zeros((fills, at.FILL_NUMBERS)),
        np.zeros((asked, at.ASKED_INTS), dtype=np.int64),
        np.zeros(asked),
        np.zeros(at.TALLY, dtype=np.int64),
        np.empty(events),
        np.empty(events),
        np.zeros((1, at.STATE)),
        np.zeros((1, at.COUNTS), dtype=np.int64),
        account,
        np.zeros(at.DAYS, dtype=np.int64),
        np.zeros(events, dtype=np.int8),
    )
