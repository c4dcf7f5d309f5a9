"""What several agents in one account came to: each one's own figures, and holding as a yardstick.

The yardstick puts the company's whole capital into the agents' instruments, in proportion to what
each is allocated, and holds (`performance.baseline`): each part buys at its first bar's open.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from ztrade_core.backtest.legs import Leg
from ztrade_core.backtest.loop import backtest_fills, costs_paid
from ztrade_core.backtest.portfolio_data import completions
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.equity import EquityCurve, curve_of
from ztrade_core.domain.orders import Fill, Side
from ztrade_core.domain.time import to_micros
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.trades import Figures, closed_trades, trade_statistics
from ztrade_core.ports.clock import Calendar


def shares_usd(capital_usd: float, allocated: Mapping[str, float]) -> dict[str, float]:
    """Return each agent's part of the company's capital, in proportion to what it is allocated."""
    whole = math.fsum(allocated.values())
    return {name: capital_usd * (usd / whole) for name, usd in allocated.items()}


def held_together(
    parts: Sequence[tuple[BarSeries, float]],
    marks: Sequence[EquityPoint],
    *,
    calendar: Calendar,
    costs: Costs,
) -> EquityCurve:
    """Return the equity of holding `parts` (bars, capital in USD), at the instants of `marks`.

    Between its own bars a part stands at its last close, before its first one in cash.
    """
    wanted = curve_of(marks).timestamps
    values, cash = np.zeros(len(wanted)), np.zeros(len(wanted))
    for bars, capital_usd in parts:
        completed = completions(calendar, bars)
        held = buy_and_hold(bars, completed, capital_usd=capital_usd, costs=costs)
        place = np.searchsorted(completed, wanted, side="right")
        values += np.concatenate(([capital_usd], held.portfolio_values))[place]
        cash += np.concatenate(([capital_usd], held.cash_balances))[place]
    return EquityCurve(wanted, values, cash)


def agent_figures(leg: Leg, fills: Sequence[Fill], denied: int) -> Figures:
    """Return one agent's figures, of its own `fills`; the return is on its allocated capital.

    `pnl_usd` is net of costs, an open position marked at its last close.
    """
    own = _own(leg, fills)
    pnl = _pnl_usd(own, float(leg.series.closes[-1]))
    commission_usd, coin_fees_usd = costs_paid(own)
    trades = trade_statistics(closed_trades(backtest_fills(own), coin_fees_usd))
    return {
        "pnl_usd": pnl,
        "total_return": pnl / leg.agent.allocated_usd,
        "trades": trades["trades"],
        "win_rate": trades["win_rate"],
        "commission_usd": commission_usd,
        "coin_fees_usd": coin_fees_usd,
        "denied": denied,
    }


def clean_pnl_usd(
    leg: Leg, fills: Sequence[Fill], calendar: Calendar, clean_from: datetime | None
) -> float | None:
    """Return what an agent earned from a moment on, net of costs; None where nothing came after it.

    A position that was open then counts from its mark: the close of the last bar complete by then.
    """
    if clean_from is None:
        return None
    completed = completions(calendar, leg.series)
    known = int(np.searchsorted(completed, to_micros(clean_from), side="right"))
    if known >= len(completed):
        return None
    own = _own(leg, fills)
    before = [fill for fill in own if fill.known_at <= clean_from]  # at a bar's end, as marks are
    marked = _pnl_usd(before, float(leg.series.closes[known - 1])) if known else 0.0
    return _pnl_usd(own, float(leg.series.closes[-1])) - marked


def _own(leg: Leg, fills: Sequence[Fill]) -> list[Fill]:
    return [fill for fill in fills if fill.agent_id == leg.agent.agent_id]


def _pnl_usd(fills: Sequence[Fill], mark: float) -> float:
    """Return what executions came to, what is left of them at `mark`."""
    cash = held = 0.0
    for fill in fills:
        value, fee = float(fill.quantity) * float(fill.price), float(fill.fee_usd)
        if fill.side is Side.BUY:
            cash, held = cash - value - fee, held + float(fill.quantity - fill.fee_quantity)
        else:
            cash, held = cash + value - fee, held - float(fill.quantity)
    return cash + held * mark
