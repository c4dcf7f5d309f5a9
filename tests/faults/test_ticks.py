"""Ticks that are missed, doubled, late, overlapped and killed, with the real daemon and real workers.

One house, one story: processes are dear. The judge reads rows as they lie at the end.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import numpy as np
import pytest
from dagster._core.scheduler.instigation import TickStatus

from tests.faults.daemon_house import House, ended
from tests.faults.daemon_minds import pause
from tests.faults.daemon_page import await_page, launch, re_execute
from tests.faults.daemon_records import Records, until
from tests.faults.exam_table import FORM, IS_FULL, Area, Exam
from ztrade_core.domain.orders import Role

pytestmark = pytest.mark.skipif(not FORM, reason="minutes of real daemons: EXAM=quick make exam")

LATE, STEADY, OVERLAPPED, KILLED = (
    "agent_steady_late",
    "agent_steady",
    "agent_slow_overlapped",
    "agent_slow_killed",
)
AGENTS = ((LATE, "LTC/USD"), (STEADY, "BTC/USD"), (OVERLAPPED, "ETH/USD"), (KILLED, "SOL/USD"))
LATE_SECONDS = 420.0
PATIENCE = 240.0
QUEUE_LOOKS_SECONDS = 3.0  # the queue is looked at every second
ROUNDS = 8
RUN_SECONDS = 120
SEED = 20221228
DONE = dg.DagsterRunStatus.SUCCESS
WAITING = dg.DagsterRunStatus.QUEUED
GOING = (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The house and its records."""

    house: House
    records: Records


def a_tick_that_is_looked_at_too_late_is_skipped_with_its_reason(scene: Scene) -> None:
    """Our clock is seven minutes ahead of the daemon's: every tick it asks about is seven minutes old."""
    records = scene.records
    records.shift_clock(LATE_SECONDS)
    records.switch_on(LATE)
    scene.house.start("code")
    scene.house.start("page", "daemon")
    until(lambda: records.struck(LATE), PATIENCE, "the late tick")
    (tick, *_) = records.ticks(LATE)
    scene.house.kill("daemon")
    records.switch_off(LATE)
    records.shift_clock(0.0)
    assert tick.status is TickStatus.SKIPPED
    assert "more than one bar of 1m: too late to decide on it" in str(tick.skip_reason)
    assert records.runs(LATE) == []
    assert records.decisions(LATE) == []
    assert records.asked(LATE) == []


def ten_missed_ticks_are_one_decision_though_two_daemons_and_a_person_ask_for_it(
    scene: Scene,
) -> None:
    """Loops were on for ten minutes without a daemon; now two come, and `dagster job execute`."""
    house, records = scene.house, scene.records
    records.switch_on(STEADY, OVERLAPPED, KILLED)
    house.start("daemon_two", "daemon_three")
    until(lambda: records.ticks(STEADY), PATIENCE, "a tick after the outage")
    by_hand = house.execute(STEADY)
    loops = (STEADY, OVERLAPPED, KILLED)
    until(lambda: all(records.struck(each) for each in loops), PATIENCE, "a tick each")
    records.switch_off(*loops)
    assert ended(by_hand, PATIENCE).code == 0
    until(lambda: len(records.runs(STEADY, DONE)) > 1, PATIENCE, "the tick's run too")
    for agent_id in (OVERLAPPED, KILLED):
        until(lambda: records.asked(agent_id), PATIENCE, f"{agent_id} is asked")  # noqa: B023
    struck = {tick.timestamp for tick in records.ticks(STEADY)}
    assert len(struck) <= 2  # the newest of ten; the next, when a minute passed meanwhile
    slots = Counter(row.decision.key.slot for row in records.decisions(STEADY))
    assert set(slots.values()) == {1}
    assert once_a_bar(records, STEADY)


