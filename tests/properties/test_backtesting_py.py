"""Our engines are backtesting.py's where semantics agree: trades, prices, sizes, equity of every bar.

The event loop (which runs the real cycle) and the compiled kernel each run an agent whose limits never
bind, without slippage or collar, with commission, in whole shares. The same agent is told to
backtesting.py (`tests.unit.backtest.oracle_backtesting_py`, which lists what means something else there
and how a comparison avoids it). Entry and exit bars, sizes and prices are the same floats; results and
equity are sums in another order of operations, held to 1e-12 of the account.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.real_bars import real_bars
from tests.unit.backtest.builders import OPEN_LIMITS, OPEN_RULES
from tests.unit.backtest.oracle_backtesting_py import (
    CASH,
    OracleRun,
    OracleTerms,
    RoundTrip,
    gaps_of,
    run_oracle,
)
from tests.unit.backtest.oracle_bars import CHEAP, DEAR, STEP, sessions_of, wild_bars
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.kernel.engine import run_kernel
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import backtest_fills
from ztrade_core.backtest.portfolio_loop import run_portfolio_loop
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import StopReference, StrategyChoice
from ztrade_core.domain.orders import Fill, Side
from ztrade_core.domain.time import to_micros
from ztrade_core.market_data.files import read_bar_file

READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
CALENDAR = ExchangeSessions()
OFF = ("duplicate_window_seconds", "max_entries_per_minute", "max_agent_entries_per_hour")
OFF_TOO = ("max_price_gap_bps", "min_stop_distance_fraction", "max_stop_distance_fraction")
WIDE_OPEN = {
    **OPEN_RULES,
    **dict.fromkeys((*OFF, *OFF_TOO, "max_order_position_multiple", "max_failures_in_a_row")),
    "require_fresh_data": False,
    "min_stock_price_usd": 1.0,
}
TERMS = OracleTerms(
    fast=3,
    slow=7,
    stop_fraction=0.01,
    target_fraction=0.03,
    position_usd=50_000_000.0,
    share=0.05,
    commission_bps=1.0,
    from_fill=False,
)
CHOICES = st.builds(
    OracleTerms,
    fast=st.sampled_from([2, 3]),
    slow=st.sampled_from([4, 7, 12]),
    stop_fraction=st.sampled_from([0.004, 0.01, 0.02, 0.2]),
    target_fraction=st.sampled_from([0.006, 0.02, 10.0]),
    position_usd=st.sampled_from([1_000.0, 5_000_000.0, 90_000_000.0]),
    share=st.sampled_from([0.05, 0.3, 0.9]),
    commission_bps=st.sampled_from([0.0, 1.0, 25.0]),
    from_fill=st.booleans(),
)


@dataclass(frozen=True, kw_only=True)
class Ours:
    """What one of our engines made of it, in the oracle's form."""

    trades: list[RoundTrip]
    entries: dict[int, tuple[int, float]]
    equity: list[float]


Engine = Callable[[BarSeries, OracleTerms], Ours]


def input_of(series: BarSeries, terms: OracleTerms) -> PortfolioInput:
    """An agent with the oracle's terms, whose limits never bind, in a company without slippage."""
    bracket = {
        "stop_loss_fraction": terms.stop_fraction,
        "take_profit_fraction": terms.target_fraction,
    }
    sizes = {"position_usd": terms.position_usd, "risk_usd": CASH * 1000.0}
    periods = (("fast", float(terms.fast)), ("slow", float(terms.slow)))
    trader = replace(
        agent(**{**OPEN_LIMITS, **bracket, **sizes}),
        strategy=StrategyChoice(name="sma_crossover", parameters=periods),
        allocated_usd=CASH,
    )
    costs = replace(
        COSTS,
        stock_commission_bps=terms.commission_bps,
        slippage_bps=0.0,
        collar_bps=None,
        max_volume_fraction=1.0,
        stop_reference=StopReference.FILL if terms.from_fill else StopReference.DECISION,
    )
    open_rules = {**WIDE_OPEN, "max_symbol_fraction": terms.share}
    house = replace(company(trader, costs=costs, **open_rules), capital_usd=CASH)
    leg = Leg(agent=trader, series=series, first=terms.slow)
    return PortfolioInput(company=house, calendar=CALENDAR, legs=(leg,))


