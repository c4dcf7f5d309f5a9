"""The configuration files, key by key: what may stand in them and how it becomes a domain value.

Every key is required; `examples` is what an error proposes. How files relate belongs into `company`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ztrade_core.domain.configuration import (
    AgentConfig,
    AgentLimits,
    BrokerConfig,
    Costs,
    MarketDataConfig,
    Mode,
    OnHalt,
    RetentionConfig,
    RiskLimits,
    StopReference,
    StrategyChoice,
    VendorsConfig,
)
from ztrade_core.domain.time import Timeframe
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.settings import fields
from ztrade_core.settings.fields import StrictModel, Switchable


class CompanyFile(StrictModel):
    """config/company.yaml."""

    name: fields.Text = Field(examples=["Ztrade"])
    capital_usd: fields.Usd = Field(examples=[100000])


class LimitsSection(StrictModel):
    """`limits` of an agent's file."""

    stop_loss_fraction: fields.StopFraction = Field(examples=[0.03])
    take_profit_fraction: fields.TargetFraction = Field(examples=[0.06])
    position_usd: fields.Usd = Field(examples=[5000])
    risk_usd: fields.Usd = Field(examples=[150])
    max_daily_trades: int = Field(ge=1, le=10_000, examples=[5])
    min_confidence: fields.Confidence = Field(examples=[0.65])
    max_consecutive_losses: int = Field(ge=1, le=1000, examples=[5])


class StrategySection(StrictModel):
    """`strategy` of an agent's file; the strategies themselves know which parameters they take."""

    name: fields.Text = Field(examples=["sentiment_momentum"])
    parameters: dict[str, float] = Field(max_length=100, examples=["{}"])


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
    mode: Literal["strategy", "automated", "subagent", "manual"] = Field(examples=["strategy"])
    breaking_news: Literal["on", "off"] = Field(examples=["off"])
    strategy: StrategySection = Field(examples=["a mapping with name and parameters"])
    allocated_usd: fields.Usd = Field(examples=[10000])
    limits: LimitsSection = Field(examples=["a mapping, as in the other agents' files"])
    wake: WakeSection | None = Field(default=None, examples=["a mapping with every_bars"])

    @field_validator("wake", mode="before")
    @classmethod
    def _refuse_empty(cls, wake: object) -> object:
        if wake is None:
            raise ValueError("empty; write a condition under it, or remove it")
        return wake

    @field_validator("wake")
    @classmethod
    def _refuse_idle(cls, wake: WakeSection | None, info: ValidationInfo) -> WakeSection | None:
        mode = info.data.get("mode")
        if wake is not None and mode in _UNWAKED:
            raise ValueError(f"{_UNWAKED[mode]}; remove wake, or change the mode")
        return wake

    def to_domain(self, personality: str, parameters: Mapping[str, float]) -> AgentConfig:
        """Return the frozen agent with its personality's text and its strategy's full parameters."""
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
        )


class RiskLimitsFile(StrictModel):
    """config/risk_limits.yaml."""

    max_agent_exposure_fraction: Switchable[fields.Share] = Field(examples=[0.10])
    max_daily_loss_fraction: Switchable[fields.Share] = Field(examples=[0.02])
    require_stop_loss: bool = Field(examples=["true"])
    max_correlated_positions: Switchable[fields.Count] = Field(examples=[3])
    correlation_threshold: float = Field(ge=0, le=1, examples=[0.7])
    correlation_returns: int = Field(ge=2, le=1000, examples=[60])
    correlation_min_overlap: int = Field(ge=2, le=1000, examples=[40])
    max_symbol_fraction: Switchable[fields.Share] = Field(examples=[0.05])
    max_gross_exposure_fraction: Switchable[fields.Share] = Field(examples=[0.80])
    verify_chain: bool = Field(examples=["true"])
    respect_halts: bool = Field(examples=["true"])
    duplicate_window_seconds: Switchable[fields.Seconds] = Field(examples=[60])
    max_entries_per_minute: Switchable[fields.Count] = Field(examples=[10])
    max_agent_entries_per_hour: Switchable[fields.Count] = Field(examples=[12])
    max_price_gap_bps: Switchable[fields.BasisPoints] = Field(examples=[50])
    min_stop_distance_fraction: Switchable[fields.Share] = Field(examples=[0.005])
    max_stop_distance_fraction: Switchable[fields.Share] = Field(examples=[0.20])
    require_fresh_data: bool = Field(examples=["true"])
    max_clock_skew_seconds: fields.Seconds = Field(examples=[5])
    require_open_session: bool = Field(examples=["true"])
    max_order_usd: Switchable[fields.Usd] = Field(examples=[10000])
    max_order_position_multiple: Switchable[fields.Multiple] = Field(examples=[1.5])
    max_order_volume_multiple: Switchable[fields.Multiple] = Field(examples=[0.5])
    max_reconciliation_age_seconds: Switchable[fields.Seconds] = Field(examples=[120])
    max_failures_in_a_row: Switchable[Annotated[int, Field(ge=1, le=20)]] = Field(examples=[5])
    require_same_configuration: bool = Field(examples=["true"])
    long_only_universe: bool = Field(examples=["true"])
    min_stock_price_usd: float = Field(ge=0, le=1e6, examples=[5])
    enforce_agent_limits: bool = Field(examples=["true"])
    max_drawdown_fraction: Switchable[fields.Share] = Field(examples=[0.15])
    on_halt: Literal["next_day", "stop"] = Field(examples=["next_day"])

    def to_domain(self) -> RiskLimits:
        """Return the frozen limits."""
        return RiskLimits(**{**self.model_dump(), "on_halt": OnHalt(self.on_halt)})


