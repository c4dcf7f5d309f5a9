"""A person's hand while other things are down: halt within 5 s, flatten within 30 s, each measured.

One house; what is down in a trial is down for real: processes are killed, a run hangs in its mind
and one in its feed, Dagster's own storage is locked. The ways are those that can work then: the
command `ztrade` in a process of its own, the page's jobs, and the file HALT.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.daemon_house import House, ended
from tests.faults.daemon_page import await_page, launch
from tests.faults.daemon_records import Records
from tests.faults.exam_table import IS_FULL, Area, Exam
from tests.faults.outage_bench import ALL_AGENTS, WHO, Bench, crowd, seconds_until
from tests.faults.outage_kinds import (
    FED,
    PATIENCE,
    SLOW,
    everything,
    hung_mind,
    locked_storage,
    silent_feed,
    without,
)

HALTED_WITHIN = 5.0
FLAT_WITHIN = 30.0
SWEPT_WITHIN = 30.0  # an entry that was open when the file came waits for the sensor's look
PAGE_WITHIN = 15.0  # a fresh worker has to start: the page is not the way for five seconds
AGENTS = [(name, f"C{chr(65 + n)}/USD") for n, name in enumerate((*ALL_AGENTS, SLOW, FED))]


@dataclass(kw_only=True)
class Scene:
    """The house, its records, the bench.

    `took` is what was measured, to be printed; `commands` are to end once the outage is over.
    """

    house: House
    records: Records
    bench: Bench
    took: list[str] = field(default_factory=list)
    commands: list[subprocess.Popen[str]] = field(default_factory=list)

    def tell(self, way: str, what: str, seconds: float) -> None:
        self.took.append(f"{way}: {what} after {seconds:.1f} s, crowd {crowd():.1f}")


def halt_by_command(scene: Scene, outage: str) -> None:
    """`ztrade halt`: entries stop, the open one is cancelled, who and why are written and printed."""
    bench, why = scene.bench, f"halt, {outage}"
    entries = bench.arrange()
    began = time.monotonic()
    command = scene.house.spawn("halt", "--who", WHO, "--reason", why)
    took = seconds_until(
        lambda: bench.halts() and bench.is_cancelled(entries), began, HALTED_WITHIN, why
    )
    scene.tell(f"ztrade halt, {outage}", "effective", took)
    assert why in bench.nothing_enters(entries)
    assert [(halt.who, halt.why) for halt in bench.halts()] == [(WHO, why)]
    assert f"by {WHO}: {why}" in first_line(command)
    scene.tell(f"ztrade halt, {outage}", "told", time.monotonic() - began)
    scene.commands.append(command)


def flatten_by_command(scene: Scene, outage: str) -> None:
    """`ztrade flatten`: halted at once, the position's sale at the broker."""
    bench, why = scene.bench, f"flat, {outage}"
    entries = bench.arrange()
    began = time.monotonic()
    command = scene.house.spawn("flatten", "--who", WHO, "--reason", why)
    took = seconds_until(
        lambda: bench.halts() and bench.is_cancelled(entries), began, HALTED_WITHIN, why
    )
    scene.tell(f"ztrade flatten, {outage}", "halted", took)
    took = seconds_until(bench.exits, began, FLAT_WITHIN, why)
    scene.tell(f"ztrade flatten, {outage}", "sale sent", took)
    assert why in bench.nothing_enters(entries)
    assert [(halt.who, halt.why) for halt in bench.halts()] == [(WHO, f"flatten: {why}")]
    assert len(bench.exits()) == 1
    assert f"by {WHO}: {why}" in first_line(command)
    scene.commands.append(command)


