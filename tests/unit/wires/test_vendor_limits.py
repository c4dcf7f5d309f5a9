"""Vendors' limits hold over processes and restarts, and say when they end."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.errors import RateLimitedError
from ztrade_core.wires.limits import (
    BACKFILL_PATIENCE,
    CYCLE_PATIENCE,
    DAY,
    LIMITS,
    MINUTE,
    Limit,
    SharedPace,
)

pytest.importorskip("pyrate_limiter", reason="pyrate-limiter is not installed")

NOON = datetime(2022, 12, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RACER = """
import sys
from pathlib import Path
from ztrade_core.clocks.system import SystemClock
from ztrade_core.errors import RateLimitedError
from ztrade_core.wires.limits import CYCLE_PATIENCE, DAY, Limit, SharedPace

limits = (Limit(requests=25, within=DAY),)
pace = SharedPace(
    "race", Path(sys.argv[1]), SystemClock(), patience=CYCLE_PATIENCE, sleep=lambda _: None,
    limits=limits,
)
taken = 0
for _ in range(12):
    try:
        pace.take()
        taken += 1
    except RateLimitedError:
        pass
print(taken)
"""


class Bench:
    """A pace on a clock that sleeping moves."""

    def __init__(self, folder: Path, vendor: str, patience: timedelta) -> None:
        self.clock = SimulatedClock(NOON)
        self.pace = SharedPace(vendor, folder, self.clock, patience=patience, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))


def test_a_short_wait_is_waited(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "alpha_vantage", BACKFILL_PATIENCE)
    for _ in range(3):
        bench.pace.take()
    assert timedelta(seconds=2) <= bench.clock.now() - NOON <= timedelta(seconds=2.1)


def test_the_days_limit_ends_it_and_says_until_when(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "alpha_vantage", BACKFILL_PATIENCE)
    for _ in range(25):
        bench.pace.take()
    with pytest.raises(RateLimitedError, match=r"1 in a second, 25 in a day\) is used up") as told:
        bench.pace.take()
    assert NOON + DAY <= told.value.until <= NOON + DAY + timedelta(seconds=2)
    bench.clock.advance_to(told.value.until)
    bench.pace.take()


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    first = Bench(tmp_path, "coingecko", CYCLE_PATIENCE)
    for _ in range(30):
        first.pace.take()
    second = Bench(tmp_path, "coingecko", CYCLE_PATIENCE)
    with pytest.raises(RateLimitedError) as told:
        second.pace.take()
    assert told.value.until - NOON <= MINUTE + timedelta(seconds=1)
    limit = Limit(requests=30, within=MINUTE)
    assert dict(second.pace.used())[limit] == 30


def test_what_a_vendor_said_of_its_limit_outlives_a_restart(tmp_path: Path) -> None:
    bench, until = Bench(tmp_path, "alpha_vantage", BACKFILL_PATIENCE), NOON + 16 * HOUR
    bench.pace.take()
    bench.pace.rest(until)
    bench.pace.rest(NOON + HOUR)  # the later word stands
    again, other = (Bench(tmp_path, n, BACKFILL_PATIENCE) for n in ("alpha_vantage", "yahoo"))
    with pytest.raises(RateLimitedError, match="2022-12-02T04:00:00Z") as told:
        again.pace.take()
    assert told.value.until == until
    assert dict(again.pace.used())[Limit(requests=25, within=DAY)] == 25, "none are left"
    other.pace.take()
    again.clock.advance_to(until)
    again.pace.take()
    assert dict(again.pace.used())[Limit(requests=25, within=DAY)] == 2


def test_vendors_do_not_share(tmp_path: Path) -> None:
    coins, stocks = (Bench(tmp_path, name, CYCLE_PATIENCE) for name in ("coingecko", "alpaca"))
    for _ in range(30):
        coins.pace.take()
    for _ in range(200):
        stocks.pace.take()
    with pytest.raises(RateLimitedError, match="200 in a minute"):
        stocks.pace.take()


def test_four_processes_take_no_more_than_there_is(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", RACER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    told = [racer.communicate(timeout=120)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert sum(int(text) for text in told) == 25


def test_every_vendor_has_its_limits() -> None:
    day = {name: [each.requests for each in limits] for name, limits in LIMITS.items()}
    assert day == {
        "alpaca": [200],
        "alpha_vantage": [1, 25],
        "coingecko": [30, 10_000],
        "reddit": [60],
        "sec": [8],
        "yahoo": [2, 60],
    }
