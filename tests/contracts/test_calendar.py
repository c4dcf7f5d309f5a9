"""The calendar against exchange_calendars' own slow answers, half days and clock changes."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from exchange_calendars import ExchangeCalendar, get_calendar
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros, new_york_midnight, to_micros
from ztrade_core.errors import InputError

STOCK, CRYPTO = AssetClass.STOCK, AssetClass.CRYPTO
FIRST, LAST = datetime(2006, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
MINUTES = st.integers(0, (LAST - FIRST) // timedelta(minutes=1)).map(
    lambda count: FIRST + timedelta(minutes=count)
)
INTRADAY = st.sampled_from([Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1])


@cache
def calendar() -> ExchangeSessions:
    return ExchangeSessions()


@cache
def oracle() -> ExchangeCalendar:
    return get_calendar("XNYS", start="2005-01-01")


def sessions_around(moment: datetime) -> list[tuple[date, datetime, datetime]]:
    """The sessions of the fortnight before `moment` and the day after: (date, open, close)."""
    low, high = (moment - timedelta(days=14)).date(), (moment + timedelta(days=1)).date()
    return [
        (
            session.date(),
            oracle().session_open(session).to_pydatetime(),
            oracle().session_close(session).to_pydatetime(),
        )
        for session in oracle().sessions_in_range(low.isoformat(), high.isoformat())
    ]


def bars_around(moment: datetime, timeframe: Timeframe) -> list[tuple[datetime, datetime]]:
    """Open and completion of every stock bar of the fortnight, by walking."""
    found = []
    for day, opened, closed in sessions_around(moment):
        if timeframe is Timeframe.D1:
            found.append((new_york_midnight(day), closed))
            continue
        bar = opened
        while bar < closed:
            found.append((bar, min(bar + timeframe.duration, closed)))
            bar += timeframe.duration
    return found


@given(moment=MINUTES, timeframe=st.sampled_from(list(Timeframe)))
def test_expected_bar_is_the_last_that_completed(moment: datetime, timeframe: Timeframe) -> None:
    complete = [opened for opened, done in bars_around(moment, timeframe) if done <= moment]
    assert calendar().expected_bar(STOCK, timeframe, moment) == complete[-1]


@given(moment=MINUTES, timeframe=st.sampled_from(list(Timeframe)))
def test_bars_complete_at_timeframe_or_close(moment: datetime, timeframe: Timeframe) -> None:
    for opened, done in bars_around(moment, timeframe)[-100:]:
        assert calendar().completes_at(STOCK, timeframe, opened) == done


@given(moment=MINUTES, timeframe=st.sampled_from(list(Timeframe)))
def test_complete_count_counts_completed_bars(moment: datetime, timeframe: Timeframe) -> None:
    bars = bars_around(moment, timeframe)
    stamps = np.array([to_micros(opened) for opened, _ in bars], dtype=np.int64)
    done = len([done for _, done in bars if done <= moment])
    assert calendar().complete_count(STOCK, timeframe, stamps, moment) == done


@given(moment=MINUTES, timeframe=st.sampled_from(list(Timeframe)))
def test_expected_bars_are_the_grid(moment: datetime, timeframe: Timeframe) -> None:
    start = moment - timedelta(days=5)
    walked = [opened for opened, _ in bars_around(moment, timeframe) if start <= opened < moment]
    assert calendar().expected_bars(STOCK, timeframe, start, moment) == walked


@given(moment=MINUTES, timeframe=INTRADAY)
def test_entries_need_a_running_session_and_a_bar_before_its_last(
    moment: datetime, timeframe: Timeframe
) -> None:
    decided = calendar().expected_bar(STOCK, timeframe, moment)
    assert decided is not None
    allowed, reason = calendar().entry_session(STOCK, timeframe, decided, moment)
    stamp = pd.Timestamp(moment)
    is_open = oracle().is_open_at_time(stamp, side="left")
    opened = oracle().session_open(oracle().minute_to_session(stamp)) if is_open else None
    assert allowed == (opened is not None and moment >= opened + timeframe.duration)
    assert bool(reason) != allowed


@given(moment=MINUTES)
def test_session_closes_are_the_exchanges(moment: datetime) -> None:
    sessions = sessions_around(moment)
    closes = calendar().session_closes(sessions[0][0], sessions[-1][0])
    assert closes == [closed for _, _, closed in sessions]


@given(moment=MINUTES, timeframe=st.sampled_from(list(Timeframe)))
def test_crypto_bars_never_sleep(moment: datetime, timeframe: Timeframe) -> None:
    expected = calendar().expected_bar(CRYPTO, timeframe, moment)
    assert expected is not None
    assert expected + timeframe.duration <= moment < expected + 2 * timeframe.duration
    assert to_micros(expected) % timeframe.micros == 0
    assert calendar().completes_at(CRYPTO, timeframe, expected) == expected + timeframe.duration
    grid = calendar().expected_bars(CRYPTO, timeframe, expected, moment)
    assert grid[0] == expected
    stamps = np.array([to_micros(opened) for opened in grid], dtype=np.int64)
    assert calendar().complete_count(CRYPTO, timeframe, stamps, moment) == 1
    assert calendar().entry_session(CRYPTO, timeframe, expected, moment) == (True, "")


def test_half_day_ends_at_one() -> None:
    """2022-11-25, the day after Thanksgiving: 14:30Z to 18:00Z."""
    closed = datetime(2022, 11, 25, 18, 0, tzinfo=UTC)
    opened = datetime(2022, 11, 25, 17, 30, tzinfo=UTC)
    assert calendar().completes_at(STOCK, Timeframe.H1, opened) == closed
    assert calendar().expected_bar(STOCK, Timeframe.H1, closed) == opened
    assert calendar().expected_bar(STOCK, Timeframe.H1, closed - timedelta(seconds=1)) == (
        opened - timedelta(hours=1)
    )
    assert calendar().completes_at(STOCK, Timeframe.D1, new_york_midnight(closed.date())) == closed


def test_full_day_has_seven_hourly_bars_the_last_of_half_an_hour() -> None:
    day = datetime(2022, 12, 28, tzinfo=UTC)
    bars = calendar().expected_bars(STOCK, Timeframe.H1, day, day + timedelta(days=1))
    assert [f"{bar:%H:%M}" for bar in bars] == [
        "14:30",
        "15:30",
        "16:30",
        "17:30",
        "18:30",
        "19:30",
        "20:30",
    ]
    done = calendar().completes_at(STOCK, Timeframe.H1, bars[-1])
    assert done == datetime(2022, 12, 28, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "opened"),
    [
        (date(2022, 3, 11), "14:30"),  # Friday before summer time
        (date(2022, 3, 14), "13:30"),  # Monday after
        (date(2022, 11, 4), "13:30"),
        (date(2022, 11, 7), "14:30"),
    ],
)
def test_sessions_follow_new_york_through_clock_changes(day: date, opened: str) -> None:
    midnight = new_york_midnight(day)
    bars = calendar().expected_bars(STOCK, Timeframe.M5, midnight, midnight + timedelta(days=1))
    assert f"{bars[0]:%H:%M}" == opened
    assert len(bars) == 78
    daily = calendar().expected_bar(STOCK, Timeframe.D1, bars[-1] + timedelta(minutes=5))
    assert daily == midnight


def test_at_the_close_the_last_bar_is_complete_and_entries_are_not_possible() -> None:
    closed = datetime(2022, 12, 28, 21, 0, tzinfo=UTC)
    last = closed - timedelta(minutes=5)
    assert calendar().expected_bar(STOCK, Timeframe.M5, closed) == last
    allowed, reason = calendar().entry_session(STOCK, Timeframe.M5, last, closed)
    assert not allowed
    assert "last bar" in reason
    before = closed - timedelta(minutes=10)
    assert calendar().entry_session(STOCK, Timeframe.M5, before, last) == (True, "")


def test_outside_a_session_the_reason_names_the_next_open() -> None:
    saturday = datetime(2022, 12, 31, 15, 0, tzinfo=UTC)
    decided = datetime(2022, 12, 30, 19, 0, tzinfo=UTC)
    allowed, reason = calendar().entry_session(STOCK, Timeframe.M5, decided, saturday)
    assert not allowed
    assert "2023-01-03T14:30:00Z" in reason


def test_a_bar_of_yesterday_does_not_enter_today() -> None:
    decided = datetime(2022, 12, 27, 16, 0, tzinfo=UTC)
    today = datetime(2022, 12, 28, 14, 32, tzinfo=UTC)
    allowed, reason = calendar().entry_session(STOCK, Timeframe.M5, decided, today)
    assert not allowed
    assert "not of the running session 2022-12-28" in reason


def test_daily_decisions_are_for_the_next_session() -> None:
    midnight = new_york_midnight(date(2022, 12, 30))
    closed = datetime(2022, 12, 30, 21, 0, tzinfo=UTC)
    assert calendar().entry_session(STOCK, Timeframe.D1, midnight, closed) == (True, "")


@pytest.mark.parametrize("year", [1999, 2004, 2060])
def test_years_outside_the_calendar_are_refused(year: int) -> None:
    moment = datetime(year, 6, 1, 12, 0, tzinfo=UTC)
    with pytest.raises(InputError, match="outside the XNYS calendar"):
        calendar().expected_bar(STOCK, Timeframe.M5, moment)
    with pytest.raises(InputError, match="outside the XNYS calendar"):
        calendar().completes_at(CRYPTO, Timeframe.H1, moment)


def test_instants_of_the_table_are_exact() -> None:
    moment = datetime(2022, 12, 28, 14, 55, 0, 1, tzinfo=UTC)
    expected = calendar().expected_bar(STOCK, Timeframe.M5, moment)
    assert expected == from_micros(to_micros(datetime(2022, 12, 28, 14, 50, tzinfo=UTC)))
