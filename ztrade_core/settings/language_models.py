"""Language models in the configuration: config/models.yaml, and `model` of an agent's file.

What goes together is known to `domain.model_config`; what a key may hold is said here.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.model_config import (
    DEFAULT_MODEL,
    AnswerForm,
    ModelConfig,
    ModelPrice,
    ModelsConfig,
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
    thinking: Literal["between_tools", "disabled", "adaptive", "off"] = Field(
        default="between_tools", examples=["between_tools"]
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
                "thinking": None if self.thinking == "off" else Thinking(self.thinking),
                "training_cutoff": None if cutoff is None else date.fromisoformat(cutoff),
                "max_usd_per_decision": max_usd_per_decision if own is None else own,
            }
        )


class PriceSection(StrictModel):
    """One model's prices."""

    input_usd: PricePerMillion = Field(examples=[2])
    output_usd: PricePerMillion = Field(examples=[10])
    cache_write_usd: PricePerMillion = Field(examples=[2.5])
    cache_read_usd: PricePerMillion = Field(examples=[0.1])


class ModelsFile(StrictModel):
    """config/models.yaml."""

    daily_budget_usd: Switchable[fields.Usd] = Field(examples=[5])
    max_usd_per_decision: fields.Usd = Field(examples=[0.25])
    prices: dict[ModelName, PriceSection] = Field(
        max_length=100, examples=["a mapping of models' names to their prices"]
    )

    def to_domain(self) -> ModelsConfig:
        """Return the frozen prices and budgets."""
        return ModelsConfig(
            prices=tuple(
                ModelPrice(model=name, **price.model_dump())
                for name, price in sorted(self.prices.items())
            ),
            daily_budget_usd=self.daily_budget_usd,
            max_usd_per_decision=self.max_usd_per_decision,
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
    members = () if agent.ensemble is None else agent.ensemble.members
    for mind in (*members, *agent.shadows):
        if mind.model is not None:
            yield f"{mind.name}: ", mind.model


def models_told(agents: Sequence[AgentConfig], *, has_key: bool) -> list[str]:
    """Return a line for each agent whose model cannot be asked, or is asked more often than it seems."""
    awake = [
        f"{agent.agent_id}: wake is for backtests in this version: live, it is asked on every bar"
        for agent in agents
        if agent.wake is not None
    ]
    return awake + [
        f"{agent.agent_id}: mode automated, but {NO_KEY}: every decision will be a hold; write the key"
        " into .env, or another mode"
        for agent in agents
        if agent.mode is Mode.AUTOMATED and not has_key
    ]
