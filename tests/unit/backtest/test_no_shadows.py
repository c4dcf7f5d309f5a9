"""A backtest asks no shadows: it is what it would be without them, and none of them is paid."""

from dataclasses import replace

from tests.unit.backtest.builders import STOCK, bars_of, given, wide_open
from ztrade_core.backtest.loop import run_loop
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import MindChoice, Mode, StrategyChoice
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.shadows import NONE_CONFIGURED

MINDS = (
    MindChoice(name="long", mode=Mode.STRATEGY, strategy=StrategyChoice(name="sma_crossover")),
    MindChoice(name="model", mode=Mode.AUTOMATED, samples=10),
)
ROWS = [(100.0, 101.0, 99.0, 100.0 + step % 3, 1e6) for step in range(20)]


def test_the_loop_runs_as_if_there_were_no_shadows() -> None:
    trader = replace(STOCK, shadows=MINDS)
    found: dict[bool, list[CycleResult]] = {True: [], False: []}
    outputs = []
    for shadowed, agent in ((True, trader), (False, STOCK)):
        house = replace(wide_open(), agents=(agent,))
        one = given(bars_of(ROWS), StrategyMaker(), trader=agent, house=house)
        outputs.append(run_loop(one, watcher=found[shadowed].append))
    assert outputs[0] == outputs[1]
    assert [each.observed.snapshot_hash for each in found[True]] == [
        each.observed.snapshot_hash for each in found[False]
    ]
    assert {each.shadows.note for each in found[True]} == {NONE_CONFIGURED}
