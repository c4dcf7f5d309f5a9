"""The job that loads bars."""

from typing import Any

import dagster as dg

from ztrade_pipelines import keys


def load_bars_job() -> Any:
    """Return the job that materializes every series for a day or a range of days."""
    return dg.define_asset_job(
        "load_bars",
        selection=dg.AssetSelection.groups(keys.BARS_GROUP),
        description="Load the bars of every agent's series for a day or a range of days: what the"
        " store lacks is asked of the providers in config/market_data.yaml.",
        run_tags={keys.WORKLOAD_TAG: "ingestion"},
        executor_def=dg.in_process_executor,
    )
