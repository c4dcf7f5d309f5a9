"""A compiled run says why bars were held in the event loop's words, for what happens seldom too."""

from dataclasses import replace

import numpy as np

from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.golden.small_backtest import COINS, STOCK, series_for
from tests.unit.risk.builders import company
from ztrade_core.backtest.engines import loop_output
from ztrade_core.backtest.kernel.engine import KernelOutput, run_kernel
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import LoopInput, LoopOutput, run_loop
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Outcome

PATIENT = replace(
    STOCK, limits=replace(STOCK.limits, stop_loss_fraction=0.05, take_profit_fraction=0.2)
)


def compiled(series: BarSeries, trader: AgentConfig) -> KernelOutput:
    leg = Leg(agent=trader, series=series, first=0)
    given = PortfolioInput(company=company(trader, costs=COINS), calendar=calendar(), legs=(leg,))
    return run_kernel(given, kernel_folder(), whole_kernel())


def looped(series: BarSeries, trader: AgentConfig) -> LoopOutput:
    return run_loop(
        LoopInput(
            company=company(trader, costs=COINS),
            agent=trader,
            maker=StrategyMaker(),
            calendar=calendar(),
            series=series,
            first=0,
            source="test",
        )
    )


def test_every_held_bar_has_the_reason_that_the_event_loop_gives() -> None:
    series = series_for(PATIENT)
    output = loop_output(compiled(series, PATIENT))
    assert output == looped(series, PATIENT)
    assert sum(output.holds.values()) == output.outcomes["held"]
    assert output.holds["needs 9 complete bars, has N"] == 8


def test_an_exit_that_waits_on_dry_bars_is_the_reason_not_to_send_another() -> None:
    series = series_for(PATIENT)
    plain = compiled(series, PATIENT)
    sold = next(each for each in plain.decisions() if each.action is Action.SELL)
    place = int(np.searchsorted(series.timestamps, sold.opened))
    volumes = series.volumes.copy()
    volumes[place + 1 : place + 4] = 0.0
    dry = replace(series, volumes=volumes)
    output = compiled(dry, PATIENT)
    waited = [e for e in output.decisions() if e.outcome is Outcome.HELD and e.opened > sold.opened]
    assert waited
    found = loop_output(output)
    assert found == looped(dry, PATIENT)
    text = "sell: exit N is working already; the fast average is below the slow one"
    assert found.holds[text] == len(waited)


def test_a_buy_on_a_sessions_last_bar_says_what_it_was() -> None:
    series = series_for(PATIENT)
    last = len(series) // 2 - 1  # of the first session
    closes = np.full(len(series), 100.0)
    closes[last - 8 : last] = 99.0
    closes[last] = 130.0
    crossed = replace(series, opens=closes, highs=closes, lows=closes, closes=closes)
    found = loop_output(compiled(crossed, PATIENT))
    assert found == looped(crossed, PATIENT)
    (text,) = [each for each in found.holds if each.startswith("hold, because")]
    assert text.endswith(
        "is the last bar of its session; it was: buy, the fast average crossed above the slow one"
    )
