"""Sensitivity on the page and on the command line: the study is kept, its figures are numbers."""

from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, House, fill_store
from tests.pipelines.rehearsed import workshop_of
from ztrade_core.domain.studies import StudyKind
from ztrade_core.errors import NoDataError
from ztrade_pipelines.cli.backtest_run import asked_range

RANGE = {"start": "2022-12-28", "end": "2022-12-29"}
READINGS = "known_at,score,confidence\n2022-12-28T12:00:00Z,0.8,0.9\n2022-12-29T15:00:00Z,,\n"


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    path = tmp_path / "readings.csv"
    path.write_text(READINGS)
    return path


def failure(house: House, result: dg.ExecuteInProcessResult) -> str:
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    return str(event.step_failure_data.user_failure_data.description)


def test_costs_are_kept_as_a_study_and_shown(house: House) -> None:
    """A flat market: nothing is traded at any cost, and the study says so."""
    result = house.run("sensitivity", {"agent_id": AGENT, **RANGE})

    assert result.success
    assert house.materialized(result) == [f"sensitivity/{AGENT}"]
    metadata = house._metadata(result, dg.AssetKey(["sensitivity", AGENT]))
    [study] = house.workshop.studies.studies(AGENT, StudyKind.COSTS)
    assert metadata["study_id"] == study.study_id
    assert metadata["costs/break_even"] == study.summary["break_even"] == "none: it never traded"
    assert metadata["costs/total_return"] == study.summary["total_return"] == 0.0
    assert len(metadata["runs"].records) == metadata["dagster/row_count"] == 7
    assert len(house.workshop.studies.trials(study.study_id)) == 7
    assert house.workshop.backtests.trials(AGENT, study.start, study.end) == []


def test_sentiment_is_kept_as_a_study_and_shown(house: House, readings: Path) -> None:
    asked = {"kind": "sentiment", "agent_id": AGENT, "readings": str(readings), **RANGE}
    result = house.run("sensitivity", asked)

    assert result.success
    metadata = house._metadata(result, dg.AssetKey(["sensitivity", AGENT]))
    [study] = house.workshop.studies.studies(AGENT, StudyKind.SENTIMENT)
    assert study.config["sentiment"]["readings"] == 2  # type: ignore[index]
    assert metadata["sentiment/bars_with_sentiment"] == study.summary["bars_with_sentiment"]
    assert len(metadata["runs"].records) == 5


def test_a_range_after_the_last_bar_is_said_to_have_none(house: House) -> None:
    agent = house.settings.company.agent(AGENT)
    assert agent is not None
    for span in (("2030-01-01", None), (None, "2001-01-01")):
        with pytest.raises(
            NoDataError, match=r"no bars of TSLA 5m from .*; the store has 2022-12-20"
        ):
            asked_range(house.workshop, agent, *span)


def test_bad_requests_are_one_clear_line(house: House, readings: Path) -> None:
    sentiment = {"kind": "sentiment", "agent_id": AGENT, **RANGE}
    said = failure(house, house.run("sensitivity", sentiment))
    assert said.startswith("no sentiment of TSLA is stored: `ztrade news import")
    said = failure(house, house.run("sensitivity", {"kind": "weather", "agent_id": AGENT}))
    assert said == "kind 'weather': write costs or sentiment"
    everyone = {"kind": "sentiment", "readings": str(readings), **RANGE}
    said = failure(house, house.run("sensitivity", everyone))
    assert said == "readings are of one agent's symbol: give agent_id too"
    readings.write_text(READINGS.replace("0.8", "8"))
    said = failure(house, house.run("sensitivity", {**sentiment, "readings": str(readings)}))
    assert said == "readings.csv: line 2, score: '8' is not a number within -1..1"


def test_the_command_line_runs_shows_and_answers_in_json(
    tmp_path: Path, sqlite_template: Path, readings: Path
) -> None:
    terminal = Terminal(tmp_path / "terminal", width=120)
    terminal.use_database(sqlite_template)
    workshop = workshop_of(terminal)
    fill_store(workshop)
    workshop.engine.dispose()
    asked = ("--start", "2022-12-28", "--end", "2022-12-29")

    costs = terminal.spawn("study", "costs", AGENT, *asked)
    assert costs.code == 0, costs.err
    for said in ("At multiples of the configured costs", "0.5 x", "never traded", "lost to costs"):
        assert said in costs.out, said

    document = terminal.spawn(
        *("study", "sentiment", AGENT, "--readings", str(readings), *asked, "--json")
    ).document()
    assert document["kind"] == "sentiment"
    assert [run["label"] for run in document["runs"]][:3] == ["with", "without", "1 bar late"]
    assert document["runs"][1]["difference"]["total_return"] == 0.0
    assert document["runs"][0]["metrics"]["bars_with_sentiment"] > 0

    shown = terminal.type("study", "show", document["study_id"])
    assert shown.code == 0, shown.err
    assert "Less the run without" in shown.out

    refused = terminal.spawn("study", "sentiment", AGENT, *asked)
    assert refused.code == 2
    assert refused.err.strip().endswith("known_at,score,confidence")
