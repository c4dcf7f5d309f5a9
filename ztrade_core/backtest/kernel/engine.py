"""Running the kernel: room for its output, and the domain's values made of what it wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.building import Kernel, compiled_kernel
from ztrade_core.backtest.kernel.inputs import Arrays, KernelInput, kernel_input
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.instruments import exact_decimal
from ztrade_core.domain.orders import Fill, Role, Side
from ztrade_core.domain.time import from_micros
from ztrade_core.risk.breakers import CONSECUTIVE_LOSSES, DAILY_LOSS, DRAWDOWN, RUNAWAY
from ztrade_core.strategies.protocol import ACTIONS

CodeArray = NDArray[np.int8]
FIRST_ROOM = 1024
EVENTS_A_ROW = 16  # room that is not written to costs nothing
GROWTH = 4
_WHY = {
    at.AMBIGUOUS: "two trades of an agent closed at one instant, one of them lost",
    at.PARTIAL: "a position does not lie on the lot's grid",
}
_ROLES = {
    at.ENTRY_FILL: Role.ENTRY,
    at.EXIT_FILL: Role.EXIT,
    at.STOP_FILL: Role.STOP,
    at.TARGET_FILL: Role.TARGET,
}
_OUTCOMES = (Outcome.HELD, Outcome.APPROVED, Outcome.RESIZED, Outcome.DENIED)
_HALTS = (DAILY_LOSS, DRAWDOWN, CONSECUTIVE_LOSSES, RUNAWAY)


class NotCompiledError(Exception):
    """These bars hold a case that only the event loop decides; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDecision:
    """One decision that asked for something; `failed` are the rules an entry failed, ascending."""

    agent_id: str
    opened: int
    action: Action
    outcome: Outcome
    quantity: float
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KernelOutput:
    """What a pass wrote: one number an event (agent and completed bar), rows of fills and decisions.

    `reasons` has a code a decided bar, agent after agent: why it was held, where it was (`kernel.layout`).
    """

    given: PortfolioInput
    laid: KernelInput
    equity: FloatArray
    exposure: FloatArray
    fill_rows: tuple[IntArray, FloatArray]
    asked_rows: tuple[IntArray, FloatArray]
    tally: IntArray
    reasons: CodeArray

    @property
    def outcomes(self) -> dict[str, int]:
        """How many decisions came to what; what did not happen is absent."""
        counts = self.tally[at.OUTCOMES : at.OUTCOMES + len(_OUTCOMES)].tolist()
        return dict(sorted((o.value, n) for o, n in zip(_OUTCOMES, counts, strict=True) if n))

    @property
    def halts(self) -> dict[str, int]:
        """How many halts of which kind."""
        counts = self.tally[at.HALTS : at.HALTS + len(_HALTS)].tolist()
        return dict(sorted((kind, n) for kind, n in zip(_HALTS, counts, strict=True) if n))

    @property
    def denials(self) -> dict[str, int]:
        """How many denied entries failed which rule."""
        masks = self.asked_rows[0][:, at.ASKED_FAILED]
        counts = {rule: int(np.count_nonzero(masks & (1 << rule))) for rule in range(1, 22)}
        return {rule_id(rule): count for rule, count in counts.items() if count}

    def decisions(self) -> Iterator[AskedDecision]:
        """Yield every decision that was not a plain hold, in order."""
        ints, quantities = self.asked_rows
        opened = self.laid.market[1][0]
        for row, quantity in zip(ints.tolist(), quantities.tolist(), strict=True):
            yield AskedDecision(
                agent_id=self.given.legs[row[at.ASKED_AGENT]].agent.agent_id,
                opened=int(opened[row[at.ASKED_BAR]]),
                action=ACTIONS[row[at.ASKED_ACTION]],
                outcome=_OUTCOMES[row[at.ASKED_OUTCOME]],
                quantity=quantity,
                failed=tuple(rule_id(n) for n in range(1, 22) if row[at.ASKED_FAILED] >> n & 1),
            )

    def fills(self) -> list[Fill]:
        """Return the executions as the broker tells them; ids count, they are not the live ones."""
        ints, numbers = self.fill_rows
        trades = [0] * len(self.given.legs)
        return [
            self._fill(number, row, amounts, trades)
            for number, (row, amounts) in enumerate(
                zip(ints.tolist(), numbers.tolist(), strict=True)
            )
        ]

    def _fill(self, number: int, row: list[int], amounts: list[float], trades: list[int]) -> Fill:
        agent = self.given.legs[row[at.FILL_AGENT]].agent
        role = _ROLES[row[at.FILL_KIND]]
        if role is Role.ENTRY:
            trades[row[at.FILL_AGENT]] += 1
        opened, completed, _ = self.laid.market[1]
        bar, quantity = row[at.FILL_BAR], exact_decimal(amounts[at.FILL_QUANTITY])
        kept = exact_decimal(amounts[at.FILL_KEPT])
        return Fill(
            fill_id=str(number),
            client_order_id=str(number),
            agent_id=agent.agent_id,
            position_id=f"{agent.agent_id}:{trades[row[at.FILL_AGENT]]}",
            symbol=agent.symbol,
            side=Side.BUY if role is Role.ENTRY else Side.SELL,
            role=role,
            quantity=quantity,
            price=exact_decimal(amounts[at.FILL_PRICE]),
            fee_usd=exact_decimal(amounts[at.FILL_FEE_USD]),
            fee_quantity=exact_decimal(float(quantity - kept)) if quantity != kept else Decimal(0),
            filled_at=from_micros(int((opened if row[at.FILL_AT_OPEN] else completed)[bar])),
            known_at=from_micros(int(completed[bar])),
        )


