"""One schedule per symbol: its newest news and their scores. Off until somebody starts it.

An agent's own cycle refreshes news by the same code; this is for symbols that are to stay fresh between
cycles, or while their agent rests.
"""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import iso_z, require_utc
from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade
from ztrade_pipelines.sentiment.jobs import refresh_news_name

STOCK_MINUTES, CRYPTO_MINUTES = 15, 5
FILES_ONLY = ("files",)
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def every(symbol: str) -> int:
    """Return how many minutes lie between a symbol's refreshes."""
    is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
    return STOCK_MINUTES if is_stock else CRYPTO_MINUTES


def news_schedules(company: Company) -> list[dg.ScheduleDefinition]:
    """Return the schedule of every symbol."""
    return [refresh_news_schedule(company, symbol) for symbol in keys.symbols_of(company)]


def refresh_news_schedule(company: Company, symbol: str) -> dg.ScheduleDefinition:
    """Return the schedule that keeps a symbol's news fresh."""
    name, sources = refresh_news_name(symbol), _sources(company, symbol)

    @dg.schedule(
        name=name,
        job_name=name,
        cron_schedule=f"*/{every(symbol)} * * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"Refreshes the news of {symbol} and scores it every {every(symbol)} minutes;"
        " skipped while the last refresh still runs. Off until started.",
        tags={keys.WORKLOAD_TAG: "ingestion"},
        metadata={"symbol": symbol, "sources": ", ".join(sources)},
    )
    def refresh(context: dg.ScheduleEvaluationContext, ztrade: dg.ResourceParam[Ztrade]) -> Any:
        if sources == FILES_ONLY:
            return dg.SkipReason("nobody to ask: stories come from files (`ztrade news import`)")
        waiting = dg.RunsFilter(job_name=name, statuses=UNFINISHED)
        if context.instance.get_runs_count(waiting):
            return dg.SkipReason("the last refresh still waits or runs")
        scheduled = require_utc(context.scheduled_execution_time)
        today = f"{ztrade.workshop().clock.now():%Y-%m-%d}"
        return dg.RunRequest(run_key=f"{name}:{iso_z(scheduled)}", partition_key=today)

    return refresh


def _sources(company: Company, symbol: str) -> tuple[str, ...]:
    config = company.sentiment.news
    is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
    return config.stock_sources if is_stock else config.crypto_sources
