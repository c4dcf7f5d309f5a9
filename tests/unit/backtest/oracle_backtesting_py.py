"""The same agent told in backtesting.py, an engine of other people: what our engines are held against.

Strategy, sizes and levels are written here once more, in integers and from the text of the design; orders,
fills, commissions and equity are backtesting.py's. `ztrade_core` is not used.

Where backtesting.py's semantics are other ones, and what is done about it:

- A stop or target there is a price that goes with the order, and is live in the entry bar: the same, where it is
  measured from the decision. Measured from the fill it is not known yet; the oracle looks one open ahead,
  which is the fill. Where that gives a stop above the last close (or a target below) such an order is
  refused there: the oracle sets them when it has the fill, a bar late, and a run is compared up to the first
  such entry bar that touches one (`OracleRun.comparable`).
- An entry that opens at or below its stop is bought and sold at once there, and cancelled here: the
  oracle looks one open ahead, leaves such an order out, and counts it (`cancelled`).
- A target there fills when it is touched, here when it is passed by a tick: a run is compared up to the first
  bar that touches one and does not pass it.
- No session: the oracle is told which bars end one, and does not enter there.
- Orders fill at the next open (`trade_on_close` off), an exit goes before a stop, a stop before a
  target, one trade at a time (`exclusive_orders` off, never needed), whole units, margin 1, no spread: the same.
- Volume, slippage, collars and limits on entries do not exist there: the agent runs without. What a
  share of equity is worth (the smaller of now and the last midnight's) is written here.
- An open trade at the end is marked, not closed (`finalize_trades` off): the same.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy

CASH = 100_000_000.0
Row = tuple[float, float, float, float]
"""Open, high, low, close."""


@dataclass(frozen=True, kw_only=True)
class OracleTerms:
    """A crossover of two means with a bracket, on that many dollars or, if less, that share of equity."""

    fast: int
    slow: int
    stop_fraction: float
    target_fraction: float
    position_usd: float
    share: float
    commission_bps: float
    from_fill: bool


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Numbers of the bars that begin a day, and of those that end a session."""

    begins: frozenset[int]
    closing: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    """A closed trade: numbers of its bars, whole units, prices, result net of commissions."""

    entered: int
    left: int
    quantity: int
    bought: float
    sold: float
    pnl: float


@dataclass(frozen=True, kw_only=True)
class OracleRun:
    """What backtesting.py made of it. `comparable`: how many bars mean the same in both engines."""

    trades: list[RoundTrip]
    equity: list[float]
    entries: dict[int, tuple[int, float]]
    levels: dict[int, tuple[float, float]]
    cancelled: list[int]
    comparable: int


@dataclass(kw_only=True)
class _Case:
    rows: Sequence[Row]
    terms: OracleTerms
    sessions: Sessions
    gaps: list[int]
    wanted: set[int] = field(default_factory=set)
    levels: dict[int, tuple[float, float]] = field(default_factory=dict)
    cancelled: list[int] = field(default_factory=list)


class _Crossover(Strategy):
    case: Any = None

    def init(self) -> None:
        """No indicator of theirs: gaps are integers."""
        self.base = self.last = CASH

    def next(self) -> None:
        bar = len(self.data) - 1
        if bar in self.case.sessions.begins:
            self.base = self.last
        self.last = self.equity
        if self.trades and bar in self.case.wanted:
            self._attach(bar)
        if bar >= self.case.terms.slow:
            self._decide(bar)

    def _decide(self, bar: int) -> None:
        case = self.case
        before, gap = case.gaps[bar - 1], case.gaps[bar]
        if self.trades:
            if gap < 0:
                self.trades[0].close()
        elif before <= 0 < gap and bar not in case.sessions.closing and bar + 1 < len(case.rows):
            self._enter(bar)

    def _enter(self, bar: int) -> None:
        case, close = self.case, self.case.rows[bar][3]
        terms, fill = case.terms, case.rows[bar + 1][0]
        stop = cent_up(close * (1.0 - terms.stop_fraction))
        target = cent_up(close * (1.0 + terms.target_fraction))
        usd = min(terms.position_usd, terms.share * min(self.base, self.equity))
        size = math.floor(usd / (close + close * terms.commission_bps / 10000.0) + 1e-9)
        if fill <= stop:
            case.cancelled.append(bar)
            return
        if terms.from_fill:
            stop, target = cent_up(fill * (stop / close)), cent_up(fill * (target / close))
        case.levels[bar + 1] = (stop, target)
        if stop < close < target:
            self.buy(size=size, sl=stop, tp=target)
        else:
            case.wanted.add(bar + 1)
            self.buy(size=size)

    def _attach(self, bar: int) -> None:
        self.trades[0].sl, self.trades[0].tp = self.case.levels[bar]


def cent_up(price: float) -> float:
    """The next cent; a last bit above one is that one. Prices of a dollar and more."""
    return math.ceil(price * 100.0 - 1e-6) / 100.0


def gaps_of(closes: Sequence[float], fast: int, slow: int) -> list[int]:
    """(fast mean - slow mean) x fast x slow of every bar, in millionths of a dollar; 0 in the warm-up."""
    ticks = [round(close * 1_000_000) for close in closes]
    gaps = [0] * len(ticks)
    for bar in range(slow - 1, len(ticks)):
        last = ticks[bar + 1 - slow : bar + 1]
        gaps[bar] = sum(last[slow - fast :]) * slow - sum(last) * fast
    return gaps


def run_oracle(rows: Sequence[Row], terms: OracleTerms, sessions: Sessions) -> OracleRun:
    """Run the agent in backtesting.py."""
    gaps = gaps_of([row[3] for row in rows], terms.fast, terms.slow)
    case = _Case(rows=rows, terms=terms, sessions=sessions, gaps=gaps)
    frame = pd.DataFrame(list(rows), columns=["Open", "High", "Low", "Close"], dtype=float)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Data index is not datetime")
        warnings.filterwarnings("ignore", message="Some trades remain open")
        test = Backtest(frame, _Crossover, cash=CASH, commission=terms.commission_bps / 10000.0)
        stats = test.run(case=case)
    closed = [
        RoundTrip(
            entered=int(each.EntryBar),
            left=int(each.ExitBar),
            quantity=int(each.Size),
            bought=float(each.EntryPrice),
            sold=float(each.ExitPrice),
            pnl=float(each.PnL),
        )
        for each in stats["_trades"].sort_values("EntryBar").itertuples()
    ]
    still = stats["_strategy"].trades
    entries = {each.entered: (each.quantity, each.bought) for each in closed}
    entries |= {int(t.entry_bar): (int(t.size), float(t.entry_price)) for t in still}
    return OracleRun(
        trades=closed,
        equity=stats["_equity_curve"]["Equity"].tolist(),
        entries=entries,
        levels=case.levels,
        cancelled=case.cancelled,
        comparable=_comparable(case, closed),
    )


def _comparable(case: _Case, closed: Sequence[RoundTrip]) -> int:
    """The number of the first bar on which the two engines mean different things."""
    doubtful = [len(case.rows)]
    for trade in closed:
        target, high = case.levels[trade.entered][1], case.rows[trade.left][1]
        if trade.sold == target and high - target < 0.01 - 1e-9:
            doubtful.append(trade.left)
    for bar in case.wanted:
        stop, target = case.levels[bar]
        if case.rows[bar][2] <= stop or case.rows[bar][1] >= target:
            doubtful.append(bar)
    return min(doubtful)
