"""`subagent` of config/models.yaml: how decisions by file are waited for, and how long files are kept."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.settings.conftest import REPOSITORY
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.errors import ConfigError
from ztrade_core.settings.load import load_settings

FILE = "config/models.yaml"


def without_section(project: Any) -> None:
    text = project.path(FILE).read_text()
    project.path(FILE).write_text(text[: text.index("\nsubagent:")] + "\n")


def test_the_section_may_be_left_out_and_the_digest_is_the_same(project: Any) -> None:
    shipped = project.load().company
    without_section(project)
    company = project.load().company
    assert company.models.subagent == SubagentConfig()
    assert shipped.models.subagent == company.models.subagent
    assert shipped.digest == company.digest == load_settings(REPOSITORY, {}).company.digest


def test_what_is_written_is_what_counts_and_is_in_the_digest(project: Any) -> None:
    before = project.load().company
    project.replace(FILE, "timeout_seconds: 60", "timeout_seconds: 90.5")
    project.replace(FILE, "poll_seconds: 0.2", "poll_seconds: 1")
    project.replace(FILE, "answerers: []", "answerers: [1001, 1000]")
    project.replace(FILE, "keep_days: 30", "keep_days: off")
    company = project.load().company
    assert company.models.subagent == SubagentConfig(
        timeout_seconds=90.5, poll_seconds=1.0, answerers=(1000, 1001), keep_days=None
    )
    assert company.digest != before.digest


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("timeout_seconds: 60", "timeout_seconds: 0", "subagent.timeout_seconds"),
        ("timeout_seconds: 60", "timeout_seconds: 3601", "subagent.timeout_seconds"),
        ("timeout_seconds: 60", "timeout_seconds: .nan", "subagent.timeout_seconds"),
        ("timeout_seconds: 60", "timeout: 60", "subagent.timeout"),
        ("poll_seconds: 0.2", "poll_seconds: 61", "poll_seconds 61.0: write a number from 0.001"),
        ("poll_seconds: 0.2", "poll_seconds: 0", "subagent.poll_seconds"),
        ("answerers: []", "answerers: [root]", "subagent.answerers.0"),
        ("answerers: []", "answerers: [-1]", "subagent.answerers.0"),
        ("answerers: []", "answerers: 1000", "subagent.answerers"),
        ("keep_days: 30", "keep_days: 0.5", "subagent.keep_days"),
        ("keep_days: 30", "keep_days:", "empty; write a number, or the word off"),
    ],
)
def test_what_cannot_be_meant_is_refused(project: Any, old: str, new: str, says: str) -> None:
    project.replace(FILE, old, new)
    message = project.refusal()
    assert says in message
    assert FILE in message


def test_a_wait_that_a_run_does_not_survive_is_refused(project: Any) -> None:
    project.replace("config/agents/agent_tsla.yaml", "mode: strategy", "mode: subagent")
    project.replace(FILE, "timeout_seconds: 60", "timeout_seconds: 300")
    message = project.refusal()
    assert "subagent.timeout_seconds of models.yaml" in message
    assert "run_max_seconds 300" in message
    project.replace(FILE, "timeout_seconds: 300", "timeout_seconds: 240")
    assert project.load().company.models.subagent.timeout_seconds == 240.0


@pytest.mark.parametrize(
    "bounds",
    [
        {"timeout_seconds": 0.0},
        {"timeout_seconds": float("nan")},
        {"poll_seconds": float("inf")},
        {"keep_days": 0.0},
        {"answerers": (-1,)},
    ],
)
def test_the_value_itself_refuses_what_no_file_may_say(bounds: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="write a number"):
        replace(SubagentConfig(), **bounds)
