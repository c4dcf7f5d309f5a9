"""Bars as assets: `market_bars/<SYMBOL>_<timeframe>`, one per agent's series, daily partitions.

Materializing a range of days looks at what the store holds of it, asks the configured providers for
what is missing, month by month, and reports. One run covers a whole range. A run that a vendor's limit
or failure ended early fails and says what it kept and when to go on: the same range again asks only for
the rest. An agent's own run refreshes its series by itself; this is for history, and for looking.
"""

import warnings
from typing import TYPE_CHECKING

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.time import require_utc
from ztrade_pipelines import keys
from ztrade_pipelines.market_data.checks import bar_checks, bar_evaluations
from ztrade_pipelines.market_data.partitions import daily_partitions
from ztrade_pipelines.resources import Ztrade, clear_failures

if TYPE_CHECKING:
    from ztrade_core.market_data.windows import WindowReport


def bars_asset(company: Company, agent: AgentConfig) -> dg.AssetsDefinition:
    """Return the asset of the series that an agent trades."""
    with warnings.catch_warnings():
        # `backfill_policy` is beta in 1.13, says every start; without it a range is a run a day.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return _bars_asset(company, agent)


def _bars_asset(company: Company, agent: AgentConfig) -> dg.AssetsDefinition:
    key = keys.bars_key(agent)

    @dg.asset(
        key=key,
        partitions_def=daily_partitions(company.market_data),
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=bar_checks(key),
        group_name=keys.BARS_GROUP,
        kinds={"python", agent.instrument.key.lower()},
        tags={"domain": "market_data"},
        owners=[keys.owner_of(agent)],
        metadata=_page(agent),
        description=f"One row is one complete {agent.timeframe} bar of {agent.symbol}, stamped with"
        " its open in UTC; prices in USD. One partition is one UTC day. Writes are idempotent.",
        pool=keys.INGESTION_POOL,
    )
    def market_bars(
        context: dg.AssetExecutionContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        from ztrade_core.market_data.chain import SeriesWindow  # noqa: PLC0415

        start, stop = context.partition_time_window
        window = SeriesWindow(
            symbol=agent.symbol,
            timeframe=agent.timeframe,
            start=require_utc(start),
            stop=require_utc(stop),
        )
        with clear_failures():
            report = ztrade.workshop().loader(agent.instrument.asset_class).load(window)
        return _shown(context, report, ztrade=ztrade, agent=agent)

    return market_bars


def _shown(
    context: dg.AssetExecutionContext, report: "WindowReport", *, ztrade: Ztrade, agent: AgentConfig
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Return what the page shows of a loaded window, its quality judged; fail when it was cut short."""
    from ztrade_core.ports.quarantine import HeldRange  # noqa: PLC0415
    from ztrade_pipelines.market_data.describe import (  # noqa: PLC0415
        review_metadata,
        rows_of_days,
        window_metadata,
    )
    from ztrade_pipelines.market_data.plan_view import (  # noqa: PLC0415
        backfill_metadata,
        stopped_metadata,
    )

    if report.stopped:
        raise dg.Failure(report.stopped, stopped_metadata(report), allow_retries=False)
    with clear_failures():
        review = ztrade.workshop().review(report.window)
        series = HeldRange(symbol=agent.symbol, timeframe=agent.timeframe)
        held_in_all = len(ztrade.workshop().quarantine.bars(series, released=False))
    for day, rows in rows_of_days(report.bars, context.partition_keys).items():
        context.add_asset_metadata({"dagster/row_count": rows}, partition_key=day)
    metadata = {
        **window_metadata(report),
        **review_metadata(review, held_in_all),
        **backfill_metadata(report),
    }
    checks = [
        *bar_evaluations(keys.bars_key(agent), report, review),
        _freshness(context.instance, ztrade, agent),
    ]
    return dg.MaterializeResult(metadata=metadata, check_results=checks)


def _freshness(
    instance: dg.DagsterInstance, ztrade: Ztrade, agent: AgentConfig
) -> dg.AssetCheckResult:
    from ztrade_pipelines.market_data.freshness import (  # noqa: PLC0415
        evaluation_of,
        freshness_of,
        keepers_of,
    )

    newest, keepers = freshness_of(ztrade, agent), keepers_of(instance, agent)
    return dg.AssetCheckResult(**evaluation_of(agent, newest, keepers))


def _page(agent: AgentConfig) -> dict[str, str]:
    return {
        "dagster/table_name": "market_bars",
        "symbol": agent.symbol,
        "timeframe": agent.timeframe.value,
        "stamp": "the bar's open, UTC",
    }
