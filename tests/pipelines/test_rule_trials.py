"""The job `rule_trial`: both views as tables and a picture on the page, from a file of limits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.rule_trials import NOW, RISING_FIRST, days_of, everything, trade_day
from tests.pipelines.conftest import PROJECT, House, house_of
from ztrade_core.errors import ConfigError, InputError
from ztrade_core.settings.load import Settings

SHIPPED = (PROJECT / "config" / "risk_limits.yaml").read_text()


@pytest.fixture
def house(settings: Settings, instance: dg.DagsterInstance) -> Iterator[House]:
    """The definitions over a store on which three days were rehearsed, and no bars but theirs."""
    made = house_of(settings, instance)
    made.workshop.bars.upsert(days_of("TSLA", RISING_FIRST), source="test", ingested_at=NOW)
    for day in range(len(RISING_FIRST)):
        trade_day(made.workshop.rehearsal_desk, day)
    yield made
    made.workshop.engine.dispose()


def limits(folder: Path, usd: int) -> str:
    path = folder / f"limits{usd}.yaml"
    path.write_text(SHIPPED.replace("max_order_usd: 10000", f"max_order_usd: {usd}"))
    return str(path)


def metadata_of(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [event] = house.events(result, dg.DagsterEventType.STEP_OUTPUT)
    found = event.step_output_data.metadata
    return {
        name: value.records if isinstance(value, dg.TableMetadataValue) else value.value
        for name, value in found.items()
    }


def test_a_trial_shows_both_views_and_stores_nothing(house: House, tmp_path: Path) -> None:
    before = everything(house.workshop.engine)

    result = house.run("rule_trial", {"limits": limits(tmp_path, 500), "account": "rehearsal"})

    assert result.success
    assert everything(house.workshop.engine) == before
    shown = metadata_of(house, result)
    [changed] = [record.data for record in shown["limits_that_would_change"]]
    assert changed == {"limit": "max_order_usd", "now": "10000", "proposed": "500"}
    sums = {record.data["part"]: record.data for record in shown["decision_by_decision"]}
    assert sums["fitting part"]["net_usd"] == "-9.198"
    assert (sums["holdout"]["saved_usd"], sums["holdout"]["denied_by"]) == ("20.396", "RULE_014 1")
    path = [(record.data["part"], record.data["limits"]) for record in shown["whole_path"]]
    assert path[-2:] == [("holdout, from flat", "now"), ("holdout, from flat", "proposed")]
    assert len(shown["entries_that_would_change"]) == 3
    assert shown["equity"].startswith("![equity under the limits of now")
    assert "too few to say" in shown["warnings"]
    assert (shown["decisions"], shown["wanted_to_buy"]) == (9, 3)


def test_a_period_without_decisions_is_no_failure(house: House, tmp_path: Path) -> None:
    config = {"limits": limits(tmp_path, 500), "first": "2022-11-01", "last": "2022-11-05"}
    result = house.run("rule_trial", config)
    assert result.success
    assert "no decision is recorded in the period" in metadata_of(house, result)["warnings"]


def test_a_wrong_file_and_a_wrong_account_fail_in_one_line(house: House, tmp_path: Path) -> None:
    for config, error, said in (
        ({"limits": limits(tmp_path, -1)}, ConfigError, "limits-1.yaml: max_order_usd"),
        ({"limits": "config/none.yaml"}, ConfigError, "config/none.yaml: no such file"),
        (
            {"limits": limits(tmp_path, 5), "account": "moon"},
            InputError,
            "no account 'moon'",
        ),
    ):
        result = house.run("rule_trial", config)
        assert not result.success
        [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
        failure = event.step_failure_data.user_failure_data
        assert said in str(failure.description)
        assert failure.metadata["error"].value == error.__name__
