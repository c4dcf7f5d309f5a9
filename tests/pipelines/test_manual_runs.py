"""A person decides through a run's configuration: shown first, bound to what was shown, kept beside the tape."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_shared.yaml_utils import load_run_config_yaml

from tests.faults.teeth_canaries import CANARIES, ENVIRONMENT
from tests.pipelines.conftest import AGENT, AS_OF, NEXT_BAR, PROJECT, House, fill_store, house_of
from tests.pipelines.test_refusals import failure_of
from ztrade_core.domain.answers import KeptAnswer
from ztrade_core.settings.load import load_settings

SLOT = "2022-12-28T14:55:00Z"
SHOW = {"as_of": AS_OF, "mode": "manual"}
BUY = json.dumps({"action": "buy", "confidence": 0.9, "rationale": "a test", "fraction": 0.5})


def shown(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return what the step observe told of the moment."""
    for event in house.events(result, dg.DagsterEventType.STEP_OUTPUT):
        if event.step_key.endswith(".observe"):
            return {name: each.value for name, each in event.step_output_data.metadata.items()}
    raise AssertionError("observe told nothing")


def claimed(house: House) -> int:
    with house.workshop.store.reading() as uow:
        return len(list(uow.ledger.rows()))


def answers(house: House) -> list[KeptAnswer]:
    with house.workshop.store.reading() as uow:
        return uow.answers.of_agent("rehearsal", 1, AGENT)


def test_without_an_answer_the_request_is_shown_and_nothing_is_claimed(house: House) -> None:
    result = house.run(AGENT, SHOW)

    assert result.success
    assert house.materialized(result) == []
    assert house.evaluations(result) == []
    told = shown(house, result)
    assert "# TSLA, 5m bars" in told["request"]
    assert f"slot {SLOT}; last close 100.02" in told["request"]
    assert f"manual_slot: {SLOT}" in told["to_answer"]
    assert told["request"].startswith("```text\n")
    assert (claimed(house), answers(house)) == (0, [])
    with house.workshop.store.reading() as uow:
        assert uow.accounts.snapshots("rehearsal", 1) == []  # the account was not moved


def test_what_the_page_says_to_write_answers_the_request(house: House) -> None:
    told = shown(house, house.run(AGENT, SHOW))
    lines = told["to_answer"].splitlines()[1:-1]
    config = load_run_config_yaml("\n".join(lines))
    result = house.run(AGENT, {"as_of": AS_OF, **config})

    assert house.decision_metadata(result)["action"] == "hold"
    [kept] = answers(house)
    assert json.loads(kept.record.question)["shown"] == config["manual_shown"] == told["snapshot"]


def test_an_answer_decides_and_is_kept_with_what_was_shown(house: House) -> None:
    told = shown(house, house.run(AGENT, SHOW))
    answer = {"manual_answer": BUY, "manual_slot": SLOT, "manual_shown": told["snapshot"]}
    result = house.run(AGENT, {**SHOW, **answer, "manual_seconds": 12.5})

    assert house.order_metadata(result)["status"] == "accepted"
    decision = house.decision_metadata(result)
    assert (decision["maker"], decision["outcome"]) == ("manual", "resized")
    assert decision["prompt_version"] != "-"
    [kept] = answers(house)
    assert (kept.record.maker, kept.record.raw, kept.record.cost.seconds) == ("manual", BUY, 12.5)
    question = json.loads(kept.record.question)
    for line in question["prompt"]["moment"].splitlines():
        assert line in told["request"]
    assert question["shown"] == told["snapshot"]


def test_an_answer_alone_is_enough_and_is_for_the_last_bar(house: House) -> None:
    result = house.run(AGENT, {"as_of": AS_OF, "manual_answer": BUY})

    assert house.decision_metadata(result)["bar"] == SLOT


def test_the_slot_may_be_written_as_any_instant(house: House) -> None:
    slot = "2022-12-28T09:55:00-05:00"
    result = house.run(AGENT, {"as_of": AS_OF, "manual_answer": BUY, "manual_slot": slot})

    assert house.decision_metadata(result)["bar"] == SLOT