def ours_of(series: BarSeries, fills: Sequence[Fill], equity: list[float]) -> Ours:
    """Pair executions into trades; a fill is known when its bar completes, five minutes after its open."""
    numbers = {stamp: number for number, stamp in enumerate(series.timestamps.tolist())}
    trades, entries, bought = [], {}, None
    for fill, row in zip(fills, backtest_fills(fills), strict=True):
        bar, price = numbers[to_micros(fill.known_at - STEP)], float(fill.price)
        if fill.side is Side.BUY:
            bought = (bar, int(fill.quantity), price)
            entries[bar] = bought[1:]
            continue
        assert bought is not None
        assert row.pnl is not None
        assert int(fill.quantity) == bought[1]
        entered, quantity, paid = bought
        trades.append(
            RoundTrip(
                entered=entered, left=bar, quantity=quantity, bought=paid, sold=price, pnl=row.pnl
            )
        )
    return Ours(trades=trades, entries=entries, equity=equity)


def kernel_of(series: BarSeries, terms: OracleTerms) -> Ours:
    output = run_kernel(input_of(series, terms), kernel_folder(), whole_kernel())
    return ours_of(series, output.fills(), output.equity.tolist())


def loop_of(series: BarSeries, terms: OracleTerms) -> Ours:
    output = run_portfolio_loop(input_of(series, terms), StrategyMaker())
    return ours_of(series, output.fills, [point.equity for point in output.points])


def oracle_of(series: BarSeries, terms: OracleTerms) -> OracleRun:
    columns = (series.opens, series.highs, series.lows, series.closes)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    return run_oracle(rows, terms, sessions_of(series))


def same(ours: Ours, oracle: OracleRun, first: int) -> None:
    """Trades that end, entries that begin and bars that lie before the first doubtful bar."""
    until = oracle.comparable
    mine = [trade for trade in ours.trades if trade.left < until]
    theirs = [trade for trade in oracle.trades if trade.left < until]
    assert [replace(each, pnl=0.0) for each in mine] == [replace(each, pnl=0.0) for each in theirs]
    assert [each.pnl for each in mine] == pytest.approx(
        [each.pnl for each in theirs], rel=0.0, abs=1e-12 * CASH
    )
    assert before(ours.entries, until) == before(oracle.entries, until)
    assert len(ours.equity) == len(oracle.equity) - first
    count = max(until - first, 0)
    np.testing.assert_allclose(
        ours.equity[:count], oracle.equity[first : first + count], rtol=1e-12, atol=0.0
    )


def before(entries: dict[int, tuple[int, float]], until: int) -> dict[int, tuple[int, float]]:
    return {bar: what for bar, what in entries.items() if bar < until}


SEEDS, PRICES = st.integers(0, 2**32 - 1), st.sampled_from([DEAR, CHEAP])


@given(SEEDS, CHOICES, st.integers(20, 400), PRICES)
def test_the_kernel_is_backtesting_py(
    seed: int, terms: OracleTerms, count: int, price: float
) -> None:
    series = wild_bars(seed, count, price)
    same(kernel_of(series, terms), oracle_of(series, terms), terms.slow)


@given(SEEDS, CHOICES, st.integers(20, 90), PRICES)
@settings(max_examples=15)
def test_the_event_loop_is_backtesting_py(
    seed: int, terms: OracleTerms, count: int, price: float
) -> None:
    series = wild_bars(seed, count, price)
    same(loop_of(series, terms), oracle_of(series, terms), terms.slow)


