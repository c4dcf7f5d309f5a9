"""Language models in the configuration: config/models.yaml, and `model` of an agent's file.

The file's section `subagent` is about the minds that answer by file. What goes together is known to
`domain.model_config`; what a key may hold is said here.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.model_config import (
    DEFAULT_MODEL,
    THINKING_OFF,
    AnswerForm,
    ModelConfig,
    ModelPrice,
    ModelsConfig,
    SubagentConfig,
    Thinking,
)
from ztrade_core.errors import ConfigError
from ztrade_core.settings import fields
from ztrade_core.settings.fields import StrictModel, Switchable
from ztrade_core.settings.words import one_line

LONGEST_NAME = 100
NO_KEY = "ANTHROPIC_API_KEY is not set"
PricePerMillion = Annotated[float, Field(ge=0, le=1_000_000)]


def _check_name(name: str) -> str:
    if 0 < len(name) <= LONGEST_NAME and name.isascii() and name.isprintable() and " " not in name:
        return name
    raise ValueError("not a model's name; write it as its vendor does, e.g. " + DEFAULT_MODEL)


ModelName = Annotated[str, AfterValidator(_check_name)]


class ModelSection(StrictModel):
    """`model` of an agent's file. What is left out stands at its default."""

    name: ModelName = Field(default=DEFAULT_MODEL, examples=[DEFAULT_MODEL])
    max_tokens: int = Field(default=2_000, ge=1, le=32_000, examples=[2000])
    answer_form: Literal["structured", "tool"] = Field(
        default="structured", examples=["structured"]
    )
    thinking: Literal["between_tools", "disabled", "adaptive", "off"] | None = Field(
        default=None, examples=["between_tools"]
    )
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        default=None, examples=["medium"]
    )
    temperature: float | None = Field(default=None, ge=0, le=1, examples=[0.2])
    training_cutoff: fields.Day | None = Field(default=None, examples=["2026-01-31"])
    deadline_seconds: float = Field(default=60, ge=0.1, le=300, examples=[60])
    retries: int = Field(default=2, ge=0, le=5, examples=[2])
    max_usd_per_decision: fields.Usd | None = Field(default=None, examples=[0.25])

    @model_validator(mode="after")
    def _refuse_what_no_model_takes(self) -> Self:
        try:
            self.to_domain(1.0)
        except ConfigError as error:
            raise ValueError(one_line(error)) from error
        return self

    def to_domain(self, max_usd_per_decision: float) -> ModelConfig:
        """Return the frozen model; the company's limit stands where the file has none."""
        plain = self.model_dump(exclude={"name"})
        cutoff, own = self.training_cutoff, self.max_usd_per_decision
        return ModelConfig(
            **{
                **plain,
                "model": self.name,
                "answer_form": AnswerForm(self.answer_form),
                "thinking": self._thinking(),
                "training_cutoff": None if cutoff is None else date.fromisoformat(cutoff),
                "max_usd_per_decision": max_usd_per_decision if own is None else own,
            }
        )

    def _thinking(self) -> Thinking | None:
        if self.thinking is None:
            return THINKING_OFF.get(self.name)
        return None if self.thinking == "off" else Thinking(self.thinking)


class PriceSection(StrictModel):
    """One model's prices."""

    input_usd: PricePerMillion = Field(examples=[2])
    output_usd: PricePerMillion = Field(examples=[10])
    cache_write_usd: PricePerMillion = Field(examples=[2.5])
    cache_read_usd: PricePerMillion = Field(examples=[0.1])