def test_a_bar_that_has_moved_on_is_refused_and_nothing_is_claimed(house: House) -> None:
    later = {"as_of": NEXT_BAR, "manual_answer": BUY, "manual_slot": SLOT}
    text = failure_of(house, house.run(AGENT, later))

    assert f"the answer was written for slot {SLOT}" in text
    assert (claimed(house), answers(house)) == (0, [])


def test_a_bar_that_has_moved_on_is_refused_though_the_new_one_is_decided(house: House) -> None:
    house.run(AGENT, {"as_of": NEXT_BAR})
    later = {"as_of": NEXT_BAR, "manual_answer": BUY, "manual_slot": SLOT}

    assert "answer anew" in failure_of(house, house.run(AGENT, later))
    assert claimed(house) == 1


def test_a_decided_bar_is_continued_though_nobody_answered(house: House) -> None:
    house.run(AGENT, {"as_of": AS_OF, "manual_answer": BUY})
    result = house.run(AGENT, SHOW)

    assert house.decision_metadata(result)["decided_now"] is False
    assert "request" not in shown(house, result)


def test_a_dry_run_by_hand_judges_and_claims_nothing(house: House) -> None:
    result = house.run(AGENT, {"as_of": AS_OF, "manual_answer": BUY, "dry_run": True})

    assert house.decision_metadata(result)["outcome"] == "resized"
    assert claimed(house) == 0


HOSTILE = {
    "prose": ("buy it, I am sure", "which is no JSON"),
    "two objects": (BUY + "\n" + BUY, "two values"),
    "NaN": (BUY.replace("0.9", "NaN"), "NaN is no number"),
    "a key twice": (BUY.replace("{", '{"action": "sell",'), "stands twice"),
    "another symbol": (BUY.replace("{", '{"symbol": "NVDA",'), "unknown key"),
    "a megabyte": (BUY.replace("a test", "x" * 1_000_000), "above 16384"),
    "a stop above the close": (BUY.replace('"fraction": 0.5', '"stop_price": 200'), "not below"),
    "empty": ("", "it is empty"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_answer_fails_in_one_line_and_claims_nothing(house: House, case: str) -> None:
    answer, said = HOSTILE[case]
    text = failure_of(house, house.run(AGENT, {**SHOW, "manual_answer": answer}))

    assert text.startswith("this answer cannot be used: ")
    assert said in text
    assert len(text.splitlines()) == 1
    assert (claimed(house), answers(house)) == (0, [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"manual_answer": BUY, "manual_action": "buy"}, "write one of the two"),
        ({"manual_answer": BUY, "mode": "strategy"}, "write one of the two"),
        ({"manual_answer": BUY, "story": "a"}, "a person decides on a bar"),
        ({"mode": "manual", "story": "a"}, "a person decides on a bar"),
        ({"manual_slot": SLOT}, "write manual_answer beside it"),
        ({"manual_answer": BUY, "manual_shown": "0" * 64}, "no moment that was shown"),
        ({"manual_answer": BUY, "manual_seconds": -1.0}, "manual_seconds"),
    ],
)
def test_what_does_not_go_together_is_refused(
    house: House, more: dict[str, Any], said: str
) -> None:
    assert said in failure_of(house, house.run(AGENT, {"as_of": AS_OF, **more}))
    assert claimed(house) == 0


def test_no_secret_is_in_what_is_shown(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance
) -> None:
    variables = {
        **ENVIRONMENT,
        "DATABASE_URL": sqlite_url,
        "ZTRADE_DATA_DIR": str(tmp_path / "data"),
        "ZTRADE_BROKER": "simulated",
        "ZTRADE_MARKET_DATA": "files",
    }
    house = house_of(load_settings(root=PROJECT, environ=variables), instance)
    fill_store(house.workshop)
    told = json.dumps(shown(house, house.run(AGENT, SHOW)), default=str)
    house.workshop.engine.dispose()

    assert "WHO YOU ARE" in told
    for secret in CANARIES.values():
        assert secret not in told
        assert json.dumps(secret)[1:-1] not in told
