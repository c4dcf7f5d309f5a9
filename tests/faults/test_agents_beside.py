"""Agents whose minds hang, crash, raise or eat memory beside a healthy one, as real runs of the daemon."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from tests.faults.daemon_house import House, ended
from tests.faults.daemon_records import Records, until
from tests.faults.daemon_trades import hold_positions
from tests.faults.exam_table import FORM, IS_FULL, Area, Exam
from ztrade_core.domain.orders import OrderStatus, Role

pytestmark = pytest.mark.skipif(not FORM, reason="minutes of real daemons: EXAM=quick make exam")

STEADY, HANGS, DEAF, CRASHES, LEAVES, FAILS, EATS = (
    "agent_steady",
    "agent_hangs",
    "agent_deaf",
    "agent_crashes",
    "agent_leaves",
    "agent_fails",
    "agent_eats",
)
COINS = {
    STEADY: "BTC/USD",
    HANGS: "ETH/USD",
    DEAF: "SOL/USD",
    CRASHES: "LTC/USD",
    LEAVES: "AVAX/USD",
    FAILS: "LINK/USD",
    EATS: "XRP/USD",
}
RUN_SECONDS = 40
BARS = 3
BAR_SECONDS = 60.0
PATIENCE = 240.0
PROTECTED_WITHIN = 30.0
# Dagster writes FAILED with the reason, and the interrupted worker may write CANCELED after it.
ENDED = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
DONE, FAILED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The house and its records."""

    house: House
    records: Records


def the_healthy_one_decides_and_trades(scene: Scene) -> None:
    """Its tick is run while others hang and die around it; the next bar by hand, a minute on."""
    house, records = scene.house, scene.records
    hold_positions(records, HANGS)
    records.switch_on(*COINS)
    house.start("code")
    house.start("daemon")
    until(lambda: all(records.struck(each) for each in COINS), PATIENCE, "a tick each")
    if IS_FULL:
        until(lambda: len(records.decisions(STEADY)) > BARS, PATIENCE + BARS * BAR_SECONDS, "bars")
    records.switch_off(*COINS)
    until(lambda: records.asked(HANGS) and records.asked(DEAF), PATIENCE, "two minds hang")
    until(lambda: records.runs(STEADY, DONE), PATIENCE, "the healthy run")
    until(lambda: records.runs(EATS, DONE), PATIENCE, "the run of the one that eats")
    records.shift_clock(BAR_SECONDS)
    assert ended(house.execute(STEADY), PATIENCE).code == 0
    slots = Counter(row.decision.key.slot for row in records.decisions(STEADY))
    assert len(slots) > 1
    assert set(slots.values()) == {1}
    assert records.decisions(EATS)
    bought = [o for o in records.orders(STEADY) if o.request.role is Role.ENTRY]
    sold = [o for o in records.orders(STEADY) if o.request.role is Role.EXIT]
    assert [o for o in bought if o.broker_order_id is not None]
    assert len(bought) + len(sold) == len(slots)  # an order each bar


def the_hung_ones_position_gets_its_stop_back_while_it_hangs(scene: Scene) -> None:
    """Its stop vanishes at the broker; the sensor in the code server re-arms it."""
    records = scene.records
    (stop,) = [o for o in records.orders(HANGS) if o.request.role is Role.STOP]
    records.workshop.live_desk().broker.cancel(stop.request.client_order_id)

    def armed() -> bool:
        stops = [o for o in records.orders(HANGS) if o.request.role is Role.STOP]
        return [o.status for o in stops if o.is_working] == [OrderStatus.ACCEPTED] and len(
            stops
        ) > 1

    until(armed, PROTECTED_WITHIN, "a new stop")


def hung_runs_are_ended_by_the_maximum_runtime_with_its_reason(scene: Scene) -> None:
    """One mind sleeps, one does not even hear a signal."""
    records = scene.records
    for agent_id in (HANGS, DEAF):
        (run, *_) = until(lambda: records.runs(agent_id, *ENDED), PATIENCE, f"{agent_id} ends")  # noqa: B023
        assert f"Exceeded maximum runtime of {RUN_SECONDS} seconds" in records.told(run)


def a_run_that_wakes_after_it_was_ended_sends_nothing(scene: Scene) -> None:
    """The deaf one's process lives on; its mind answers `buy` two bars late."""
    records = scene.records
    records.shift_clock(3 * BAR_SECONDS)
    records.answer(DEAF)
    until(lambda: records.decisions(DEAF), PATIENCE, "the zombie decides")
    until(lambda: [o for o in records.orders(DEAF) if not o.is_working], PATIENCE, "it gives up")
    (order,) = records.orders(DEAF)
    assert order.status is OrderStatus.EXPIRED
    assert order.broker_order_id is None


def the_dead_and_the_broken_are_recorded_as_failed_with_a_reason(scene: Scene) -> None:
    """A segmentation fault, an exit without a word, an exception."""
    records = scene.records
    reasons = {
        CRASHES: "SIGSEGV",
        LEAVES: "unexpectedly exited with code 3",
        FAILS: "a mind that broke",
    }
    for agent_id, reason in reasons.items():
        (run, *_) = until(lambda: records.runs(agent_id, FAILED), PATIENCE, f"{agent_id} fails")  # noqa: B023
        assert reason in records.told(run)


def nothing_was_sent_for_them(scene: Scene) -> None:
    """Of the hung, dead and broken ones the broker has no order but the hung one's protection."""
    records = scene.records
    for agent_id in (CRASHES, LEAVES, FAILS):
        assert records.orders(agent_id) == []
        assert records.decisions(agent_id) == []
    roles = Counter(order.request.role for order in records.orders(HANGS))
    assert roles[Role.ENTRY] == 1
    assert roles[Role.EXIT] == 0


FACTS: tuple[Callable[[Scene], None], ...] = (
    the_healthy_one_decides_and_trades,
    the_hung_ones_position_gets_its_stop_back_while_it_hangs,
    hung_runs_are_ended_by_the_maximum_runtime_with_its_reason,
    a_run_that_wakes_after_it_was_ended_sends_nothing,
    the_dead_and_the_broken_are_recorded_as_failed_with_a_reason,
    nothing_was_sent_for_them,
)


def test_minds_that_misbehave_beside_a_healthy_one(
    tmp_path: Path, sqlite_template: Path, subtests: pytest.Subtests, exam: Exam
) -> None:
    with (
        House(tmp_path, sqlite_template, list(COINS.items()), run_seconds=RUN_SECONDS) as house,
        Records(house) as records,
    ):
        scene = Scene(house=house, records=records)
        for fact in FACTS:
            with subtests.test(fact.__name__):
                fact(scene)
        findings = records.judged()
    exam.record(Area.AGENTS, cases=len(COINS), findings=[findings])
    assert findings.all == []
