"""Minds beside an agent's own in its file: `ensemble` with its members, and `shadows`."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ztrade_core.domain.configuration import (
    EnsembleConfig,
    MindChoice,
    Mode,
    StrategyChoice,
    Vote,
)
from ztrade_core.domain.model_config import ModelsConfig
from ztrade_core.errors import ConfigError
from ztrade_core.settings import fields
from ztrade_core.settings.fields import StrictModel
from ztrade_core.settings.language_models import ModelSection
from ztrade_core.settings.words import one_line
from ztrade_core.strategies.registry import validate_strategy

MOST_MINDS = 9
MOST_SAMPLES = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)


def _check_name(name: str) -> str:
    if _NAME.fullmatch(name):
        return name
    raise ValueError("not a mind's name; write lower-case letters, digits and _, e.g. haiku")


MindName = Annotated[str, AfterValidator(_check_name)]


class StrategySection(StrictModel):
    """`strategy` of an agent's file; the strategies themselves know which parameters they take."""

    name: fields.Text = Field(examples=["sentiment_momentum"])
    parameters: dict[str, float] = Field(max_length=100, examples=["{}"])

    def complete(self) -> StrategyChoice:
        """Return the strategy, parameters that are not written at their defaults; or ConfigError."""
        complete = validate_strategy(self.name, self.parameters)
        values = sorted((name, float(value)) for name, value in complete.items())
        return StrategyChoice(name=self.name, parameters=tuple(values))


class MindSection(StrictModel):
    """One mind: a member of an ensemble."""

    name: MindName = Field(examples=["haiku"])
    mode: Literal["strategy", "automated", "subagent"] = Field(examples=["automated"])
    strategy: StrategySection | None = Field(
        default=None, examples=["a mapping with name and parameters"]
    )
    model: ModelSection | None = Field(default=None, examples=["a mapping with name"])

    @field_validator("strategy", "model", mode="before")
    @classmethod
    def _refuse_empty(cls, written: object) -> object:
        if written is None:
            raise ValueError("empty; write name under it, or remove it")
        return written

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> Self:
        if self.model is not None and self.mode != "automated":
            raise ValueError(f"{self.name}: mode {self.mode} asks no model; remove model")
        if self.strategy is None:
            return self
        if self.mode != "strategy":
            raise ValueError(f"{self.name}: mode {self.mode} runs no strategy; remove strategy")
        try:
            self.strategy.complete()
        except ConfigError as error:
            raise ValueError(f"{self.name}: strategy: {one_line(error)}") from error
        return self

    def to_domain(self, models: ModelsConfig, *, samples: int = 1) -> MindChoice:
        """Return the frozen mind; what its model leaves out stands at its default."""
        model = None
        if self.mode == "automated":
            model = (self.model or ModelSection()).to_domain(models.max_usd_per_decision)
        return MindChoice(
            name=self.name,
            mode=Mode(self.mode),
            strategy=None if self.strategy is None else self.strategy.complete(),
            model=model,
            samples=samples,
        )


class ShadowSection(MindSection):
    """One shadow: it answers each moment `samples` times."""

    samples: int = Field(default=1, ge=1, le=MOST_SAMPLES, examples=[1])

    def to_shadow(self, models: ModelsConfig) -> MindChoice:
        """Return the frozen shadow."""
        return self.to_domain(models, samples=self.samples)


class EnsembleSection(StrictModel):
    """`ensemble` of an agent's file."""

    vote: Literal["majority", "confidence"] = Field(examples=["majority"])
    members: list[MindSection] = Field(
        min_length=2, max_length=MOST_MINDS, examples=["a list of at least two minds"]
    )

    @model_validator(mode="after")
    def _refuse_namesakes(self) -> Self:
        refuse_namesakes(self.members)
        return self

    def to_domain(self, models: ModelsConfig) -> EnsembleConfig:
        """Return the frozen ensemble."""
        return EnsembleConfig(
            vote=Vote(self.vote), members=tuple(each.to_domain(models) for each in self.members)
        )


def refuse_namesakes(minds: Sequence[MindSection]) -> None:
    """Refuse two minds of one name with a ValueError."""
    names = [mind.name for mind in minds]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} stands more than once; give each mind its own name")
