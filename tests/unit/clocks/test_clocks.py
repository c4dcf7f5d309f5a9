"""The clocks: one tells the machine's time, the other stands where it is put."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.clocks.system import SystemClock
from ztrade_core.errors import InputError

MOMENT = datetime(2022, 12, 28, 15, 0, tzinfo=UTC)


def test_system_clock_tells_aware_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_simulated_clock_stands_until_moved() -> None:
    clock = SimulatedClock(MOMENT)
    assert clock.now() == MOMENT
    clock.advance_to(MOMENT + timedelta(minutes=5))
    assert clock.now() == MOMENT + timedelta(minutes=5)


def test_simulated_clock_may_be_set_to_where_it_stands() -> None:
    clock = SimulatedClock(MOMENT)
    clock.advance_to(MOMENT)
    assert clock.now() == MOMENT


def test_simulated_clock_never_runs_backwards() -> None:
    clock = SimulatedClock(MOMENT)
    with pytest.raises(InputError, match="cannot run back"):
        clock.advance_to(MOMENT - timedelta(microseconds=1))
    assert clock.now() == MOMENT


def test_simulated_clock_answers_in_utc() -> None:
    new_york = timezone(timedelta(hours=-5))
    assert SimulatedClock(MOMENT.astimezone(new_york)).now().tzinfo is UTC


def test_simulated_clock_refuses_naive_time() -> None:
    with pytest.raises(ValueError, match="naive"):
        SimulatedClock(datetime(2022, 12, 28, 15, 0))  # noqa: DTZ001
