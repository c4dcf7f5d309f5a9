"""The jobs that bring news and score it: ranges of days, and one symbol's newest."""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.instruments import instrument_of
from ztrade_pipelines import keys


def news_jobs(company: Company) -> list[Any]:
    """Return the job of ranges of days, and a refresh for every symbol."""
    refreshes = (refresh_news_job(company, symbol) for symbol in keys.symbols_of(company))
    return [load_news_job(), *refreshes]


def load_news_job() -> Any:
    """Return the job that materializes every symbol's news and sentiment for a day or a range."""
    return dg.define_asset_job(
        "load_news",
        selection=dg.AssetSelection.groups(keys.NEWS_GROUP, keys.SENTIMENT_GROUP),
        description="Load the news of every agent's symbol for a day or a range of days from the"
        " sources in config/sentiment.yaml, and score it. A range is one run.",
        run_tags={keys.WORKLOAD_TAG: "ingestion"},
        executor_def=dg.in_process_executor,
    )


def refresh_news_name(symbol: str) -> str:
    """Return the name of a symbol's refresh: `refresh_news_BTC_USD`."""
    return f"refresh_news_{instrument_of(symbol).identifier}"


def refresh_news_job(company: Company, symbol: str) -> Any:
    """Return the job that brings a symbol's news and sentiment up to now: today's partition."""
    return dg.define_asset_job(
        refresh_news_name(symbol),
        selection=dg.AssetSelection.assets(keys.news_key(symbol), keys.sentiment_key(symbol)),
        description=f"Refresh the news of {symbol} and score it, as the agent's own cycle does. Run on"
        " today's partition it asks for the newest; a past day is a backfill.",
        run_tags={keys.WORKLOAD_TAG: "ingestion"},
        metadata={"owner": ", ".join(keys.owners_of(company, symbol))},
        executor_def=dg.in_process_executor,
    )
