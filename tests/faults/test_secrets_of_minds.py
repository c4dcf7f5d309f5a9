"""No secret leaves through a mind: ensembles, shadows, files and people, asked of a vendor that repeats its key.

Searched are the prompts, every table, the page (Dagster's storage, its metadata included), logs, the folder
of requests, and what the commands print.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.claude import HOLD, AskedOfClaude, ClaudeServer, answering, message, text_block
from tests.fakes.terminal import Terminal
from tests.fakes.vendor_server import Answer
from tests.faults.exam_table import Exam
from tests.faults.teeth_canaries import CANARIES, ENVIRONMENT, Search
from tests.faults.teeth_day import search_through
from tests.faults.test_secrets import canaries_everywhere, concluded, search
from tests.pipelines.conftest import (
    AGENT,
    AS_OF,
    NEXT_BAR,
    House,
    config_copy,
    fill_store,
    house_of,
    settings_of,
)
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.wires.vendor import STRUCK_OUT

__all__ = ["canaries_everywhere", "config_copy", "search"]

KEY = CANARIES["ANTHROPIC_API_KEY"]
THIRD, FOURTH = "2022-12-28T15:10:00Z", "2022-12-28T15:15:00Z"
MINDS = """
wake: {every_bars: 2}
ensemble:
  vote: confidence
  members:
    - {name: sonnet, mode: automated, model: {deadline_seconds: 9}}
    - {name: again, mode: automated, model: {deadline_seconds: 9}}
    - {name: desk, mode: subagent}
shadows:
  - {name: beside, mode: automated, samples: 3, model: {deadline_seconds: 9}}
  - {name: by_file, mode: subagent}
"""


def repeating(asked: AskedOfClaude) -> Answer:
    """A buy, because of the key that the question came with."""
    said = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": asked.headers["x-api-key"]}
    return Answer(body=json.dumps(message(text_block(json.dumps(said)))).encode())


def babbling(asked: AskedOfClaude) -> Answer:
    """No answer at all, but the key."""
    return Answer(
        body=json.dumps(message(text_block(f"key {asked.headers['x-api-key']}"))).encode()
    )


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    refused = answering({"error": {"type": "authentication_error", "message": f"bad {KEY}"}}, 401)
    with ClaudeServer(repeating, repeating, babbling, refused, repeating) as made:
        yield made


@pytest.fixture
def environ(config_copy: Path, server: ClaudeServer) -> dict[str, str]:
    agent, models = config_copy / "agents" / f"{AGENT}.yaml", config_copy / "models.yaml"
    agent.write_text(agent.read_text().replace("mode: strategy", "mode: ensemble") + MINDS)
    brief = models.read_text().replace("timeout_seconds: 60", "timeout_seconds: 0.2")
    models.write_text(brief.replace("poll_seconds: 0.2", "poll_seconds: 0.05"))
    return {
        **ENVIRONMENT,
        "ZTRADE_CONFIG_DIR": str(config_copy),
        "ANTHROPIC_BASE_URL": server.url,
    }


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A house, the vendor's fake, a terminal on the house's database, and their common folder."""

    house: House
    server: ClaudeServer
    terminal: Terminal
    folder: Path
    environ: dict[str, str]


@pytest.fixture
def stage(
    tmp_path: Path, sqlite_url: str, environ: dict[str, str], server: ClaudeServer
) -> Iterator[Stage]:
    """TSLA is decided by several minds; the instance keeps its storage in files."""
    storage = tmp_path / "dagster"
    storage.mkdir()
    with dg.DagsterInstance.local_temp(tempdir=str(storage)) as instance:
        made = house_of(settings_of(tmp_path, sqlite_url, **environ), instance)
        fill_store(made.workshop)
        yield Stage(
            house=made,
            server=server,
            terminal=Terminal(tmp_path, width=300),
            folder=tmp_path,
            environ={**environ, "DATABASE_URL": sqlite_url},
        )
        made.workshop.engine.dispose()


def lived(house: House, folder: Path) -> list[str]:
    """Let every kind of mind decide, then look back at it; return the decisions' ids."""
    limits = folder / "proposed.yaml"
    shipped = (house.settings.config_dir / "risk_limits.yaml").read_text()
    limits.write_text(shipped.replace("max_order_usd: 10000", "max_order_usd: 500"))
    answer = {"action": "hold", "confidence": 0.6, "rationale": "by hand"}
    decided: list[dict[str, Any]] = [
        {"as_of": AS_OF},
        {"as_of": NEXT_BAR},
        {"as_of": THIRD, "mode": "subagent"},
        {"as_of": FOURTH, "manual_answer": json.dumps(answer)},
    ]
    assert house.run(AGENT, {"as_of": AS_OF, "mode": "manual"}).success  # shown, not answered
    for config in decided:
        assert house.run(AGENT, config).success
    with house.workshop.store.reading() as uow:
        rows = list(uow.ledger.rows())
    looked: dict[str, dict[str, Any]] = {
        "scoreboard": {"agent_id": AGENT, "account": "rehearsal"},
        "rule_trial": {"limits": str(limits), "account": "rehearsal"},
        "replay_decision": {"decision_id": rows[0].decision.decision_id},
    }
    for job, config in looked.items():
        assert house.run(job, config).success, job
    makers = [row.decision.proposal.maker for row in rows]
    assert [maker.partition("/")[0] for maker in makers] == [
        "ensemble:confidence",
        ASLEEP_MAKER.partition("/")[0],
        "subagent",
        "manual",
    ]
    return [row.decision.decision_id for row in rows]


def test_a_day_of_many_minds_leaves_no_secret(
    stage: Stage,
    search: Search,
    exam: Exam,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    decisions = lived(stage.house, stage.folder)
    asked = stage.server.seen
    assert len(asked) == 2 + 3 * 3, "two members, and the shadow thrice a decision, but asleep"
    assert {each.headers["x-api-key"] for each in asked} == {KEY}, "it was sent"
    with stage.house.workshop.store.reading() as uow:
        kept = [each.record.raw for each in uow.answers.of_agent("rehearsal", 1, AGENT)]
    assert any(STRUCK_OUT in raw for raw in kept), "it came back"
    for each in asked:
        search.text("prompt", each.text)
    for words in (
        *(("why", each, "--prompt") for each in decisions),
        ("why", decisions[0], "--json"),
        ("audit", "show", "--account", "rehearsal", "--json"),
        ("agent", "scoreboard", AGENT, "--account", "rehearsal"),
        ("agent", "run", AGENT, "--as-of", FOURTH, "--manual", "--show", "--json"),
        ("agent", "list", "--json"),
        ("oversight", "list"),
        ("risk", "status"),
        ("replay", "--day", "2022-12-28"),
        ("--debug", "replay", decisions[0]),
    ):
        typed = stage.terminal.type(*words, **stage.environ)
        assert typed.code == 0, (words, typed.err)
        search.text(" ".join(words), typed.out + typed.err)
    search.text("output", "".join(capfd.readouterr()))
    search.text("logging", caplog.text)
    search_through(search, stage.house, stage.folder)
    concluded(search, exam, fewest=500)
