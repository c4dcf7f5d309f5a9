"""What a run refuses to do, and how it says what to write instead."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tests.pipelines.conftest import AGENT, AS_OF, House, manual_buy


def failure_of(house: House, result: dg.ExecuteInProcessResult) -> str:
    """Return the text of the failed step's error."""
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    return str(event.step_failure_data.user_failure_data.description)


@pytest.mark.parametrize(
    ("as_of", "says"),
    [
        ("2022-12-28T15:00:00", "write e.g. 2022-12-28T15:00:00Z"),
        ("yesterday", "is not an instant with an offset"),
        ("2022-13-45T99:00:00Z", "is not an instant with an offset"),
    ],
)
def test_a_bad_as_of_fails_and_says_what_to_write(house: House, as_of: str, says: str) -> None:
    result = house.run(AGENT, {"as_of": as_of})

    assert says in failure_of(house, result)
    assert house.materialized(result) == []


def test_a_future_as_of_fails(house: House) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()  # noqa: TID251 - the world's

    assert "lies in the future" in failure_of(house, house.run(AGENT, {"as_of": tomorrow}))


def test_an_account_never_runs_backwards(house: House) -> None:
    house.run(AGENT, {"as_of": AS_OF})

    text = failure_of(house, house.run(AGENT, {"as_of": "2022-12-27T15:00:00Z"}))

    assert "never runs backwards" in text
    assert "ztrade rehearsal reset" in text


@pytest.mark.parametrize(
    ("run_config", "says"),
    [
        ({"as_of": AS_OF, "mode": "telepathy"}, "is not one of"),
        ({"as_of": AS_OF, "mode": "recorded"}, "does not exist in this version"),
        ({"as_of": AS_OF, "mode": "ensemble"}, "has no ensemble"),
        (manual_buy(mode="strategy"), "write one of the two"),
        (manual_buy(confidence=1.5), "confidence 1.5 is not within 0 to 1"),
        (manual_buy(manual_rationale=""), "rationale is missing"),
        (manual_buy(manual_stop_price=-1.0), "stop_price -1 is not within"),
        (manual_buy(manual_action="short"), "none of buy, sell, hold"),
        ({"as_of": AS_OF, "manual_confidence": 0.9}, "write manual_action beside it"),
    ],
)
def test_an_unsound_request_fails_before_anything_is_claimed(
    house: House, run_config: dict[str, object], says: str
) -> None:
    result = house.run(AGENT, run_config)

    assert says in failure_of(house, result)
    with house.workshop.store.reading() as uow:
        assert list(uow.ledger.rows()) == []
        assert uow.accounts.snapshots("rehearsal", 1) == [], "its time was not moved"


def test_an_unknown_key_of_the_configuration_is_refused(house: House) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="as_off"):
        house.run(AGENT, {"as_off": AS_OF})


def test_a_cycle_that_breaks_is_a_failed_run(house: House) -> None:
    house.workshop.engine.dispose()
    with house.workshop.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE risk_verdicts")

    result = house.run(AGENT, manual_buy())

    assert not result.success
    run = house.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.FAILURE
