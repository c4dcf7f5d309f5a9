"""Commands that launch through Dagster, each in a process of its own: the page shows what they did."""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.terminal import PROJECT, Terminal, Typed
from tests.pipelines.conftest import AGENT, AS_OF, NEXT_BAR, fill_store
from tests.pipelines.rehearsed import workshop_of

RULES = 21
BUY = ("--manual", "--action", "buy", "--rationale", "a test", "--confidence")
POSITIONS = ("company", "positions", "--account", "rehearsal", "--json")


def terminal_with_bars(folder: Path, template: Path) -> Terminal:
    """Return a terminal on a store that holds the hand-made market."""
    made = Terminal(folder)
    made.use_database(template)
    workshop = workshop_of(made)
    fill_store(workshop)
    workshop.engine.dispose()
    return made


@dataclass(frozen=True, kw_only=True)
class Story:
    """A person's morning at one terminal: each answer, in order."""

    terminal: Terminal
    bought: Typed
    again: Typed
    next_bar: Typed
    backwards: Typed
    reconciled: Typed


def told(terminal: Terminal) -> Story:
    """Buy, run the same bar again, the next bar, a moment that is past by then, and reconcile."""
    run = ("agent", "run", AGENT, "--as-of")
    return Story(
        terminal=terminal,
        bought=terminal.spawn(*run, AS_OF, *BUY, "0.9", "--json"),
        again=terminal.spawn(*run, AS_OF, "--json"),
        next_bar=terminal.spawn(*run, NEXT_BAR),
        backwards=terminal.spawn(*run, AS_OF),
        reconciled=terminal.spawn("reconcile", "--account", "rehearsal", "--json"),
    )


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal of the test's own."""
    return terminal_with_bars(tmp_path, sqlite_template)


def recorded_run(terminal: Terminal, run_id: str) -> dg.DagsterRun:
    with dg.DagsterInstance.from_config(str(terminal.home)) as instance:
        run = instance.get_run_by_id(run_id)
    assert run is not None
    return run


def a_run_decides_sends_an_order_with_its_stop_and_shows_every_rule(story: Story) -> None:
    document = story.bought.document()
    assert document["outcome"] == "approved"
    assert document["decided_now"] is True
    assert document["order"]["status"] == "accepted"
    assert document["order"]["stop_price"] > 0
    assert [verdict["passed"] for verdict in document["verdicts"]] == [True] * RULES


def the_page_knows_the_run_its_job_and_where_its_code_is(story: Story) -> None:
    run = recorded_run(story.terminal, story.bought.document()["run_id"])
    assert (run.job_name, run.status) == (AGENT, dg.DagsterRunStatus.SUCCESS)
    assert run.tags["ztrade/agent"] == AGENT
    assert run.remote_job_origin is not None  # without one the page cannot run it again
    location = run.remote_job_origin.repository_origin.code_location_origin
    assert location.location_name == "ztrade_pipelines.definitions"


def the_same_bar_is_decided_once_and_the_second_run_says_so(story: Story) -> None:
    first, second = story.bought.document(), story.again.document()
    assert second["decided_now"] is False
    assert second["decision"]["decision_id"] == first["decision"]["decision_id"]
    assert second["order"]["client_order_id"] == first["order"]["client_order_id"]


def the_next_bar_fills_it_and_its_stop_stands(story: Story) -> None:
    assert story.next_bar.code == 0, story.next_bar.err
    assert "RULE_001" in story.next_bar.out
    assert "/runs/" in story.next_bar.out
    (position,) = story.terminal.type(*POSITIONS).document()["positions"]
    assert position["guarded"] is True


def time_does_not_run_backwards_and_the_error_of_core_names_the_way_out(story: Story) -> None:
    assert story.backwards.code == 2
    assert story.backwards.out == ""
    (line,) = story.backwards.err.splitlines()
    assert "ztrade rehearsal reset" in line


def reconcile_shows_its_checks_and_the_run(story: Story) -> None:
    document = story.reconciled.document()
    assert document["checks"]["reconciled"] is True
    assert document["checks"]["protected"] is True
    assert recorded_run(story.terminal, document["run_id"]).job_name == "reconcile"


FACTS = (
    a_run_decides_sends_an_order_with_its_stop_and_shows_every_rule,
    the_page_knows_the_run_its_job_and_where_its_code_is,
    the_same_bar_is_decided_once_and_the_second_run_says_so,
    the_next_bar_fills_it_and_its_stop_stands,
    time_does_not_run_backwards_and_the_error_of_core_names_the_way_out,
    reconcile_shows_its_checks_and_the_run,
)


