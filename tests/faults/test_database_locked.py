"""Another process holds the SQLite file: a run says so in time, and a later one goes on.

The file HALT needs no database: it halts while nothing else can be written.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import DeskKit, at, calm
from tests.fakes.desk_book import at_broker, decisions, held, our_orders, positions, stop_quantity
from tests.fakes.desk_points import Meanwhile
from tests.faults.exam_cuts import untold
from tests.faults.exam_stories import ENTRY, EXIT, REARM, Story
from tests.faults.exam_table import Area
from tests.faults.jobs import kit_for
from tests.faults.judge import judge_account
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.orders import Role
from ztrade_core.errors import StoreError
from ztrade_core.ports.checkpoints import CHECKPOINTS
from ztrade_core.store.engine import make_engine
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.override import halt

pytestmark = pytest.mark.exam(Area.DATABASE)
PATIENCE_SECONDS = 0.2
HOLDING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.stdin:
    connection.execute(line)
    print("done", flush=True)
"""


class Holder:
    """Another process that locks a SQLite file when told to."""

    def __init__(self, url: str) -> None:
        path = url.removeprefix("sqlite:///")
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-c", HOLDING, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=30)

    def lock(self, how: str = "IMMEDIATE") -> None:
        self._run(f"BEGIN {how}")

    def unlock(self) -> None:
        self._run("ROLLBACK")

    def _run(self, statement: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(statement + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"


@pytest.fixture
def holder(sqlite_url: str) -> Iterator[Holder]:
    """Who locks the database of this test."""
    with Holder(sqlite_url) as holder:
        yield holder


@pytest.fixture
def hasty(sqlite_url: str) -> Iterator[Engine]:
    """An engine that does not wait long for its turn."""
    engine = make_engine(sqlite_url, patience_seconds=PATIENCE_SECONDS)
    yield engine
    engine.dispose()


def kit(engine: Engine, story: Story = ENTRY) -> DeskKit:
    """Store bars, and play a story up to the bar to be struck."""
    made = kit_for(engine, "locked", "pair", story.lines(TSLA))
    made.put_bars({"TSLA": calm(40)})
    for number in story.before:
        made.cycle(at(number))
    if story.prepare is not None:
        story.prepare(made)
    return made


def locked_out(run: Callable[[], object]) -> str:
    """Return what a run says that cannot write; it says so soon."""
    started = time.perf_counter()
    with pytest.raises(StoreError, match="another process held the database too long") as caught:
        run()
    assert time.perf_counter() - started < 10 * PATIENCE_SECONDS + 3.0
    assert untold(str(caught.value)) == []
    return str(caught.value)


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
@pytest.mark.parametrize("story", [ENTRY, EXIT, REARM], ids=lambda story: story.name)
def test_a_run_on_a_locked_database_says_so_and_the_next_one_goes_on(
    hasty: Engine, holder: Holder, story: Story, how: str
) -> None:
    made = kit(hasty, story)
    holder.lock(how)
    locked_out(lambda: made.cycle(at(story.struck), holder="locked out"))
    holder.unlock()
    for number in (story.struck, *story.after):
        made.cycle(at(number))
    assert judge_account(hasty, made.account).all == []


@pytest.mark.parametrize("story", [ENTRY, EXIT, REARM], ids=lambda story: story.name)
@pytest.mark.parametrize("point", [name for name in CHECKPOINTS if name != "recorded"])
def test_a_run_that_is_locked_out_half_way_is_taken_up_by_the_next_one(
    hasty: Engine, holder: Holder, point: str, story: Story
) -> None:
    made = kit(hasty, story)
    struck = replace(made, checkpoints=Meanwhile({point: holder.lock}))
    locked_out(lambda: struck.cycle(at(story.struck), holder="locked out"))
    holder.unlock()
    for number in (story.struck, *story.after):
        made.cycle(at(number))
    assert judge_account(hasty, made.account).all == []
    assert stop_quantity(made) == held(made)


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_while_a_writer_holds_the_database_readers_go_on(
    hasty: Engine, holder: Holder, how: str
) -> None:
    made = kit(hasty, EXIT)
    holder.lock(how)
    with made.store.reading() as uow:
        (position,) = uow.positions.all(made.account, 1)
        assert uow.ledger.head().sequence == 2
    holder.unlock()
    assert [position] == positions(made)


def test_the_halt_file_halts_while_the_database_is_locked(
    hasty: Engine, holder: Holder, tmp_path: Path
) -> None:
    file = HaltFile(tmp_path / "HALT")
    made = replace(kit(hasty), halt_signal=file)
    holder.lock()
    locked_out(lambda: halt(made.desk(at(10)), who="ada", why="a test", at=at(10)))
    file.write("the database is locked (by ada)")
    holder.unlock()
    result = made.cycle(at(10))
    assert result.validated.outcome.value == "denied"
    assert our_orders(made) == []
    assert len(decisions(made)) == 1


def test_the_halt_file_keeps_an_admitted_entry_at_home_though_the_database_was_locked(
    hasty: Engine, holder: Holder, tmp_path: Path
) -> None:
    file = HaltFile(tmp_path / "HALT")
    made = replace(kit(hasty), halt_signal=file)
    struck = replace(made, checkpoints=Meanwhile({"admitted": holder.lock}))
    locked_out(lambda: struck.cycle(at(10), holder="locked out"))
    file.write("the database is locked (by ada)")
    holder.unlock()
    made.cycle(at(10))
    assert at_broker(made, Role.ENTRY) == []
    assert [order.status.value for order in our_orders(made, Role.ENTRY)] == ["canceled"]


def test_the_halt_file_stops_no_exit_when_the_lock_is_gone(
    hasty: Engine, holder: Holder, tmp_path: Path
) -> None:
    file = HaltFile(tmp_path / "HALT")
    made = replace(kit(hasty, EXIT), halt_signal=file)
    holder.lock()
    locked_out(lambda: made.cycle(at(12), holder="locked out"))
    file.write("the database is locked (by ada)")
    holder.unlock()
    results: list[CycleResult] = [made.cycle(at(number)) for number in (12, 13)]
    assert results[0].validated.outcome.value == "approved"
    assert held(made) == 0.0
    assert judge_account(hasty, made.account).all == []