def kinds_of(oracle: OracleRun, series: BarSeries) -> Counter[str]:
    """How the comparable trades ended, and which entries were cancelled."""
    found: Counter[str] = Counter(
        cancelled=sum(bar < oracle.comparable for bar in oracle.cancelled)
    )
    for trade in oracle.trades:
        if trade.left >= oracle.comparable:
            continue
        stop, target = oracle.levels[trade.entered]
        opened = float(series.opens[trade.left])
        found["all"] += 1
        found["stopped"] += trade.sold == stop
        found["gapped through"] += trade.sold == opened < stop
        found["in its entry bar"] += trade.entered == trade.left
        found["at its target"] += trade.sold == target or trade.sold == opened > target
    return found


LEAST = {
    "all": 700,
    "stopped": 400,
    "gapped through": 50,
    "in its entry bar": 150,
    "at its target": 120,
    "cancelled": 20,
}


@pytest.mark.parametrize("from_fill", [False, True])
def test_bars_full_of_stops_and_gaps_are_the_same(from_fill: bool) -> None:  # noqa: FBT001
    terms, found = replace(TERMS, from_fill=from_fill), Counter[str]()
    for seed in range(12):
        series = wild_bars(seed, 1_500)
        oracle = oracle_of(series, terms)
        same(kernel_of(series, terms), oracle, terms.slow)
        found += kinds_of(oracle, series)
    assert {kind: found[kind] for kind in LEAST if found[kind] < LEAST[kind]} == {}


@pytest.mark.parametrize("from_fill", [False, True])
def test_the_event_loop_on_bars_with_every_kind_of_end_is_the_same(from_fill: bool) -> None:  # noqa: FBT001
    terms = replace(TERMS, fast=2, slow=4, stop_fraction=0.004, from_fill=from_fill)
    series = wild_bars(4, 700)
    oracle = oracle_of(series, terms)
    same(loop_of(series, terms), oracle, terms.slow)
    found = kinds_of(oracle, series)
    assert [kind for kind in LEAST if not found[kind]] == []


@pytest.mark.parametrize("engine", [kernel_of, loop_of])
def test_equal_averages_and_lows_on_the_stop_are_the_same(engine: Engine) -> None:
    terms = replace(TERMS, fast=2, slow=4, target_fraction=10.0)
    series = wild_bars(1, 600, CHEAP)
    oracle = oracle_of(series, terms)
    same(engine(series, terms), oracle, terms.slow)
    assert oracle.comparable == len(series)
    trades, lows = oracle.trades, series.lows.tolist()
    assert sum(lows[each.left] == oracle.levels[each.entered][0] for each in trades) >= 5
    assert gaps_of(series.closes.tolist(), terms.fast, terms.slow)[terms.slow :].count(0) >= 5


def tsla() -> BarSeries:
    return read_bar_file(real_bars("TSLA_5m_2022.csv"), CALENDAR, READ_AT).series[0]


SLOW_ONE = replace(TERMS, fast=20, slow=100, stop_fraction=0.02)
TIGHT_ONE = replace(TERMS, fast=5, slow=20, stop_fraction=0.004, target_fraction=10.0)


@pytest.mark.parametrize("from_fill", [False, True])
@pytest.mark.parametrize(("terms", "least"), [(SLOW_ONE, 100), (TIGHT_ONE, 400)])
def test_the_recorded_tsla_year_is_the_same(
    terms: OracleTerms,
    least: int,
    from_fill: bool,  # noqa: FBT001
) -> None:
    series, terms = tsla(), replace(terms, from_fill=from_fill)
    oracle = oracle_of(series, terms)
    same(kernel_of(series, terms), oracle, terms.slow)
    assert oracle.comparable == len(series)
    assert len(oracle.trades) >= least


@pytest.mark.parametrize("from_fill", [False, True])
def test_weeks_of_recorded_tsla_are_the_same_in_the_event_loop(from_fill: bool) -> None:  # noqa: FBT001
    series, terms = tsla().window(0, 700), replace(TIGHT_ONE, from_fill=from_fill)
    oracle = oracle_of(series, terms)
    same(loop_of(series, terms), oracle, terms.slow)
    assert oracle.comparable == len(series)
    assert len(oracle.trades) >= 10
