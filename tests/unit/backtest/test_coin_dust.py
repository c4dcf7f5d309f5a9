"""A coin entry of which the fee takes the whole lot: paid, never held, and the agent is free to go on."""

from dataclasses import replace

import pytest

from tests.fakes.desk_makers import proposal
from tests.fakes.kernels import kernel_folder
from tests.unit.backtest.builders import COIN, bars_of, loop_input, wide_open
from tests.unit.risk.builders import COSTS
from ztrade_core.backtest.engines import run_agent
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.performance.trades import closed_trades

LOT, PRICE = 1e-8, 800_000.0
CALM = (PRICE, PRICE + 100.0, PRICE - 100.0, PRICE, 1e9)
CRASH = (PRICE * 0.9, PRICE * 0.9, PRICE * 0.8, PRICE * 0.8, 1e9)
FEES = replace(COSTS, slippage_bps=0.0, crypto_commission_bps=25.0)
BUY, SELL = proposal("buy", quantity=LOT), proposal("sell")


def dust() -> LoopInput:
    """One lot is bought on bar 1; a sell is asked for, then a larger buy, and prices crash."""
    answers = {0: BUY, 2: SELL, 3: proposal("buy", quantity=4e-8)}
    series = bars_of([CALM] * 5 + [CRASH], trader=COIN)
    return loop_input(series, answers, trader=COIN, house=wide_open(costs=FEES))


def test_a_lot_that_is_all_fee_is_a_cost_and_no_position() -> None:
    """4 lots less 25 bps keep 3: that position, alone, is stopped in the crash at its open."""
    output = run_loop(dust())
    assert [(fill.action, fill.quantity) for fill in output.fills] == [
        ("buy", LOT),
        ("buy", 4e-8),
        ("sell (stop)", 3e-8),
    ]
    assert output.equity[2].portfolio_value == pytest.approx(
        COIN.allocated_usd - LOT * PRICE, abs=1e-9
    )
    assert output.coin_fees_usd == pytest.approx(2 * LOT * PRICE)  # one lot of each buy
    assert any(reason.startswith("sell: nothing to sell") for reason in output.holds)
    assert len(closed_trades(output.fills)) == 1


def test_the_session_leaves_it_to_the_loop() -> None:
    done = run_agent(dust(), kernel_folder())
    assert done.engine == "event_loop/1"
    assert done.output == run_loop(dust())
