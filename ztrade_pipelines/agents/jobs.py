"""One job per agent, named as the agent, with a flat run configuration."""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_pipelines import keys
from ztrade_pipelines.agents.assets import outputs_of
from ztrade_pipelines.agents.config import CycleConfig


def agent_job(company: Company, agent: AgentConfig) -> Any:
    """Return the job that runs one cycle of an agent."""

    @dg.config_mapping
    def flat(config: CycleConfig) -> dict[str, Any]:
        return {"ops": {keys.cycle_name(agent.agent_id): {"config": config.model_dump()}}}

    assets = list(outputs_of(agent).values())
    selection = dg.AssetSelection.assets(*assets)
    return dg.define_asset_job(
        agent.agent_id,
        selection=selection | dg.AssetSelection.checks_for_assets(*assets),
        config=flat,
        description=f"{agent.description} One cycle: observe, decide, validate, execute. Without"
        " configuration it decides now, on the paper account; `as_of` rehearses a past moment.",
        tags={keys.AGENT_TAG: agent.agent_id},
        run_tags={
            keys.AGENT_TAG: agent.agent_id,
            keys.MAX_RUNTIME_TAG: str(company.broker.run_max_seconds),
        },
        metadata={
            "symbol": agent.symbol,
            "timeframe": agent.timeframe.value,
            "owner": keys.owner_of(agent),
        },
        executor_def=dg.in_process_executor,
    )
