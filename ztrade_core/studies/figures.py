"""A compiled candidate's figures, from the kernel's arrays.

They are those of `performance.metrics.measure`, to the last bit: the same functions where they take
numbers, and the same arithmetic in the same order on whole arrays where theirs take objects. A
test holds both equal. A run whose executions do not alternate buy and sell is measured the long way.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ztrade_core.backtest.engines import loop_output
from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.engine import KernelOutput
from ztrade_core.backtest.loop import LoopOutput
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray
from ztrade_core.domain.configuration import AgentConfig, Costs
from ztrade_core.domain.equity import EquityCurve
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.studies import Figures
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.daily import (
    NOTHING_FRACTION,
    daily_closes,
    days_a_year,
)
from ztrade_core.performance.definitions import BASELINE_PREFIX, METRICS
from ztrade_core.performance.metrics import (
    HEADLINES,
    POSITION_THRESHOLD_USD,
    CostsPaid,
    curve_figures,
    measure,
)
from ztrade_core.performance.ratios import cagr, calmar, sharpe, sortino, volatility
from ztrade_core.performance.significance import kurtosis, skewness, skill_of
from ztrade_core.performance.trades import (
    DUST,
    FEE_REMAINDER_FRACTION,
    result_statistics,
)

MICROS_A_DAY = 86_400_000_000
MICROS_A_SECOND = 1_000_000
SECONDS_AN_HOUR = 3600.0
WIDEST_RANGE = 2.0**8
MOST_LOTS = 1e15  # up to there a quantity on the grid reads the same as a decimal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """What all candidates of a study share: the moments of their marks, days, the yardstick.

    `last_of_day` is the index of each day's last mark. `shared` are figures that are the same for all.
    """

    agent: AgentConfig
    marks: IntArray
    last_of_day: IntArray
    baseline: Sequence[EquityPoint]
    shared: Figures


def frame_of(
    agent: AgentConfig, decided: BarSeries, completed: IntArray, costs: Costs, missing_bars: int
) -> Frame:
    """Return the frame of the bars that are decided on; `completed` is when each completes."""
    capital, asset_class = agent.allocated_usd, agent.instrument.asset_class
    baseline = buy_and_hold(decided, completed, capital_usd=capital, costs=costs)
    places = np.arange(len(completed), dtype=np.float64)
    numbered = EquityCurve(completed, places, places)
    last = [int(close.equity_usd) for close in daily_closes(numbered)]
    holding = curve_figures(baseline, capital, asset_class)
    return Frame(
        agent=agent,
        marks=completed,
        last_of_day=np.array(last, dtype=np.int64),
        baseline=baseline,
        shared={
            "capital_usd": capital,
            **{BASELINE_PREFIX + name: holding[name] for name in HEADLINES},
            "bars": len(decided),
            "missing_bars": missing_bars,
        },
    )


def figures_of_loop(frame: Frame, output: LoopOutput) -> Figures:
    """Return the figures of a run that left points and fills, as a stored run has them."""
    agent = frame.agent
    measured = measure(
        output.equity,
        output.fills,
        capital_usd=agent.allocated_usd,
        asset_class=agent.instrument.asset_class,
        buy_and_hold=frame.baseline,
        costs=CostsPaid(commission_usd=output.commission_usd, coin_fees_usd=output.coin_fees_usd),
    )
    return _stored(frame, {**measured}, sum(output.halts.values()))


def figures_of_kernel(frame: Frame, output: KernelOutput) -> Figures:
    """Return the figures of a compiled run, as a stored run has them."""
    agent, company = frame.agent, output.given.company
    values = agent.allocated_usd + (output.equity - company.capital_usd)
    trades = _trades(frame, output)
    if trades is None or not np.isfinite(values).all():
        return figures_of_loop(frame, loop_output(output))
    invested = np.abs(values - (values - output.exposure)) >= POSITION_THRESHOLD_USD
    found: Figures = {
        **_curve(frame, values),
        **trades,
        "exposure": int(np.count_nonzero(invested)) / len(values),
        "turnover": _turnover(frame, values, output),
    }
    return _stored(frame, found, sum(output.halts.values()))


def _stored(frame: Frame, found: Figures, halts: int) -> Figures:
    every = {**frame.shared, **found}
    figures: Figures = {name: _finite(every[name]) for name in METRICS}
    for name in ("bars", "missing_bars"):
        figures[name] = frame.shared[name]
    figures["halts"] = halts
    return figures


def _finite(value: float | str | None) -> float | int | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _curve(frame: Frame, values: FloatArray) -> Figures:
    """Return what `metrics.curve_figures` does."""
    capital = frame.agent.allocated_usd
    year = days_a_year(frame.agent.instrument.asset_class)
    returns = _daily_returns(values[frame.last_of_day], capital)
    fraction, days = _max_drawdown(values, frame.marks, capital)
    growth, ratio = cagr(returns, year), sharpe(returns, 1)
    skew, kurt = skewness(returns), kurtosis(returns)
    skill = skill_of(ratio, len(returns), skew, kurt)
    final = float(values[-1])
    return {
        "final_equity_usd": final,
        "total_return": final / capital - 1.0,
        "days": len(returns),
        "cagr": growth,
        "volatility": volatility(returns, year),
        "sharpe": sharpe(returns, year),
        "probabilistic_sharpe": skill,
        "skewness": skew,
        "kurtosis": kurt,
        "sortino": sortino(returns, year),
        "calmar": calmar(growth, fraction),
        "max_drawdown": fraction,
        "max_drawdown_days": days,
    }


def _daily_returns(closes: FloatArray, capital_usd: float) -> list[float]:
    """Return what `daily.daily_returns` does."""
    if not (closes > capital_usd * NOTHING_FRACTION).all():
        return []
    before = np.concatenate((np.array([capital_usd]), closes[:-1]))
    returns: list[float] = (closes / before - 1.0).tolist()
    return returns


def _max_drawdown(values: FloatArray, marks: IntArray, capital_usd: float) -> tuple[float, float]:
    """Return fraction and days as `drawdowns.max_drawdown` does."""
    peaks = np.maximum(np.maximum.accumulate(values), capital_usd)
    curve = (peaks - values) / peaks
    bottom = int(curve.argmax())
    deepest = float(curve[bottom])
    if deepest == 0.0:
        return 0.0, 0.0
    on_peak = np.flatnonzero(curve == 0.0)
    place = int(np.searchsorted(on_peak, bottom))
    start = int(on_peak[place - 1]) if place > 0 else 0
    end = int(on_peak[place]) if place < len(on_peak) else len(curve) - 1
    return deepest, (int(marks[end]) - int(marks[start])) / MICROS_A_DAY


def _turnover(frame: Frame, values: FloatArray, output: KernelOutput) -> float | None:
    """Return what `metrics._turnover` does."""
    mean_equity = exact_sum(values) / len(values)
    if not mean_equity > 0.0:
        return None
    ints, numbers = output.fill_rows
    amounts = numbers[:, at.FILL_QUANTITY] * numbers[:, at.FILL_PRICE]
    buys = ints[:, at.FILL_KIND] == at.ENTRY_FILL
    traded = min(math.fsum(amounts[buys].tolist()), math.fsum(amounts[~buys].tolist()))
    year = days_a_year(frame.agent.instrument.asset_class)
    return traded / mean_equity * year / len(frame.last_of_day)


def exact_sum(values: FloatArray) -> float:
    """Return the correctly rounded sum, as `math.fsum` does, by whole numbers where they are alike.

    Positive values within a factor of 2^8 are whole multiples of the least one's last bit.
    """
    least, most = float(values.min(initial=math.inf)), float(values.max(initial=0.0))
    if not 2.0**-900 < least <= most < min(least * WIDEST_RANGE, 2.0**900):
        return math.fsum(values.tolist())
    shift = 53 - math.frexp(least)[1]
    whole = np.ldexp(values, shift).astype(np.int64)
    total = (int((whole >> 32).sum()) << 32) + int((whole & 0xFFFFFFFF).sum())
    return total / (1 << shift) if shift >= 0 else float(total << -shift)


def _trades(frame: Frame, output: KernelOutput) -> Figures | None:
    """Return costs and what `trades.trade_statistics` says; None when it takes the long way.

    The kernel's executions alternate: an entry opens a position, one exit closes it.
    """
    ints, numbers = output.fill_rows
    kinds = ints[:, at.FILL_KIND]
    buys, sells = numbers[0::2], numbers[1::2]
    lots = frame.agent.instrument.lots_per_unit
    counts = np.rint(numbers[:, (at.FILL_QUANTITY, at.FILL_KEPT)] * lots)
    on_grid = counts / lots == numbers[:, (at.FILL_QUANTITY, at.FILL_KEPT)]
    alternate = (kinds[0::2] == at.ENTRY_FILL).all() and (kinds[1::2] != at.ENTRY_FILL).all()
    if not alternate or not on_grid.all() or (counts > MOST_LOTS).any():
        return None
    closed = buys[: len(sells)]
    bought, sold = closed[:, at.FILL_QUANTITY], sells[:, at.FILL_QUANTITY]
    left = bought - sold
    is_crypto = frame.agent.instrument.asset_class is AssetClass.CRYPTO
    if (left > np.maximum(DUST, FEE_REMAINDER_FRACTION * bought if is_crypto else 0.0)).any():
        return None
    moments = _moments(output)
    opened_at, closed_at = moments[0::2][: len(sells)], moments[1::2]
    if (closed_at[1:] < closed_at[:-1]).any():
        return None
    paid = bought * closed[:, at.FILL_PRICE]
    share = (paid + closed[:, at.FILL_FEE_USD]) * (sold / closed[:, at.FILL_KEPT])
    results = (sold * sells[:, at.FILL_PRICE] - sells[:, at.FILL_FEE_USD]) - share
    returns = results / (bought * (paid / bought))
    hours = (closed_at - opened_at) / MICROS_A_SECOND / SECONDS_AN_HOUR
    coins = (counts[:, 0] - counts[:, 1]) / lots * numbers[:, at.FILL_PRICE]
    return {
        "fills": len(numbers),
        **result_statistics(results.tolist(), returns.tolist(), hours.tolist()),
        "commission_usd": _total(numbers[:, at.FILL_FEE_USD]),
        "coin_fees_usd": _total(coins),
    }


def _moments(output: KernelOutput) -> IntArray:
    """Return when each execution happened (microseconds)."""
    ints = output.fill_rows[0]
    opened, completed = output.laid.market[1][:2]
    bars = ints[:, at.FILL_BAR]
    found: IntArray = np.where(ints[:, at.FILL_AT_OPEN] != 0, opened[bars], completed[bars])
    return found


def _total(values: FloatArray) -> float:
    """Return the sum in order, each step rounded, as `loop.costs_paid` adds."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0
