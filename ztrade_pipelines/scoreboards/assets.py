"""Scoreboards as assets: `<agent_id>/scoreboard`, one op for all agents, and the job that makes them.

Nothing is asked, traded or saved: a run looks at what was decided and at stored bars.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_pipelines import keys
from ztrade_pipelines.resources import PAPER, Ztrade, clear_failures

SCOREBOARD = "scoreboard"
SCOREBOARD_OP = "compare_minds"
MAX_SECONDS = 3600


class ScoreboardConfig(dg.Config):
    """Whose minds are compared, over which decisions."""

    agent_id: str | None = Field(
        default=None, description="One agent, e.g. agent_tsla. Left out: every selected one."
    )
    account: str = Field(default=PAPER, description="paper or rehearsal")
    days: int | None = Field(default=None, description="So many days before the end. Left out: 30.")
    start: str | None = Field(default=None, description="First day (New York) or instant.")
    end: str | None = Field(
        default=None,
        description="Last day, included, or instant. Left out: now; of a rehearsal its newest decision.",
    )
    horizon_bars: int | None = Field(
        default=None, description="A direction is judged so many bars later. Left out: 12."
    )


def scoreboard_assets(company: Company) -> dg.AssetsDefinition:
    """Return the scoreboard of every agent."""

    @dg.multi_asset(
        name=SCOREBOARD_OP,
        specs=[_spec(agent) for agent in company.agents],
        can_subset=True,
        pool=keys.BACKTEST_POOL,
        description="Compare each agent's mind with its ensemble's members and its shadows.",
    )
    def compare_minds(
        context: dg.AssetExecutionContext,
        config: ScoreboardConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        from ztrade_pipelines.scoreboards.asking import (  # noqa: PLC0415 - the engines
            Written,
            request_for,
            scoreboard_of,
        )
        from ztrade_pipelines.scoreboards.describe import scoreboard_metadata  # noqa: PLC0415

        written = Written(**config.model_dump(exclude={"agent_id"}))
        every = [agent.agent_id for agent in company.agents]
        for agent_id in every if config.agent_id is None else [config.agent_id]:
            key = keys.scoreboard_key(agent_id)
            if config.agent_id is None and key not in context.selected_asset_keys:
                continue
            with clear_failures():
                board = scoreboard_of(ztrade, request_for(ztrade, agent_id, written))
                metadata = scoreboard_metadata(board)
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return compare_minds


def _spec(agent: AgentConfig) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=keys.scoreboard_key(agent.agent_id),
        deps=[keys.decision_key(agent.agent_id), keys.bars_key(agent)],
        skippable=True,
        group_name=keys.AGENTS_GROUP,
        kinds={"python", agent.instrument.key.lower()},
        owners=[keys.owner_of(agent)],
        tags={keys.AGENT_TAG: agent.agent_id},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value, "money": "USD"},
        description=f"One row is one mind of `{agent.agent_id}` (its own, its ensemble's members, its"
        " shadows), or what it may have known and what is clean of it: hit rate, return if followed,"
        " cost, agreement, repeatability. Shares and returns are fractions, money is USD.",
    )


@dg.config_mapping
def flat(config: ScoreboardConfig) -> dict[str, Any]:
    """Hand the flat configuration to the op; what is left out stays out."""
    given = {name: value for name, value in config.model_dump().items() if value is not None}
    return {"ops": {SCOREBOARD_OP: {"config": given}}}


def scoreboard_job(company: Company) -> Any:
    """Return the job that compares one agent's minds, or all agents'."""
    return dg.define_asset_job(
        SCOREBOARD,
        selection=dg.AssetSelection.assets(
            *(keys.scoreboard_key(agent.agent_id) for agent in company.agents)
        ),
        config=flat,
        description="Compare an agent's mind with its ensemble's members and its shadows. Config:"
        " agent_id (left out: all), account, days or start, end, horizon_bars.",
        run_tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
