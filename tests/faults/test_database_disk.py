"""The disk is full at random moments of a cycle; when there is room again, nothing is wrong.

A real full disk is a small one mounted for the test, which needs root; SQLite's own limit on a
file's pages stands in for it everywhere.
"""

import errno
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.desk import at, calm
from tests.fakes.postgres import EmbeddedPostgres
from tests.faults.exam_cuts import Witness, untold
from tests.faults.exam_stories import STORIES, Story
from tests.faults.exam_table import Area, Exam
from tests.faults.jobs import kit_for
from tests.faults.judge import Findings, judge_account
from tests.faults.nursery import End, Job, Nursery
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import StoreError

pytestmark = pytest.mark.exam(Area.DATABASE)
CASES = 50
TRIES = 10  # runs that find room enough do not count
DISK = "24m"
FULL = "the disk is full"


@dataclass(frozen=True, kw_only=True)
class Disk:
    """Plays stories on `sound`, whose struck bar is run by `strike` while the disk is full."""

    sound: Engine
    strike: Callable[[Story, str], str | None]  # what the database said, None when all had room

    def play(self, story: Story, account: str) -> tuple[bool, Findings, Findings]:
        """Return whether the disk was too small, and what was wrong then and in the end."""
        kit = kit_for(self.sound, account, "pair", story.lines(TSLA))
        for number in story.before:
            kit.cycle(at(number), holder=f"before-{number}")
        if story.prepare is not None:
            story.prepare(kit)
        said = self.strike(story, account)
        wrong = [] if said is None else untold(said)
        if said is not None and FULL not in said:
            wrong.append(f"it says {said!r}, not {FULL!r}")
        for number in (story.struck, *story.after):
            kit.cycle(at(number), holder=f"again-{number}")
        ended = judge_account(self.sound, account, with_chain=False)
        return said is not None, Findings(wrong=wrong), ended

    def campaign(self, cases: int, exam: Exam) -> None:
        """Play every story in turn until `cases` runs have met a full disk."""
        struck, found = 0, []
        for number in range(TRIES * cases):
            hit, *findings = self.play(STORIES[number % len(STORIES)], f"full-{number}")
            struck += hit
            found += findings
            if struck == cases:
                break
        found.append(judge_account(self.sound, "the chain"))
        exam.record(Area.DATABASE, cases=struck, findings=found)
        assert [text for each in found for text in each.all] == []
        assert struck == cases


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """An empty disk of a few megabytes."""
    folder = Path(tempfile.mkdtemp(prefix="ztrade-disk-"))
    folder.chmod(0o755)
    done = mount("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder))
    if done is not None:
        folder.rmdir()
        pytest.skip(f"NOT TESTED ON A FULL DISK: none can be mounted here: {done}")
    yield folder
    assert mount("umount", "-l", str(folder)) is None
    folder.rmdir()


def mount(*command: str) -> str | None:
    """Mount or unmount; return why it could not be done."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else done.stderr.strip()


class Ballast:
    """Takes the room of a disk but for `left` bytes, while the block runs."""

    def __init__(self, folder: Path, left: int) -> None:
        self._path, self._left = folder / "ballast", left

    def __enter__(self) -> None:
        room = max(0, shutil.disk_usage(self._path.parent).free - self._left)
        try:
            self._path.write_bytes(bytes(room))
        except OSError as error:
            if error.errno != errno.ENOSPC:  # a server may take the last of it first: full is full
                raise

    def __exit__(self, *_error: object) -> None:
        self._path.unlink()


def test_sqlite_that_may_not_grow_loses_nothing(
    sqlite_url: str, engine_of: Callable[[str], Engine], campaign: Callable[[int], int], exam: Exam
) -> None:
    sound, victim = prepared(engine_of(sqlite_url)), engine_of(sqlite_url)
    generator = np.random.default_rng(3)

    def limit(connection: Any, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + int(generator.integers(0, 3))}")

    sa.event.listen(victim, "connect", limit)

    def strike(story: Story, account: str) -> str | None:
        witness = Witness(sound)
        kit = replace(kit_for(victim, account, "pair", story.lines(TSLA)), wrap=witness)
        try:
            kit.cycle(at(story.struck), holder="struck")
        except StoreError as error:
            return str(error)
        finally:
            victim.dispose()
            assert witness.unwritten == []
        return None

    Disk(sound=sound, strike=strike).campaign(campaign(CASES), exam)


def test_sqlite_on_a_full_disk_loses_nothing(
    small_disk: Path,
    sqlite_template: Path,
    nursery: Nursery,
    request: pytest.FixtureRequest,
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_template, small_disk / 'ztrade.db')}"
    sound = prepared(request.getfixturevalue("engine_of")(url))
    strike = in_a_child(nursery, url, small_disk, 200_000)

    def without_room_in_the_log(story: Story, account: str) -> str | None:
        with sound.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return strike(story, account)

    disk = Disk(sound=sound, strike=without_room_in_the_log)
    disk.campaign(request.getfixturevalue("campaign")(CASES), request.getfixturevalue("exam"))


def test_postgresql_on_a_full_disk_loses_nothing(
    small_disk: Path,
    postgres_server: EmbeddedPostgres,
    postgres_template: str,
    nursery: Nursery,
    request: pytest.FixtureRequest,
) -> None:
    postgres_server.create_tablespace("small", small_disk)
    name = postgres_server.create_database(template=postgres_template, tablespace="small")
    try:
        url = postgres_server.url(name)
        sound = prepared(request.getfixturevalue("engine_of")(url))
        disk = Disk(sound=sound, strike=in_a_child(nursery, url, small_disk, 1))
        disk.campaign(request.getfixturevalue("campaign")(CASES), request.getfixturevalue("exam"))
    finally:
        postgres_server.drop_database(name)
        postgres_server.drop_tablespace("small")


def in_a_child(
    nursery: Nursery, url: str, folder: Path, most_left: int
) -> Callable[[Story, str], str | None]:
    """Return a strike in another process, on a disk with less than `most_left` bytes of room."""
    generator = np.random.default_rng(5)

    def strike(story: Story, account: str) -> str | None:
        arguments = {
            "kit": [url, account, "pair", story.lines(TSLA)],
            "as_of": iso_z(at(story.struck)),
            "agent_id": TSLA.agent_id,
            "holder": "struck",
        }
        with Ballast(folder, int(generator.integers(0, most_left))):
            (end,) = nursery.run(Job(name="cycle", arguments=arguments))
        return said_by(end)

    return strike


def said_by(end: End) -> str | None:
    assert end.status == 0, f"the process died: {end.status}"
    assert end.raised in {None, "StoreError"}, f"{end.raised}: {end.text}"
    return end.text if end.raised else None


def prepared(engine: Engine) -> Engine:
    kit_for(engine, "any", "pair", {}).put_bars({"TSLA": calm(40)})
    return engine
