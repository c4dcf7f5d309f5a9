"""From the configuration to the kernel's numbers: limits, costs, strategies' settings."""

import math

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.minds import (
    buy_and_hold,
    mean_reversion,
    sentiment_momentum,
    sma_crossover,
)
from ztrade_core.backtest.kernel.minds.dispatch import KINDS
from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.domain.configuration import AgentConfig, Company, OnHalt, StopReference
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.risk.case import fee_bps_of
from ztrade_core.strategies.registry import strategy_named, validate_strategy
from ztrade_core.strategies.sentiment_momentum_step import SETTINGS

MEMORY = max(
    each.MEMORY for each in (buy_and_hold, mean_reversion, sentiment_momentum, sma_crossover)
)
MOST_SETTINGS = len(SETTINGS)


def agent_terms(company: Company, agents: tuple[AgentConfig, ...]) -> FloatArray:
    """Return one row an agent: what it trades, its bracket and its limits."""
    terms = np.zeros((len(agents), at.AGENT_TERMS))
    for row, agent in zip(terms, agents, strict=True):
        limits = agent.limits
        row[at.KIND] = KINDS.index(agent.strategy.name)
        row[at.IS_CRYPTO] = agent.instrument.asset_class is AssetClass.CRYPTO
        row[at.LOTS] = agent.instrument.lots_per_unit
        row[at.FEE_BPS] = fee_bps_of(company.broker.costs, agent.instrument)
        row[at.STOP_FRACTION] = limits.stop_loss_fraction
        row[at.TAKE_FRACTION] = limits.take_profit_fraction
        row[at.POSITION_USD] = limits.position_usd
        row[at.RISK_USD] = limits.risk_usd
        row[at.DAILY_TRADES] = limits.max_daily_trades
        row[at.MIN_CONFIDENCE] = limits.min_confidence
        row[at.MAX_LOSSES] = limits.max_consecutive_losses
    return terms


def company_terms(company: Company) -> FloatArray:
    """Return the company's limits and costs; what the configuration switches off is OFF."""
    risk, costs = company.risk, company.broker.costs
    values = {
        at.MAX_AGENT: risk.max_agent_exposure_fraction,
        at.MAX_DAILY_LOSS: risk.max_daily_loss_fraction,
        at.NEEDS_STOP: risk.require_stop_loss,
        at.MAX_CORRELATED: risk.max_correlated_positions,
        at.MAX_SYMBOL: risk.max_symbol_fraction,
        at.MAX_GROSS: risk.max_gross_exposure_fraction,
        at.DUPLICATE_SECONDS: risk.duplicate_window_seconds,
        at.PER_MINUTE: risk.max_entries_per_minute,
        at.PER_HOUR: risk.max_agent_entries_per_hour,
        at.PRICE_GAP_BPS: risk.max_price_gap_bps,
        at.MIN_STOP: risk.min_stop_distance_fraction,
        at.MAX_STOP: risk.max_stop_distance_fraction,
        at.NEEDS_FRESH: risk.require_fresh_data,
        at.CLOCK_SKEW: risk.max_clock_skew_seconds,
        at.NEEDS_SESSION: risk.require_open_session,
        at.ORDER_USD: risk.max_order_usd,
        at.POSITION_MULTIPLE: risk.max_order_position_multiple,
        at.VOLUME_MULTIPLE: risk.max_order_volume_multiple,
        at.RECONCILED_SECONDS: risk.max_reconciliation_age_seconds,
        at.MAX_FAILURES: risk.max_failures_in_a_row,
        at.LONG_ONLY: risk.long_only_universe,
        at.MIN_PRICE: risk.min_stock_price_usd,
        at.AGENT_LIMITS: risk.enforce_agent_limits,
        at.MAX_DRAWDOWN: risk.max_drawdown_fraction,
        at.LIFTS_DAILY: risk.on_halt is OnHalt.NEXT_DAY,
        at.SLIPPAGE: costs.slippage_bps / 10000.0,
        at.COLLAR_BPS: costs.collar_bps,
        at.VOLUME_FRACTION: costs.max_volume_fraction,
        at.FROM_FILL: costs.stop_reference is StopReference.FILL,
    }
    terms = np.full(at.COMPANY_TERMS, math.nan)
    for column, value in values.items():
        terms[column] = at.OFF if value is None else float(value)
    return terms


def kinds_of(agents: tuple[AgentConfig, ...]) -> IntArray:
    """Return the number of each agent's strategy."""
    return np.array([KINDS.index(agent.strategy.name) for agent in agents], dtype=np.int64)


def strategy_terms(agents: tuple[AgentConfig, ...]) -> tuple[IntArray, FloatArray]:
    """Return what strategies remember, their periods set, and their settings; a row an agent."""
    memory = np.zeros((len(agents), MEMORY), dtype=np.int64)
    settings = np.zeros((len(agents), MOST_SETTINGS))
    for number, agent in enumerate(agents):
        periods, values = _strategy_of(agent)
        memory[number, : len(periods)] = periods
        settings[number, : len(values)] = values
    return memory, settings


def _strategy_of(agent: AgentConfig) -> tuple[list[int], list[float]]:
    name = agent.strategy.name
    given = validate_strategy(name, agent.strategy.as_dict())
    least = agent.limits.min_confidence
    if name == "sma_crossover":
        return [int(given["fast"]), int(given["slow"])], [given["confidence"], least]
    if name == "mean_reversion":
        return [int(given["period"])], [given["entry_z"], given["exit_z"], least]
    if name == "sentiment_momentum":
        keys = ("rsi_period", "sma_fast", "sma_slow", "trend_period", "channel_period")
        periods = [int(given[key]) for key in (*keys, "volume_period", "atr_period")]
        needed = strategy_named(name).lookback_bars(given)
        given["min_confidence"] = least
        return [*periods, needed], [given[key] for key in SETTINGS]
    return [], []
