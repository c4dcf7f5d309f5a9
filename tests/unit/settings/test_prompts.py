"""The prompt's files are part of the configuration, of companies whose minds read them."""

import shutil
from typing import Any

import pytest

AGENT = "config/agents/agent_tsla.yaml"
PROMPTS = "config/prompts/automated"
SYSTEM = f"{PROMPTS}/system.md"
MOMENT = f"{PROMPTS}/moment.md"
READERS = {
    "automated": ("mode: automated", ""),
    "subagent": ("mode: subagent", ""),
    "a member": (
        "mode: ensemble",
        "ensemble: {vote: majority, members: [{name: own, mode: strategy}, {name: desk, mode: subagent}]}",
    ),
    "a shadow": ("mode: strategy", "shadows:\n  - {name: haiku, mode: automated}\n"),
}


def read_by(project: Any, who: str) -> None:
    mode, more = READERS[who]
    project.replace(AGENT, "mode: strategy", mode)
    project.append(AGENT, more)


@pytest.mark.parametrize("who", READERS)
def test_a_changed_prompt_is_another_configuration(project: Any, who: str) -> None:
    read_by(project, who)
    before = project.load().company
    project.append(SYSTEM, "Be brief.\n")
    after = project.load().company
    assert before.models.prompt_digest not in ("", after.models.prompt_digest)
    assert before.digest != after.digest


def test_a_company_of_strategies_and_people_knows_no_prompt(project: Any) -> None:
    before = project.load().company
    project.replace("config/agents/agent_iwm.yaml", "mode: strategy", "mode: manual")
    by_hand = project.load().company
    project.append(SYSTEM, "Be brief.\n")
    assert project.load().company.digest == by_hand.digest != before.digest
    shutil.rmtree(project.path("config/prompts"))
    assert project.load().company == by_hand
    assert by_hand.models.prompt_digest == ""


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("name", [SYSTEM, MOMENT])
def test_a_missing_file_is_refused_by_its_name(project: Any, who: str, name: str) -> None:
    read_by(project, who)
    project.path(name).unlink()
    assert project.refusal().startswith(f"{name}: no prompt can be read there")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${symbl}\n", "unknown field ${symbl}"),
        ("costs $5\n", "a $ stands alone"),
    ],
)
def test_a_broken_file_is_refused_by_its_name(project: Any, text: str, says: str) -> None:
    read_by(project, "automated")
    project.append(SYSTEM, text)
    told = project.refusal()
    assert told.startswith(f"{SYSTEM}: ")
    assert says in told
