"""A quiet company of three agents with $100,000, and one entry that every rule allows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.sentiment_config import SENTIMENT
from ztrade_core.domain.book import AgentRecord, Book, Halt, OpenEntry, Position
from ztrade_core.domain.configuration import (
    AgentConfig,
    AgentLimits,
    BrokerConfig,
    Company,
    Costs,
    MarketDataConfig,
    Mode,
    OnHalt,
    RiskLimits,
    StopReference,
    StrategyChoice,
    VendorsConfig,
)
from ztrade_core.domain.orders import Side, intent_hash
from ztrade_core.domain.snapshots import PairCorrelation
from ztrade_core.domain.time import Timeframe
from ztrade_core.risk.case import (
    Candidate,
    ChainStatus,
    DeskFacts,
    MarketFacts,
    PastEntry,
    RiskCase,
)

NOON = datetime(2022, 12, 28, 17, 0, tzinfo=UTC)
NAN = float("nan")

LIMITS = AgentLimits(
    stop_loss_fraction=0.03,
    take_profit_fraction=0.06,
    position_usd=5000.0,
    risk_usd=150.0,
    max_daily_trades=5,
    min_confidence=0.65,
    max_consecutive_losses=5,
)
RISK = RiskLimits(
    max_agent_exposure_fraction=0.10,
    max_daily_loss_fraction=0.02,
    require_stop_loss=True,
    max_correlated_positions=3,
    correlation_threshold=0.7,
    correlation_returns=60,
    correlation_min_overlap=40,
    max_symbol_fraction=0.05,
    max_gross_exposure_fraction=0.80,
    verify_chain=True,
    respect_halts=True,
    duplicate_window_seconds=60.0,
    max_entries_per_minute=10,
    max_agent_entries_per_hour=12,
    max_price_gap_bps=50.0,
    min_stop_distance_fraction=0.005,
    max_stop_distance_fraction=0.20,
    require_fresh_data=True,
    max_clock_skew_seconds=5.0,
    require_open_session=True,
    max_order_usd=10000.0,
    max_order_position_multiple=1.5,
    max_order_volume_multiple=0.5,
    max_reconciliation_age_seconds=120.0,
    max_failures_in_a_row=5,
    require_same_configuration=True,
    long_only_universe=True,
    min_stock_price_usd=5.0,
    enforce_agent_limits=True,
    max_drawdown_fraction=0.15,
    on_halt=OnHalt.NEXT_DAY,
)
COSTS = Costs(
    stock_commission_bps=0.0,
    crypto_commission_bps=25.0,
    slippage_bps=2.0,
    collar_bps=20.0,
    max_volume_fraction=0.1,
    stop_reference=StopReference.DECISION,
)


def agent(agent_id: str = "agent_tsla", symbol: str = "TSLA", **limits: Any) -> AgentConfig:
    return AgentConfig(
        agent_id=agent_id,
        description="",
        symbol=symbol,
        timeframe=Timeframe.M5,
        mode=Mode.STRATEGY,
        strategy=StrategyChoice(name="buy_and_hold"),
        allocated_usd=10000.0,
        limits=replace(LIMITS, **limits),
        personality="",
        owner="desk",
    )


TSLA = agent()
IWM = agent("agent_iwm", "IWM")
BTC = agent("agent_btc", "BTC/USD")


VENDORS = VendorsConfig(
    alpaca_url="https://data.alpaca.markets",
    alpaca_feed="iex",
    alpha_vantage_url="https://www.alphavantage.co",
    coingecko_url="https://api.coingecko.com",
    yahoo_url="https://query2.finance.yahoo.com",
)


def company(*agents: AgentConfig, costs: Costs = COSTS, **risk: Any) -> Company:
    return Company(
        name="test",
        capital_usd=100000.0,
        agents=agents or (TSLA, IWM, BTC),
        risk=replace(RISK, **risk),
        broker=BrokerConfig(
            broker="simulated", initial_cash_usd=100000.0, costs=costs, run_max_seconds=300
        ),
        market_data=MarketDataConfig(
            stock_providers=(),
            crypto_providers=(),
            vendors=VENDORS,
            history_start="2020-01-01",
            synthetic_seed=1,
        ),
        sentiment=SENTIMENT,
        digest="",
    )


def position(
    agent_id: str = "agent_iwm", symbol: str = "IWM", value: float = 1000.0, **changes: Any
) -> Position:
    """A covered position of ten units worth `value`."""
    whole = Position(
        agent_id=agent_id,
        symbol=symbol,
        position_id=f"p-{agent_id}",
        quantity=10.0,
        average_price=value / 10.0,
        mark=value / 10.0,
        opened_at=NOON,
        stop_price=value / 10.0 * 0.97,
        target_price=None,
        protected_quantity=10.0,
    )
    return replace(whole, **changes)


def open_entry(agent_id: str, symbol: str, reserved_usd: float) -> OpenEntry:
    return OpenEntry(
        client_order_id=f"zt1-{agent_id}-{symbol}",
        agent_id=agent_id,
        symbol=symbol,
        reserved_usd=reserved_usd,
    )


def halt(kind: str, agent_id: str | None = None) -> Halt:
    return Halt(halt_id="h1", agent_id=agent_id, kind=kind, who="ada", why="a test", since=NOON)


def record(
    agent_id: str = "agent_tsla", trades: int = 0, losses: int = 0, failures: int = 0
) -> AgentRecord:
    return AgentRecord(
        agent_id=agent_id,
        trades_today=trades,
        consecutive_losses=losses,
        failures_in_a_row=failures,
    )


def book(*positions: Position, **changes: Any) -> Book:
    empty = Book(
        account="paper",
        account_epoch=1,
        equity=100000.0,
        cash=100000.0,
        day_base_equity=100000.0,
        peak_equity=100000.0,
        positions=positions,
        open_entries=(),
        records=(),
        halts=(),
    )
    return replace(empty, **changes)


def buy(notional_usd: float = 1000.0, **changes: Any) -> Candidate:
    """A buy of ten TSLA worth `notional_usd`, with its stop 3 % below."""
    price = notional_usd / 10.0
    whole = Candidate(
        agent_id="agent_tsla",
        symbol="TSLA",
        side=Side.BUY,
        quantity=10.0,
        limit_price=price,
        stop_price=price * 0.97,
        target_price=price * 1.06,
        notional_usd=notional_usd,
        confidence=0.7,
    )
    return replace(whole, **changes)


def sell(quantity: float = 10.0, price: float = 100.0) -> Candidate:
    return Candidate(
        agent_id="agent_tsla",
        symbol="TSLA",
        side=Side.SELL,
        quantity=quantity,
        limit_price=price,
        stop_price=None,
        target_price=None,
        notional_usd=quantity * price,
        confidence=0.1,
    )


FACTS = MarketFacts(
    fresh=True,
    last_bar=NOON,
    expected_bar=NOON,
    session_open=True,
    session_note="XNYS",
    clock_skew_seconds=0.0,
    correlations=(),
    issues=(),
    close=100.0,
    volume=1e6,
    config_digest="",
)
DESK = DeskFacts(
    at=NOON + timedelta(minutes=5),
    mark=100.0,
    entries=(),
    reconciled_at=NOON + timedelta(minutes=5),
    unreconciled=(),
    is_paper=True,
    broker_host=None,
)
VERIFIED = ChainStatus(verified=True, fault=None)


def facts(**changes: Any) -> MarketFacts:
    return replace(FACTS, **changes)


def conduct(**changes: Any) -> DeskFacts:
    return replace(DESK, **changes)


def past(seconds: float, *, bar: datetime | None = None, **changes: Any) -> PastEntry:
    """An entry of TSLA so many seconds before the order is judged, decided on an earlier bar."""
    whole = PastEntry(
        agent_id="agent_tsla",
        symbol="TSLA",
        side=Side.BUY,
        created_at=DESK.at - timedelta(seconds=seconds),
        intent=intent_hash("paper", 1, "agent_tsla", "TSLA", Side.BUY, bar),
    )
    return replace(whole, **changes)


def correlation(first: str, second: str, value: float | None) -> PairCorrelation:
    return PairCorrelation(first=first, second=second, value=value, overlap=60)


def case(
    candidate: Candidate | None = None, standing: Book | None = None, **changes: Any
) -> RiskCase:
    """The market stands at the order's own limit price, unless `market` and `desk` say otherwise."""
    price = FACTS.close if candidate is None else candidate.limit_price
    whole = RiskCase(
        company=company(),
        agent=TSLA,
        book=book() if standing is None else standing,
        candidate=candidate,
        market=facts(close=price),
        desk=conduct(mark=price),
        chain=VERIFIED,
        halt_file=None,
    )
    return replace(whole, **changes)
