"""Shadows in an agent's run: a step of their own after execution, an asset, and what the commands tell."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.claude import CANARY, HOLD, ClaudeServer, deciding
from tests.fakes.claude_asking import TOLD_USD
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import (
    AGENT,
    AS_OF,
    House,
    fill_store,
    house_of,
    manual_buy,
    settings_of,
)
from tests.pipelines.rehearsed import workshop_of
from ztrade_core.settings.load import Settings
from ztrade_pipelines.keys import shadows_key

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
SHADOWS = """
shadows:
  - name: holder
    mode: strategy
    strategy:
      name: buy_and_hold
      parameters: {}
  - name: sonnet
    mode: automated
    samples: 2
"""
WITH_SHADOWS = Callable[..., Settings]


@pytest.fixture
def with_shadows(tmp_path: Path, sqlite_url: str, config_copy: Path) -> WITH_SHADOWS:
    """Settings in which TSLA's agent has shadows."""
    file = config_copy / "agents" / f"{AGENT}.yaml"
    file.write_text(file.read_text(encoding="utf-8") + SHADOWS, encoding="utf-8")

    def made(**environ: str) -> Settings:
        return settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(config_copy), **environ)

    return made


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(deciding(BUY)) as made:
        yield made


@pytest.fixture
def shadowed(
    with_shadows: WITH_SHADOWS, instance: dg.DagsterInstance, server: ClaudeServer
) -> Iterator[House]:
    """A house with a key, before the fake of the vendor."""
    settings = with_shadows(ANTHROPIC_API_KEY=CANARY, ANTHROPIC_BASE_URL=server.url)
    made = house_of(settings, instance)
    fill_store(made.workshop)
    yield made
    made.workshop.engine.dispose()


def steps(house: House, result: dg.ExecuteInProcessResult) -> list[tuple[str, str]]:
    """Return which steps began, ended or were skipped, in the order of the event log."""
    kinds = {
        dg.DagsterEventType.STEP_START: "start",
        dg.DagsterEventType.STEP_SUCCESS: "success",
        dg.DagsterEventType.STEP_SKIPPED: "skipped",
    }
    found = []
    for record in house.instance.get_records_for_run(result.run_id).records:
        event = record.event_log_entry.dagster_event
        if event is not None and event.event_type in kinds:
            step = str(event.step_key).rpartition(".")[2]
            found.append((step, kinds[event.event_type]))
    return found


def shadow_metadata(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    for event in house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION):
        if event.asset_key == shadows_key(AGENT):
            return {name: value.value for name, value in event.materialization.metadata.items()}
    raise AssertionError("no shadow was told")


def test_shadows_are_asked_after_an_order_is_executed(shadowed: House) -> None:
    result = shadowed.run(AGENT, manual_buy())
    assert result.success
    found = steps(shadowed, result)
    assert found.index(("execute", "success")) < found.index(("shadow", "start"))
    assert found[-1] == ("shadow", "success")
    assert shadowed.materialized(result) == [
        f"{AGENT}/decision",
        f"{AGENT}/order",
        "company/portfolio",
        f"{AGENT}/shadows",
    ]


def test_shadows_are_asked_where_no_order_is_sent_too(
    shadowed: House, server: ClaudeServer
) -> None:
    held = manual_buy(manual_action="hold")
    result = shadowed.run(AGENT, held)
    found = steps(shadowed, result)
    assert ("execute", "skipped") in found
    assert found[-1] == ("shadow", "success")
    assert len(server.seen) == 2
    metadata = shadow_metadata(shadowed, result)
    rows = [record.data for record in metadata["shadows"].records]
    assert [(row["shadow"], row["sample"], row["action"], row["agrees"]) for row in rows] == [
        ("holder", "1", "buy", "no"),
        ("sonnet", "1", "buy", "no"),
        ("sonnet", "2", "buy", "no"),
    ]
    assert [row["answer"] for row in rows] == ["answered"] * 3
    assert {row["outcome"] for row in rows} <= {"approved", "resized"}
    assert [row["USD"] for row in rows] == ["0", f"{TOLD_USD:g}", f"{TOLD_USD:g}"]
    assert (metadata["answers"], metadata["asked_by_this_run"]) == (3, 3)
    assert metadata["agreeing_fraction"] == 0.0
    assert metadata["bar"] == "2022-12-28T14:55:00Z"
    again = shadowed.run(AGENT, held)
    assert shadow_metadata(shadowed, again)["asked_by_this_run"] == 0
    assert len(server.seen) == 2
    with shadowed.workshop.store.reading() as uow:
        assert uow.orders.recent("rehearsal", 1) == []


