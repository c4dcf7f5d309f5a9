"""Which language model decides for an agent, how it is asked, and what its tokens cost, as frozen values.

How decisions by file are waited for stands here too: it is the other mind outside this process.

`settings` parses YAML into these. What a model takes differs: how an answer is forced into the schema,
how thinking is switched, whether there is a temperature. The defaults fit `DEFAULT_MODEL`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ztrade_core.errors import ConfigError

DEFAULT_MODEL = "claude-sonnet-5-5"
CLAUDE_ADDRESS = "https://api.anthropic.com"
MOST_TOKENS = 32_000
MOST_SECONDS = 300.0
MOST_RETRIES = 5
MOST_WAIT_SECONDS = 3_600.0
LEAST_POLL_SECONDS = 0.001
MOST_KEEP_DAYS = 36_500.0
MOST_UID = 2**32 - 2
EFFORTS: tuple[str, ...] = ("low", "medium", "high", "xhigh", "max")
EFFORTS_BETWEEN_TOOLS = EFFORTS[:3]


class AnswerForm(StrEnum):
    """How the vendor holds an answer to our schema.

    STRUCTURED: the answer itself is JSON of the schema. TOOL: a call of one tool, which newer models
    (Sonnet 5.5, Opus 5.5, Fable 5.1) refuse to be forced into.
    """

    STRUCTURED = "structured"
    TOOL = "tool"


class Thinking(StrEnum):
    """How thinking is switched: off in the words of a model's generation, or as much as it likes.

    BETWEEN_TOOLS is Sonnet 5.5's way of off, DISABLED that of models before it.
    """

    BETWEEN_TOOLS = "between_tools"
    DISABLED = "disabled"
    ADAPTIVE = "adaptive"


THINKING_OFF: Mapping[str, Thinking] = {
    "claude-sonnet-5-5": Thinking.BETWEEN_TOOLS,
    "claude-haiku-5-5": Thinking.DISABLED,
    "claude-haiku-4-5": Thinking.DISABLED,
}
"""How thinking is switched off, by model: one that does not take the word refuses every question.

