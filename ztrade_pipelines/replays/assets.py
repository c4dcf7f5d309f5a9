"""The asset `company/replay`: a day's decisions, decided and validated again. Daily partitions, UTC days.

It reads the store alone: no vendor, broker or model is asked. A range of days is one run.
"""

import warnings

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.time import require_utc
from ztrade_pipelines import keys
from ztrade_pipelines.market_data.partitions import daily_partitions
from ztrade_pipelines.replays.checks import BYTE_EQUAL, replay_check
from ztrade_pipelines.resources import Ztrade, clear_failures


def replay_asset(company: Company) -> dg.AssetsDefinition:
    """Return the asset of every account's days."""
    with warnings.catch_warnings():
        # `backfill_policy` is beta in 1.13, says every start; without it a range is a run a day.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return _asset(company)


def _asset(company: Company) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.REPLAY,
        partitions_def=daily_partitions(company.market_data),
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=[BYTE_EQUAL],
        group_name=keys.PORTFOLIO_GROUP,
        kinds={"python"},
        tags={"domain": "replay"},
        owners=sorted({keys.owner_of(agent) for agent in company.agents}),
        metadata={"dagster/table_name": "decisions"},
        description="Every stored decision of a UTC day (by its `as_of`), of every account, decided and"
        " validated again offline: strategies run again, other minds' taped answers stand, every rule"
        " judges the stored book. The row that comes of it must equal the stored one to the byte.",
    )
    def replay(
        context: dg.AssetExecutionContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        from ztrade_core.trading.replay import ReplayRange, replay_range  # noqa: PLC0415
        from ztrade_pipelines.replays import describe  # noqa: PLC0415 - the workshop

        start, stop = context.partition_time_window
        wanted = ReplayRange(start=require_utc(start), stop=require_utc(stop))
        with clear_failures():
            done = replay_range(describe.replay_room(ztrade), wanted)
        return dg.MaterializeResult(
            metadata=describe.replay_metadata(done), check_results=[replay_check(done)]
        )

    return replay
