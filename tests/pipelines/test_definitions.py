"""What the page shows: every agent's assets, jobs, checks and schedule, and that all is explained."""

from pathlib import Path

import dagster as dg
import pytest

from tests.pipelines.conftest import House, house_of, settings_of
from ztrade_core.errors import StoreError
from ztrade_core.risk.judge import rules_for
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.resources import ztrade_resource

FOURTH = """\
agent_id: agent_eth
description: Ether, hourly.
owner: trading-desk
symbol: ETH/USD
timeframe: 1h
mode: strategy
breaking_news: off
strategy:
  name: sma_crossover
  parameters: {}
allocated_usd: 10000
limits:
  stop_loss_fraction: 0.04
  take_profit_fraction: 0.08
  position_usd: 5000
  risk_usd: 200
  max_daily_trades: 3
  min_confidence: 0.65
  max_consecutive_losses: 5
"""


def test_every_agent_has_its_assets_job_checks_and_schedule(house: House) -> None:
    repository = house.definitions.get_repository_def()
    graph = house.definitions.resolve_asset_graph()
    rules = rules_for(house.settings.company)

    for agent in house.settings.company.agents:
        decision = dg.AssetKey([agent.agent_id, "decision"])
        assert graph.has(decision)
        assert graph.has(dg.AssetKey([agent.agent_id, "order"]))
        assert graph.has(dg.AssetKey(["backtests", agent.agent_id]))
        assert repository.has_job(agent.agent_id)
        assert repository.has_schedule_def(f"{agent.agent_id}_loop")
        checks = [key for key in graph.asset_check_keys if key.asset_key == decision]
        assert len(checks) == len(rules) == 21
    assert graph.has(dg.AssetKey(["market_bars", "BTC-USD_1h"]))
    assert graph.has(dg.AssetKey(["company", "portfolio"]))


def test_a_fourth_agents_yaml_is_a_fourth_agent(
    tmp_path: Path, sqlite_url: str, config_copy: Path
) -> None:
    (config_copy / "agents" / "agent_eth.yaml").write_text(FOURTH)
    (config_copy / "agents" / "agent_eth.md").write_text("Calm.")
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(config_copy))

    definitions = build_definitions(settings)

    repository = definitions.get_repository_def()
    graph = definitions.resolve_asset_graph()
    decision = dg.AssetKey(["agent_eth", "decision"])
    assert graph.has(decision)
    assert graph.has(dg.AssetKey(["market_bars", "ETH-USD_1h"]))
    assert repository.has_job("agent_eth")
    assert repository.has_schedule_def("agent_eth_loop")
    assert len([k for k in graph.asset_check_keys if k.asset_key == decision]) == 21


def test_the_fourth_agent_runs(
    tmp_path: Path, sqlite_url: str, config_copy: Path, instance: dg.DagsterInstance
) -> None:
    (config_copy / "agents" / "agent_eth.yaml").write_text(FOURTH)
    (config_copy / "agents" / "agent_eth.md").write_text("Calm.")
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(config_copy))
    house = house_of(settings, instance)

    result = house.run("agent_eth", {"as_of": "2022-12-28T15:00:00Z"})

    assert result.success
    assert house.materialized(result) == ["agent_eth/decision"]
    assert len(house.evaluations(result, dg.AssetKey(["agent_eth", "decision"]))) == 21
    house.workshop.engine.dispose()


def test_everything_is_described_grouped_and_owned(house: House) -> None:
    repository = house.definitions.get_repository_def()
    graph = house.definitions.resolve_asset_graph()

    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.group_name != "default", key
        assert node.owners, key
        assert node.kinds, key
    for key in graph.asset_check_keys:
        assert graph.get(key).description, key
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    for thing in [*jobs, *repository.schedule_defs, *repository.sensor_defs]:
        assert thing.description, thing.name


def test_loops_are_off_and_protection_is_on_from_the_start(house: House) -> None:
    repository = house.definitions.get_repository_def()

    loops = [s for s in repository.schedule_defs if s.name.endswith("_loop")]
    assert len(loops) == 3
    assert {s.default_status for s in loops} == {dg.DefaultScheduleStatus.STOPPED}
    protection = repository.get_sensor_def("protection")
    assert protection.default_status is dg.DefaultSensorStatus.RUNNING
    assert protection.minimum_interval_seconds == 10


def test_every_job_runs_in_its_own_process_without_children(house: House) -> None:
    for job in house.definitions.get_repository_def().get_all_jobs():
        assert job.executor_def is dg.in_process_executor, job.name


@pytest.mark.parametrize("secret", ["s3cret", "p4ssword"])
def test_the_resource_shows_no_secret(tmp_path: Path, secret: str) -> None:
    url = f"postgresql://ztrade:{secret}@127.0.0.1:1/ztrade"
    definitions = build_definitions(settings_of(tmp_path, url))

    description = definitions.resources["ztrade"].description  # type: ignore[index]
    assert secret not in str(description)
    assert "127.0.0.1" in str(description)


def test_the_definitions_load_whole(house: House) -> None:
    dg.Definitions.validate_loadable(house.definitions)


def test_a_database_without_a_schema_says_what_to_run(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
    ztrade = ztrade_resource(settings).resource_fn(None)  # type: ignore[arg-type]

    with pytest.raises(StoreError, match="ztrade db upgrade"):
        ztrade.workshop()
