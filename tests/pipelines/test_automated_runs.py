"""An agent whose decisions a language model makes, as Dagster and the command run it."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.claude import CANARY, HOLD, ClaudeServer, deciding
from tests.fakes.claude_asking import TOLD_USD
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import (
    AGENT,
    AS_OF,
    NEXT_BAR,
    House,
    fill_store,
    house_of,
    settings_of,
)
from tests.pipelines.rehearsed import workshop_of
from ztrade_core.domain.configuration import Mode

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(deciding(BUY), deciding(HOLD)) as made:
        yield made


@pytest.fixture
def keyed(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance, server: ClaudeServer
) -> Iterator[House]:
    """A house with a key, before the fake of the vendor."""
    environ = {"ANTHROPIC_API_KEY": CANARY, "ANTHROPIC_BASE_URL": server.url}
    made = house_of(settings_of(tmp_path, sqlite_url, **environ), instance)
    fill_store(made.workshop)
    yield made
    made.workshop.engine.dispose()


def told(house: House, result: dg.ExecuteInProcessResult) -> str:
    """Return everything that the instance keeps of a run."""
    logs = house.instance.all_logs(result.run_id)
    return "".join(str(entry) for entry in logs)


def test_a_rehearsal_in_mode_automated_buys_and_tells_what_it_cost(
    keyed: House, server: ClaudeServer
) -> None:
    result = keyed.run(AGENT, {"as_of": AS_OF, "mode": "automated"})
    assert result.success
    assert all(each.passed for each in keyed.evaluations(result))
    metadata = keyed.decision_metadata(result)
    assert metadata["outcome"] in {"approved", "resized"}
    assert metadata["model"] == "claude-sonnet-5-5"
    assert metadata["model_outcome"] == "answered"
    assert metadata["model_usd"] == TOLD_USD
    assert metadata["model_seconds"] > 0.0
    assert (metadata["model_input_tokens"], metadata["model_output_tokens"]) == (1_000, 100)
    assert len(metadata["prompt_version"]) == 64
    assert keyed.order_metadata(result)["status"] == "accepted"
    again = keyed.run(AGENT, {"as_of": NEXT_BAR, "mode": "automated"})
    assert keyed.decision_metadata(again)["outcome"] == "held"
    assert len(server.seen) == 2
    assert "it rises" in server.seen[1].text
    assert CANARY not in told(keyed, result) + told(keyed, again)


def test_without_a_key_every_decision_is_a_hold_that_says_so(house: House) -> None:
    result = house.run(AGENT, {"as_of": AS_OF, "mode": "automated"})
    assert result.success
    metadata = house.decision_metadata(result)
    assert metadata["outcome"] == "held"
    assert "ANTHROPIC_API_KEY is not set" in metadata["reason"]
    assert metadata["model_outcome"] == "unasked"
    assert metadata["model_usd"] == 0.0


def test_the_command_runs_a_mode_by_its_name(
    tmp_path: Path, sqlite_template: Path, server: ClaudeServer
) -> None:
    terminal = Terminal(tmp_path)
    terminal.use_database(sqlite_template)
    workshop = workshop_of(terminal)
    fill_store(workshop)
    workshop.engine.dispose()
    run = ("agent", "run", AGENT, "--mode", "automated", "--as-of", AS_OF, "--json")
    answer = terminal.spawn(*run, ANTHROPIC_API_KEY=CANARY, ANTHROPIC_BASE_URL=server.url)
    assert answer.code == 0, answer
    assert len(server.seen) == 1
    assert json.loads(answer.out)
    assert CANARY not in answer.out + answer.err


def test_every_mode_has_its_maker(keyed: House) -> None:
    workshop = keyed.workshop
    agent = keyed.settings.company.agents[0]
    desk = workshop.live_desk()
    assert [desk.maker_of(mode, agent).name.split("/")[0] for mode in workshop.modes] == [
        "strategy",
        "automated:claude-sonnet-5-5",
        "subagent",
    ]
    assert Mode.RECORDED not in workshop.modes
