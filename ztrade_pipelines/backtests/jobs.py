"""The job that runs backtests, with a flat run configuration."""

from typing import Any

import dagster as dg

from ztrade_pipelines import keys
from ztrade_pipelines.backtests.assets import BACKTEST_OP, BacktestConfig
from ztrade_pipelines.backtests.company import COMPANY_KEY

MAX_SECONDS = 3600


@dg.config_mapping
def flat(config: BacktestConfig) -> dict[str, Any]:
    """Hand the flat configuration to the op."""
    return {"ops": {BACKTEST_OP: {"config": config.model_dump()}}}


def backtest_job() -> Any:
    """Return the job that backtests one agent, or all."""
    return dg.define_asset_job(
        "backtest",
        selection=dg.AssetSelection.key_prefixes("backtests")
        - dg.AssetSelection.assets(COMPANY_KEY),
        config=flat,
        description="Run an agent over stored bars and keep the result. Config: start, end,"
        " agent_id (left out: all), recorded (repeat decisions), budget_usd (of a model).",
        run_tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
