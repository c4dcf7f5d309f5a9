"""One schedule per agent: its loop. Starting and stopping the loop is the schedule's switch.

It strikes at least whenever a bar completes; core says whether the tick is due, so that holidays,
half days and ticks from before an outage are skipped with their reason. A run starts some seconds
after the bar's close (the daemon looks every few seconds) and decides on what is known by then.
"""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z, require_utc
from ztrade_core.trading.ticks import judge_tick, timetable_of
from ztrade_pipelines import keys
from ztrade_pipelines.resources import PAPER, Ztrade


def agent_schedule(agent: AgentConfig) -> dg.ScheduleDefinition:
    """Return the loop of an agent; off until somebody starts it."""
    table = timetable_of(agent)

    @dg.schedule(
        name=f"{agent.agent_id}_loop",
        job_name=agent.agent_id,
        cron_schedule=list(table.cron),
        execution_timezone=table.timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Decides for {agent.agent_id} when a {agent.timeframe} bar of {agent.symbol}"
        " completes, live, on the paper account. Off until started: `ztrade loop start`.",
        tags={keys.AGENT_TAG: agent.agent_id},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value},
    )
    def loop(context: dg.ScheduleEvaluationContext, ztrade: dg.ResourceParam[Ztrade]) -> Any:
        scheduled = require_utc(context.scheduled_execution_time)
        workshop = ztrade.workshop()
        tick = judge_tick(workshop.calendar, agent, scheduled=scheduled, now=workshop.clock.now())
        if not tick.due:
            return dg.SkipReason(tick.reason)
        tags = {keys.AGENT_TAG: agent.agent_id, keys.ACCOUNT_TAG: PAPER}
        return dg.RunRequest(run_key=f"{agent.agent_id}:{iso_z(scheduled)}", tags=tags)

    return loop
