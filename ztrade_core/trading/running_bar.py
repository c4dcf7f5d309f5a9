"""The bar in progress at a moment: what a decision made inside a bar belongs to.

Such a decision cannot fill at that bar's open, which has passed; and of news at most one is decided in
it. Pure: calendar and moment in, values out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe
from ztrade_core.ports.clock import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBar:
    """The bar that a moment lies in.

    `opened` is the stamp of the bar whose open was passed last; at the very completion of a bar it is
    that bar. `since` is when the last complete bar completed: what became known after it, no regular
    decision has seen yet. `is_open`: the bar is running now; False between sessions.
    """

    opened: datetime
    since: datetime
    is_open: bool


def running_bar(calendar: Calendar, agent: AgentConfig, at: datetime) -> RunningBar | None:
    """Return the bar of the agent's series in progress at a moment; None before the calendar's first."""
    asset_class, timeframe = agent.instrument.asset_class, agent.timeframe
    last = calendar.expected_bar(asset_class, timeframe, at)
    if last is None:
        return None
    since = calendar.completes_at(asset_class, timeframe, last)
    if since < at:
        for opened in calendar.expected_bars(asset_class, timeframe, since, at + MICROSECOND):
            if _trades_from(calendar, agent, opened) <= at:
                return RunningBar(opened=opened, since=since, is_open=True)
    return RunningBar(opened=last, since=since, is_open=False)


def acts_at(calendar: Calendar, agent: AgentConfig, known_at: datetime) -> datetime | None:
    """Return when news that becomes known may run an agent; None: not within a fortnight.

    At once; for an intraday stock agent between sessions, at the next session's open: nothing could be
    done before. Whoever decides on days decides for the next session anyway.
    """
    asset_class, timeframe = agent.instrument.asset_class, agent.timeframe
    if asset_class is AssetClass.CRYPTO or timeframe is Timeframe.D1:
        return known_at
    running = running_bar(calendar, agent, known_at)
    if running is None or running.is_open or _opens_now(calendar, agent, known_at):
        return known_at
    coming = calendar.expected_bars(asset_class, timeframe, known_at, known_at + 14 * _DAY)
    return coming[0] if coming else None


def _opens_now(calendar: Calendar, agent: AgentConfig, at: datetime) -> bool:
    """Return whether a bar opens as the one before it completes."""
    stop = at + MICROSECOND
    return bool(calendar.expected_bars(agent.instrument.asset_class, agent.timeframe, at, stop))


def _trades_from(calendar: Calendar, agent: AgentConfig, opened: datetime) -> datetime:
    """Return when a bar's open is traded: a stock's daily bar is stamped hours before."""
    asset_class = agent.instrument.asset_class
    if asset_class is AssetClass.CRYPTO or agent.timeframe is not Timeframe.D1:
        return opened
    hours = calendar.expected_bars(asset_class, Timeframe.H1, opened, opened + _DAY)
    return hours[0] if hours else opened
