"""News and its sentiment as assets: `news/<SYMBOL>` and `sentiment/<SYMBOL>`, daily partitions.

Materializing a day or a range asks the configured sources for what was published (today's partition as
a live refresh does, others as a backfill, one run for the whole range), then scores what has no score.
A backfill that a source's limit or failure cut short fails and says what it kept and when to go on; in
today's refresh it is a failed check, and what the others had is used. An agent's own run refreshes news
and sentiment by itself; this is for history, and for looking.
"""

import warnings
from typing import TYPE_CHECKING

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import require_utc
from ztrade_pipelines import keys
from ztrade_pipelines.market_data.partitions import daily_partitions
from ztrade_pipelines.resources import Ztrade, clear_failures
from ztrade_pipelines.sentiment.checks import NEWS_CHECKS, SENTIMENT_CHECKS, specs

if TYPE_CHECKING:
    from ztrade_core.news.gathering import NewsWindow


def news_assets(company: Company) -> list[dg.AssetsDefinition]:
    """Return the assets of every symbol that the configuration names."""
    with warnings.catch_warnings():
        # `backfill_policy` is beta in 1.13, says every start; without it a range is a run a day.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [
            made
            for symbol in keys.symbols_of(company)
            for made in (_news_asset(company, symbol), _sentiment_asset(company, symbol))
        ]


def _news_asset(company: Company, symbol: str) -> dg.AssetsDefinition:
    key = keys.news_key(symbol)

    @dg.asset(
        key=key,
        partitions_def=daily_partitions(company.market_data),
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=specs(key, NEWS_CHECKS),
        group_name=keys.NEWS_GROUP,
        kinds={"python", instrument_of(symbol).key.lower()},
        tags={"domain": "news"},
        owners=keys.owners_of(company, symbol),
        metadata={"dagster/table_name": "news", "symbol": symbol, "text": "strangers', cleaned"},
        description=f"One row is one story about {symbol}, its text cleaned, kept once; its times are"
        " UTC. One partition is the UTC day it was published on. Writes are idempotent.",
        pool=keys.INGESTION_POOL,
    )
    def news(
        context: dg.AssetExecutionContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        from ztrade_core.assembly.news_days import load_news  # noqa: PLC0415 - the workshop
        from ztrade_pipelines.sentiment import describe  # noqa: PLC0415
        from ztrade_pipelines.sentiment.evaluations import news_evaluations  # noqa: PLC0415
        from ztrade_pipelines.sentiment.switches import is_refreshing  # noqa: PLC0415

        with clear_failures():
            loaded = load_news(ztrade.workshop(), _window(context, symbol))
        metadata = describe.news_metadata(loaded)
        if loaded.stopped:
            raise dg.Failure(loaded.stopped, metadata, allow_retries=False)
        refreshing = is_refreshing(context.instance, symbol)
        checks = list(news_evaluations(key, loaded, refreshing=refreshing))
        return dg.MaterializeResult(metadata=metadata, check_results=checks)

    return news


def _sentiment_asset(company: Company, symbol: str) -> dg.AssetsDefinition:
    key = keys.sentiment_key(symbol)

    @dg.asset(
        key=key,
        deps=[keys.news_key(symbol)],
        partitions_def=daily_partitions(company.market_data),
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=specs(key, SENTIMENT_CHECKS),
        group_name=keys.SENTIMENT_GROUP,
        kinds={"python", instrument_of(symbol).key.lower()},
        tags={"domain": "sentiment"},
        owners=keys.owners_of(company, symbol),
        metadata={
            "dagster/table_name": "sentiment_history",
            "symbol": symbol,
            "scorer": company.sentiment.scorer.name,
        },
        description=f"One row is one scorer's score of one story about {symbol}, -1 bad to 1 good, with"
        " its confidence. One partition is the UTC day the story was known on. A story is scored once.",
        pool=keys.INGESTION_POOL,
    )
    def sentiment(
        context: dg.AssetExecutionContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        from ztrade_core.assembly.news_days import score_days  # noqa: PLC0415 - the workshop
        from ztrade_pipelines.sentiment import describe  # noqa: PLC0415
        from ztrade_pipelines.sentiment.evaluations import sentiment_evaluations  # noqa: PLC0415

        with clear_failures():
            scored = score_days(ztrade.workshop(), _window(context, symbol))
        return dg.MaterializeResult(
            metadata=describe.sentiment_metadata(scored),
            check_results=list(sentiment_evaluations(key, scored)),
        )

    return sentiment


def _window(context: dg.AssetExecutionContext, symbol: str) -> "NewsWindow":
    from ztrade_core.news.gathering import NewsWindow  # noqa: PLC0415

    start, stop = context.partition_time_window
    return NewsWindow(symbol=symbol, start=require_utc(start), stop=require_utc(stop))