def test_a_dry_run_asks_no_shadow(shadowed: House, server: ClaudeServer) -> None:
    result = shadowed.run(AGENT, manual_buy(dry_run=True))
    assert result.success
    assert shadowed.materialized(result) == [f"{AGENT}/decision"]
    assert server.seen == []


def test_an_agent_without_shadows_has_no_such_step(house: House) -> None:
    result = house.run(AGENT, manual_buy())
    assert "shadow" not in {step for step, _ in steps(house, result)}
    assert f"{AGENT}/shadows" not in house.materialized(result)


def test_the_page_tells_who_the_shadows_are(shadowed: House) -> None:
    spec = shadowed.definitions.resolve_asset_graph().get(shadows_key(AGENT))
    assert "trade nothing" in str(spec.description)
    told = spec.metadata["minds"].value
    assert told == "- holder: strategy, 1 a bar\n- sonnet: automated, 2 a bar"


def test_without_a_key_a_model_that_shadows_is_not_asked(
    with_shadows: WITH_SHADOWS, instance: dg.DagsterInstance
) -> None:
    made = house_of(with_shadows(), instance)
    fill_store(made.workshop)
    result = made.run(AGENT, manual_buy())
    assert result.success
    rows = [record.data for record in shadow_metadata(made, result)["shadows"].records]
    assert [row["answer"] for row in rows] == ["answered", "unasked", "unasked"]
    made.workshop.engine.dispose()


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path, config_copy: Path) -> Terminal:
    """A terminal in whose house TSLA's agent has shadows."""
    file = config_copy / "agents" / f"{AGENT}.yaml"
    file.write_text(file.read_text(encoding="utf-8") + SHADOWS, encoding="utf-8")
    made = Terminal(tmp_path)
    made.environment["ZTRADE_CONFIG_DIR"] = str(config_copy)
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    fill_store(workshop)
    workshop.engine.dispose()
    return made


def test_the_command_tells_what_shadows_answered(terminal: Terminal, server: ClaudeServer) -> None:
    keys = {"ANTHROPIC_API_KEY": CANARY, "ANTHROPIC_BASE_URL": server.url}
    run = ("agent", "run", AGENT, "--as-of", AS_OF, "--manual", "--action", "hold")
    said = terminal.spawn(*run, COLUMNS="120", **keys)
    assert said.code == 0, said
    shown = said.out[said.out.index("Shadows") :]
    assert [line.split()[:3] for line in shown.splitlines() if "it rises" in line] == [
        ["sonnet", "1", "buy"],
        ["sonnet", "2", "buy"],
    ]
    assert "trade nothing" in shown
    document = json.loads(terminal.spawn(*run, "--json", **keys).out)
    told = [(each["shadow"], each["sample"], each["agrees"]) for each in document["shadows"]]
    assert told == [("holder", 1, False), ("sonnet", 1, False), ("sonnet", 2, False)]
    assert document["shadows"][1]["usd"] == pytest.approx(TOLD_USD)
    assert document["shadows"][0]["seconds"] is None
    assert len(server.seen) == 2


def test_lists_and_status_name_the_shadows(terminal: Terminal) -> None:
    listed = terminal.type("agent", "list", COLUMNS="80")
    assert "holder, sonnet" in listed.out
    assert "sentiment_momentum" in listed.out, "whole, also in 80 columns"
    document = terminal.type("agent", "list", "--json").document()
    (tsla,) = [each for each in document["agents"] if each["agent_id"] == AGENT]
    assert [(each["name"], each["samples"]) for each in tsla["shadows"]] == [
        ("holder", 1),
        ("sonnet", 2),
    ]
    status = terminal.type("agent", "status")
    assert f"{AGENT}: shadows holder, sonnet" in status.out
    standing = terminal.type("agent", "status", "--json").document()["agents"]
    assert {each["agent_id"]: each["shadows"] for each in standing}[AGENT] == ["holder", "sonnet"]
