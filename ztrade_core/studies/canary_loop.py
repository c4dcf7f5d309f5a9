"""The canary in the event loop: the real cycle up to a moment, with and without another future.

Compared are the snapshot of every decision by its content hash, the decision, the verdicts, executions
and equity. The whole future lies within the market's reach while it runs. Other futures are played on
for some bars after the moment, and the very same bars once more at the end: what a mind remembers from
run to run shows.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from ztrade_core.backtest.desks import BACKTEST, simulated_desk
from ztrade_core.backtest.legs import Leg
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Decision, Verdict
from ztrade_core.domain.orders import Fill
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import from_micros, new_york_date, new_york_midnight
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import DecisionMaker, ModelMaker
from ztrade_core.studies.canary_findings import (
    CanaryInput,
    Compared,
    Data,
    Difference,
    Future,
    Moment,
)
from ztrade_core.studies.canary_futures import other_future
from ztrade_core.studies.canary_moments import completion
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest

ENGINE = "event loop"
BEYOND = 2  # bars after the moment that other futures are played on for
ARRAYS = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
MONEY_AND_IDS = (
    "decision_id",
    "client_order_id",
    "snapshot_hash",
    "book",
)  # told by what they are of


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar: what was seen, decided and judged, and the account's equity after it."""

    opened: datetime
    snapshot_hash: str
    snapshot: MarketSnapshot
    decision: Decision
    verdicts: tuple[Verdict, ...]
    equity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What the loop left of a stretch of bars."""

    steps: list[Step]
    fills: list[Fill]


def play(given: CanaryInput, data: Data, start: int, stop: int) -> Played:
    """Run the agent alone, from flat, over bars `start <= bar < stop`; the market holds all of `data`.

    Raises InputError for a model: it would be asked, and paid, without a budget.
    """
    series, agent, mind = data.series, given.agent, given.mind_of(data)
    refuse_model(mind, agent)
    house = replace(given.company, agents=(agent,))
    opened = from_micros(int(series.timestamps[start]))
    clock = SimulatedClock(new_york_midnight(new_york_date(opened)))
    leg = Leg(
        agent=agent, series=series, first=start, source=given.source, sentiment=data.sentiment
    )
    desk = simulated_desk(house, given.calendar, (leg,), mind, clock)
    steps = []
    for index in range(start, stop):
        at = completion(series, index, given.calendar)
        clock.advance_to(at)
        result = run_cycle(desk, CycleRequest(agent_id=agent.agent_id, as_of=at, holder=BACKTEST))
        admission = result.validated.admission
        assert admission is not None  # noqa: S101 - this is no dry run
        with desk.store.reading() as uow:
            mark = uow.accounts.last_snapshot(desk.account, 1)
        steps.append(
            Step(
                opened=from_micros(int(series.timestamps[index])),
                snapshot_hash=result.observed.snapshot_hash,
                snapshot=result.observed.snapshot,
                decision=admission.row.decision,
                verdicts=admission.row.verdicts,
                equity=given.company.capital_usd if mark is None else mark.equity,
            )
        )
    with desk.store.reading() as uow:
        return Played(steps=steps, fills=uow.orders.fills(desk.account, 1))


def check_loop(
    given: CanaryInput, moment: Moment, start: int, futures: tuple[Future, ...], seed: int
) -> tuple[Compared, Difference | None]:
    """Play the bars from `start` to the moment's as they are, before other futures, and once more."""
    stop = moment.index + 1
    known = play(given, given.data, start, stop)
    bars = len(known.steps)
    done = Compared(moments=1)
    for future in (*futures, None):
        again = _again(given, moment, (start, stop), future, seed)
        done = done.plus(Compared(runs=1, bars=bars, decisions=bars, fills=len(known.fills)))
        found = first_difference(known, again)
        if found is not None:
            opened, what, was, became = found
            return done, Difference(
                engine=ENGINE,
                moment=moment,
                future=future,
                opened=opened,
                what=what,
                was=was,
                became=became,
            )
    return done, None


