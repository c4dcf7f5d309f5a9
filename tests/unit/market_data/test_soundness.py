"""The door of the store: every kind of unsound bar is refused, with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.fakes.series import series_of_closes
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries, empty_series
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.soundness import Fault, check_series, first_fault

OPEN = datetime(2022, 12, 28, 14, 30, tzinfo=UTC)
LATER = datetime(2023, 6, 1, tzinfo=UTC)
CALENDAR = ExchangeSessions()


def sound() -> BarSeries:
    """Six five-minute bars from the open, close 100 to 105."""
    opened = [OPEN + timedelta(minutes=5 * n) for n in range(6)]
    return series_of_closes("TSLA", Timeframe.M5, opened, [100.0 + n for n in range(6)])


def spoiled(column: str, value: float, index: int = 3) -> BarSeries:
    series = sound()
    values = getattr(series, column).copy()
    values[index] = value
    return replace(series, **{column: values})


def fault_of(series: BarSeries, known_at: datetime = LATER) -> Fault | None:
    return first_fault(series, CALENDAR, known_at)


def test_sound_bars_pass() -> None:
    assert fault_of(sound()) is None
    assert fault_of(empty_series("TSLA", Timeframe.M5)) is None


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("closes", float("nan"), "not a finite number"),
        ("highs", float("inf"), "not a finite number"),
        ("lows", 0.0, "not above 0"),
        ("opens", -5.0, "not above 0"),
        ("highs", 2e7, "above 10,000,000"),
        ("lows", 102.5, "the low is above open or close"),
        ("highs", 102.5, "the high is below open or close"),
        ("closes", 99.0, "the low is above open or close"),
        ("volumes", float("nan"), "volume is not a finite number"),
        ("volumes", -1.0, "volume is negative"),
        ("volumes", 1e16, "volume is above"),
    ],
)
def test_an_unsound_value_is_named(column: str, value: float, reason: str) -> None:
    fault = fault_of(spoiled(column, value))
    assert fault is not None
    assert fault.index == 3
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [(10, "duplicates"), (5, "earlier"), (16, "grid"), (-60 * 24, "earlier")],
)
def test_an_unsound_stamp_is_named(minutes: int, reason: str) -> None:
    fault = fault_of(spoiled("timestamps", to_micros(OPEN + timedelta(minutes=minutes))))
    assert fault is not None
    assert fault.index == 3
    assert reason in fault.reason


def test_the_first_fault_in_order_of_rows_is_reported() -> None:
    both = spoiled("timestamps", to_micros(OPEN + timedelta(minutes=6)), index=1)
    volumes = both.volumes.copy()
    volumes[4] = -1.0
    fault = fault_of(replace(both, volumes=volumes))
    assert fault is not None
    assert (fault.index, "grid" in fault.reason) == (1, True)


def test_a_bar_outside_the_session_is_off_the_grid() -> None:
    shifted = sound().timestamps + to_micros(OPEN.replace(hour=21, minute=0)) - to_micros(OPEN)
    fault = fault_of(replace(sound(), timestamps=shifted))
    assert fault is not None
    assert (fault.index, "grid" in fault.reason) == (0, True)


def test_a_bar_that_is_not_complete_when_ingested_is_refused() -> None:
    fault = fault_of(sound(), known_at=OPEN + timedelta(minutes=27))
    assert fault is not None
    assert fault.index == 5
    assert "is not complete at 2022-12-28T14:57:00Z" in fault.reason
    assert fault_of(sound(), known_at=OPEN + timedelta(minutes=30)) is None


@pytest.mark.parametrize(
    ("symbol", "stamp", "is_sound"),
    [
        ("AAPL", datetime(2022, 12, 28, 5, 0, tzinfo=UTC), True),
        ("AAPL", datetime(2022, 7, 28, 4, 0, tzinfo=UTC), True),
        ("AAPL", datetime(2022, 12, 28, 0, 0, tzinfo=UTC), False),
        ("AAPL", datetime(2022, 12, 26, 5, 0, tzinfo=UTC), False),  # a holiday
        ("BTC/USD", datetime(2022, 12, 28, 0, 0, tzinfo=UTC), True),
        ("BTC/USD", datetime(2022, 12, 28, 5, 0, tzinfo=UTC), False),
    ],
)
def test_daily_bars_are_stamped_by_their_session(
    symbol: str, stamp: datetime, *, is_sound: bool
) -> None:
    fault = fault_of(series_of_closes(symbol, Timeframe.D1, [stamp], [100.0]))
    assert (fault is None) == is_sound


@pytest.mark.parametrize("stamp", [-(2**62), to_micros(datetime(1999, 6, 1, tzinfo=UTC))])
def test_bars_before_the_calendars_years_are_refused(stamp: int) -> None:
    series = replace(sound().window(0, 1), timestamps=np.array([stamp], dtype=np.int64))
    assert fault_of(series) is not None
    with pytest.raises(UnsoundDataError, match="somewhere: TSLA 5m"):
        check_series(series, origin="somewhere", calendar=CALENDAR, known_at=LATER)


def test_a_refusal_names_origin_series_stamp_and_reason() -> None:
    with pytest.raises(UnsoundDataError) as caught:
        check_series(spoiled("volumes", -1.0), origin="vendor", calendar=CALENDAR, known_at=LATER)
    assert str(caught.value) == "vendor: TSLA 5m 2022-12-28T14:45:00Z: the volume is negative"
