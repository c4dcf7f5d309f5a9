"""Parameter sweeps as assets: `sweeps/<agent_id>`, one op for all agents, any of which may be asked.

What is searched stands in config/studies/<agent_id>.yaml; the run's configuration may replace range,
method, samples and seed. All trials are kept, and the best one as a backtest.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures

if TYPE_CHECKING:
    from ztrade_core.studies.sweep import Sweep, SweepStep

SWEEP_OP = "run_sweeps"
SWEEP_JOB = "parameter_sweep"
MAX_SECONDS = 4 * 3600


class SweepConfig(dg.Config):
    """Which agent, over which days, searched how."""

    agent_id: str | None = Field(
        default=None, description="One agent, e.g. agent_tsla. Left out: every selected one."
    )
    start: str | None = Field(
        default=None, description="First day (New York) or instant. Left out: the first stored bar."
    )
    end: str | None = Field(
        default=None, description="Last day, included, or instant. Left out: the last stored bar."
    )
    method: str | None = Field(
        default=None, description="grid or random. Left out: as config/studies says."
    )
    samples: int | None = Field(
        default=None,
        description="How many a random search tries. Left out: as config/studies says.",
    )
    seed: int | None = Field(
        default=None,
        description="What a random search draws from. Left out: as config/studies says.",
    )


def sweep_assets(company: Company) -> dg.AssetsDefinition:
    """Return the sweeps of every agent."""

    @dg.multi_asset(
        name=SWEEP_OP,
        specs=[_spec(agent) for agent in company.agents],
        can_subset=True,
        pool=keys.BACKTEST_POOL,
        description="Try many parameters over stored bars, agent by agent.",
    )
    def sweeps(
        context: dg.AssetExecutionContext,
        config: SweepConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        # Loads the engines and the pictures: only who sweeps pays for them.
        from ztrade_pipelines.backtests.sweep_view import sweep_metadata  # noqa: PLC0415

        for agent_id in _asked(context, config, ztrade, company):
            key = keys.sweep_key(agent_id)
            with clear_failures():
                sweep = _swept(context, config, ztrade, agent_id)
                metadata = sweep_metadata(ztrade.workshop(), sweep)
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return sweeps


def _asked(
    context: dg.AssetExecutionContext, config: SweepConfig, ztrade: Ztrade, company: Company
) -> list[str]:
    """Return whom to sweep; of several, those that have no file in config/studies are passed over."""
    from ztrade_core.settings.studies import has_study_plan  # noqa: PLC0415 - with the others

    if config.agent_id is not None:
        return [config.agent_id]
    selected = [
        agent.agent_id
        for agent in company.agents
        if keys.sweep_key(agent.agent_id) in context.selected_asset_keys
    ]
    settings = ztrade.workshop().settings
    planned = [agent_id for agent_id in selected if has_study_plan(settings, agent_id)]
    if not planned:  # the error of the first one says what to write
        return selected[:1]
    for agent_id in selected:
        if agent_id not in planned:
            context.log.info("%s is left out: it has no config/studies/%s.yaml", agent_id, agent_id)
    return planned


def _swept(
    context: dg.AssetExecutionContext, config: SweepConfig, ztrade: Ztrade, agent_id: str
) -> "Sweep":
    """Run one agent's sweep, with a line in the run's log at each percent."""
    from ztrade_core.settings.studies import load_study_plan, with_search  # noqa: PLC0415
    from ztrade_core.studies.sweep import range_of, run_sweep  # noqa: PLC0415

    workshop, bench = ztrade.workshop(), ztrade.bench()
    plan = with_search(
        load_study_plan(workshop.settings, agent_id),
        method=config.method,
        samples=config.samples,
        seed=config.seed,
    )
    asked = range_of(bench, agent_id, config.start, config.end)

    def watch(step: "SweepStep") -> None:
        context.log.info(
            "%s: %s of %s candidates, about %.0f s left",
            agent_id,
            step.done,
            step.total,
            step.seconds_left,
        )

    return run_sweep(bench, workshop.studies, plan, asked, watch)


def _spec(agent: AgentConfig) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=keys.sweep_key(agent.agent_id),
        deps=[keys.bars_key(agent), keys.sentiment_key(agent.symbol)],
        skippable=True,
        group_name=keys.BACKTESTS_GROUP,
        kinds={"python", agent.instrument.key.lower()},
        owners=[keys.owner_of(agent)],
        tags={keys.AGENT_TAG: agent.agent_id},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value, "money": "USD"},
        description=f"One row is one backtest of `{agent.agent_id}` with parameters of the ranges in"
        f" `config/studies/{agent.agent_id}.yaml`; the best is kept as a backtest of its own, with"
        " the deflated Sharpe ratio over all that was tried.",
    )


@dg.config_mapping
def flat(config: SweepConfig) -> dict[str, Any]:
    """Hand the flat configuration to the op; what is left out stays out."""
    given = {name: value for name, value in config.model_dump().items() if value is not None}
    return {"ops": {SWEEP_OP: {"config": given}}}


def sweep_job() -> Any:
    """Return the job that sweeps one agent, or all."""
    return dg.define_asset_job(
        SWEEP_JOB,
        selection=dg.AssetSelection.key_prefixes(keys.SWEEPS),
        config=flat,
        description="Try many parameters of an agent over stored bars, keep every trial, and the best"
        " as a backtest. Config: agent_id (left out: all), start, end, method, samples, seed.",
        run_tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
