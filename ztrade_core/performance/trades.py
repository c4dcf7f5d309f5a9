"""Closed trades: fills folded from flat to flat, and what can be said of them.

A trade's result is net of all costs, because the `pnl` of a fill is. A position still open at the
end is no trade. Crypto pays for buys in the coin, so less can be sold than was bought: a remainder
no larger than the fees is the fee, not a position.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ztrade_core.domain.backtests import BacktestFill
from ztrade_core.domain.instruments import AssetClass, instrument_of

Figures = dict[str, float | int | None]

FEE_REMAINDER_FRACTION = 0.01  # more than most venues take in the coin, less than any partial exit
FEE_MARGIN = 1.1  # a fee is rounded up to the lot
DUST = 1.5e-8  # one lot of crypto, and a margin for rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One closed trade. Prices are averages by quantity; `pnl_usd` is net of all costs."""

    symbol: str
    opened_at: datetime
    closed_at: datetime
    quantity: float
    entry_price: float
    exit_price: float
    pnl_usd: float

    @property
    def return_fraction(self) -> float:
        """The net result on what the entry cost, before fees."""
        return self.pnl_usd / (self.quantity * self.entry_price)


@dataclass(slots=True, kw_only=True)
class _Trip:
    """A trade while its fills come in."""

    symbol: str
    remainder: float
    buys: list[BacktestFill] = field(default_factory=list)
    sells: list[BacktestFill] = field(default_factory=list)

    def is_flat(self) -> bool:
        bought = math.fsum(fill.quantity for fill in self.buys)
        left = bought - math.fsum(fill.quantity for fill in self.sells)
        crypto = instrument_of(self.symbol).asset_class is AssetClass.CRYPTO
        return left <= max(DUST, self.remainder * bought if crypto else 0.0)

    def closed(self) -> RoundTrip:
        return RoundTrip(
            symbol=self.symbol,
            opened_at=self.buys[0].timestamp,
            closed_at=self.sells[-1].timestamp,
            quantity=math.fsum(fill.quantity for fill in self.buys),
            entry_price=_average_price(self.buys),
            exit_price=_average_price(self.sells),
            pnl_usd=math.fsum(fill.pnl or 0.0 for fill in self.sells),
        )


def fee_remainder(bought_usd: float, coin_fees_usd: float) -> float:
    """Return which share of what was bought may be left of a position that was sold.

    `coin_fees_usd` is what all buys, worth `bought_usd`, paid in the coin.
    """
    taken = coin_fees_usd / bought_usd if bought_usd > 0.0 else 0.0
    return max(FEE_REMAINDER_FRACTION, FEE_MARGIN * taken)


def closed_trades(fills: Iterable[BacktestFill], coin_fees_usd: float = 0.0) -> list[RoundTrip]:
    """Return the trades that went from flat to flat, in order of closing.

    `coin_fees_usd` is what the run's buys paid in coins: so much of a position is not there to be sold.
    `fills` must be in order of time; a fill without `pnl` is a buy. A sell that follows a closed
    trade with no buy between them (the last crumb of a position) counts to that trade. Raises
    ValueError for a sell of what was never bought.
    """
    fills = list(fills)
    bought_usd = math.fsum(fill.quantity * fill.price for fill in fills if _is_coin_buy(fill))
    remainder = fee_remainder(bought_usd, coin_fees_usd)
    latest: dict[str, _Trip] = {}
    done: list[_Trip] = []
    for fill in fills:
        trip = latest.get(fill.symbol)
        if fill.pnl is None:
            if trip is None or trip.is_flat():
                trip = latest[fill.symbol] = _Trip(symbol=fill.symbol, remainder=remainder)
            trip.buys.append(fill)
            continue
        if trip is None:
            raise ValueError(f"{fill.symbol} sold at {fill.timestamp} without a buy before it")
        was_closed = trip.is_flat()
        trip.sells.append(fill)
        if trip.is_flat() and not was_closed:
            done.append(trip)
    trades = [trip.closed() for trip in done]
    return sorted(trades, key=lambda trade: trade.closed_at)


def _is_coin_buy(fill: BacktestFill) -> bool:
    return fill.pnl is None and instrument_of(fill.symbol).asset_class is AssetClass.CRYPTO


def trade_statistics(trades: Sequence[RoundTrip]) -> Figures:
    """Return what closed trades say, in order of closing."""
    return result_statistics(
        [trade.pnl_usd for trade in trades],
        [trade.return_fraction for trade in trades],
        [_hours(trade) for trade in trades],
    )


def result_statistics(
    results: Sequence[float], returns: Sequence[float], hours: Sequence[float]
) -> Figures:
    """Return what closed trades say; null where there are none to say it.

    Of each trade, in order of closing: its net result in USD, that as a fraction of what the entry
    cost, and how many hours it was held. A trade that made exactly nothing is neither won nor lost.
    Without a loss there is no profit factor and no average loss.

    Source: Dormeier (2011), Investing with Volume Analysis, p. 198 (profit factor); Tharp (2007),
    Trade Your Way to Financial Freedom (expectancy; his is in multiples of the risk, ours in USD).
    """
    wins = [result for result in results if result > 0.0]
    losses = [result for result in results if result < 0.0]
    return {
        "trades": len(results),
        "win_rate": len(wins) / len(results) if results else None,
        "profit_factor": math.fsum(wins) / -math.fsum(losses) if losses else None,
        "expectancy_usd": _mean(results),
        "average_trade": _mean(returns),
        "average_win_usd": _mean(wins),
        "average_loss_usd": _mean(losses),
        "best_trade_usd": max(results, default=None),
        "worst_trade_usd": min(results, default=None),
        "longest_losing_streak": _longest_losing_streak(results),
        "average_holding_hours": _mean(hours),
    }


def _hours(trade: RoundTrip) -> float:
    return (trade.closed_at - trade.opened_at).total_seconds() / 3600.0


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _longest_losing_streak(results: Sequence[float]) -> int:
    longest = current = 0
    for result in results:
        current = current + 1 if result < 0.0 else 0
        longest = max(longest, current)
    return longest


def _average_price(fills: Sequence[BacktestFill]) -> float:
    quantity = math.fsum(fill.quantity for fill in fills)
    return math.fsum(fill.quantity * fill.price for fill in fills) / quantity
