"""The clocks of operations: reconcile hourly, and at each session's close.

Both run from the start: they open nothing. A session's end is the exchange calendar's to know.
"""

from typing import Any

import dagster as dg

from ztrade_core.domain.time import NEW_YORK, iso_z, new_york_date, require_utc
from ztrade_pipelines import keys
from ztrade_pipelines.operations.jobs import RECONCILE
from ztrade_pipelines.resources import PAPER, Ztrade


@dg.schedule(
    name="reconcile_hourly",
    job_name=RECONCILE,
    cron_schedule="7 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Reconcile the paper account every hour, round the clock, off the busy full hour.",
)
def reconcile_hourly(context: dg.ScheduleEvaluationContext) -> Any:
    """Ask for one reconciliation an hour."""
    return _request(context, "hourly")


@dg.schedule(
    name="reconcile_at_close",
    job_name=RECONCILE,
    cron_schedule="1 13,16 * * 1-5",
    execution_timezone=NEW_YORK.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Materialize company/portfolio a minute after each session's close (16:00 New York,"
    " 13:00 on half days); skipped on days without a session.",
)
def reconcile_at_close(
    context: dg.ScheduleEvaluationContext, ztrade: dg.ResourceParam[Ztrade]
) -> Any:
    """Ask for one reconciliation a session."""
    scheduled = require_utc(context.scheduled_execution_time)
    day = new_york_date(scheduled)
    closes = ztrade.workshop().calendar.session_closes(day, day)
    if not closes or closes[0].astimezone(NEW_YORK).hour != scheduled.astimezone(NEW_YORK).hour:
        return dg.SkipReason(
            f"no session closes at {scheduled.astimezone(NEW_YORK):%Y-%m-%d %H:%M}"
        )
    return _request(context, "session_close")


def _request(context: dg.ScheduleEvaluationContext, reason: str) -> dg.RunRequest:
    scheduled = iso_z(require_utc(context.scheduled_execution_time))
    tags = {keys.ACCOUNT_TAG: PAPER, keys.REASON_TAG: reason}
    return dg.RunRequest(run_key=f"{reason}:{scheduled}", tags=tags)