class CostsSection(StrictModel):
    """`costs` of the broker's file."""

    stock_commission_bps: fields.BasisPoints = Field(examples=[0])
    crypto_commission_bps: fields.BasisPoints = Field(examples=[25])
    slippage_bps: fields.BasisPoints = Field(examples=[2])
    collar_bps: Switchable[fields.BasisPoints] = Field(examples=[20])
    max_volume_fraction: fields.Share = Field(examples=[0.1])
    stop_reference: Literal["decision", "fill"] = Field(examples=["decision"])


BrokerName = Literal["simulated", "alpaca"]


class BrokerFile(StrictModel):
    """config/broker.yaml."""

    broker: BrokerName = Field(examples=["simulated"])
    initial_cash_usd: fields.Usd = Field(examples=[100000])
    run_max_seconds: int = Field(ge=10, le=86_400, examples=[300])
    costs: CostsSection = Field(examples=["a mapping of costs"])

    def to_domain(self) -> BrokerConfig:
        """Return the frozen broker's configuration."""
        costs = {
            **self.costs.model_dump(),
            "stop_reference": StopReference(self.costs.stop_reference),
        }
        return BrokerConfig(
            broker=self.broker,
            initial_cash_usd=self.initial_cash_usd,
            costs=Costs(**costs),
            run_max_seconds=self.run_max_seconds,
        )


Provider = Literal["alpaca", "alpha_vantage", "coingecko", "yahoo", "files", "synthetic"]
Providers = Annotated[list[Provider], Field(min_length=1, max_length=10)]


class ProvidersSection(StrictModel):
    """`providers` of the market data file, in the order in which they are asked."""

    stock: Providers = Field(examples=["[files]"])
    crypto: Providers = Field(examples=["[files]"])

    @model_validator(mode="after")
    def _refuse_mixtures(self) -> Self:
        for chain in (self.stock, self.crypto):
            if len(set(chain)) < len(chain):
                raise ValueError("a provider is named twice; keep one")
            if "synthetic" in chain and len(chain) > 1:
                raise ValueError("synthetic stands alone: invented bars never mix with real ones")
        return self


class AlpacaDataSection(StrictModel):
    """`vendors.alpaca` of the market data file."""

    url: fields.VendorUrl = Field(examples=["https://data.alpaca.markets"])
    feed: Literal["iex", "sip"] = Field(examples=["iex"])


class VendorSection(StrictModel):
    """Another vendor's section."""

    url: fields.VendorUrl = Field(examples=["https:// and the vendor's host"])


class VendorsSection(StrictModel):
    """`vendors` of the market data file."""

    alpaca: AlpacaDataSection = Field(examples=["a mapping with url and feed"])
    alpha_vantage: VendorSection = Field(examples=["a mapping with url"])
    coingecko: VendorSection = Field(examples=["a mapping with url"])
    yahoo: VendorSection = Field(examples=["a mapping with url"])

    def to_domain(self) -> VendorsConfig:
        """Return the frozen addresses."""
        return VendorsConfig(
            alpaca_url=self.alpaca.url,
            alpaca_feed=self.alpaca.feed,
            alpha_vantage_url=self.alpha_vantage.url,
            coingecko_url=self.coingecko.url,
            yahoo_url=self.yahoo.url,
        )


Days = Annotated[int, Field(ge=1, le=36_500)]


class RetentionSection(StrictModel):
    """`retention` of the market data file: days, or off."""

    bars_1m: Switchable[Days] = Field(examples=[90])
    bars_5m: Switchable[Days] = Field(examples=[365])
    bars_15m: Switchable[Days] = Field(examples=[730])
    bars_1h: Switchable[Days] = Field(examples=["off"])
    bars_1d: Switchable[Days] = Field(examples=["off"])
    backtest_curves: Switchable[Days] = Field(examples=[365])

    def to_domain(self) -> RetentionConfig:
        """Return what is deleted, and after how many days."""
        days = {one: getattr(self, f"bars_{one.value}") for one in Timeframe}
        return RetentionConfig(
            bars=tuple((one, kept) for one, kept in days.items() if kept is not None),
            backtest_curves=self.backtest_curves,
        )


class MarketDataFile(StrictModel):
    """config/market_data.yaml."""

    providers: ProvidersSection = Field(examples=["a mapping with stock and crypto"])
    vendors: VendorsSection = Field(examples=["a mapping of vendors"])
    history_start: fields.Day = Field(examples=["2018-01-01"])
    synthetic_seed: int = Field(ge=0, le=2**63 - 1, examples=[7])
    retention: RetentionSection = Field(examples=["a mapping of days, as shipped"])

    def to_domain(self) -> MarketDataConfig:
        """Return the frozen market data configuration."""
        return MarketDataConfig(
            stock_providers=tuple(self.providers.stock),
            crypto_providers=tuple(self.providers.crypto),
            vendors=self.vendors.to_domain(),
            history_start=self.history_start,
            synthetic_seed=self.synthetic_seed,
            retention=self.retention.to_domain(),
        )
