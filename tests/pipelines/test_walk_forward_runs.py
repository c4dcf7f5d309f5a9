"""Walk-forward asked of several agents, or of no month: what is left out, and what is said."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.pipelines.conftest import AGENT, House, house_of, settings_of
from tests.pipelines.test_walk_forward_asset import (
    AGENT_FILE,
    KEY,
    PLAN,
    failure,
    fill,
    months_of,
)
from ztrade_pipelines import keys
from ztrade_pipelines.backtests.walk_forward import WALK_JOB

OTHER = "agent_iwm"
OTHER_KEY = keys.walk_forward_key(OTHER)
DECEMBER = {
    "dagster/asset_partition_range_start": "2022-12",
    "dagster/asset_partition_range_end": "2022-12",
}


@pytest.fixture
def house(
    tmp_path: Path, sqlite_url: str, config_copy: Path, instance: dg.DagsterInstance
) -> Iterator[House]:
    """One agent with a plan over three months of daily bars, another one without a plan."""
    (config_copy / "agents" / f"{AGENT}.yaml").write_text(AGENT_FILE)
    (config_copy / "studies" / f"{AGENT}.yaml").write_text(PLAN)
    (config_copy / "studies" / f"{OTHER}.yaml").unlink()
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(config_copy))
    made = house_of(settings, instance)
    fill(made.workshop)
    yield made
    made.workshop.engine.dispose()


def test_without_a_month_it_says_in_one_line_what_to_choose(house: House) -> None:
    told = failure(house, house.run(WALK_JOB, asset_selection=[KEY]))
    assert told.startswith("walk-forward judges months, and this run has none: choose partitions")
    assert "\n" not in told


def test_an_agent_without_a_plan_is_left_out_beside_one_that_has_one(house: House) -> None:
    result = house.run(WALK_JOB, asset_selection=[KEY, OTHER_KEY], tags=DECEMBER)

    assert result.success
    assert house.materialized(result) == [f"walk_forward/{AGENT}"]
    assert list(months_of(house, result)) == ["2022-12"]
    log = [entry.user_message for entry in house.instance.all_logs(result.run_id)]
    assert f"{OTHER} is left out: it has no config/studies/{OTHER}.yaml" in log


def test_alone_it_fails_and_says_what_to_write(house: House) -> None:
    told = failure(house, house.run(WALK_JOB, asset_selection=[OTHER_KEY], tags=DECEMBER))
    assert told.endswith(
        f"{OTHER}.yaml: no such file; write it (config/studies/agent_tsla.yaml shows how)"
    )
