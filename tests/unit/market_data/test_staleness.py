"""A series is late only for a bar that the exchange has traded, and only some time after its close."""

from datetime import timedelta

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.series import series_of_closes
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.time import Timeframe, parse_instant
from ztrade_core.market_data.staleness import NewestBar, grace_of, newest_bar


def newest(symbol: str, timeframe: Timeframe, last: str, at: str) -> NewestBar:
    """Return the judgement on a series whose newest bar opened at `last`; empty: it has none."""
    store = MemoryBarStore()
    if last:
        opened = parse_instant(last)
        store.upsert(
            [series_of_closes(symbol, timeframe, [opened], [100.0])], source="x", ingested_at=opened
        )
    return newest_bar(
        store, ExchangeSessions(), symbol=symbol, timeframe=timeframe, at=parse_instant(at)
    )


@pytest.mark.parametrize(
    ("symbol", "timeframe", "last", "at"),
    [
        # Friday's last bar, on Friday night, on Saturday, and before Monday's first bar is due.
        ("TSLA", Timeframe.M5, "2022-12-16T20:55:00Z", "2022-12-17T03:00:00Z"),
        ("TSLA", Timeframe.M5, "2022-12-16T20:55:00Z", "2022-12-18T15:00:00Z"),
        ("TSLA", Timeframe.M5, "2022-12-16T20:55:00Z", "2022-12-19T14:54:59Z"),
        # Monday 2022-12-26 was a holiday: Friday's last bar is the newest until Tuesday.
        ("TSLA", Timeframe.M5, "2022-12-23T20:55:00Z", "2022-12-26T18:00:00Z"),
        ("TSLA", Timeframe.D1, "2022-12-23T05:00:00Z", "2022-12-27T21:59:59Z"),
        # 2022-11-25 closed at 13:00 New York, 18:00Z.
        ("IWM", Timeframe.M15, "2022-11-25T17:45:00Z", "2022-11-25T20:30:00Z"),
        # The hour from 14:00 is complete at 15:00, and due at 16:00.
        ("BTC/USD", Timeframe.H1, "2022-12-25T13:00:00Z", "2022-12-25T15:59:59Z"),
    ],
)
def test_no_alarm_at_night_on_weekends_on_holidays_or_before_a_bar_is_due(
    symbol: str, timeframe: Timeframe, last: str, at: str
) -> None:
    assert not newest(symbol, timeframe, last, at).is_late


@pytest.mark.parametrize(
    ("symbol", "timeframe", "last", "at", "due"),
    [
        ("TSLA", "5m", "2022-12-16T20:55:00Z", "2022-12-19T14:55:00Z", "2022-12-19T14:30:00Z"),
        ("TSLA", "5m", "2022-12-23T20:55:00Z", "2022-12-27T14:55:00Z", "2022-12-27T14:30:00Z"),
        ("TSLA", "1d", "2022-12-23T05:00:00Z", "2022-12-27T22:00:00Z", "2022-12-27T05:00:00Z"),
        ("IWM", "15m", "2022-11-25T17:30:00Z", "2022-11-25T18:30:00Z", "2022-11-25T17:45:00Z"),
        ("BTC/USD", "1h", "2022-12-25T13:00:00Z", "2022-12-25T16:00:00Z", "2022-12-25T14:00:00Z"),
        ("BTC/USD", "1h", "", "2022-12-25T16:00:00Z", "2022-12-25T14:00:00Z"),
    ],
)
def test_a_bar_that_was_traded_and_is_due_is_late(
    symbol: str, timeframe: str, last: str, at: str, due: str
) -> None:
    found = newest(symbol, Timeframe(timeframe), last, at)
    assert found.is_late
    assert found.due == parse_instant(due)


def test_a_bar_is_due_two_bars_after_its_close_within_bounds() -> None:
    minutes = {
        timeframe.value: grace_of(timeframe) / timedelta(minutes=1) for timeframe in Timeframe
    }
    assert minutes == {"1m": 20, "5m": 20, "15m": 30, "1h": 60, "1d": 60}