def _again(
    given: CanaryInput, moment: Moment, span: tuple[int, int], future: Future | None, seed: int
) -> Played:
    """Play a stretch again, before another future and on into it; None: the very same bars."""
    start, stop = span
    if future is None:
        return play(given, given.data, start, stop)
    other = other_future(given.data, moment.index, future, seed, given.calendar)
    played = play(given, other, start, min(stop + BEYOND, len(other.series)))
    fills = [fill for fill in played.fills if fill.known_at <= moment.at]
    return Played(steps=played.steps[: stop - start], fills=fills)


def refuse_model(mind: DecisionMaker, agent: AgentConfig) -> None:
    """Raise InputError for a mind whose answers cost money."""
    if isinstance(mind, ModelMaker):
        raise InputError(
            f"{agent.agent_id} is decided by the model {mind.model}, which a canary would ask without"
            " a budget: what a model sees is frozen, by the hash of each snapshot; write mode: strategy"
            " to look at a strategy"
        )


def first_difference(one: Played, other: Played) -> tuple[datetime, str, str, str] | None:
    """Return the bar of the first difference, what differs, and both values."""
    for before, after in zip(one.steps, other.steps, strict=True):
        found = _of_step(before, after)
        if found is not None:
            return before.opened, *found
    if one.fills != other.fills:
        pairs = zip([*one.fills, None], [*other.fills, None], strict=False)
        was, became = next(pair for pair in pairs if pair[0] != pair[1])
        at = min(fill.known_at for fill in (was, became) if fill is not None)
        opened = max(step.opened for step in one.steps if step.opened < at)
        return opened, "execution", _told(was), _told(became)
    return None


def _of_step(before: Step, after: Step) -> tuple[str, str, str] | None:
    if before.snapshot_hash != after.snapshot_hash:
        return _of_inputs(before.snapshot, after.snapshot)
    if before.decision != after.decision:
        return _of_decision(before.decision, after.decision)
    if before.verdicts != after.verdicts:
        was, became = next(
            pair
            for pair in zip(before.verdicts, after.verdicts, strict=False)
            if pair[0] != pair[1]
        )
        return f"verdict of {was.rule_id}", was.message, became.message
    if before.equity != after.equity:
        return "equity", repr(before.equity), repr(after.equity)
    return None


def _of_inputs(before: MarketSnapshot, after: MarketSnapshot) -> tuple[str, str, str]:
    """Name the first input that differs between two snapshots of one moment."""
    one, other = before.header(), after.header()
    for name, value in one.items():
        if value != other[name]:
            return f"input {name}", repr(value), repr(other[name])
    for name in ARRAYS:
        was, became = getattr(before.bars, name), getattr(after.bars, name)
        if not np.array_equal(was, became):
            return f"input {name}", _text(was, became), _text(became, was)
    return "input", before.content_hash(), after.content_hash()


def _text(values: Any, others: Any) -> str:
    """Return the first value that another array has not, or how many there are."""
    if len(values) != len(others):
        return counted(len(values), "bar")
    return repr(values[int(np.argmax(values != others))].item())


def _of_decision(before: Decision, after: Decision) -> tuple[str, str, str]:
    """Name what of a decision differs: the proposal, else its first field that does."""
    if before.proposal != after.proposal:
        was, became = (f"{p.action} ({p.rationale})" for p in (before.proposal, after.proposal))
        return "decision", was, became
    for name in Decision.__dataclass_fields__:
        value, other = getattr(before, name), getattr(after, name)
        if value != other and name not in MONEY_AND_IDS:
            return f"decision's {name}", str(value), str(other)
    return "decision", before.decision_id, after.decision_id


def _told(fill: Fill | None) -> str:
    return "none" if fill is None else f"{fill.side} {fill.quantity} at {fill.price}"
