"""One backtest of ten bars over two days, every number computed by hand.

Slippage 10 bps, commission 1 bp, collar 20 bps; stop 3 % and target 6 % from the decision's close;
always ten shares. $10,000 are allocated.
"""

from dataclasses import replace
from datetime import timedelta
from math import sqrt

import pytest

from tests.fakes.desk import bar
from tests.fakes.desk_makers import proposal
from tests.unit.backtest.builders import STOCK, bars_of, loop_input, wide_open
from tests.unit.risk.builders import COSTS
from ztrade_core.backtest.loop import LoopOutput, run_loop
from ztrade_core.performance.metrics import CostsPaid, measure

ROWS = [
    (100.0, 100.0, 100.0, 100.0),  # 0: buy: limit 100.20, stop 97.00, target 106.00
    (100.0, 101.0, 99.5, 100.5),  # 1: 100 x 1.001 = 100.10 is under the limit
    (101.0, 102.0, 100.0, 101.5),  # 2
    (103.0, 106.01, 102.0, 105.0),  # 3: target, passed by a tick; buy: 105.21, 101.85, 111.30
    (106.0, 106.0, 105.2, 105.5),  # 4: inside the bar, at the limit
    (100.0, 101.0, 99.0, 100.0),  # 5: next day, a gap through the stop; buy: 100.20, 97.00
    (96.0, 99.0, 95.0, 98.0),  # 6: opens below the stop: cancelled; buy: 98.19, 95.06, 103.88
    (98.19, 99.0, 98.0, 98.5),  # 7: opens at the limit, which caps the slippage; sell
    (99.0, 100.0, 94.0, 97.0),  # 8: the exit, 99 x 0.999, before the stop; buy: 97.19, 94.09
    (97.0, 98.0, 96.0, 97.5),  # 9: 97 x 1.001; open at the end
]
ANSWERS = {number: proposal("buy", quantity=10.0) for number in (0, 3, 5, 6, 8)} | {
    7: proposal("sell")
}
COSTS_HERE = replace(COSTS, slippage_bps=10.0, stock_commission_bps=1.0)
OPENED = [bar(n) for n in range(5)] + [bar(n) + timedelta(days=1) for n in range(5)]

FIRST = (1060.0 - 0.106) - (1001.0 + 0.1001)
SECOND = (1000.0 - 0.1) - (1052.1 + 0.10521)
THIRD = (989.01 - 0.098901) - (981.9 + 0.09819)
OPEN_COST = 970.97 + 0.097097


@pytest.fixture(scope="module")
def output() -> LoopOutput:
    series = bars_of(ROWS, opened=OPENED)
    return run_loop(loop_input(series, ANSWERS, house=wide_open(costs=COSTS_HERE)))


def test_the_fills_are_those_computed_by_hand(output: LoopOutput) -> None:
    told = [(fill.action, fill.quantity, fill.price) for fill in output.fills]
    assert told == [
        ("buy", 10.0, pytest.approx(100.1, rel=1e-15)),
        ("sell (target)", 10.0, 106.0),
        ("buy", 10.0, 105.21),
        ("sell (stop)", 10.0, 100.0),
        ("buy", 10.0, 98.19),
        ("sell (exit)", 10.0, pytest.approx(98.901, rel=1e-15)),
        ("buy", 10.0, pytest.approx(97.097, rel=1e-15)),
    ]
    assert [fill.timestamp for fill in output.fills] == [
        OPENED[1],
        OPENED[3] + timedelta(minutes=5),
        OPENED[4] + timedelta(minutes=5),
        OPENED[5],
        OPENED[7],
        OPENED[8],
        OPENED[9],
    ]


def test_results_of_sells_are_net_of_both_commissions(output: LoopOutput) -> None:
    results = [fill.pnl for fill in output.fills if fill.pnl is not None]
    assert results == pytest.approx([FIRST, SECOND, THIRD], rel=1e-12)
    paid = 0.1001 + 0.106 + 0.10521 + 0.1 + 0.09819 + 0.098901 + 0.097097
    assert output.commission_usd == pytest.approx(paid, rel=1e-12)
    assert output.coin_fees_usd == 0.0


def test_equity_is_marked_at_every_close(output: LoopOutput) -> None:
    values = [point.portfolio_value for point in output.equity]
    assert values == pytest.approx(expected_equity(), rel=1e-12)
    cash = [point.cash_balance for point in output.equity]
    assert cash[2] == pytest.approx(10_000.0 - 1001.1001, rel=1e-12)
    assert cash[3] == values[3]


def expected_equity() -> list[float]:
    one, two = 10_000.0 + FIRST, 10_000.0 + FIRST + SECOND
    three = two + THIRD
    return [
        10_000.0,
        10_000.0 - 1001.1001 + 1005.0,
        10_000.0 - 1001.1001 + 1015.0,
        one,
        one - 1052.20521 + 1055.0,
        two,
        two,
        two - 981.99819 + 985.0,
        three,
        three - OPEN_COST + 975.0,
    ]


def test_the_metrics_are_those_computed_by_hand(output: LoopOutput) -> None:
    metrics = measure(
        output.equity,
        output.fills,
        capital_usd=10_000.0,
        asset_class=STOCK.instrument.asset_class,
        costs=CostsPaid(commission_usd=output.commission_usd),
    )
    equity = expected_equity()
    assert metrics["total_return"] == pytest.approx(equity[9] / 10_000.0 - 1.0, rel=1e-9)
    assert (metrics["trades"], metrics["fills"], metrics["days"]) == (3, 7, 2)
    assert metrics["win_rate"] == pytest.approx(2.0 / 3.0)
    assert metrics["profit_factor"] == pytest.approx((FIRST + THIRD) / -SECOND)
    assert metrics["expectancy_usd"] == pytest.approx((FIRST + SECOND + THIRD) / 3.0)
    assert metrics["exposure"] == 0.5  # bars 1, 2, 4, 7 and 9
    assert metrics["max_drawdown"] == pytest.approx((equity[4] - equity[5]) / equity[4])
    returns = equity[4] / 10_000.0 - 1.0, equity[9] / equity[4] - 1.0
    mean = (returns[0] + returns[1]) / 2.0
    deviation = sqrt((returns[0] - mean) ** 2 + (returns[1] - mean) ** 2)
    assert metrics["sharpe"] == pytest.approx(mean / deviation * sqrt(252.0))
    assert metrics["volatility"] == pytest.approx(deviation * sqrt(252.0))
    assert metrics["cagr"] == pytest.approx((equity[9] / 10_000.0) ** 126 - 1.0)


def test_the_outcomes_are_counted(output: LoopOutput) -> None:
    assert output.outcomes == {"approved": 6, "held": 4}
    assert (output.denials, output.halts) == ({}, {})
