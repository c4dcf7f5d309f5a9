"""Halt and flatten at Alpaca while no process of Dagster runs, with quotes and with a silent host of them."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.daemon_house import ended
from tests.faults.exam_table import Area, Exam
from tests.faults.outage_alpaca import AlpacaBench, alpaca_bench
from tests.faults.outage_bench import WHO, crowd, seconds_until

HALTED_WITHIN = 5.0
FLAT_WITHIN = 30.0
WHY = "a test of outages"
WORDS = ("--who", WHO, "--reason", WHY)


@pytest.fixture(params=[False, True], ids=["quotes answer", "quotes are silent"])
def bench(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[AlpacaBench]:
    """A position, an open entry and one that waits, at a fake Alpaca."""
    with alpaca_bench(tmp_path, sqlite_template, quotes_are_silent=request.param) as made:
        yield made


def test_halt_then_flatten_at_alpaca_with_everything_else_down(
    bench: AlpacaBench, exam: Exam, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    command = bench.command("halt", *WORDS)
    halted = seconds_until(lambda: not bench.entries_open(), began, HALTED_WITHIN, "halted")
    answer = ended(command)
    assert answer.code == 0, answer.err
    assert f"by {WHO}: {WHY}" in answer.out
    assert WHY in bench.nothing_enters()
    began = time.monotonic()
    command = bench.command("flatten", *WORDS)
    sold = seconds_until(bench.is_sold, began, FLAT_WITHIN, "sold")
    answer = ended(command)
    assert answer.code == 0, answer.err
    assert bench.entries_open() == []
    with capsys.disabled():
        told = f"halted after {halted:.1f} s, sold after {sold:.1f} s, crowd {crowd():.1f}"
        sys.stdout.write(f"\nat Alpaca, Dagster down: {told}\n")
    exam.record(Area.OVERRIDE, cases=2)
