"""One schedule per series: its newest bars, after they close. Off until somebody starts it.

An agent's own cycle refreshes its series by the same code; this is for series that are to stay fresh
while their agent rests.
"""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z, require_utc
from ztrade_core.trading.ticks import judge_tick, timetable_of
from ztrade_pipelines import keys
from ztrade_pipelines.market_data.jobs import refresh_name
from ztrade_pipelines.resources import Ztrade


def refresh_schedule(agent: AgentConfig) -> dg.ScheduleDefinition:
    """Return the schedule that keeps an agent's series fresh."""
    table, name = timetable_of(agent), refresh_name(agent)

    @dg.schedule(
        name=name,
        job_name=name,
        cron_schedule=list(table.cron),
        execution_timezone=table.timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Refreshes {agent.symbol} {agent.timeframe} after each bar's close; skipped while"
        " the session is closed. Off until started.",
        tags={keys.WORKLOAD_TAG: "ingestion"},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value},
    )
    def refresh(context: dg.ScheduleEvaluationContext, ztrade: dg.ResourceParam[Ztrade]) -> Any:
        scheduled = require_utc(context.scheduled_execution_time)
        workshop = ztrade.workshop()
        tick = judge_tick(workshop.calendar, agent, scheduled=scheduled, now=workshop.clock.now())
        if not tick.due:
            return dg.SkipReason(tick.reason)
        return dg.RunRequest(run_key=f"{name}:{iso_z(scheduled)}")

    return refresh