def test_a_morning_at_the_terminal(terminal: Terminal, subtests: pytest.Subtests) -> None:
    story = told(terminal)  # five processes: told once, whatever is asked of it
    for fact in FACTS:
        with subtests.test(fact.__name__):
            fact(story)


def test_a_dry_run_from_any_folder_judges_and_claims_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    words = ("agent", "run", AGENT, "--as-of", AS_OF, "--dry-run", *BUY, "0.1", "--json")
    document = terminal.spawn(*words, cwd=elsewhere).document()
    assert list(elsewhere.iterdir()) == []
    assert (document["dry_run"], document["outcome"]) == (True, "denied")
    failed = [verdict["rule_id"] for verdict in document["verdicts"] if not verdict["passed"]]
    assert failed == ["RULE_021"]  # less sure than the agent must be
    looking = ("audit", "show", "--account", "rehearsal", "--json")
    assert terminal.type(*looking).document() == {"decisions": []}


def test_a_backtest_is_stored_shown_and_compared(terminal: Terminal) -> None:
    words = ("backtest", "run", AGENT, "--start", "2022-12-27", "--end", "2022-12-28")
    ran = terminal.spawn(*words, "--json").document()
    assert ran["metrics"]["bars"] == 2 * 78
    (listed,) = terminal.type("backtest", "list", "--json").document()["backtests"]
    assert listed == ran
    shown = terminal.type("backtest", "show", ran["run_id"][:8], "--trades", "--json").document()
    assert (shown["metrics"], shown["trades"]) == (ran["metrics"], [])
    for width in (80, 100):
        for looking in (("show", ran["run_id"], "--trades"), ("compare", ran["run_id"]), ("list",)):
            out = terminal.type("backtest", *looking, COLUMNS=str(width)).out
            assert ran["run_id"] in out
            assert max(len(line) for line in out.splitlines()) <= width


def test_the_loop_is_a_switch_on_the_instance_that_needs_no_server(terminal: Terminal) -> None:
    started = terminal.type("loop", "start", AGENT, "--json").document()
    assert started["daemon_is_alive"] is False
    assert [(each["agent_id"], each["running"]) for each in started["loops"]] == [(AGENT, True)]
    assert "no daemon is running" in terminal.type("loop", "status").out
    loops = terminal.type("loop", "stop", "--json").document()["loops"]
    assert len(loops) == 3
    assert {each["running"] for each in loops} == {False}


def test_an_override_is_shown_on_the_page(terminal: Terminal) -> None:
    answer = terminal.type("halt", "--reason", "a test", "--who", "tester")
    assert (answer.code, answer.err) == (0, "")
    with dg.DagsterInstance.from_config(str(terminal.home)) as instance:
        found = instance.fetch_observations(dg.AssetKey(["company", "portfolio"]), limit=5)
    (record,) = found.records
    observation = record.asset_observation
    assert observation is not None
    assert observation.metadata["who"].value == "tester"
    assert observation.metadata["why"].value == "a test"


def test_an_import_is_shown_on_the_page(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "tsla.csv"
    file.write_text(
        "symbol,timeframe,timestamp,open,high,low,close,volume\n"
        "TSLA,5m,2021-12-28T14:30:00Z,10,11,9,10,5\n"
        "MSFT,5m,2021-12-28T14:30:00Z,10,11,9,10,5\n"
    )
    answer = terminal.type("data", "import", str(file))
    assert (answer.code, answer.err) == (0, "")
    with dg.DagsterInstance.from_config(str(terminal.home)) as instance:
        found = instance.fetch_observations(dg.AssetKey(["market_bars", "TSLA_5m"]), limit=5)
    (record,) = found.records
    observation = record.asset_observation
    assert observation is not None
    assert observation.metadata["source"].value == "file:tsla.csv"
    assert observation.metadata["rows_new"].value == 1


def test_the_demo_fills_an_order_whose_stop_stands_and_backtests_each_agent(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("config", "dagster.yaml", "workspace.yaml"):
        (project / name).symlink_to(PROJECT / name)
    terminal = Terminal(tmp_path)
    document = terminal.spawn("demo", "--json", ZTRADE_HOME=str(project)).document()
    assert document["fills"]
    assert all("by lexicon@2" in run["sentiment"] for run in document["runs"])
    assert document["positions"]
    assert {position["guarded"] for position in document["positions"]} == {True}
    assert len(document["backtests"]) == 3
    assert {run["status"] for run in document["backtests"]} == {"finished"}
    assert (project / ".ztrade" / "demo" / "ztrade.db").exists()
    assert not (project / ".ztrade" / "ztrade.db").exists()
    assert not (terminal.data / "ztrade.db").exists()
