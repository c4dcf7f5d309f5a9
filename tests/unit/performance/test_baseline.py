"""Facts about the yardstick: buy-and-hold of the same capital at the same costs."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Costs, StopReference
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.performance.baseline import buy_and_hold

START = datetime(2024, 1, 2, 15, tzinfo=UTC)


def _costs(stock_bps: float = 0.0, crypto_bps: float = 0.0, slippage_bps: float = 0.0) -> Costs:
    return Costs(
        stock_commission_bps=stock_bps,
        crypto_commission_bps=crypto_bps,
        slippage_bps=slippage_bps,
        collar_bps=None,
        max_volume_fraction=0.1,
        stop_reference=StopReference.DECISION,
    )


def _bars(
    symbol: str, opens: list[float], closes: list[float], volumes: list[float] | None = None
) -> tuple[BarSeries, list[datetime]]:
    stamps = [START + timedelta(hours=hour) for hour in range(len(opens))]
    first, last = np.array(opens), np.array(closes)
    series = BarSeries(
        symbol=symbol,
        timeframe=Timeframe.H1,
        timestamps=np.array([to_micros(stamp) for stamp in stamps], dtype=np.int64),
        opens=first,
        highs=np.maximum(first, last),
        lows=np.minimum(first, last),
        closes=last,
        volumes=np.array(volumes or [1000.0] * len(opens)),
    )
    return series, [stamp + timedelta(hours=1) for stamp in stamps]


def test_whole_shares_are_bought_at_the_first_open_and_marked_at_closes() -> None:
    """1,000 USD at 300: 3 shares, 100 in cash; closes 310 and 290 make 1,030 and 970."""
    bars, marks = _bars("TSLA", [300.0, 310.0], [310.0, 290.0])
    points = buy_and_hold(bars, marks, capital_usd=1000.0, costs=_costs())
    assert [point.portfolio_value for point in points] == [1030.0, 970.0]
    assert [point.cash_balance for point in points] == [100.0, 100.0]
    assert [point.timestamp for point in points] == marks


def test_shares_pay_slippage_and_commission_in_cash() -> None:
    """100 x 1.01 = 101, x 1.01 = 102.01 a share: 9 shares cost 918.09, 81.91 is left."""
    bars, marks = _bars("TSLA", [100.0], [100.0])
    [point] = buy_and_hold(
        bars, marks, capital_usd=1000.0, costs=_costs(stock_bps=100.0, slippage_bps=100.0)
    )
    assert point.cash_balance == pytest.approx(81.91)
    assert point.portfolio_value == pytest.approx(981.91)


def test_coins_pay_their_commission_in_the_coin() -> None:
    """1,000 at 20,000 is 0.05; 25 bps less is 0.049875, worth 997.50."""
    bars, marks = _bars("BTC/USD", [20_000.0], [20_000.0])
    [point] = buy_and_hold(bars, marks, capital_usd=1000.0, costs=_costs(crypto_bps=25.0))
    assert point.portfolio_value == pytest.approx(997.50, abs=1e-3)
    assert point.cash_balance == pytest.approx(0.0, abs=1e-3)


def test_nothing_is_bought_on_a_bar_without_volume() -> None:
    """The second bar's open of 200 buys 5."""
    bars, marks = _bars("TSLA", [100.0, 200.0], [100.0, 220.0], volumes=[0.0, 10.0])
    points = buy_and_hold(bars, marks, capital_usd=1000.0, costs=_costs())
    assert [point.portfolio_value for point in points] == [1000.0, 1100.0]


def test_capital_below_the_price_of_one_share_stays_cash() -> None:
    """A flat line, not an error; and no second try when the price has fallen."""
    bars, marks = _bars("TSLA", [300.0, 100.0], [300.0, 120.0])
    points = buy_and_hold(bars, marks, capital_usd=250.0, costs=_costs())
    assert [point.portfolio_value for point in points] == [250.0, 250.0]


def test_marks_must_match_the_bars() -> None:
    """One mark a bar."""
    bars, marks = _bars("TSLA", [1.0, 1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="2 bars and 1 marks"):
        buy_and_hold(bars, marks[:1], capital_usd=1.0, costs=_costs())
