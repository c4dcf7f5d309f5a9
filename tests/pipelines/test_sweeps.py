"""Parameter sweeps as assets."""

import math
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.series import series_of_closes
from tests.pipelines.conftest import AGENT, House, fill_store, flat_market, house_of, settings_of
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.time import Timeframe, from_micros

SEARCH = {"method": "random", "samples": 3, "seed": 5}


def swing_store(workshop: Workshop) -> None:
    """Put a market that swings over the flat one, so that there is something to trade."""
    opened = [from_micros(int(each)) for each in flat_market(workshop.calendar).timestamps]
    closes = [
        round(100.0 + 0.03 * index + 4.0 * math.sin(index / 25.0), 2)
        for index in range(len(opened))
    ]
    volumes = [1e6] * len(opened)
    bars = series_of_closes("TSLA", Timeframe.M5, opened, closes, volumes=volumes, wick=0.001)
    workshop.bars.upsert([bars], source="swinging", ingested_at=workshop.clock.now(), replace=True)


@pytest.fixture
def swinging(house: House) -> House:
    swing_store(house.workshop)
    return house


def metadata_of(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    return house._metadata(result, dg.AssetKey(["sweeps", AGENT]))


def test_a_sweep_is_stored_and_shown(swinging: House) -> None:
    result = swinging.run("parameter_sweep", {"agent_id": AGENT, **SEARCH})

    assert result.success
    assert swinging.materialized(result) == [f"sweeps/{AGENT}"]
    metadata = metadata_of(swinging, result)
    [study] = swinging.workshop.studies.studies(AGENT)
    assert (metadata["study_id"], metadata["run_id"]) == (study.study_id, study.run_id)
    assert (study.config["method"], study.config["seed"]) == ("random", 5)
    assert len(swinging.workshop.studies.trials(study.study_id)) == 3
    assert metadata["sweep/trials"] == metadata["dagster/row_count"] == 3
    assert metadata["sweep/best"] == study.summary["best"]
    assert metadata["sweep/event_loop_trials"] == 3.0  # so few bars are not worth a kernel
    for name in ("sweep/profitable_fraction", "sweep/seconds", "overfit/trials"):
        assert isinstance(metadata[name], float), name
    assert metadata["overfit/deflated_sharpe"] == "-"  # a few days say nothing of luck
    assert "luck cannot be told" in metadata["warnings"]
    assert len(metadata["best_trials"].records) == 3
    assert "data:image/png;base64," in metadata["picture"]
    assert "the best may lie outside the grid" in metadata["warnings"]


def test_progress_is_in_the_runs_log(swinging: House) -> None:
    result = swinging.run("parameter_sweep", {"agent_id": AGENT, **SEARCH, "samples": 2})

    told = [
        str(entry.user_message)
        for entry in swinging.instance.all_logs(result.run_id)
        if "candidates" in entry.user_message
    ]
    assert told[0].startswith(f"{AGENT}: 1 of 2 candidates, about ")
    assert told[-1] == f"{AGENT}: 2 of 2 candidates, about 0 s left"


def test_a_market_without_a_trade_chooses_nothing_and_says_so(house: House) -> None:
    result = house.run("parameter_sweep", {"agent_id": AGENT, **SEARCH, "samples": 1})

    assert result.success
    metadata = metadata_of(house, result)
    assert metadata["run_id"] == metadata["sweep/best"] == "-"
    assert (
        "no trial can win by sharpe (a Sharpe ratio is needed): nothing was chosen"
        in metadata["warnings"]
    )
    assert house.workshop.backtests.runs() == []


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"start": "2019-01-01", "end": "2019-02-01"}, "the store has"),
        ({"method": "clever"}, "method 'clever': write grid or random"),
        ({"agent_id": "agent_spy"}, "no agent 'agent_spy'"),
        ({"agent_id": "agent_btc"}, "`ztrade data import PATH...` brings some"),
    ],
)
def test_a_bad_request_fails_and_says_what_to_do(
    house: House, config: dict[str, Any], said: str
) -> None:
    result = house.run("parameter_sweep", {"agent_id": AGENT, **config})

    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert said in str(event.step_failure_data.user_failure_data.description)
    assert house.workshop.studies.studies() == []


def house_with(folder: Path, url: str, config: Path, instance: dg.DagsterInstance) -> House:
    """The definitions on a configuration of a test's own, over the hand-made market."""
    made = house_of(settings_of(folder, url, ZTRADE_CONFIG_DIR=str(config)), instance)
    fill_store(made.workshop)
    return made


def test_an_agent_without_a_file_is_left_out_and_said_so(
    tmp_path: Path, sqlite_url: str, config_copy: Path, instance: dg.DagsterInstance
) -> None:
    for agent_id in ("agent_btc", "agent_iwm"):
        (config_copy / "studies" / f"{agent_id}.yaml").unlink()
    house = house_with(tmp_path, sqlite_url, config_copy, instance)
    result = house.run("parameter_sweep", {"samples": 1, "end": "2022-12-21", "method": "random"})

    assert result.success
    assert house.materialized(result) == [f"sweeps/{AGENT}"]
    log = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert "agent_btc is left out: it has no config/studies/agent_btc.yaml" in log
    house.workshop.engine.dispose()


def test_agents_none_of_which_has_a_file_fail_in_one_line(
    tmp_path: Path, sqlite_url: str, config_copy: Path, instance: dg.DagsterInstance
) -> None:
    shutil.rmtree(config_copy / "studies")
    house = house_with(tmp_path, sqlite_url, config_copy, instance)
    result = house.run("parameter_sweep", {"samples": 1})

    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    told = str(event.step_failure_data.user_failure_data.description)
    assert "studies/agent_btc.yaml: no such file; write it (config/studies/agent_tsla.yaml" in told
    house.workshop.engine.dispose()


def test_a_selected_agent_is_swept_without_naming_it(swinging: House) -> None:
    result = swinging.run(
        "parameter_sweep",
        {"samples": 1, "end": "2022-12-21"},
        asset_selection=[dg.AssetKey(["sweeps", AGENT])],
    )

    assert result.success
    assert swinging.materialized(result) == [f"sweeps/{AGENT}"]