def halt_by_file(scene: Scene, outage: str) -> None:
    """The file HALT keeps every entry at home at once; an open one needs the sensor to be swept."""
    bench, why = scene.bench, f"file, {outage}"
    entries = bench.arrange()
    began = time.monotonic()
    (scene.house.data / "HALT").write_text(f"{why} (by {WHO})\n")
    reason = bench.nothing_enters(entries)
    scene.tell(f"HALT file, {outage}", "effective", time.monotonic() - began)
    assert time.monotonic() - began <= HALTED_WITHIN * crowd()
    assert f"{why} (by {WHO})" in reason
    if {"code", "daemon"} <= scene.house.running:
        took = seconds_until(lambda: bench.is_cancelled(entries), began, SWEPT_WITHIN, why)
        scene.tell(f"HALT file, {outage}", "open entry cancelled", took)


def first_line(command: subprocess.Popen[str]) -> str:
    """Return the first line that a command prints, which it may do long before it ends."""
    assert command.stdout is not None
    return command.stdout.readline()


def by_page(scene: Scene, job: str, why: str) -> str:
    return launch(scene.house, job, {"who": WHO, "why": why})


def halt_by_page(scene: Scene, outage: str) -> None:
    """The page's job `halt_trading`, in a run worker that waits in no queue and for no daemon."""
    bench, why = scene.bench, f"page, {outage}"
    entries = bench.arrange()
    began = time.monotonic()
    by_page(scene, "halt_trading", why)
    took = seconds_until(
        lambda: bench.halts() and bench.is_cancelled(entries), began, PAGE_WITHIN, why
    )
    scene.tell(f"page halt_trading, {outage}", "effective", took)
    assert why in bench.nothing_enters(entries)
    assert [(halt.who, halt.why) for halt in bench.halts()] == [(WHO, why)]


def flatten_by_page(scene: Scene, outage: str) -> None:
    """The page's job `flatten_positions`."""
    bench, why = scene.bench, f"page, {outage}"
    entries = bench.arrange()
    began = time.monotonic()
    by_page(scene, "flatten_positions", why)
    took = seconds_until(bench.exits, began, FLAT_WITHIN, why)
    scene.tell(f"page flatten_positions, {outage}", "sale sent", took)
    assert bench.is_cancelled(entries)
    assert why in bench.nothing_enters(entries)
    assert len(bench.exits()) == 1


Trial = Callable[[Scene, str], None]
BY_COMMAND: tuple[Trial, ...] = (halt_by_command, flatten_by_command, halt_by_file)
BY_PAGE: tuple[Trial, ...] = (halt_by_page, flatten_by_page)
WHOLE = (
    ("the model hangs", hung_mind, (*BY_COMMAND, *BY_PAGE)),
    ("the feed is silent", silent_feed, (*BY_COMMAND, *BY_PAGE)),
    ("the page is down", without("page"), BY_COMMAND),
    ("the daemon is down", without("daemon"), (*BY_COMMAND, *BY_PAGE)),
    ("the code server is dead", without("code"), BY_COMMAND),
    ("Dagster's storage is locked", locked_storage, BY_COMMAND),
    ("everything is down", everything, BY_COMMAND),
)
QUICK = (
    ("the daemon is down", without("daemon"), BY_PAGE),
    ("Dagster's storage is locked", locked_storage, (halt_by_command,)),
    ("everything is down", everything, (flatten_by_command, halt_by_file)),
)


def test_a_person_halts_and_flattens_whatever_else_is_down(
    tmp_path: Path,
    sqlite_template: Path,
    subtests: pytest.Subtests,
    exam: Exam,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trials = WHOLE if IS_FULL else QUICK
    with (
        House(tmp_path, sqlite_template, AGENTS, run_seconds=300) as house,
        Records(house) as records,
    ):
        scene = Scene(house=house, records=records, bench=Bench(records))
        house.start("code")
        house.start("page", "daemon")
        await_page(house)
        for text, outage, ways in trials:
            with outage(records):
                for way in ways:
                    with subtests.test(f"{way.__name__}: {text}"):
                        way(scene, text)
                    scene.bench.keep()
                    scene.bench.resume()
            while scene.commands:
                assert ended(scene.commands.pop(), PATIENCE).code == 0
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *scene.took, ""]))
    exam.record(Area.OVERRIDE, cases=sum(len(ways) for _, _, ways in trials))
