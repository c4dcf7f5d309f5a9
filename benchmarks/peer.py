"""Other engines' rules, told in our own functions: what a comparison with them runs.

`make(case, data, params)` returns a runner of one of three cases: A (one symbol, equity of every bar),
B (many pairs of periods, trades and final equity), P (several symbols in one account). An average that crosses buys at
the next open with a fixed share of equity, its stop is a fraction below the fill, a cross down sells.
Fills, stops, sizes, commissions, sums and the step are `ztrade_core`'s; only the order of events, which is
the comparison's, is written here. A tie counts as below, so the step is shown 2 x gap - 1.

`make` sums integer ticks, as our strategies do: exact. `make_float_sums` is the same but for the averages:
it adds and takes away float closes in the comparison's own order and divides, so it decides ties as those sums
happen to fall. Where both agree no tie was decided by rounding.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numba
import numpy as np

from ztrade_core.backtest.kernel.building import register_plain
from ztrade_core.domain import instruments
from ztrade_core.fills import arithmetic as fills
from ztrade_core.fills.arithmetic import (
    cash_after_buy,
    cash_after_sell,
    commission_usd,
    entry_price,
    entry_state,
    exit_price,
    level_from_fill,
    stop_fill_price,
)
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.risk import arithmetic as risk
from ztrade_core.risk.arithmetic import quantity_within_usd
from ztrade_core.strategies import sma_crossover
from ztrade_core.strategies.protocol import BUY, SELL
from ztrade_core.strategies.sma_crossover import gap_of, step

__version__ = numba.__version__
Runner = Callable[[], tuple[int, float]]

for _module in (instruments, risk, fills, sma_crossover):
    register_plain(_module)
compiled = numba.njit(nogil=True, error_model="numpy", _nrt=False, forceinline=True)
exact_gap = compiled(gap_of)
SURE = (1.0, 0.0)  # the step's confidence, and the least of a buy


@compiled
def rounded_gap(fast_sum: Any, slow_sum: Any, fast: Any, slow: Any) -> Any:
    """Return 1 where the fast mean of float sums is above the slow one, else 0: rounded, not exact."""
    return 1 if fast_sum / fast > slow_sum / slow else 0


@compiled
def play(prices: Any, held: Any, wish: Any, cash: Any, terms: Any) -> Any:
    """Play one bar: the order of the bar before, then the stop; return held, stop, cash, trades."""
    opened, low, volume, stop = prices
    _, fall, bps = terms
    trades = 0
    if wish < 0.0 and held > 0.0:
        price = exit_price(opened, volume, 0.0)
        cash = cash_after_sell(cash, held, price, commission_usd(held, price, bps))
        held, trades = 0.0, 1
    elif wish > 0.0:
        kind = entry_state(opened, low, volume, np.inf, 0.0, 0.01)
        price = entry_price(kind, opened, np.inf, 0.0)
        cash = cash_after_buy(cash, wish, price, commission_usd(wish, price, bps))
        held, stop = wish, level_from_fill(1.0 - fall, 1.0, price)
    if held > 0.0:
        price = stop_fill_price(opened, low, volume, stop)
        if not np.isnan(price):
            cash = cash_after_sell(cash, held, price, commission_usd(held, price, bps))
            held, trades = 0.0, trades + 1
    return held, stop, cash, trades


@compiled
def wished(before: Any, gap: Any, held: Any, money: Any, terms: Any) -> Any:
    """Return the order of a decision: a quantity to buy, -1 to sell all, 0 none."""
    action = step(2 * before - 1, 2 * gap - 1, held > 0.0, SURE)[0]
    if action == BUY:
        return quantity_within_usd(terms[0] * money[0], money[1], 0.0, 1.0)
    return -1.0 if action == SELL else 0.0


@numba.njit(nogil=True, error_model="numpy", _nrt=False)
def one(bars: Any, ticks: Any, rule: Any, cash: Any, terms: Any, equity: Any) -> Any:
    """Run one symbol; `equity` of every bar, or empty: then the last alone is returned.

    `ticks` are what is summed, `rule` the periods and the gap between two sums.
    """
    opens, lows, closes, volumes = bars
    fast, slow, gap_between = rule
    held = stop = wish = 0.0
    fast_sum = slow_sum = before = gap = trades = 0
    for bar in range(closes.size):
        if wish != 0.0 or (held > 0.0 and lows[bar] <= stop):
            prices = (opens[bar], lows[bar], volumes[bar], stop)
            held, stop, cash, done = play(prices, held, wish, cash, terms)
            trades += done
        wish = 0.0
        if equity.size > 0:
            equity[bar] = cash + held * closes[bar]
        fast_sum, slow_sum = fast_sum + ticks[bar], slow_sum + ticks[bar]
        if bar >= fast:
            fast_sum -= ticks[bar - fast]
        if bar >= slow:
            slow_sum -= ticks[bar - slow]
        before, gap = gap, gap_between(fast_sum, slow_sum, fast, slow)
        if bar >= slow and (gap <= 0) != (before <= 0):
            money = (cash + held * closes[bar], closes[bar])
            wish = wished(before, gap, held, money, terms)
    return trades, cash + held * closes[-1]


@numba.njit(nogil=True, error_model="numpy", _nrt=False)
def sweep(bars: Any, ticks: Any, rule: Any, cash: Any, terms: Any, equity: Any) -> Any:
    """Run one symbol for every pair of periods; return trades and final equity, summed."""
    trades, total = 0, 0.0
    pairs, gap_between = rule
    for number in range(pairs.shape[0]):
        pair = (pairs[number, 0], pairs[number, 1], gap_between)
        done, last = one(bars, ticks, pair, cash, terms, equity)
        trades, total = trades + done, total + last
    return trades, total


@compiled
def worth_of(cash: Any, state: Any, closes: Any, bar: Any) -> Any:
    """Return cash plus the marked positions, in the order of symbols."""
    for each in range(closes.shape[1]):
        cash = cash + state[each, 0] * closes[bar, each]
    return cash


@numba.njit(nogil=True, error_model="numpy", _nrt=False)
def portfolio(bars: Any, ticks: Any, rule: Any, cash: Any, terms: Any, room: Any) -> Any:
    """Run several symbols in one account: bars (n_bars, n_symbols); `room`: state, sums, equity."""
    opens, lows, closes, volumes = bars
    fast, slow, gap_between = rule
    state, sums, equity = room
    trades, count = 0, closes.shape[1]
    for bar in range(closes.shape[0]):
        for each in range(count):
            held, stop, wish = state[each, 0], state[each, 1], state[each, 2]
            if wish != 0.0 or (held > 0.0 and lows[bar, each] <= stop):
                prices = (opens[bar, each], lows[bar, each], volumes[bar, each], stop)
                held, stop, cash, done = play(prices, held, wish, cash, terms)
                state[each, 0], state[each, 1], state[each, 2] = held, stop, 0.0
                trades += done
        worth = worth_of(cash, state, closes, bar)
        equity[bar] = worth
        for each in range(count):
            now = ticks[bar, each]
            fast_sum, slow_sum = sums[each, 0] + now, sums[each, 1] + now
            if bar >= fast:
                fast_sum -= ticks[bar - fast, each]
            if bar >= slow:
                slow_sum -= ticks[bar - slow, each]
            before, gap = sums[each, 2], gap_between(fast_sum, slow_sum, fast, slow)
            sums[each, 0], sums[each, 1], sums[each, 2] = fast_sum, slow_sum, gap
            if bar >= slow and (gap <= 0) != (before <= 0):
                money = (worth, closes[bar, each])
                state[each, 2] = wished(before, gap, state[each, 0], money, terms)
    return trades, equity[-1]


def make(case: str, data: Mapping[str, Any], params: Mapping[str, Any]) -> Runner:
    """Return the runner of a case; a run gives closed trades and final equity (B: summed)."""
    return _runner(case, data, params, (to_ticks, exact_gap))


def make_float_sums(case: str, data: Mapping[str, Any], params: Mapping[str, Any]) -> Runner:
    """Return the runner of a case whose averages are the comparison's float sums, to the letter."""
    return _runner(case, data, params, (np.asarray, rounded_gap))


