"""Configuration as frozen values. `settings` parses YAML and the environment into these.

Fractions are 0..1, money is USD in float64. No limit has a default: the YAML must write it.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from ztrade_core.domain.instruments import Instrument, instrument_of
from ztrade_core.domain.model_config import NO_MODELS, ModelConfig, ModelsConfig
from ztrade_core.domain.sentiment_config import SentimentConfig
from ztrade_core.domain.time import Timeframe
from ztrade_core.domain.waking import WakeConditions

PAPER_HOST = "https://paper-api.alpaca.markets"
"""The one host orders may be sent to; no configuration can add another."""

_VENDOR_ADDRESS = re.compile(
    r"https://[a-z0-9][a-z0-9.-]{0,250}|http://127\.0\.0\.1:[0-9]{1,5}", re.ASCII
)

SIMULATED = "simulated"
ALPACA = "alpaca"


class Mode(StrEnum):
    """Who decides for an agent."""

    STRATEGY = "strategy"
    AUTOMATED = "automated"
    SUBAGENT = "subagent"
    MANUAL = "manual"
    RECORDED = "recorded"
    ENSEMBLE = "ensemble"


class OnHalt(StrEnum):
    """What a halt means inside a backtest."""

    NEXT_DAY = "next_day"
    STOP = "stop"


class StopReference(StrEnum):
    """From which price a bracket's stop is measured."""

    DECISION = "decision"
    FILL = "fill"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLimits:
    """The agent's own limits (RULE_021) and its bracket."""

    stop_loss_fraction: float
    take_profit_fraction: float
    position_usd: float
    risk_usd: float
    max_daily_trades: int
    min_confidence: float
    max_consecutive_losses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyChoice:
    """A strategy by name with its parameters, as written in the agent's YAML."""

    name: str
    parameters: tuple[tuple[str, float], ...] = ()

    def as_dict(self) -> dict[str, float]:
        """Return the parameters by name."""
        return dict(self.parameters)


class Vote(StrEnum):
    """How an ensemble's members are counted: a head each, or by their confidence."""

    MAJORITY = "majority"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class MindChoice:
    """One mind beside an agent's own: a member of its ensemble, or a shadow.

    `mode` is STRATEGY, AUTOMATED or SUBAGENT. `strategy` None: the agent's own; `model` is given in mode
    AUTOMATED only. `samples` is how often a shadow answers each moment; a member answers once.
    """

    name: str
    mode: Mode
    strategy: StrategyChoice | None = None
    model: ModelConfig | None = None
    samples: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsembleConfig:
    """Several minds that decide together, each of which is asked in this order."""

    vote: Vote
    members: tuple[MindChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """One agent: one instrument, one timeframe, one mind.

    `wake` is when its mind is asked; None: on every bar, as every strategy is. `breaking_news`: it is
    also asked when a breaking story about its symbol becomes known, at most once a bar. `model` is given
    in mode AUTOMATED only, `ensemble` in mode ENSEMBLE only. `shadows` answer the same moments, are
    recorded and scored, and never trade.
    """

    agent_id: str
    description: str
    symbol: str
    timeframe: Timeframe
    mode: Mode
    strategy: StrategyChoice
    allocated_usd: float
    limits: AgentLimits
    personality: str
    owner: str
    wake: WakeConditions | None = None
    breaking_news: bool = False
    model: ModelConfig | None = None
    ensemble: EnsembleConfig | None = None
    shadows: tuple[MindChoice, ...] = ()

    @property
    def instrument(self) -> Instrument:
        """The instrument it trades."""
        return instrument_of(self.symbol)

    @property
    def members(self) -> tuple[MindChoice, ...]:
        """The members of its ensemble; none without one."""
        return () if self.ensemble is None else self.ensemble.members

    def with_mind(self, mind: MindChoice) -> "AgentConfig":
        """Return the agent as a mind beside its own is asked for it: alone, on every bar it is told of."""
        return replace(
            self,
            mode=mind.mode,
            strategy=self.strategy if mind.strategy is None else mind.strategy,
            model=mind.model,
            ensemble=None,
            shadows=(),
            wake=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """The company-wide limits; `None` means that the YAML says `off`."""

    max_agent_exposure_fraction: float | None
    max_daily_loss_fraction: float | None
    require_stop_loss: bool
    max_correlated_positions: int | None
    correlation_threshold: float
    correlation_returns: int
    correlation_min_overlap: int
    max_symbol_fraction: float | None
    max_gross_exposure_fraction: float | None
    verify_chain: bool
    respect_halts: bool
    duplicate_window_seconds: float | None
    max_entries_per_minute: int | None
    max_agent_entries_per_hour: int | None
    max_price_gap_bps: float | None
    min_stop_distance_fraction: float | None
    max_stop_distance_fraction: float | None
    require_fresh_data: bool
    max_clock_skew_seconds: float
    require_open_session: bool
    max_order_usd: float | None
    max_order_position_multiple: float | None
    max_order_volume_multiple: float | None
    max_reconciliation_age_seconds: float | None
    max_failures_in_a_row: int | None
    require_same_configuration: bool
    long_only_universe: bool
    min_stock_price_usd: float
    enforce_agent_limits: bool
    max_drawdown_fraction: float | None
    on_halt: OnHalt


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs in simulation, per asset class; basis points of notional."""

    stock_commission_bps: float
    crypto_commission_bps: float
    slippage_bps: float
    collar_bps: float | None
    max_volume_fraction: float
    stop_reference: StopReference


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerConfig:
    """Which broker the account `paper` is at (SIMULATED or ALPACA), and how the simulated fills."""

    broker: str
    initial_cash_usd: float
    costs: Costs
    run_max_seconds: int


def is_vendor_address(url: str) -> bool:
    """Return whether a data vendor's key may go to this scheme and host: https, or this machine."""
    return _VENDOR_ADDRESS.fullmatch(url) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorsConfig:
    """Addresses of the data vendors (scheme and host), and which of Alpaca's feeds is read."""

    alpaca_url: str
    alpaca_feed: str
    alpha_vantage_url: str
    coingecko_url: str
    yahoo_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionConfig:
    """After how many days what is deleted: bars by timeframe, backtests' equity curves; else never."""

    bars: tuple[tuple[Timeframe, int], ...] = ()
    backtest_curves: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDataConfig:
    """Where bars come from: the providers in order, per asset class, and the seed of the synthetic."""

    stock_providers: tuple[str, ...]
    crypto_providers: tuple[str, ...]
    vendors: VendorsConfig
    history_start: str
    synthetic_seed: int
    retention: RetentionConfig = RetentionConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The whole configuration: the company, its agents, its limits."""

    name: str
    capital_usd: float
    agents: tuple[AgentConfig, ...]
    risk: RiskLimits
    broker: BrokerConfig
    market_data: MarketDataConfig
    sentiment: SentimentConfig
    digest: str
    models: ModelsConfig = NO_MODELS

    def agent(self, agent_id: str) -> AgentConfig | None:
        """Return the agent of that id, or None."""
        return next((agent for agent in self.agents if agent.agent_id == agent_id), None)

    def agent_of_symbol(self, symbol: str) -> AgentConfig | None:
        """Return the agent that trades `symbol`, or None."""
        return next((agent for agent in self.agents if agent.symbol == symbol), None)