class SubagentSection(StrictModel):
    """`subagent` of config/models.yaml: decisions by file. What is left out stands at its default."""

    timeout_seconds: float = Field(default=60, ge=0.1, le=3_600, examples=[60])
    poll_seconds: float = Field(default=0.2, ge=0.001, le=3_600, examples=[0.2])
    answerers: list[Annotated[int, Field(ge=0, le=2**32 - 2)]] = Field(
        default=[], max_length=20, examples=[[1000]]
    )
    keep_days: Switchable[Annotated[float, Field(ge=1, le=36_500)]] = Field(
        default=30, examples=[30]
    )

    @model_validator(mode="after")
    def _refuse_what_cannot_be_waited_for(self) -> Self:
        try:
            self.to_domain()
        except ConfigError as error:
            raise ValueError(one_line(error)) from error
        return self

    def to_domain(self) -> SubagentConfig:
        """Return the frozen value."""
        return SubagentConfig(**{**self.model_dump(), "answerers": tuple(sorted(self.answerers))})


class ModelsFile(StrictModel):
    """config/models.yaml."""

    daily_budget_usd: Switchable[fields.Usd] = Field(examples=[5])
    max_usd_per_decision: fields.Usd = Field(examples=[0.25])
    prices: dict[ModelName, PriceSection] = Field(
        max_length=100, examples=["a mapping of models' names to their prices"]
    )
    subagent: SubagentSection = SubagentSection()
    shadow_budget_usd: Annotated[float, Field(ge=0, le=fields.MAX_USD)] | None = Field(
        default=None, examples=[2.5]
    )

    @field_validator("shadow_budget_usd", mode="before")
    @classmethod
    def _refuse_empty(cls, written: object) -> object:
        if written is None:
            raise ValueError("empty; write a number, or remove it")
        return written

    def to_domain(self) -> ModelsConfig:
        """Return the frozen prices and budgets."""
        return ModelsConfig(
            prices=tuple(
                ModelPrice(model=name, **price.model_dump())
                for name, price in sorted(self.prices.items())
            ),
            daily_budget_usd=self.daily_budget_usd,
            max_usd_per_decision=self.max_usd_per_decision,
            subagent=self.subagent.to_domain(),
            shadow_budget_usd=self.shadow_budget_usd,
        )


def model_of(agent: AgentConfig, models: ModelsConfig) -> ModelConfig:
    """Return the model that decides for an agent in mode automated, also where a run asks for it."""
    if agent.model is not None:
        return agent.model
    return ModelConfig(max_usd_per_decision=models.max_usd_per_decision)


def check_prices(agents: Sequence[tuple[str, AgentConfig]], models: ModelsConfig) -> None:
    """Refuse a model that has no price; ConfigError names the agent's file."""
    priced = [price.model for price in models.prices]
    for shown, agent in agents:
        for where, model in _models_in(agent):
            if model.model not in priced:
                raise ConfigError(
                    f"{shown}: {where}model.name: {model.model} has no price in models.yaml, so no budget"
                    f" can be kept with it; priced are {', '.join(priced) or 'none'}"
                )


def _models_in(agent: AgentConfig) -> Iterator[tuple[str, ModelConfig]]:
    """Yield every model that is asked for an agent, with where its file names it."""
    if agent.model is not None:
        yield "", agent.model
    for mind in (*agent.members, *agent.shadows):
        if mind.model is not None:
            yield f"{mind.name}: ", mind.model


def models_told(agents: Sequence[AgentConfig], *, has_key: bool) -> list[str]:
    """Return a line for each mind, an agent's own or one beside it, whose model cannot be asked."""
    return [] if has_key else [line for agent in agents for line in _unkeyed(agent)]


def _unkeyed(agent: AgentConfig) -> Iterator[str]:
    if agent.mode is Mode.AUTOMATED:
        yield (
            f"{agent.agent_id}: mode automated, but {NO_KEY}: every decision will be a hold; write the key"
            " into .env, or another mode"
        )
    beside = [("member", each, "hold in every vote") for each in agent.members]
    beside += [("shadow", each, "record nothing but holds") for each in agent.shadows]
    for kind, mind, what in beside:
        if mind.mode is Mode.AUTOMATED:
            yield (
                f"{agent.agent_id}: {kind} {mind.name} is a model, but {NO_KEY}: it will {what}; write the"
                " key into .env, or remove it"
            )
