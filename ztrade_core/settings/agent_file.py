"""An agent's file, key by key: what may stand in it and how it becomes an `AgentConfig`."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ztrade_core.domain.configuration import AgentConfig, AgentLimits, Mode, StrategyChoice
from ztrade_core.domain.model_config import ModelConfig, ModelsConfig
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.settings import fields
from ztrade_core.settings.fields import StrictModel
from ztrade_core.settings.language_models import ModelSection
from ztrade_core.settings.minds import (
    MOST_MINDS,
    EnsembleSection,
    ShadowSection,
    StrategySection,
    refuse_namesakes,
)


class LimitsSection(StrictModel):
    """`limits` of an agent's file."""

    stop_loss_fraction: fields.StopFraction = Field(examples=[0.03])
    take_profit_fraction: fields.TargetFraction = Field(examples=[0.06])
    position_usd: fields.Usd = Field(examples=[5000])
    risk_usd: fields.Usd = Field(examples=[150])
    max_daily_trades: int = Field(ge=1, le=10_000, examples=[5])
    min_confidence: fields.Confidence = Field(examples=[0.65])
    max_consecutive_losses: int = Field(ge=1, le=1000, examples=[5])


class WakeSection(StrictModel):
    """`wake` of an agent's file: when its mind is asked. A condition that is left out is off."""

    every_bars: int | None = Field(default=None, ge=1, le=1_000_000, examples=[12])
    levels: list[fields.Usd] = Field(default=[], max_length=100, examples=["[95, 105.5]"])
    moved_fraction: float | None = Field(default=None, gt=0, le=10, examples=[0.01])
    on_fill: bool = Field(default=False, examples=["true"])
    on_risk_event: bool = Field(default=False, examples=["true"])

    @model_validator(mode="after")
    def _refuse_endless_sleep(self) -> Self:
        self.to_domain()
        return self

    def to_domain(self) -> WakeConditions:
        """Return the frozen conditions."""
        return WakeConditions(**{**self.model_dump(), "levels": tuple(self.levels)})


_WANTED = {
    "wake": "a condition under it",
    "model": "name under it",
    "ensemble": "vote and members under it",
    "shadows": "a list of minds",
}
_UNWAKED = {
    "strategy": "mode strategy is asked on every bar",
    "manual": "mode manual is a person, whom nothing wakes",
}


class AgentFile(StrictModel):
    """config/agents/<agent_id>.yaml."""

    agent_id: fields.AgentId = Field(examples=["agent_tsla"])
    description: fields.Text = Field(examples=["Momentum on Tesla"])
    owner: fields.Text = Field(examples=["trading-desk"])
    symbol: fields.Symbol = Field(examples=["TSLA"])
    timeframe: fields.BarTimeframe = Field(examples=["5m"])
    mode: Literal["strategy", "automated", "subagent", "manual", "ensemble"] = Field(
        examples=["strategy"]
    )
    breaking_news: Literal["on", "off"] = Field(examples=["off"])
    strategy: StrategySection = Field(examples=["a mapping with name and parameters"])
    allocated_usd: fields.Usd = Field(examples=[10000])
    limits: LimitsSection = Field(examples=["a mapping, as in the other agents' files"])
    wake: WakeSection | None = Field(default=None, examples=["a mapping with every_bars"])
    model: ModelSection | None = Field(default=None, examples=["a mapping with name"])
    ensemble: EnsembleSection | None = Field(
        default=None, examples=["a mapping with vote and members"]
    )
    shadows: list[ShadowSection] = Field(
        default=[], max_length=MOST_MINDS, examples=["a list of minds"]
    )

    @field_validator("wake", "model", "ensemble", "shadows", mode="before")
    @classmethod
    def _refuse_empty(cls, written: object, info: ValidationInfo) -> object:
        if written is None:
            raise ValueError(f"empty; write {_WANTED[str(info.field_name)]}, or remove it")
        return written

    @field_validator("shadows")
    @classmethod
    def _refuse_namesakes(cls, shadows: list[ShadowSection]) -> list[ShadowSection]:
        refuse_namesakes(shadows)
        return shadows

    @model_validator(mode="after")
    def _refuse_half_an_ensemble(self) -> Self:
        if (self.mode == "ensemble") is (self.ensemble is not None):
            return self
        if self.ensemble is None:
            raise ValueError("mode ensemble: write ensemble with vote and members")
        raise ValueError(f"mode {self.mode} asks no ensemble; remove it, or write mode ensemble")

    @field_validator("model")
    @classmethod
    def _refuse_unasked(
        cls, model: ModelSection | None, info: ValidationInfo
    ) -> ModelSection | None:
        mode = info.data.get("mode", "automated")
        if model is not None and mode != "automated":
            raise ValueError(f"mode {mode} asks no model; remove model, or write mode automated")
        return model

    @field_validator("wake")
    @classmethod
    def _refuse_idle(cls, wake: WakeSection | None, info: ValidationInfo) -> WakeSection | None:
        mode = info.data.get("mode")
        if wake is not None and mode in _UNWAKED:
            raise ValueError(f"{_UNWAKED[mode]}; remove wake, or change the mode")
        return wake

    def to_domain(
        self, personality: str, parameters: Mapping[str, float], models: ModelsConfig
    ) -> AgentConfig:
        """Return the frozen agent with its personality's text and its strategy's full parameters.

        In mode automated it has a model: what its file leaves out stands at its default.
        """
        return AgentConfig(
            agent_id=self.agent_id,
            description=self.description,
            symbol=self.symbol,
            timeframe=self.timeframe,
            mode=Mode(self.mode),
            strategy=StrategyChoice(
                name=self.strategy.name, parameters=tuple(sorted(parameters.items()))
            ),
            allocated_usd=self.allocated_usd,
            limits=AgentLimits(**self.limits.model_dump()),
            personality=personality,
            owner=self.owner,
            wake=None if self.wake is None else self.wake.to_domain(),
            breaking_news=self.breaking_news == "on",
            model=self._model(models),
            ensemble=None if self.ensemble is None else self.ensemble.to_domain(models),
            shadows=tuple(each.to_shadow(models) for each in self.shadows),
        )

    def _model(self, models: ModelsConfig) -> ModelConfig | None:
        if self.mode != "automated":
            return None
        return (self.model or ModelSection()).to_domain(models.max_usd_per_decision)
