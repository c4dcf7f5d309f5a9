"""Replays on the page: a day is green with its counts, an edited row is red and named."""

import dagster as dg

from tests.pipelines.conftest import AGENT, House, manual_buy
from ztrade_pipelines import keys

DAY = "2022-12-28"


def decide_twice(house: House) -> None:
    assert house.run(AGENT, manual_buy()).success
    assert house.run(AGENT, {"as_of": "2022-12-28T15:10:00Z", "manual_action": "hold"}).success


def edit(house: House) -> None:
    with house.workshop.engine.begin() as connection:
        for trigger in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'decisions'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("UPDATE decisions SET reason = 'another' WHERE sequence = 1")


def check(house: House, result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    [evaluation] = house.evaluations(result, keys.REPLAY)
    return evaluation


def test_a_day_replays_green_with_its_counts(house: House) -> None:
    decide_twice(house)

    result = house.run("replay_day", partition_key=DAY)

    assert result.success
    assert check(house, result).passed
    metadata = house._metadata(result, keys.REPLAY)
    assert (metadata["decisions"], metadata["equal"], metadata["differences"]) == (2, 2, 0)


def test_a_range_of_days_is_one_run(house: House) -> None:
    decide_twice(house)
    tags = {
        "dagster/asset_partition_range_start": "2022-12-27",
        "dagster/asset_partition_range_end": "2022-12-29",
    }
    result = house.run("replay_day", tags=tags)
    assert result.success
    assert house._metadata(result, keys.REPLAY)["decisions"] == 2


def test_an_edited_row_turns_the_check_red_and_is_in_the_table(house: House) -> None:
    decide_twice(house)
    edit(house)

    result = house.run("replay_day", partition_key=DAY)

    evaluation = check(house, result)
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.ERROR
    assert evaluation.description is not None
    assert "1 of 2 decisions are byte-equal; 1 differ" in evaluation.description
    [event] = house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION)
    [record] = event.materialization.metadata["first_differences"].records
    assert record.data["field"] == "decision.reason"
    assert record.data["stored"] == '"another"'


def test_one_decision_replays_as_a_job_and_fails_when_it_was_edited(house: House) -> None:
    decide_twice(house)
    with house.workshop.store.reading() as uow:
        decision_id = next(uow.ledger.rows()).decision.decision_id
    assert house.run("replay_decision", {"decision_id": decision_id}).success
    edit(house)

    result = house.run("replay_decision", {"decision_id": decision_id})

    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    said = str(event.step_failure_data.user_failure_data.description)
    assert f"decision {decision_id}: different; decision.reason" in said


def test_an_unknown_decision_fails_and_says_where_to_look(house: House) -> None:
    result = house.run("replay_decision", {"decision_id": "d-nothing"})
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "ztrade audit show" in str(event.step_failure_data.user_failure_data.description)
