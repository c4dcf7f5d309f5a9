"""Backtests as assets."""

import dagster as dg

from tests.pipelines.conftest import AGENT, House

RANGE = {"start": "2022-12-28", "end": "2022-12-29"}


def test_a_backtest_is_stored_and_shown(house: House) -> None:
    result = house.run("backtest", {"agent_id": AGENT, **RANGE})

    assert result.success
    assert house.materialized(result) == [f"backtests/{AGENT}"]
    metadata = house._metadata(result, dg.AssetKey(["backtests", AGENT]))
    [run] = house.workshop.backtests.runs(AGENT)
    assert metadata["run_id"] == run.run_id
    assert metadata["metric/total_return"] == run.metrics["total_return"]
    assert "data:image/png;base64," in metadata["equity"]


def test_a_range_without_bars_fails_and_says_what_the_store_has(house: House) -> None:
    result = house.run("backtest", {"agent_id": AGENT, "start": "2019-01-01", "end": "2019-02-01"})

    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "the store has" in str(event.step_failure_data.user_failure_data.description)


def test_a_selected_agent_is_run_without_naming_it(house: House) -> None:
    result = house.run("backtest", RANGE, asset_selection=[dg.AssetKey(["backtests", AGENT])])

    assert result.success
    assert house.materialized(result) == [f"backtests/{AGENT}"]
