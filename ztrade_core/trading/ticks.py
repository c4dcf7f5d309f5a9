"""When an agent's clock strikes: whether a schedule's tick is due, and why not.

A tick is due when the newest bar of the agent's series completes exactly then. Holidays, half days
and closed sessions are the calendar's to know; a schedule only strikes too often and asks.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import NEW_YORK, Timeframe, iso_z
from ztrade_core.ports.clock import Calendar

SESSION_HOURS = "9-16"
WEEKDAYS = "1-5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A tick, judged. `slot` is the open time of the bar to decide on; `reason` says why not due."""

    due: bool
    slot: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Cron lines that strike at least whenever a bar of the series completes."""

    cron: tuple[str, ...]
    timezone: str


def timetable_of(agent: AgentConfig) -> Timetable:
    """Return when an agent's schedule strikes: more often than needed, never too rarely."""
    if agent.instrument.asset_class is AssetClass.CRYPTO:
        return Timetable(cron=(_CRYPTO_CRON[agent.timeframe],), timezone="UTC")
    return Timetable(cron=_STOCK_CRON[agent.timeframe], timezone=NEW_YORK.key)


def judge_tick(
    calendar: Calendar, agent: AgentConfig, *, scheduled: datetime, now: datetime
) -> Tick:
    """Say whether the tick of `scheduled`, looked at `now`, is due.

    A tick older than one timeframe is not: the next one sees everything that it would have seen.
    """
    timeframe, asset_class = agent.timeframe, agent.instrument.asset_class
    age = now - scheduled
    if age > timeframe.duration:
        reason = (
            f"the tick of {iso_z(scheduled)} is {age.total_seconds():.0f} s old, more than one bar"
            f" of {timeframe}: too late to decide on it, the next tick sees what it would have seen"
        )
        return Tick(due=False, slot=None, reason=reason)
    slot = calendar.expected_bar(asset_class, timeframe, scheduled)
    completed = None if slot is None else calendar.completes_at(asset_class, timeframe, slot)
    if slot is None or completed != scheduled:
        local = scheduled.astimezone(NEW_YORK)
        reason = (
            f"no {timeframe} bar of {agent.symbol} completes at {iso_z(scheduled)}"
            f" ({local:%A %Y-%m-%d %H:%M} New York): the session is closed"
        )
        return Tick(due=False, slot=slot, reason=reason)
    return Tick(due=True, slot=slot, reason="")


_CRYPTO_CRON = {
    Timeframe.M1: "* * * * *",
    Timeframe.M5: "*/5 * * * *",
    Timeframe.M15: "*/15 * * * *",
    Timeframe.H1: "0 * * * *",
    Timeframe.D1: "0 0 * * *",
}
# Sessions run 09:30-16:00 New York, half days to 13:00; hourly bars open on the half hour.
_STOCK_CRON = {
    Timeframe.M1: (f"* {SESSION_HOURS} * * {WEEKDAYS}",),
    Timeframe.M5: (f"*/5 {SESSION_HOURS} * * {WEEKDAYS}",),
    Timeframe.M15: (f"*/15 {SESSION_HOURS} * * {WEEKDAYS}",),
    Timeframe.H1: (f"30 10-15 * * {WEEKDAYS}", f"0 13,16 * * {WEEKDAYS}"),
    Timeframe.D1: (f"0 13,16 * * {WEEKDAYS}",),
}
