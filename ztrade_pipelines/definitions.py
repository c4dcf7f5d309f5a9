"""Everything that Dagster serves: the topics, merged, and nothing else."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.settings.load import Settings, load_settings
from ztrade_pipelines.agents.assets import agent_assets
from ztrade_pipelines.agents.jobs import agent_job
from ztrade_pipelines.agents.schedules import agent_schedule
from ztrade_pipelines.backtests.assets import backtest_assets
from ztrade_pipelines.backtests.checks import backtest_checks
from ztrade_pipelines.backtests.company import company_backtest_asset, portfolio_backtest_job
from ztrade_pipelines.backtests.jobs import backtest_job
from ztrade_pipelines.backtests.sensitivity import sensitivity_assets, sensitivity_job
from ztrade_pipelines.backtests.sweeps import sweep_assets, sweep_job
from ztrade_pipelines.backtests.walk_forward import walk_forward_assets, walk_forward_job
from ztrade_pipelines.market_data.assets import bars_asset
from ztrade_pipelines.market_data.jobs import load_bars_job, refresh_job
from ztrade_pipelines.market_data.schedules import refresh_schedule
from ztrade_pipelines.market_data.sensors import fresh_bars_sensor
from ztrade_pipelines.operations.breakers import circuit_breakers
from ztrade_pipelines.operations.decision_files import decision_files
from ztrade_pipelines.operations.jobs import operations_jobs
from ztrade_pipelines.operations.retention import retention_job
from ztrade_pipelines.operations.schedules import reconcile_at_close, reconcile_hourly
from ztrade_pipelines.operations.sensors import protection, run_failures
from ztrade_pipelines.portfolio.assets import portfolio_asset
from ztrade_pipelines.replays.assets import replay_asset
from ztrade_pipelines.replays.jobs import replay_jobs
from ztrade_pipelines.resources import KEY, ztrade_resource
from ztrade_pipelines.rule_trials.jobs import rule_trial_job
from ztrade_pipelines.scoreboards.assets import scoreboard_assets, scoreboard_job
from ztrade_pipelines.sentiment.assets import news_assets
from ztrade_pipelines.sentiment.jobs import news_jobs
from ztrade_pipelines.sentiment.schedules import news_schedules
from ztrade_pipelines.sentiment.sensors import breaking_news_sensor


def build_definitions(
    settings: Settings, resource: dg.ResourceDefinition | None = None
) -> dg.Definitions:
    """Return the definitions of a configuration; `resource` stands in for its own workshop."""
    company = settings.company
    jobs = {agent.agent_id: agent_job(company, agent) for agent in company.agents}
    return dg.Definitions(
        assets=_assets(company),
        asset_checks=backtest_checks(company),
        jobs=[
            *jobs.values(),
            load_bars_job(),
            *(refresh_job(agent) for agent in company.agents),
            *news_jobs(company),
            backtest_job(),
            portfolio_backtest_job(),
            sweep_job(),
            sensitivity_job(),
            walk_forward_job(),
            *operations_jobs(),
            retention_job(),
            *replay_jobs(),
            rule_trial_job(),
            scoreboard_job(company),
        ],
        schedules=[
            *(agent_schedule(agent) for agent in company.agents),
            *(refresh_schedule(agent) for agent in company.agents),
            *news_schedules(company),
            reconcile_hourly,
            reconcile_at_close,
        ],
        sensors=_sensors(company, jobs),
        resources={KEY: resource or ztrade_resource(settings)},
        executor=dg.in_process_executor,
    )


def _sensors(company: Company, jobs: Mapping[str, Any]) -> list[dg.SensorDefinition]:
    return [
        protection,
        circuit_breakers,
        decision_files,
        run_failures,
        fresh_bars_sensor(company),
        breaking_news_sensor(company, jobs),
    ]


def _assets(company: Company) -> list[dg.AssetsDefinition]:
    return [
        *(bars_asset(company, agent) for agent in company.agents),
        *news_assets(company),
        *(agent_assets(company, agent) for agent in company.agents),
        portfolio_asset(company),
        replay_asset(company),
        scoreboard_assets(company),
        backtest_assets(company),
        company_backtest_asset(company),
        sweep_assets(company),
        sensitivity_assets(company),
        *walk_forward_assets(company),
    ]


defs = build_definitions(load_settings())