def _runner(case: str, data: Mapping[str, Any], params: Mapping[str, Any], means: Any) -> Runner:
    names = ("open", "low", "close", "volume")
    summed, gap_between = means
    terms = (params["frac"], params["stop"], params["comm"] * 10000.0)
    cash, rule = params["cash"], (params["fast"], params["slow"], gap_between)
    if case == "P":
        bars = tuple(np.ascontiguousarray(data[name].T) for name in names)
        return _portfolio_runner(bars, summed(bars[2]), rule, cash, terms)
    bars = tuple(data[name] for name in names)
    ticks = summed(data["close"])
    if case == "B":
        pairs, none = (np.array(params["pairs"], dtype=np.int64), gap_between), np.zeros(0)
        return lambda: _told(sweep(bars, ticks, pairs, cash, terms, none))
    return lambda: _told(one(bars, ticks, rule, cash, terms, np.empty(len(ticks))))


def _portfolio_runner(bars: Any, ticks: Any, rule: Any, cash: float, terms: Any) -> Runner:
    length, count = bars[2].shape

    def run() -> tuple[int, float]:
        room = (np.zeros((count, 3)), np.zeros((count, 3), dtype=ticks.dtype), np.empty(length))
        return _told(portfolio(bars, ticks, rule, cash, terms, room))

    return run


def _told(found: Any) -> tuple[int, float]:
    return int(found[0]), float(found[1])
