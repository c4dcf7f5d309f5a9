"""Facts about closed trades."""

from datetime import UTC, datetime, timedelta

import pytest

from ztrade_core.domain.backtests import BacktestFill
from ztrade_core.performance.trades import RoundTrip, closed_trades, trade_statistics

START = datetime(2024, 1, 2, 15, tzinfo=UTC)


def _fill(
    hour: int, quantity: float, price: float, pnl: float | None = None, symbol: str = "TSLA"
) -> BacktestFill:
    return BacktestFill(
        timestamp=START + timedelta(hours=hour),
        action="buy" if pnl is None else "sell",
        symbol=symbol,
        quantity=quantity,
        price=price,
        pnl=pnl,
    )


def _trade(pnl: float, hours: int = 1) -> RoundTrip:
    return RoundTrip(
        symbol="TSLA",
        opened_at=START,
        closed_at=START + timedelta(hours=hours),
        quantity=10.0,
        entry_price=100.0,
        exit_price=100.0 + pnl / 10.0,
        pnl_usd=pnl,
    )


def test_a_buy_and_a_sell_of_all_of_it_are_one_trade() -> None:
    """10 at 100, sold at 105, 1 USD of costs: 49 net on 1,000 is 4.9 %."""
    [trade] = closed_trades([_fill(0, 10, 100.0), _fill(3, 10, 105.0, pnl=49.0)])
    assert trade.pnl_usd == 49.0
    assert (trade.entry_price, trade.exit_price, trade.quantity) == (100.0, 105.0, 10.0)
    assert trade.return_fraction == pytest.approx(0.049)
    assert trade.closed_at - trade.opened_at == timedelta(hours=3)


def test_partial_exits_make_one_trade_when_the_last_share_is_gone() -> None:
    """4 at 110 and 6 at 90: average exit 98, result 40 - 60 = -20."""
    fills = [_fill(0, 10, 100.0), _fill(1, 4, 110.0, pnl=40.0)]
    assert closed_trades(fills) == []
    [trade] = closed_trades([*fills, _fill(2, 6, 90.0, pnl=-60.0)])
    assert trade.pnl_usd == pytest.approx(-20.0)
    assert trade.exit_price == pytest.approx(98.0)


def test_an_entry_in_two_fills_is_one_trade() -> None:
    """5 at 100 and 15 at 104: average entry 103."""
    [trade] = closed_trades([_fill(0, 5, 100.0), _fill(0, 15, 104.0), _fill(2, 20, 103.0, pnl=0.0)])
    assert trade.entry_price == pytest.approx(103.0)
    assert trade.quantity == 20.0


def test_a_position_still_open_is_no_trade() -> None:
    """It is marked in the equity, not counted here."""
    fills = [_fill(0, 10, 100.0), _fill(1, 10, 101.0, pnl=10.0), _fill(2, 10, 100.0)]
    assert len(closed_trades(fills)) == 1


def test_a_stock_trade_is_open_while_one_share_of_many_is_held() -> None:
    """The allowance for fees in the coin is not for shares."""
    fills = [_fill(0, 500, 10.0), _fill(1, 499, 11.0, pnl=499.0)]
    assert closed_trades(fills) == []


def test_a_crypto_trade_closes_although_the_fee_left_less_to_sell() -> None:
    """0.1 bought, 25 bps kept by the venue: 0.09975 sold is flat."""
    fills = [
        _fill(0, 0.1, 20_000.0, symbol="BTC/USD"),
        _fill(5, 0.09975, 21_000.0, pnl=89.51, symbol="BTC/USD"),
    ]
    assert [trade.pnl_usd for trade in closed_trades(fills)] == [89.51]


def test_the_last_crumb_of_a_coin_counts_to_its_trade() -> None:
    """A second sell after flat adds to the result; it does not open or close another."""
    fills = [
        _fill(0, 1.0, 100.0, symbol="BTC/USD"),
        _fill(1, 0.995, 110.0, pnl=9.0, symbol="BTC/USD"),
        _fill(2, 0.0025, 110.0, pnl=0.02, symbol="BTC/USD"),
    ]
    [trade] = closed_trades(fills)
    assert trade.pnl_usd == pytest.approx(9.02)


