"""Minds that a run has no time for are refused at load, by file, key and both numbers."""

from typing import Any

import pytest

from ztrade_core.assembly.workshop import open_workshop
from ztrade_core.domain.configuration import Mode
from ztrade_core.errors import ConfigError

AGENT = "config/agents/agent_tsla.yaml"
BROKER = "config/broker.yaml"
MODELS = "config/models.yaml"


def run_of(project: Any, seconds: int) -> None:
    project.replace(BROKER, "run_max_seconds: 300\n", f"run_max_seconds: {seconds}\n")


def automated(project: Any, deadline: float) -> None:
    project.replace(AGENT, "mode: strategy", "mode: automated")
    project.append(AGENT, f"model:\n  deadline_seconds: {deadline:g}\n")


def ensemble(project: Any, *members: str) -> None:
    project.replace(AGENT, "mode: strategy", "mode: ensemble")
    lines = ("ensemble:", "  vote: majority", "  members:", *(f"    - {each}" for each in members))
    project.append(AGENT, "\n".join((*lines, "")))


def shadows(project: Any, *written: str) -> None:
    project.append(AGENT, "\n".join(("shadows:", *(f"  - {each}" for each in written), "")))


def test_a_strategy_has_all_the_time_there_is(project: Any) -> None:
    run_of(project, 10)
    assert project.load().company.broker.run_max_seconds == 10


def test_a_deadline_may_take_what_a_run_leaves_and_no_more(project: Any) -> None:
    automated(project, 120)
    run_of(project, 180)
    project.load()
    project.replace(BROKER, "run_max_seconds: 180\n", "run_max_seconds: 179\n")
    told = project.refusal()
    assert told.startswith(f"{AGENT}: model.deadline_seconds: 1 question in a run may take 120 s")
    assert "run_max_seconds 179 of broker.yaml leaves 119" in told


def test_a_run_shorter_than_its_rest_leaves_nothing(project: Any) -> None:
    automated(project, 1)
    run_of(project, 30)
    assert "run_max_seconds 30 of broker.yaml leaves 0 " in project.refusal()


def test_an_answer_by_file_is_waited_for_in_a_run(project: Any) -> None:
    project.replace(AGENT, "mode: strategy", "mode: subagent")
    project.load()
    project.replace(MODELS, "timeout_seconds: 60\n", "timeout_seconds: 241\n")
    told = project.refusal()
    assert told.startswith(f"{AGENT}: mode subagent (subagent.timeout_seconds of models.yaml): ")
    assert "may take 241 s" in told


def test_the_members_of_an_ensemble_are_asked_one_after_another(project: Any) -> None:
    """Three questions of 60 s fit into 240 s; a fourth of 61 s does not, and a strategy takes none."""
    ensemble(
        project,
        "{name: own, mode: strategy}",
        "{name: first, mode: automated}",
        "{name: second, mode: automated}",
        "{name: desk, mode: subagent}",
    )
    project.load()
    slow = "    - {name: slow, mode: automated, model: {deadline_seconds: 61}}\n"
    project.append(AGENT, slow)
    told = project.refusal()
    assert told.startswith(f"{AGENT}: ensemble: slow: 4 questions in a run may take 241 s")


@pytest.mark.parametrize(("samples", "fits"), [(4, True), (5, False)])
def test_a_shadow_is_asked_as_often_as_it_has_samples(
    project: Any, samples: int, *, fits: bool
) -> None:
    shadows(project, f"{{name: haiku, mode: automated, samples: {samples}}}")
    if fits:
        project.load()
        return
    told = project.refusal()
    assert told.startswith(f"{AGENT}: shadows: haiku: 5 questions in a run may take 300 s")


def test_shadows_come_after_the_decision_in_the_same_run(project: Any) -> None:
    automated(project, 200)
    project.load()
    shadows(project, "{name: haiku, mode: automated, model: {deadline_seconds: 41}}")
    told = project.refusal()
    assert told.startswith(f"{AGENT}: shadows: haiku: 2 questions in a run may take 241 s")


def test_another_mind_that_is_asked_once_must_fit_as_well(project: Any) -> None:
    """The file's own mode is a strategy: what does not fit is refused where a run names it."""
    project.replace(MODELS, "timeout_seconds: 60\n", "timeout_seconds: 241\n")
    settings = project.load()
    workshop = open_workshop(settings)
    agent = settings.company.agent("agent_tsla")
    workshop.require_mode(Mode.STRATEGY, agent)
    workshop.require_mode(Mode.AUTOMATED, agent)
    with pytest.raises(ConfigError, match=r"agent_tsla in mode subagent: mode subagent .* 241 s"):
        workshop.require_mode(Mode.SUBAGENT, agent)
