"""Sensitivity as assets: `sensitivity/<agent_id>`, to costs or to sentiment, one op for all agents.

The same backtest several times with one thing changed; every run is kept as a trial of a study.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.studies import StudyKind
from ztrade_core.errors import InputError
from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures

if TYPE_CHECKING:
    from ztrade_core.studies.variants import Varied

SENSITIVITY_JOB = "sensitivity"
SENSITIVITY_OP = "run_sensitivity"
KINDS = (StudyKind.COSTS, StudyKind.SENTIMENT)
MAX_SECONDS = 3600


class SensitivityConfig(dg.Config):
    """Which agent, over which days, sensitive to what."""

    kind: str = Field(default="costs", description="costs or sentiment.")
    agent_id: str | None = Field(
        default=None, description="One agent, e.g. agent_tsla. Left out: every selected one."
    )
    start: str | None = Field(
        default=None, description="First day (New York) or instant. Left out: the first stored bar."
    )
    end: str | None = Field(
        default=None, description="Last day, included, or instant. Left out: the last stored bar."
    )
    readings: str | None = Field(
        default=None,
        description="For sentiment: a CSV file with known_at, score and confidence, of the agent's"
        " symbol. Needs agent_id.",
    )


def sensitivity_assets(company: Company) -> dg.AssetsDefinition:
    """Return the sensitivity of every agent."""

    @dg.multi_asset(
        name=SENSITIVITY_OP,
        specs=[_spec(agent) for agent in company.agents],
        can_subset=True,
        pool=keys.BACKTEST_POOL,
        description="Run the same backtest at other costs, or with and without sentiment.",
    )
    def sensitivity(
        context: dg.AssetExecutionContext,
        config: SensitivityConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        from ztrade_pipelines.backtests.sensitivity_view import (  # noqa: PLC0415 - the engines
            sensitivity_metadata,
        )

        asked = (
            [a.agent_id for a in company.agents] if config.agent_id is None else [config.agent_id]
        )
        for agent_id in asked:
            key = keys.sensitivity_key(agent_id)
            if config.agent_id is None and key not in context.selected_asset_keys:
                continue
            with clear_failures():
                metadata = sensitivity_metadata(_varied(config, ztrade, agent_id))
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return sensitivity


def _varied(config: SensitivityConfig, ztrade: Ztrade, agent_id: str) -> "Varied":
    """Run one agent's study of the kind that is asked for."""
    from ztrade_core.sentiment.readings_file import FileSentiment  # noqa: PLC0415 - with the others
    from ztrade_core.studies.costs import study_costs  # noqa: PLC0415 - the engines
    from ztrade_core.studies.sentiment import study_sentiment  # noqa: PLC0415 - the engines
    from ztrade_core.studies.sweep import agent_of, range_of  # noqa: PLC0415 - the engines

    if config.kind not in KINDS:
        raise InputError(f"kind {config.kind!r}: write {' or '.join(KINDS)}")
    if config.readings is not None and config.agent_id is None:
        raise InputError("readings are of one agent's symbol: give agent_id too")
    bench, studies = ztrade.bench(), ztrade.workshop().studies
    asked = range_of(bench, agent_id, config.start, config.end)
    if config.kind == StudyKind.COSTS:
        return study_costs(bench, studies, agent_id, asked)
    symbol, path = agent_of(bench, agent_id).symbol, config.readings
    history = None if path is None else FileSentiment(Path(path), symbol)
    return study_sentiment(bench, studies, history, agent_id, asked)


def _spec(agent: AgentConfig) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=keys.sensitivity_key(agent.agent_id),
        deps=[keys.bars_key(agent), keys.sentiment_key(agent.symbol)],
        skippable=True,
        group_name=keys.BACKTESTS_GROUP,
        kinds={"python", agent.instrument.key.lower()},
        owners=[keys.owner_of(agent)],
        tags={keys.AGENT_TAG: agent.agent_id},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value, "money": "USD"},
        description=f"One row is one backtest of `{agent.agent_id}` over the same bars, at a multiple"
        " of its costs, or with, without or with late sentiment. Money in USD.",
    )


@dg.config_mapping
def flat(config: SensitivityConfig) -> dict[str, Any]:
    """Hand the flat configuration to the op; what is left out stays out."""
    given = {name: value for name, value in config.model_dump().items() if value is not None}
    return {"ops": {SENSITIVITY_OP: {"config": given}}}


def sensitivity_job() -> Any:
    """Return the job that tests one agent's sensitivity, or all agents'."""
    return dg.define_asset_job(
        SENSITIVITY_JOB,
        selection=dg.AssetSelection.key_prefixes(keys.SENSITIVITY),
        config=flat,
        description="Run an agent at multiples of its costs (kind: costs), or with, without and with"
        " late sentiment (kind: sentiment). Config: kind, agent_id (left out: all), start, end,"
        " readings (a CSV file, for sentiment).",
        run_tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