Of a model that is not here nothing is sent, so its own default stands: some cannot be switched off.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """What a model's tokens cost, in USD per million; cache writes are those of five minutes."""

    model: str
    input_usd: float
    output_usd: float
    cache_write_usd: float
    cache_read_usd: float

    def __post_init__(self) -> None:
        for name in ("input_usd", "output_usd", "cache_write_usd", "cache_read_usd"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ConfigError(
                    f"price of {self.model}, {name} {value}: write a number from 0 on"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """One agent's model and its bounds.

    `deadline_seconds` covers a whole question, retries and their waits included; `retries` are for
    refusals that cost nothing (too many requests, overloaded), never for an answer that was lost.
    `temperature`, `thinking` and `effort` are sent only where they are given; `training_cutoff` None:
    not known. `address` is the one host that is asked.
    """

    model: str = DEFAULT_MODEL
    max_tokens: int = 2_000
    answer_form: AnswerForm = AnswerForm.STRUCTURED
    thinking: Thinking | None = Thinking.BETWEEN_TOOLS
    effort: str | None = None
    temperature: float | None = None
    training_cutoff: date | None = None
    deadline_seconds: float = 60.0
    retries: int = 2
    max_usd_per_decision: float = 0.25
    address: str = CLAUDE_ADDRESS

    def __post_init__(self) -> None:
        bounds = (
            ("max_tokens", self.max_tokens, 1, MOST_TOKENS),
            ("deadline_seconds", self.deadline_seconds, 0.1, MOST_SECONDS),
            ("retries", self.retries, 0, MOST_RETRIES),
            ("temperature", 0.0 if self.temperature is None else self.temperature, 0.0, 1.0),
        )
        for name, value, least, most in bounds:
            if not least <= value <= most:
                raise ConfigError(f"model {name} {value}: write a number from {least} to {most}")
        if not 0.0 < self.max_usd_per_decision < math.inf:
            raise ConfigError(
                f"model max_usd_per_decision {self.max_usd_per_decision}: write a number above 0"
            )
        _require_what_goes_together(self)

    def told(self) -> dict[str, object]:
        """Return what of it shapes an answer, as plain values for the record."""
        return {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "answer_form": self.answer_form.value,
            "thinking": None if self.thinking is None else self.thinking.value,
            "effort": self.effort,
            "temperature": self.temperature,
        }


def _require_what_goes_together(config: ModelConfig) -> None:
    """Refuse settings that no model takes together: it would refuse every question."""
    thinking = config.thinking
    efforts = EFFORTS_BETWEEN_TOOLS if thinking is Thinking.BETWEEN_TOOLS else EFFORTS
    if config.effort is not None and config.effort not in efforts:
        told = "any" if thinking is None else thinking.value
        raise ConfigError(
            f"model effort {config.effort!r} with thinking {told}: write one of {', '.join(efforts)}"
        )
    if thinking not in {Thinking.BETWEEN_TOOLS, Thinking.ADAPTIVE}:
        return
    if config.answer_form is AnswerForm.TOOL:
        raise ConfigError(
            f"model answer_form tool with thinking {thinking.value}: no model takes both; write"
            " answer_form structured"
        )
    if config.temperature is not None:
        raise ConfigError(
            f"model temperature with thinking {thinking.value}: no model takes both; leave it out"
        )


# Published on 7 October 2026. Haiku 5.5 costs five times as much above 100,000 tokens of prompt, which
# ours cannot reach.
PUBLISHED_PRICES = (
    ModelPrice(
        model="claude-sonnet-5-5",
        input_usd=2.0,
        output_usd=10.0,
        cache_write_usd=2.5,
        cache_read_usd=0.1,
    ),
    ModelPrice(
        model="claude-opus-5-5",
        input_usd=4.0,
        output_usd=20.0,
        cache_write_usd=5.0,
        cache_read_usd=0.2,
    ),
    ModelPrice(
        model="claude-haiku-5-5",
        input_usd=0.1,
        output_usd=0.5,
        cache_write_usd=0.125,
        cache_read_usd=0.01,
    ),
    ModelPrice(
        model="claude-haiku-4-5",
        input_usd=1.0,
        output_usd=5.0,
        cache_write_usd=1.25,
        cache_read_usd=0.1,
    ),
)
"""What the table in config starts from; the file decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubagentConfig:
    """How decisions by file are asked for: how long, how often is looked, whose answers count.

    `answerers` are users (uid) whose answers are taken beside our own. What became of requests and answers
    is kept `keep_days`, None where the file says `off`; the answers beside the decisions stay for good.
    """

    timeout_seconds: float = 60.0
    poll_seconds: float = 0.2
    answerers: tuple[int, ...] = ()
    keep_days: float | None = 30.0

    def __post_init__(self) -> None:
        bounds = (
            ("timeout_seconds", self.timeout_seconds, 0.1, MOST_WAIT_SECONDS),
            ("poll_seconds", self.poll_seconds, LEAST_POLL_SECONDS, self.timeout_seconds),
            ("keep_days", 1.0 if self.keep_days is None else self.keep_days, 1.0, MOST_KEEP_DAYS),
            *(("answerers", uid, 0, MOST_UID) for uid in self.answerers),
        )
        for name, value, least, most in bounds:
            if not least <= value <= most:
                raise ConfigError(
                    f"subagent {name} {value}: write a number from {least:g} to {most:g}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsConfig:
    """What the company allows of language models: prices, and budgets in USD.

    `daily_budget_usd` is for all agents in a New York day, None where the file says `off`;
    `max_usd_per_decision` is that of an agent whose file has no `model`. `shadow_budget_usd` is how far the
    day's spending may go for shadows to be asked; None: half of the daily budget. `prompt_digest` is the
    version of the prompt's files, empty where no mind of the company reads them.
    """

    prices: tuple[ModelPrice, ...]
    daily_budget_usd: float | None
    max_usd_per_decision: float
    subagent: SubagentConfig = SubagentConfig()
    shadow_budget_usd: float | None = None
    prompt_digest: str = ""

    def budget_usd(self, *, for_shadows: bool) -> float | None:
        """Return how far the day's spending may go for a question to be asked; None: as far as it likes."""
        daily, shadows = self.daily_budget_usd, self.shadow_budget_usd
        if not for_shadows:
            return daily
        if daily is None:
            return shadows
        return 0.5 * daily if shadows is None else min(shadows, daily)


NO_MODELS = ModelsConfig(prices=(), daily_budget_usd=0.0, max_usd_per_decision=0.0)
"""No model has a price and nothing may be spent."""
