"""All figures of one run: a whole run by hand, the dictionary, and what must hold for any run."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ztrade_core.domain.backtests import BacktestFill, EquityPoint
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.performance.definitions import METRICS, RUN_METRICS, definition_of
from ztrade_core.performance.metrics import CostsPaid, measure
from ztrade_core.performance.trades import Figures

START = datetime(2024, 1, 2, 21, tzinfo=UTC)
DAY = timedelta(days=1)
MONEY = ("_usd",)


def _curve(values: list[float], cash: list[float] | None = None) -> list[EquityPoint]:
    return [
        EquityPoint(
            timestamp=START + index * DAY,
            portfolio_value=value,
            cash_balance=value if cash is None else cash[index],
        )
        for index, value in enumerate(values)
    ]


def _fill(day: int, quantity: float, price: float, pnl: float | None = None) -> BacktestFill:
    return BacktestFill(
        timestamp=START + day * DAY,
        action="buy" if pnl is None else "sell",
        symbol="TSLA",
        quantity=quantity,
        price=price,
        pnl=pnl,
    )


def _whole_run() -> Figures:
    """Capital 1,000. Day 0: 5 at 100 bought; days 1 to 3: 110, 90, 120; sold on day 3 for +100.

    Equity 1000, 1050, 950, 1100: returns 0, 5 %, -2/21, 3/19. Held at the ends of days 0 to 2.
    """
    equity = _curve([1000.0, 1050.0, 950.0, 1100.0], cash=[500.0, 500.0, 500.0, 1100.0])
    return measure(
        equity,
        [_fill(0, 5, 100.0), _fill(3, 5, 120.0, pnl=100.0)],
        capital_usd=1000.0,
        asset_class=AssetClass.STOCK,
        buy_and_hold=_curve([1000.0, 1100.0, 900.0, 1200.0]),
        costs=CostsPaid(commission_usd=2.5),
    )


def test_the_curve_of_a_whole_run_by_hand() -> None:
    figures = _whole_run()
    returns = [0.0, 0.05, -2 / 21, 3 / 19]
    mean = (0.05 - 2 / 21 + 3 / 19) / 4
    deviation = math.sqrt(sum((value - mean) ** 2 for value in returns) / 3)
    growth = 1.1 ** (252 / 4) - 1
    assert figures["capital_usd"] == 1000.0
    assert figures["final_equity_usd"] == 1100.0
    assert figures["total_return"] == pytest.approx(0.10)
    assert figures["days"] == 4
    assert figures["cagr"] == pytest.approx(growth)
    assert figures["volatility"] == pytest.approx(deviation * math.sqrt(252))
    assert figures["sharpe"] == pytest.approx(mean / deviation * math.sqrt(252))
    # One losing day of 2/21: downside deviation 2/21 / sqrt(4) = 1/21.
    assert figures["sortino"] == pytest.approx(mean * 21 * math.sqrt(252))
    assert figures["max_drawdown"] == pytest.approx(100 / 1050)
    assert figures["max_drawdown_days"] == 2.0
    assert figures["calmar"] == pytest.approx(growth / (100 / 1050))


def test_the_trades_of_a_whole_run_by_hand() -> None:
    figures = _whole_run()
    assert figures["exposure"] == 0.75
    # Lesser of 500 and 600, over the mean of 1,025, over 4 of 252 days.
    assert figures["turnover"] == pytest.approx(500 / 1025 * 63)
    assert (figures["fills"], figures["trades"], figures["win_rate"]) == (2, 1, 1.0)
    assert figures["expectancy_usd"] == 100.0
    assert figures["average_trade"] == pytest.approx(0.20)
    assert figures["profit_factor"] is None
    assert (figures["commission_usd"], figures["coin_fees_usd"]) == (2.5, 0.0)
    assert figures["buy_and_hold_total_return"] == pytest.approx(0.20)
    assert figures["buy_and_hold_cagr"] == pytest.approx(1.2**63 - 1)
    assert figures["buy_and_hold_max_drawdown"] == pytest.approx(200 / 1100)
    # The holder's own Sharpe: returns 0, 10 %, -2/11, 1/3.
    held = [0.0, 0.10, -2 / 11, 1 / 3]
    held_mean = sum(held) / 4
    spread = math.sqrt(sum((value - held_mean) ** 2 for value in held) / 3)
    assert figures["buy_and_hold_sharpe"] == pytest.approx(held_mean / spread * math.sqrt(252))


def test_marks_within_a_day_count_for_the_drawdown_but_not_for_the_returns() -> None:
    """100, a dip to 80 at noon, 100 at the close: one flat day, 20 % down."""
    equity = [
        EquityPoint(timestamp=START - hours, portfolio_value=value, cash_balance=value)
        for hours, value in (
            (timedelta(hours=5), 100.0),
            (timedelta(hours=4), 80.0),
            (timedelta(0), 100.0),
        )
    ]
    figures = measure(equity, [], capital_usd=100.0, asset_class=AssetClass.STOCK)
    assert figures["days"] == 1
    assert figures["max_drawdown"] == pytest.approx(0.20)


def test_crypto_makes_a_year_of_365_days() -> None:
    """The same curve is more volatile by sqrt(365 / 252)."""
    equity = _curve([100.0, 101.0, 99.0, 103.0])
    stock = measure(equity, [], capital_usd=100.0, asset_class=AssetClass.STOCK)["volatility"]
    coin = measure(equity, [], capital_usd=100.0, asset_class=AssetClass.CRYPTO)["volatility"]
    assert stock is not None
    assert coin is not None
    assert coin / stock == pytest.approx(math.sqrt(365 / 252))


def test_an_agent_that_never_traded_has_figures_of_a_flat_line() -> None:
    """Zeros where nothing happened, null where nothing can be said."""
    figures = measure(_curve([100.0] * 5), [], capital_usd=100.0, asset_class=AssetClass.STOCK)
    assert (figures["total_return"], figures["max_drawdown"], figures["exposure"]) == (
        0.0,
        0.0,
        0.0,
    )
    assert (figures["volatility"], figures["cagr"], figures["turnover"]) == (0.0, 0.0, 0.0)
    for name in ("sharpe", "sortino", "calmar", "win_rate", "profit_factor", "commission_usd"):
        assert figures[name] is None
    assert figures["buy_and_hold_total_return"] is None


def test_no_bars_leave_the_capital_as_it_was() -> None:
    """An empty run is measured, not refused."""
    figures = measure([], [], capital_usd=100.0, asset_class=AssetClass.STOCK)
    assert (figures["final_equity_usd"], figures["total_return"], figures["days"]) == (
        100.0,
        0.0,
        0,
    )
    assert (figures["exposure"], figures["turnover"], figures["cagr"]) == (None, None, None)


def test_an_account_that_was_lost_has_a_return_but_no_ratios() -> None:
    """Equity at 0: -100 %, fully drawn down, nothing annualised."""
    figures = measure(
        _curve([100.0, 50.0, 0.0]), [], capital_usd=100.0, asset_class=AssetClass.STOCK
    )
    assert (figures["total_return"], figures["max_drawdown"]) == (-1.0, 1.0)
    for name in ("cagr", "volatility", "sharpe", "sortino", "calmar"):
        assert figures[name] is None


@pytest.mark.parametrize("capital", [0.0, -1.0, math.nan, math.inf])
def test_capital_must_be_a_number_above_zero(capital: float) -> None:
    """Nothing can be measured on nothing."""
    with pytest.raises(ValueError, match="allocated capital is"):
        measure([], [], capital_usd=capital, asset_class=AssetClass.STOCK)


def test_equity_that_is_no_number_is_a_bug() -> None:
    """It names the moment."""
    with pytest.raises(ValueError, match=r"equity at 2024-01-03 .* is nan"):
        measure(_curve([1.0, math.nan]), [], capital_usd=1.0, asset_class=AssetClass.STOCK)


def test_equity_out_of_order_is_a_bug() -> None:
    """Days could not be told apart."""
    with pytest.raises(ValueError, match="does not follow"):
        measure(_curve([1.0, 1.0])[::-1], [], capital_usd=1.0, asset_class=AssetClass.STOCK)


def test_every_metric_is_defined_and_every_definition_is_measured() -> None:
    """Names, order and words of the dictionary are those of the result."""
    figures = measure([], [], capital_usd=1.0, asset_class=AssetClass.STOCK)
    assert list(figures) == list(METRICS)
    definitions = [*METRICS.values(), *RUN_METRICS.values()]
    assert all(all(part for part in definition) for definition in definitions)
    assert not METRICS.keys() & RUN_METRICS.keys()
    assert definition_of("trials") == RUN_METRICS["trials"]
    assert definition_of("unheard_of") is None


_values = st.lists(st.floats(min_value=-1e5, max_value=1e7), max_size=40)
_sound = st.lists(st.floats(min_value=1.0, max_value=1e6), min_size=3, max_size=40)
_results = st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=20)


def _round_trips(results: list[float]) -> list[BacktestFill]:
    fills: list[BacktestFill] = []
    for day, pnl in enumerate(results):
        fills += [_fill(day, 10.0, 50.0), _fill(day, 10.0, 50.0, pnl=pnl)]
    return fills


@given(values=_values, results=_results, asset_class=st.sampled_from(AssetClass))
@example(values=[5e-324, 1e7, 1e-300, 1e7], results=[5e-324, -5e-324], asset_class=AssetClass.STOCK)
@example(values=[1e-5, 1e7] * 20, results=[], asset_class=AssetClass.CRYPTO)
def test_no_figure_is_ever_nan_or_infinite(
    values: list[float], results: list[float], asset_class: AssetClass
) -> None:
    """Whatever the curve, ruin and debt included."""
    figures = measure(
        _curve(values),
        _round_trips(results),
        capital_usd=10_000.0,
        asset_class=asset_class,
        buy_and_hold=_curve(values),
    )
    assert all(value is None or math.isfinite(value) for value in figures.values())


@given(values=_sound, results=_results)
def test_fractions_stay_within_their_bounds(values: list[float], results: list[float]) -> None:
    """Win rate and exposure in 0..1; drawdown of an account above 0 in 0..1; the rest >= 0."""
    figures = measure(
        _curve(values), _round_trips(results), capital_usd=1e4, asset_class=AssetClass.STOCK
    )
    for name in ("win_rate", "exposure", "max_drawdown"):
        value = figures[name]
        assert value is None or 0.0 <= value <= 1.0
    for name in ("max_drawdown_days", "turnover", "volatility", "profit_factor"):
        value = figures[name]
        assert value is None or value >= 0.0


@given(values=_sound, exponent=st.integers(min_value=-8, max_value=20))
def test_ratios_do_not_know_how_large_the_account_is(values: list[float], exponent: int) -> None:
    """Scaling by a power of two is exact in float64: every figure but money stays, to the bit."""
    scale = 2.0**exponent
    small = measure(_curve(values), [], capital_usd=100.0, asset_class=AssetClass.STOCK)
    large = measure(
        _curve([value * scale for value in values]),
        [],
        capital_usd=100.0 * scale,
        asset_class=AssetClass.STOCK,
    )
    for name in METRICS:
        if not name.endswith(MONEY):
            assert small[name] == large[name], name


@given(values=_sound)
def test_buy_and_hold_is_measured_as_the_agent_is(values: list[float]) -> None:
    """The same curve gives the same figures under both names."""
    figures = measure(
        _curve(values),
        [],
        capital_usd=100.0,
        asset_class=AssetClass.STOCK,
        buy_and_hold=_curve(values),
    )
    for name in ("total_return", "cagr", "max_drawdown", "sharpe"):
        assert figures[name] == figures["buy_and_hold_" + name]
