"""Language models in the configuration: prices, budgets, an agent's model, the key and its address."""

from datetime import date
from typing import Any

import pytest

from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.model_config import (
    CLAUDE_ADDRESS,
    DEFAULT_MODEL,
    PUBLISHED_PRICES,
    AnswerForm,
    ModelConfig,
    Thinking,
)
from ztrade_core.settings.language_models import model_of

FILE = "config/models.yaml"
AGENT = "config/agents/agent_tsla.yaml"
KEY = {"ANTHROPIC_API_KEY": "sk-ant-canary-1"}


def automated(project: Any, *lines: str) -> None:
    project.replace(AGENT, "mode: strategy", "mode: automated")
    if lines:
        project.append(AGENT, "\n".join(("model:", *(f"  {line}" for line in lines), "")))


def test_the_shipped_file_has_the_published_prices(project: Any) -> None:
    models = project.load().company.models
    assert models.prices == tuple(sorted(PUBLISHED_PRICES, key=lambda each: each.model))
    assert (models.daily_budget_usd, models.max_usd_per_decision) == (5.0, 0.25)


def test_the_budget_may_be_off_and_must_be_written(project: Any) -> None:
    project.replace(FILE, "daily_budget_usd: 5\n", "daily_budget_usd: off\n")
    assert project.load().company.models.daily_budget_usd is None
    project.replace(FILE, "daily_budget_usd: off\n", "")
    assert f"{FILE}: daily_budget_usd: " in project.refusal()


def test_an_agent_without_a_model_has_the_defaults(project: Any) -> None:
    automated(project)
    company = project.load().company
    tsla, iwm = company.agent("agent_tsla"), company.agent("agent_iwm")
    assert tsla.model == ModelConfig(max_usd_per_decision=0.25)
    assert (tsla.mode, tsla.model.model) == (Mode.AUTOMATED, DEFAULT_MODEL)
    assert iwm.model is None
    assert model_of(iwm, company.models) == tsla.model


@pytest.mark.parametrize(
    ("lines", "thinking"),
    [
        (("name: claude-sonnet-5-5",), Thinking.BETWEEN_TOOLS),
        (("name: claude-haiku-5-5",), Thinking.DISABLED),
        (("name: claude-haiku-4-5",), Thinking.DISABLED),
        (("name: claude-opus-5-5",), None),
        (("name: claude-opus-5-5", "thinking: adaptive"), Thinking.ADAPTIVE),
        (("thinking: off",), None),
    ],
    ids=str,
)
def test_thinking_is_off_in_the_models_own_words_unless_it_is_written(
    project: Any, lines: tuple[str, ...], thinking: Thinking | None
) -> None:
    automated(project, *lines)
    assert project.load().company.agent("agent_tsla").model.thinking is thinking


def test_an_agents_model_is_what_its_file_says(project: Any) -> None:
    automated(
        project,
        "name: claude-haiku-4-5",
        "max_tokens: 500",
        "answer_form: tool",
        "thinking: off",
        "temperature: 0",
        "training_cutoff: 2025-07-31",
        "deadline_seconds: 20",
        "retries: 0",
        "max_usd_per_decision: 0.1",
    )
    assert project.load().company.agent("agent_tsla").model == ModelConfig(
        model="claude-haiku-4-5",
        max_tokens=500,
        answer_form=AnswerForm.TOOL,
        thinking=None,
        temperature=0.0,
        training_cutoff=date(2025, 7, 31),
        deadline_seconds=20.0,
        retries=0,
        max_usd_per_decision=0.1,
    )


def test_everything_of_it_is_in_the_digest(project: Any) -> None:
    digests = {project.load().company.digest}
    automated(project, "name: claude-haiku-5-5", f"thinking: {Thinking.DISABLED.value}")
    digests.add(project.load().company.digest)
    project.replace(AGENT, "claude-haiku-5-5", "claude-opus-5-5")
    digests.add(project.load().company.digest)
    project.replace(FILE, "output_usd: 20", "output_usd: 21")
    digests.add(project.load().company.digest)
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("name: claude-of-later",), "model.name: claude-of-later has no price in models.yaml"),
        (("name: two words",), "not a model's name"),
        (("temperature: 0.5",), "no model takes both"),
        (("answer_form: tool",), "no model takes both"),
        (("effort: max",), "effort"),
        (("deadline_seconds: 301",), "model.deadline_seconds"),
        (("max_usd_per_decision: 0",), "model.max_usd_per_decision"),
        (("training_cutoff: 2025-02-30",), "no such day"),
        (("address: https://evil.example",), "model.address"),
    ],
)
def test_what_no_model_takes_is_refused(project: Any, lines: tuple[str, ...], says: str) -> None:
    automated(project, *lines)
    message = project.refusal()
    assert says in message
    assert AGENT in message


@pytest.mark.parametrize("mode", ["strategy", "subagent", "manual"])
def test_a_model_is_for_mode_automated_only(project: Any, mode: str) -> None:
    project.replace(AGENT, "mode: strategy", f"mode: {mode}")
    project.append(AGENT, "model:\n  retries: 1\n")
    assert f"mode {mode} asks no model" in project.refusal()


def test_an_empty_model_is_refused(project: Any) -> None:
    automated(project)
    project.append(AGENT, "model:\n")
    assert "empty; write name under it" in project.refusal()


def test_a_missing_key_is_a_warning_that_names_the_agent(project: Any) -> None:
    automated(project)
    told = [line for line in project.load().warnings if "ANTHROPIC_API_KEY" in line]
    (line,) = told
    assert line.startswith("agent_tsla: mode automated, but ANTHROPIC_API_KEY is not set: every")
    assert not [line for line in project.load(KEY).warnings if "ANTHROPIC" in line]


def test_conditions_to_wake_hold_live_and_need_no_warning(project: Any) -> None:
    automated(project)
    before = project.load(KEY).warnings
    project.append(AGENT, "wake:\n  every_bars: 12\n")
    assert project.load(KEY).warnings == before


def test_the_key_is_sent_to_its_vendor_and_stands_in_no_text(project: Any) -> None:
    settings = project.load(KEY)
    assert settings.anthropic.address == CLAUDE_ADDRESS
    assert settings.anthropic.api_key.get_secret_value() == KEY["ANTHROPIC_API_KEY"]
    assert KEY["ANTHROPIC_API_KEY"] not in repr(settings)
    assert project.load().anthropic is None


@pytest.mark.parametrize("url", [CLAUDE_ADDRESS, CLAUDE_ADDRESS + "/", "http://127.0.0.1:8080"])
def test_an_address_of_theirs_or_of_this_machine_may_stand(project: Any, url: str) -> None:
    found = project.load({**KEY, "ANTHROPIC_BASE_URL": url}).anthropic
    assert found.address == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://api.anthropic.com",
        "https://api.anthropic.com.evil.example",
        "https://api.anthropic.com/v1",
        "http://127.0.0.1:80@evil.example",
        "http://localhost:8080",
        "http://127.0.0.1.evil.example:80",
    ],
)
@pytest.mark.parametrize("environ", [KEY, {}])
def test_any_other_address_is_refused(project: Any, url: str, environ: dict[str, str]) -> None:
    message = project.refusal({**environ, "ANTHROPIC_BASE_URL": url})
    assert "ANTHROPIC_BASE_URL: not the vendor's address" in message
    assert "evil" not in message