def rule_id(number: int) -> str:
    """Return the id of rule `number`."""
    return f"RULE_{number:03d}"


def run_kernel(given: PortfolioInput, folder: Path, kernel: Kernel | None = None) -> KernelOutput:
    """Run these agents compiled, or by `kernel`; NotCompiledError where only the loop can decide."""
    names = [leg.agent.strategy.name for leg in given.legs]
    run = compiled_kernel(names, folder) if kernel is None else kernel
    return run_laid(given, lay_out(given), run)


def lay_out(given: PortfolioInput) -> KernelInput:
    """Return what a kernel is given; NotCompiledError where these bars cannot be laid out."""
    try:
        return kernel_input(given)
    except ValueError as error:
        raise NotCompiledError(str(error)) from error


def run_laid(
    given: PortfolioInput, laid: KernelInput, run: Kernel, room: int = FIRST_ROOM
) -> KernelOutput:
    """Run a kernel over what is laid out; `room` is for how many rows it begins with, at least.

    Nothing of `laid` is changed. Raises NotCompiledError where only the event loop can decide.
    """
    room = max(room, FIRST_ROOM + laid.events // EVENTS_A_ROW + 2 * len(given.legs))
    while True:
        out = _room(given, laid, room)
        run(laid.market, laid.spans, laid.rules, _fresh(laid.beside), _fresh(laid.minds), out)
        status = int(out[4][at.STATUS])
        if status != at.FULL:
            break
        del out  # before there is a larger one
        room *= GROWTH
    if status != at.FINISHED:
        raise NotCompiledError(_WHY[status])
    fills, asked = int(out[4][at.FILLS]), int(out[4][at.ASKED])
    return KernelOutput(
        given=given,
        laid=laid,
        equity=out[5],
        exposure=out[6],
        fill_rows=(out[0][:fills], out[1][:fills]),
        asked_rows=(out[2][:asked], out[3][:asked]),
        tally=out[4],
        reasons=out[11],
    )


def _room(given: PortfolioInput, laid: KernelInput, rows: int) -> Arrays:
    account = np.zeros(at.ACCOUNT)
    account[at.CASH] = given.company.capital_usd
    return (
        np.empty((rows, at.FILL_INTS), dtype=np.int64),
        np.empty((rows, at.FILL_NUMBERS)),
        np.empty((rows, at.ASKED_INTS), dtype=np.int64),
        np.empty(rows),
        np.zeros(at.TALLY, dtype=np.int64),
        np.empty(laid.events),
        np.empty(laid.events),
        np.zeros((len(given.legs), at.STATE)),
        np.zeros((len(given.legs), at.COUNTS), dtype=np.int64),
        account,
        np.zeros(at.DAYS, dtype=np.int64),
        np.empty(laid.events, dtype=np.int8),
    )


def _fresh(arrays: Arrays) -> Arrays:
    return tuple(array.copy() for array in arrays)
