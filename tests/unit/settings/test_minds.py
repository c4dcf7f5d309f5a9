"""Minds beside an agent's own in its file: the members of an ensemble, shadows, and what is refused."""

from typing import Any

import pytest

from ztrade_core.domain.configuration import MindChoice, Mode, Vote
from ztrade_core.domain.model_config import DEFAULT_MODEL

AGENT = "config/agents/agent_tsla.yaml"
KEY = {"ANTHROPIC_API_KEY": "sk-ant-canary-1"}
STRATEGY = (
    "  - {name: trend, mode: strategy, strategy: {name: sma_crossover, parameters: {fast: 5}}}"
)
OWN = "  - {name: own, mode: strategy}"
MODEL = "  - {name: haiku, mode: automated, model: {name: claude-haiku-4-5}}"
DEFAULT = "  - {name: usual, mode: automated}"
FILE = "  - {name: desk, mode: subagent}"


def with_members(project: Any, *members: str, vote: str = "majority") -> None:
    project.replace(AGENT, "mode: strategy", "mode: ensemble")
    lines = ("ensemble:", f"  vote: {vote}", "  members:", *(f"  {each}" for each in members), "")
    project.append(AGENT, "\n".join(lines))


def with_shadows(project: Any, *shadows: str) -> None:
    project.append(AGENT, "\n".join(("shadows:", *shadows, "")))


def test_an_ensemble_is_what_its_file_says(project: Any) -> None:
    with_members(project, STRATEGY, OWN, MODEL, DEFAULT, FILE, vote="confidence")
    tsla = project.load(KEY).company.agent("agent_tsla")
    assert (tsla.mode, tsla.ensemble.vote) == (Mode.ENSEMBLE, Vote.CONFIDENCE)
    trend, own, haiku, usual, desk = tsla.ensemble.members
    assert trend.strategy.name == "sma_crossover"
    assert trend.strategy.as_dict()["fast"] == 5.0
    assert trend.strategy.as_dict().keys() >= {"fast", "slow"}, "the rest at its defaults"
    assert (own, desk) == (
        MindChoice(name="own", mode=Mode.STRATEGY),
        MindChoice(name="desk", mode=Mode.SUBAGENT),
    )
    assert (haiku.model.model, usual.model.model) == ("claude-haiku-4-5", DEFAULT_MODEL)


def test_a_member_is_asked_as_an_agent_of_its_own_mode(project: Any) -> None:
    with_members(project, STRATEGY, MODEL)
    tsla = project.load(KEY).company.agent("agent_tsla")
    trend, haiku = (tsla.with_mind(each) for each in tsla.ensemble.members)
    assert (trend.mode, trend.strategy.name, trend.model) == (
        Mode.STRATEGY,
        "sma_crossover",
        None,
    )
    assert (haiku.mode, haiku.strategy, haiku.model.model) == (
        Mode.AUTOMATED,
        tsla.strategy,
        "claude-haiku-4-5",
    )
    assert {each.agent_id for each in (trend, haiku)} == {"agent_tsla"}
    assert [each.ensemble for each in (trend, haiku)] == [None, None]


REFUSALS = {
    "one member": ([OWN], "members"),
    "namesakes": ([OWN, "  - {name: own, mode: subagent}"], "own stands more than once"),
    "an ensemble of ensembles": ([OWN, "  - {name: all, mode: ensemble}"], "mode"),
    "a person": ([OWN, "  - {name: me, mode: manual}"], "mode"),
    "a strategy for a model": (
        [OWN, "  - {name: m, mode: automated, strategy: {name: sma_crossover, parameters: {}}}"],
        "m: mode automated runs no strategy",
    ),
    "a model for a strategy": (
        [OWN, "  - {name: m, mode: strategy, model: {name: claude-haiku-4-5}}"],
        "m: mode strategy asks no model",
    ),
    "an unknown strategy": (
        [OWN, "  - {name: m, mode: strategy, strategy: {name: luck, parameters: {}}}"],
        "m: strategy: ",
    ),
    "a model without a price": (
        [OWN, "  - {name: m, mode: automated, model: {name: gpt-9}}"],
        "m: model.name: gpt-9 has no price in models.yaml",
    ),
    "a bad name": ([OWN, "  - {name: 'a:b', mode: strategy}"], "not a mind's name"),
    "ten members": ([f"  - {{name: m{n}, mode: strategy}}" for n in range(10)], "members"),
    "samples": ([OWN, "  - {name: m, mode: strategy, samples: 2}"], "samples"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_an_ensemble_that_does_not_fit_is_refused(project: Any, name: str) -> None:
    members, word = REFUSALS[name]
    with_members(project, *members)
    message = project.refusal(KEY)
    assert message.startswith(f"{AGENT}: ")
    assert word in message


@pytest.mark.parametrize("key", ["model", "strategy"])
def test_an_empty_block_of_a_mind_is_refused(project: Any, key: str) -> None:
    mode = "automated" if key == "model" else "strategy"
    with_shadows(project, f"  - {{name: haiku, mode: {mode}, {key}: }}")
    assert f"shadows.0.{key}: empty; write name under it" in project.refusal(KEY)


def test_an_unknown_vote_is_refused(project: Any) -> None:
    with_members(project, OWN, FILE, vote="loudest")
    assert "ensemble.vote" in project.refusal()


def test_mode_and_ensemble_belong_together(project: Any) -> None:
    project.replace(AGENT, "mode: strategy", "mode: ensemble")
    assert "mode ensemble: write ensemble with vote and members" in project.refusal()
    project.replace(AGENT, "mode: ensemble", "mode: strategy")
    project.append(AGENT, f"ensemble:\n  vote: majority\n  members:\n  {OWN}\n  {FILE}\n")
    assert "mode strategy asks no ensemble" in project.refusal()


def test_an_empty_ensemble_says_what_to_write(project: Any) -> None:
    project.append(AGENT, "ensemble:\n")
    assert "write vote and members under it" in project.refusal()


def test_members_and_shadows_without_a_key_are_told_one_line_each(project: Any) -> None:
    with_members(project, OWN, MODEL, DEFAULT)
    with_shadows(project, "  - {name: opus, mode: automated}", "  - {name: sma, mode: strategy}")
    told = [line for line in project.load().warnings if "ANTHROPIC_API_KEY" in line]
    assert [line.split(" is a model")[0] for line in told] == [
        "agent_tsla: member haiku",
        "agent_tsla: member usual",
        "agent_tsla: shadow opus",
    ]
    assert "hold in every vote" in told[0]
    assert not [line for line in project.load(KEY).warnings if "ANTHROPIC_API_KEY" in line]


def test_an_ensemble_is_a_part_of_the_configurations_digest(project: Any) -> None:
    before = project.load().company.digest
    with_members(project, OWN, FILE)
    assert project.load().company.digest != before
