"""Whether a symbol's refresh schedule is switched on, on this Dagster instance."""

import dagster as dg

from ztrade_pipelines.sentiment.jobs import refresh_news_name


def is_refreshing(instance: dg.DagsterInstance, symbol: str) -> bool:
    """Return whether the schedule runs; it is off until somebody started it.

    An instance in memory has no schedules.
    """
    if instance.schedule_storage is None:
        return False
    name = refresh_news_name(symbol)
    return any(
        state.instigator_name == name and state.is_running
        for state in instance.all_instigator_state()
    )
