"""Which language model decides for an agent, how it is asked, and what its tokens cost, as frozen values.

`settings` parses YAML into these. What a model takes differs: how an answer is forced into the schema,
how thinking is switched, whether there is a temperature. The defaults fit `DEFAULT_MODEL`.
"""

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ztrade_core.errors import ConfigError

DEFAULT_MODEL = "claude-sonnet-5-5"
CLAUDE_ADDRESS = "https://api.anthropic.com"
MOST_TOKENS = 32_000
MOST_SECONDS = 300.0
MOST_RETRIES = 5
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
class ModelsConfig:
    """What the company allows of language models: prices, and budgets in USD.

    `daily_budget_usd` is for all agents in a New York day, None where the file says `off`;
    `max_usd_per_decision` is that of an agent whose file has no `model`.
    """

    prices: tuple[ModelPrice, ...]
    daily_budget_usd: float | None
    max_usd_per_decision: float


NO_MODELS = ModelsConfig(prices=(), daily_budget_usd=0.0, max_usd_per_decision=0.0)
"""No model has a price and nothing may be spent."""
