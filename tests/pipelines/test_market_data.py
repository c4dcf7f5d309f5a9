"""Bars as assets: a range of days is one run that reports what the store holds."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.pipelines.conftest import House, house_of, settings_of

TSLA = dg.AssetKey(["market_bars", "TSLA_5m"])
BARS_A_SESSION = 78


def load(house: House, first: str, last: str) -> dg.ExecuteInProcessResult:
    """Materialize a range of days of one series in one run."""
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    return house.run("load_bars", tags=tags, asset_selection=[TSLA])


def metadata_of(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return the metadata of the last partition's materialization."""
    events = house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION)
    return {name: value.value for name, value in events[-1].materialization.metadata.items()}


def test_a_range_of_days_is_one_run_that_reports_the_window(house: House) -> None:
    result = load(house, "2022-12-20", "2022-12-22")

    assert result.success
    found = metadata_of(house, result)
    assert found["rows"] == 3 * BARS_A_SESSION
    assert found["dagster/row_count"] == BARS_A_SESSION  # of the last partition
    assert found["expected_rows"] == 3 * BARS_A_SESSION
    assert found["missing_rows"] == 0
    assert found["rows_written"] == 0
    assert found["source"] == "hand-made"
    assert found["window"] == "2022-12-20T00:00:00Z to 2022-12-23T00:00:00Z"
    assert found["last_bars"].records[-1].data["open_time"] == "2022-12-22T20:55:00Z"
    assert "data:image/png;base64," in found["closes"]
    assert all(evaluation.passed for evaluation in house.evaluations(result, TSLA))


def test_missing_bars_are_counted_and_warned_of(house: House) -> None:
    result = load(house, "2022-12-19", "2022-12-20")

    assert result.success
    found = metadata_of(house, result)
    assert found["missing_rows"] == BARS_A_SESSION
    assert "2022-12-19T14:30:00Z" in found["first_missing"]
    assert "holds what was imported" in found["notes"]
    [gap] = [e for e in house.evaluations(result, TSLA) if e.check_name == "no_bar_is_missing"]
    assert not gap.passed
    assert gap.severity is dg.AssetCheckSeverity.WARN


def test_a_day_without_a_session_has_no_bars_and_misses_none(house: House) -> None:
    result = load(house, "2022-12-25", "2022-12-25")

    assert result.success
    found = metadata_of(house, result)
    assert (found["rows"], found["expected_rows"], found["missing_rows"]) == (0, 0, 0)


@pytest.mark.parametrize("series", ["IWM_15m", "BTC-USD_1h"])
def test_a_provider_is_asked_for_what_is_missing_once(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance, series: str
) -> None:
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="synthetic")
    house = house_of(settings, instance)
    key = dg.AssetKey(["market_bars", series])

    written = []
    for _ in range(2):
        result = house.run("load_bars", partition_key="2022-12-28", asset_selection=[key])
        assert result.success
        found = metadata_of(house, result)
        assert found["missing_rows"] == 0
        assert found["dagster/row_count"] == found["rows"] == found["expected_rows"] > 0
        assert "synthetic" in found["source"]
        written.append(found["rows_written"])

    assert written[0] == found["expected_rows"]
    assert written[1] == 0
    house.workshop.engine.dispose()


def test_today_has_a_partition(house: House) -> None:
    graph = house.definitions.resolve_asset_graph()
    partitions = graph.get(TSLA).partitions_def
    assert partitions is not None

    now = house.workshop.clock.now()
    assert partitions.has_partition_key(f"{now:%Y-%m-%d}")
    assert partitions.get_first_partition_key() == house.settings.company.market_data.history_start
