"""The jobs that load bars: ranges of days, and the newest of one series."""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig
from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures


def load_bars_job() -> Any:
    """Return the job that materializes every series for a day or a range of days."""
    return dg.define_asset_job(
        "load_bars",
        selection=dg.AssetSelection.groups(keys.BARS_GROUP),
        description="Load the bars of every agent's series for a day or a range of days: what the"
        " store lacks is asked of the providers in config/market_data.yaml. A range is one run.",
        run_tags={keys.WORKLOAD_TAG: "ingestion"},
        executor_def=dg.in_process_executor,
    )


def refresh_name(agent: AgentConfig) -> str:
    """Return the name of a series' refresh: `refresh_BTC_USD_1h`."""
    return f"refresh_{agent.instrument.identifier}_{agent.timeframe.value}"


def refresh_job(agent: AgentConfig) -> dg.JobDefinition:
    """Return the job that brings an agent's series up to now, as the agent's own cycle does."""
    name = refresh_name(agent)

    @dg.op(
        name=f"{name}_bars",
        description="Ask the configured providers for what completed since the last stored bar.",
        out=dg.Out(dg.Nothing),
        pool=keys.INGESTION_POOL,
    )
    def refresh_bars(context: dg.OpExecutionContext, ztrade: dg.ResourceParam[Ztrade]) -> None:
        from ztrade_pipelines.market_data.plan_view import refresh_metadata  # noqa: PLC0415

        with clear_failures():
            report = ztrade.workshop().market().refresh(agent.symbol, agent.timeframe, ztrade.now())
        context.log_event(
            dg.AssetObservation(
                asset_key=keys.bars_key(agent),
                description=f"refreshed: {report.written} bars from {report.source or 'nowhere'}",
                metadata=refresh_metadata(report),
            )
        )

    @dg.job(
        name=name,
        description=f"Refresh {agent.symbol} {agent.timeframe} now, from the configured providers.",
        executor_def=dg.in_process_executor,
        tags={keys.WORKLOAD_TAG: "ingestion"},
        metadata={"owner": keys.owner_of(agent)},
    )
    def refresh() -> None:
        refresh_bars()

    return refresh
