"""The check `no_look_ahead` on the page and the command `ztrade study canary`."""

import json
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.peeking import PeekingMaker, rises_within
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, House, fill_store
from tests.pipelines.rehearsed import workshop_of
from tests.unit.studies.canary_cases import QUICK, canary_input
from ztrade_core.studies.canary import look_for_peeking
from ztrade_pipelines.backtests.checks import NO_LOOK_AHEAD, canary_result
from ztrade_pipelines.cli.study_canary import canary_document, tell
from ztrade_pipelines.keys import backtest_key

RANGE = {"start": "2022-12-28", "end": "2022-12-29"}


def test_every_backtest_is_checked_after_it_ran(house: House) -> None:
    result = house.run("backtest", {"agent_id": AGENT, **RANGE})
    assert result.success
    [found] = house.evaluations(result, backtest_key(AGENT))
    assert (found.check_name, found.passed) == (NO_LOOK_AHEAD, True)
    assert found.severity is dg.AssetCheckSeverity.ERROR
    assert not found.blocking
    metadata = {name: value.value for name, value in found.metadata.items()}
    assert metadata["event_loop/decisions"] >= 16 * 2
    assert metadata["event_loop/bars"] == metadata["event_loop/decisions"]
    assert metadata["first_difference"] == "-"
    assert "after the first third" in metadata["moments"]
    assert metadata["start"] == 1672237800.0  # 2022-12-28T14:30:00Z, the run's first bar


def test_a_run_that_repeated_a_recording_is_not_judged(house: House, tmp_path: Path) -> None:
    """The recording may be made from later bars; the strategy that is configured says nothing of it."""
    path = tmp_path / "tape.jsonl"
    entry = {"slot": "2022-12-28T15:00:00Z", "action": "buy", "confidence": 0.9, "rationale": "x"}
    path.write_text(json.dumps(entry) + "\n")
    result = house.run("backtest", {"agent_id": AGENT, **RANGE, "recorded": str(path)})
    assert result.success
    [found] = house.evaluations(result, backtest_key(AGENT))
    assert (found.check_name, found.passed) == (NO_LOOK_AHEAD, False)
    assert found.severity is dg.AssetCheckSeverity.WARN
    [run] = house.workshop.backtests.runs(AGENT)
    said = f"not judged: the run {run.run_id} repeated a recording (file tape.jsonl), "
    assert str(found.description).startswith(said)


def test_only_the_asked_agents_check_runs(house: House) -> None:
    result = house.run("backtest", {"agent_id": AGENT, **RANGE})
    checked = [
        event.asset_check_evaluation_data.asset_key
        for event in house.events(result, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    ]
    assert checked == [backtest_key(AGENT)]


def test_the_check_runs_alone_from_the_page(house: House) -> None:
    """Without a stored run it looks at all stored bars."""
    key = dg.AssetCheckKey(backtest_key(AGENT), NO_LOOK_AHEAD)
    job = house.definitions.resolve_implicit_global_asset_job_def()
    result = job.get_subset(asset_selection=set(), asset_check_selection={key}).execute_in_process(
        instance=house.instance, raise_on_error=False
    )
    [found] = house.evaluations(result, backtest_key(AGENT))
    assert found.passed
    assert found.metadata["start"].value == pytest.approx(1671546600.0)  # 2022-12-20T14:30:00Z


def test_a_check_that_fails_names_the_first_difference() -> None:
    report = look_for_peeking(
        canary_input(mind_of=lambda data: PeekingMaker(data, rises_within(1))), effort=QUICK
    )
    shown = canary_result(report)
    assert not shown.passed
    assert shown.severity is dg.AssetCheckSeverity.ERROR
    assert str(shown.description).startswith("agent_tsla looks ahead: the decision on the bar of")
    assert "buy (it knows)" in str(shown.metadata["first_difference"].value)
    document = canary_document(report)
    assert (document["passed"], document["said"]) == (False, shown.description)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store with the hand-made market."""
    made = Terminal(tmp_path_factory.mktemp("canary"))
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    fill_store(workshop)
    workshop.engine.dispose()
    return made


def test_the_command_says_what_it_compared(terminal: Terminal) -> None:
    words = ("study", "canary", AGENT, "--start", "2022-12-28", "--end", "2022-12-28")
    shown = terminal.type(*words, COLUMNS="120")
    assert (shown.code, shown.err) == (0, "")
    assert f"{AGENT} does not look ahead" in shown.out
    assert "just before the end" in shown.out
    assert "one in data of a mind's own" in shown.out
    document = terminal.type(*words, "--json").document()
    assert document["passed"] is True
    assert document["difference"] is None
    assert document["event_loop"]["bars"] > 0


def test_the_command_says_when_it_does_not_speak_for_the_newest_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The agent's own mind passes; what the newest run repeated is not judged by that."""
    report = look_for_peeking(canary_input(), effort=QUICK)
    why = "not judged: the run bt-1 repeated a recording"
    assert tell(report, as_json=False, newest_run=why) == 0
    assert why in capsys.readouterr().out
    assert tell(report, as_json=True, newest_run=why) == 0
    assert json.loads(capsys.readouterr().out)["newest_run"] == why


@pytest.mark.parametrize("as_json", [False, True])
def test_a_mind_that_peeks_is_one_line_and_exit_code_1(
    as_json: bool,  # noqa: FBT001
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = look_for_peeking(
        canary_input(mind_of=lambda data: PeekingMaker(data, rises_within(1))), effort=QUICK
    )
    assert tell(report, as_json=as_json) == 1
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert shown.err.startswith("error: agent_tsla looks ahead: the decision on the bar of 2022-")
    assert ("does not look ahead" in shown.out) is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agent_spy",), "no agent 'agent_spy' in config/agents; there are: "),
        ((AGENT, "--start", "2022-12-29", "--end", "2022-12-28"), "is not before end"),
        ((AGENT, "--start", "2019-01-01", "--end", "2019-02-01"), "the store has 2022-12-20"),
    ],
)
def test_a_bad_request_is_one_line(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    refused = terminal.type("study", "canary", *words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert said in refused.err