def a_run_waits_for_the_former_one_of_its_agent_and_one_beside_the_queue_changes_nothing(
    scene: Scene,
) -> None:
    """The former run is still in `decide`: the next one queues, a person's own one does not."""
    house, records = scene.house, scene.records
    await_page(house)
    queued = launch(house, OVERLAPPED)
    beside = house.execute(OVERLAPPED)
    pause(QUEUE_LOOKS_SECONDS)
    run = records.instance.get_run_by_id(queued)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.QUEUED
    former = records.runs(OVERLAPPED, *GOING)
    until(lambda: len(records.asked(OVERLAPPED)) > 1, PATIENCE, "the run beside the queue asks")
    for daemon in ("daemon_two", "daemon_three"):  # in the midst of runs
        house.kill(daemon)
    records.answer(OVERLAPPED)
    assert ended(beside, PATIENCE).code == 0
    for each in former:
        until(lambda: _ended(records, each.run_id), PATIENCE, "the former run")  # noqa: B023
    house.start("daemon_four")
    until(lambda: _ended(records, queued) is DONE, PATIENCE, "the queued run")
    slots = Counter(row.decision.key.slot for row in records.decisions(OVERLAPPED))
    assert slots
    assert set(slots.values()) == {1}
    assert once_a_bar(records, OVERLAPPED)
    assert records.runs(OVERLAPPED, dg.DagsterRunStatus.FAILURE) == []


def a_worker_killed_in_decide_is_told_as_failed_and_its_re_execution_goes_on(scene: Scene) -> None:
    """SIGKILL in the midst of the mind's thinking; then the page's Re-execute."""
    house, records = scene.house, scene.records
    _, worker = records.asked(KILLED)[-1]
    os.kill(worker, signal.SIGKILL)
    failed = dg.DagsterRunStatus.FAILURE
    (run, *_) = until(lambda: records.runs(KILLED, failed), PATIENCE, "the killed run is told")
    assert "was terminated by signal 9 (SIGKILL)" in records.told(run)
    assert records.decisions(KILLED) == []
    assert records.orders(KILLED) == []
    records.answer(KILLED)
    again = re_execute(house, run.run_id)
    until(lambda: _ended(records, again) is DONE, 2 * PATIENCE, "the re-execution")
    slots = Counter(row.decision.key.slot for row in records.decisions(KILLED))
    assert set(slots.values()) == {1}
    assert once_a_bar(records, KILLED)


def daemons_killed_at_random_moments_decide_each_bar_once(scene: Scene) -> None:
    """A loop that is on while its daemon dies again and again; only in the whole exam."""
    house, records = scene.house, scene.records
    chance = np.random.default_rng(SEED)
    before = len(records.decisions(STEADY))
    records.switch_on(STEADY)
    house.kill("daemon_four")
    for number in range(ROUNDS):
        house.start(f"daemon_round{number}")
        pause(float(chance.uniform(2.0, 16.0)))
        house.kill(f"daemon_round{number}")
    records.switch_off(STEADY)
    house.start("daemon_last")
    until(lambda: not records.runs(STEADY, *GOING, WAITING), PATIENCE, "every run has ended")
    slots = Counter(row.decision.key.slot for row in records.decisions(STEADY))
    assert len(slots) > before
    assert set(slots.values()) == {1}


def once_a_bar(records: Records, agent_id: str) -> bool:
    """Return whether the agent's entries and exits are there, at most one of each on a bar."""
    by_bar = Counter(
        (order.request.role, order.request.decided_bar)
        for order in records.orders(agent_id)
        if order.request.role in {Role.ENTRY, Role.EXIT}
    )
    return set(by_bar.values()) == {1}


def _ended(records: Records, run_id: str) -> dg.DagsterRunStatus | None:
    run = records.instance.get_run_by_id(run_id)
    return run.status if run is not None and run.is_finished else None


FACTS: tuple[Callable[[Scene], None], ...] = (
    a_tick_that_is_looked_at_too_late_is_skipped_with_its_reason,
    ten_missed_ticks_are_one_decision_though_two_daemons_and_a_person_ask_for_it,
    a_run_waits_for_the_former_one_of_its_agent_and_one_beside_the_queue_changes_nothing,
    a_worker_killed_in_decide_is_told_as_failed_and_its_re_execution_goes_on,
    *([daemons_killed_at_random_moments_decide_each_bar_once] if IS_FULL else []),
)


def test_ticks_with_the_real_daemon(
    tmp_path: Path, sqlite_template: Path, subtests: pytest.Subtests, exam: Exam
) -> None:
    with (
        House(tmp_path, sqlite_template, AGENTS, run_seconds=RUN_SECONDS) as house,
        Records(house) as records,
    ):
        scene = Scene(house=house, records=records)
        for fact in FACTS:
            with subtests.test(fact.__name__):
                fact(scene)
        findings = records.judged()
    exam.record(Area.TICKS, cases=len(FACTS), findings=[findings])
    assert findings.all == []
