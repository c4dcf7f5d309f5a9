"""The bar in progress, by hand: XNYS sessions of December 2022, coins around the clock."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fakes.desk import calendar
from tests.unit.risk.builders import BTC, TSLA
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import Timeframe, iso_z
from ztrade_core.trading.running_bar import acts_at, running_bar

HOURLY = replace(TSLA, timeframe=Timeframe.H1)
DAILY = replace(TSLA, timeframe=Timeframe.D1)
COIN = replace(BTC, timeframe=Timeframe.H1)
WEDNESDAY = "2022-12-28T"
CLOSED_TUESDAY = "2022-12-27T21:00:00Z"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("agent", "at", "opened", "since", "is_open"),
    [
        (TSLA, "15:02:00", "15:00:00", "15:00:00Z", True),
        (TSLA, "15:00:00", "14:55:00", "15:00:00Z", False),  # a bar completes: it is that one
        (TSLA, "14:30:00", "14:30:00", None, True),  # the session opens
        (TSLA, "21:00:00", "20:55:00", "21:00:00Z", False),  # it closes
        (TSLA, "23:00:00", "20:55:00", "21:00:00Z", False),
        (HOURLY, "20:45:00", "20:30:00", "20:30:00Z", True),  # the half hour before the close
        (COIN, "15:20:00", "15:00:00", "15:00:00Z", True),
        (DAILY, "16:00:00", "05:00:00", None, True),  # of the running session
        (DAILY, "21:00:00", "05:00:00", "21:00:00Z", False),
    ],
)
def test_the_bar_in_progress(
    agent: AgentConfig, at: str, opened: str, since: str | None, *, is_open: bool
) -> None:
    found = running_bar(calendar(), agent, utc(WEDNESDAY + at))

    assert found is not None
    assert iso_z(found.opened) == f"{WEDNESDAY}{opened}Z"
    assert iso_z(found.since) == (CLOSED_TUESDAY if since is None else WEDNESDAY + since)
    assert found.is_open is is_open


def test_a_daily_bar_does_not_run_before_its_session_opens() -> None:
    """At 03:00 New York the open of the day has not passed: Tuesday's bar is the last."""
    found = running_bar(calendar(), DAILY, utc("2022-12-28T08:00:00"))

    assert found is not None
    assert iso_z(found.opened) == "2022-12-27T05:00:00Z"
    assert not found.is_open


@pytest.mark.parametrize(
    ("agent", "known_at", "acts"),
    [
        (TSLA, "2022-12-28T15:02:00", "2022-12-28T15:02:00Z"),
        (TSLA, "2022-12-28T15:00:00", "2022-12-28T15:00:00Z"),
        (TSLA, "2022-12-28T03:00:00", "2022-12-28T14:30:00Z"),
        (TSLA, "2022-12-28T21:00:01", "2022-12-29T14:30:00Z"),
        (TSLA, "2022-12-23T22:00:00", "2022-12-27T14:30:00Z"),  # over Christmas
        (DAILY, "2022-12-28T03:00:00", "2022-12-28T03:00:00Z"),
        (COIN, "2022-12-25T03:10:00", "2022-12-25T03:10:00Z"),
    ],
)
def test_news_runs_an_agent_at_once_or_when_its_session_opens(
    agent: AgentConfig, known_at: str, acts: str
) -> None:
    found = acts_at(calendar(), agent, utc(known_at))

    assert found is not None
    assert iso_z(found) == acts