def test_symbols_do_not_mix() -> None:
    """Two symbols at once are two trades, ordered by their closing."""
    fills = [
        _fill(0, 1, 100.0, symbol="TSLA"),
        _fill(1, 1, 200.0, symbol="IWM"),
        _fill(2, 1, 210.0, pnl=10.0, symbol="IWM"),
        _fill(3, 1, 90.0, pnl=-10.0, symbol="TSLA"),
    ]
    assert [trade.symbol for trade in closed_trades(fills)] == ["IWM", "TSLA"]


def test_a_sell_of_nothing_is_a_bug() -> None:
    """Short selling does not exist here."""
    with pytest.raises(ValueError, match=r"TSLA sold at .* without a buy"):
        closed_trades([_fill(0, 1, 100.0, pnl=1.0)])


def test_statistics_are_those_worked_out_by_hand() -> None:
    """+30, -10, 0, -20, +50: wins 80, losses 30, mean 10, two losses never in a row (a 0 between)."""
    results = (30.0, -10.0, 0.0, -20.0, 50.0)
    figures = trade_statistics([_trade(pnl, hours=2) for pnl in results])
    assert figures == {
        "trades": 5,
        "win_rate": pytest.approx(0.4),
        "profit_factor": pytest.approx(80.0 / 30.0),
        "expectancy_usd": pytest.approx(10.0),
        "average_trade": pytest.approx(0.01),
        "average_win_usd": pytest.approx(40.0),
        "average_loss_usd": pytest.approx(-15.0),
        "best_trade_usd": 50.0,
        "worst_trade_usd": -20.0,
        "longest_losing_streak": 1,
        "average_holding_hours": pytest.approx(2.0),
    }


def test_expectancy_is_what_wins_and_losses_weigh() -> None:
    """Win rate x average win + loss rate x average loss: 0.5 x 40 - 0.5 x 10 = 15."""
    figures = trade_statistics([_trade(40.0), _trade(-10.0)])
    assert figures["expectancy_usd"] == pytest.approx(0.5 * 40.0 - 0.5 * 10.0)


def test_no_trades_is_null_not_zero() -> None:
    """Counts are 0; what would divide by them does not exist."""
    figures = trade_statistics([])
    assert figures["trades"] == 0
    assert figures["longest_losing_streak"] == 0
    assert {name for name, value in figures.items() if value is None} == set(figures) - {
        "trades",
        "longest_losing_streak",
    }


def test_without_a_loss_there_is_no_profit_factor() -> None:
    """It would be infinite."""
    assert trade_statistics([_trade(5.0)])["profit_factor"] is None


def test_the_longest_losing_streak_is_counted_over_the_run() -> None:
    """Three of -1 in a row beat two."""
    figures = trade_statistics([_trade(pnl) for pnl in (-1.0, -1.0, 2.0, -1.0, -1.0, -1.0, 3.0)])
    assert figures["longest_losing_streak"] == 3


@pytest.mark.parametrize("fee", [0.0025, 0.0125, 0.2])
def test_a_coins_fee_of_any_size_leaves_no_position(fee: float) -> None:
    """1 coin bought at 100, the fee taken of it, the rest sold at 110: one trade."""
    kept = 1.0 - fee
    fills = [
        _fill(0, 1.0, 100.0, symbol="BTC/USD"),
        _fill(1, kept, 110.0, pnl=kept * 110.0 - 100.0, symbol="BTC/USD"),
    ]
    [trade] = closed_trades(fills, coin_fees_usd=fee * 100.0)
    assert trade.pnl_usd == kept * 110.0 - 100.0


def test_half_of_a_coin_is_a_position_whatever_the_fee() -> None:
    fills = [
        _fill(0, 1.0, 100.0, symbol="BTC/USD"),
        _fill(1, 0.5, 110.0, pnl=5.0, symbol="BTC/USD"),
    ]
    assert closed_trades(fills, coin_fees_usd=1.25) == []
