"""An agent that several minds decide for, as Dagster, the page and the command run it."""

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
from ztrade_core.errors import InputError

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
LESS = {**BUY, "confidence": 0.7, "quantity": 3}
ENSEMBLE = """ensemble:
  vote: majority
  members:
    - {name: sonnet, mode: automated}
    - {name: usual, mode: automated, model: {name: claude-sonnet-5-5, max_tokens: 900}}
    - {name: own, mode: strategy}
"""


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(deciding(BUY), deciding(LESS), deciding(HOLD), deciding(HOLD)) as made:
        yield made


@pytest.fixture
def voting(config_copy: Path) -> Path:
    """A configuration in which TSLA is decided by two models and its strategy."""
    path = config_copy / "agents" / "agent_tsla.yaml"
    text = path.read_text()
    assert "mode: strategy" in text
    path.write_text(text.replace("mode: strategy", "mode: ensemble") + ENSEMBLE)
    return config_copy


@pytest.fixture
def environ(voting: Path, server: ClaudeServer) -> dict[str, str]:
    return {
        "ZTRADE_CONFIG_DIR": str(voting),
        "ANTHROPIC_API_KEY": CANARY,
        "ANTHROPIC_BASE_URL": server.url,
    }


@pytest.fixture
def house_of_votes(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance, environ: dict[str, str]
) -> Iterator[House]:
    made = house_of(settings_of(tmp_path, sqlite_url, **environ), instance)
    fill_store(made.workshop)
    yield made
    made.workshop.engine.dispose()


def test_a_rehearsal_buys_by_majority_and_the_page_shows_every_vote(
    house_of_votes: House, server: ClaudeServer
) -> None:
    result = house_of_votes.run(AGENT, {"as_of": AS_OF})
    assert result.success
    metadata = house_of_votes.decision_metadata(result)
    assert (metadata["action"], metadata["outcome"]) == ("buy", "approved")
    assert metadata["maker"] == "ensemble:majority/1"
    assert metadata["quantity"] == 3.0, "the smallest wish of those who agree"
    assert metadata["confidence"] == pytest.approx(0.8)
    assert metadata["votes_usd"] == pytest.approx(2 * TOLD_USD)
    votes = [record.data for record in metadata["votes"].records]
    assert [(each["member"], each["said"][:8], each["mode"]) for each in votes] == [
        ("sonnet", "buy 0.90", "automated"),
        ("usual", "buy 0.70", "automated"),
        ("own", votes[2]["said"][:8], "strategy"),
    ]
    assert votes[2]["said"].startswith("hold")
    assert votes[0]["rationale"] == "it rises"
    assert house_of_votes.order_metadata(result)["status"] == "accepted"
    later = house_of_votes.run(AGENT, {"as_of": NEXT_BAR})
    assert house_of_votes.decision_metadata(later)["outcome"] == "held"
    again = house_of_votes.run(AGENT, {"as_of": NEXT_BAR})
    assert again.success
    assert len(server.seen) == 4, "a decided slot asks nobody"


def test_one_member_alone_may_be_asked_for_and_an_ensemble_only_where_there_is_one(
    house_of_votes: House, server: ClaudeServer
) -> None:
    alone = house_of_votes.run(AGENT, {"as_of": AS_OF, "mode": "strategy"})
    assert house_of_votes.decision_metadata(alone)["maker"].startswith("strategy:")
    assert server.seen == []
    none = house_of_votes.run("agent_iwm", {"as_of": AS_OF, "mode": "ensemble"})
    assert not none.success
    failures = house_of_votes.events(none, dg.DagsterEventType.STEP_FAILURE)
    assert "agent_iwm has no ensemble: write mode: ensemble" in str(failures[0])


def test_a_workshop_makes_the_ensemble_live_and_for_backtests(house_of_votes: House) -> None:
    workshop = house_of_votes.workshop
    agents = {agent.agent_id: agent for agent in house_of_votes.settings.company.agents}
    live = workshop.live_desk().maker_of(Mode.ENSEMBLE, agents[AGENT])
    tested = workshop.backtest_maker(agents[AGENT])
    assert live.name == tested.name == "ensemble:majority/1"
    assert getattr(tested, "model", None) == "claude-sonnet-5-5"
    with pytest.raises(InputError, match="agent_iwm has no ensemble"):
        workshop.require_mode(Mode.ENSEMBLE, agents["agent_iwm"])
    with pytest.raises(InputError, match="does not exist in this version"):
        workshop.require_mode(Mode.RECORDED, agents[AGENT])


def test_a_member_that_answers_by_file_is_refused_in_a_backtest(
    tmp_path: Path, sqlite_url: str, voting: Path
) -> None:
    path = voting / "agents" / "agent_tsla.yaml"
    text = path.read_text()
    start = text.index("    - {name: sonnet")
    path.write_text(
        text[:start] + "    - {name: own, mode: strategy}\n    - {name: desk, mode: subagent}\n"
    )
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(voting))
    made = house_of(settings, dg.DagsterInstance.ephemeral())
    agent = settings.company.agent(AGENT)
    assert agent is not None
    with pytest.raises(InputError, match=r"agent_tsla is decided by file.*--recorded ledger"):
        made.workshop.backtest_maker(agent)
    made.workshop.engine.dispose()
    assert made.workshop.own_maker(Mode.ENSEMBLE, agent) is not None


def test_the_command_runs_lists_audits_and_replays_an_ensemble(
    tmp_path: Path, sqlite_template: Path, environ: dict[str, str]
) -> None:
    terminal = Terminal(tmp_path)
    terminal.use_database(sqlite_template)
    workshop = workshop_of(terminal)
    fill_store(workshop)
    workshop.engine.dispose()
    ran = terminal.spawn("agent", "run", AGENT, "--as-of", AS_OF, **environ)
    assert ran.code == 0, ran
    for line in ("votes", "sonnet: buy 0.90", "usual: buy 0.70", "own: hold"):
        assert line in ran.out
    listed = terminal.type("agent", "list", **environ)
    assert "majority of sonnet" in listed.out
    [tsla] = [
        each
        for each in terminal.type("agent", "list", "--json", **environ).document()["agents"]
        if each["agent_id"] == AGENT
    ]
    assert [each["name"] for each in tsla["ensemble"]["members"]] == ["sonnet", "usual", "own"]
    [row] = terminal.type(
        "audit", "show", "--account", "rehearsal", "--json", **environ
    ).document()["decisions"]
    assert row["votes"]["sonnet"] == "buy 0.90"
    shown = terminal.type("audit", "show", row["decision_id"], **environ)
    assert "usual: buy 0.70" in shown.out
    replayed = terminal.type("replay", row["decision_id"], **environ)
    assert (replayed.code, "1 byte-equal" in replayed.out) == (0, True)
    assert terminal.type("agent", "status", "--account", "rehearsal", **environ).code == 0
    refused = terminal.type("agent", "run", "agent_iwm", "--mode", "ensemble", **environ)
    assert refused.code == 2
    assert "agent_iwm has no ensemble: write mode: ensemble" in refused.err
    assert CANARY not in ran.out + ran.err + shown.out
