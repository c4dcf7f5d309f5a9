"""Halts inside a backtest: they lift at the next New York day and are counted, or stand to the end.

Ten shares lose about $52 on day one; limits are set around that.
"""

from datetime import timedelta

from tests.fakes.desk import bar
from tests.fakes.desk_makers import proposal
from tests.unit.backtest.builders import OPEN_LIMITS, bars_of, loop_input, wide_open
from tests.unit.risk.builders import agent
from ztrade_core.backtest.loop import LoopInput, LoopOutput, _desk, _opening, run_loop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.configuration import AgentConfig, Company, OnHalt
from ztrade_core.domain.time import Timeframe
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest

BUY = proposal("buy", quantity=10.0)
LOSING = [(100.0, 100.0, 100.0, 100.0), (100.0, 100.0, 94.8, 95.0)]  # in at 100.02, out at 97
DAY_ONE = [*LOSING, *LOSING, (100.0, 100.0, 100.0, 100.0), (100.0, 100.0, 100.0, 100.0)]
DAY_TWO = [(100.0, 100.0, 100.0, 100.0)] * 3
OPENED = [bar(n) for n in range(6)] + [bar(n) + timedelta(days=1) for n in range(3)]
ANSWERS = dict.fromkeys((0, 2, 4, 6, 7), BUY)


def halted(house: Company, trader: AgentConfig | None = None) -> LoopInput:
    given = {} if trader is None else {"trader": trader}
    return loop_input(bars_of([*DAY_ONE, *DAY_TWO], opened=OPENED), ANSWERS, house=house, **given)


def bought(output: LoopOutput) -> list[int]:
    """The numbers of the bars that bought."""
    return [OPENED.index(fill.timestamp) for fill in output.fills if fill.action == "buy"]


def test_without_a_limit_every_answer_trades() -> None:
    assert bought(run_loop(halted(wide_open()))) == [1, 3, 5]


def test_a_daily_loss_halts_the_day_and_lifts_on_the_next() -> None:
    # $30.20 of $100,000 are lost by bar 1, which is over 0.03 %
    output = run_loop(halted(wide_open(max_daily_loss_fraction=0.0003)))
    assert bought(output) == [1, 7]
    assert output.halts == {"daily_loss": 1}
    assert output.outcomes["denied"] == 3  # two by the halt, one because a position is held
    assert output.denials["RULE_002"] == 2


def test_a_halt_that_stops_stands_to_the_end() -> None:
    house = wide_open(max_daily_loss_fraction=0.0003, on_halt=OnHalt.STOP)
    output = run_loop(halted(house))
    assert bought(output) == [1]
    assert output.halts == {"daily_loss": 1}
    assert output.outcomes["denied"] == 4


def test_losses_in_a_row_pause_the_agent_until_the_next_day() -> None:
    trader = agent(**{**OPEN_LIMITS, "max_consecutive_losses": 2})
    output = run_loop(halted(wide_open(), trader))
    assert bought(output) == [1, 3, 7]
    assert output.halts == {"consecutive_losses": 1}


def test_a_drawdown_halts_and_its_new_peak_is_where_it_resumed() -> None:
    output = run_loop(halted(wide_open(max_drawdown_fraction=0.0003)))
    assert bought(output) == [1, 7]
    assert output.halts == {"drawdown": 1}


def resumes(given: LoopInput) -> int:
    """Run the loop's own steps and count the baselines that a resume stored."""
    clock = SimulatedClock(_opening(given))
    desk = _desk(given, given.company, clock)
    for opened in OPENED:
        at = given.calendar.completes_at(given.agent.instrument.asset_class, Timeframe.M5, opened)
        clock.advance_to(at)
        run_cycle(desk, CycleRequest(agent_id=given.agent.agent_id, as_of=at, holder="test"))
    with desk.store.reading() as uow:
        return len(uow.accounts.snapshots(desk.account, 1, kind="resume"))


def test_a_company_halt_that_lifts_stores_new_baselines() -> None:
    assert resumes(halted(wide_open(max_daily_loss_fraction=0.0003))) == 1


def test_an_agents_pause_that_lifts_keeps_the_companys_peak_and_day_base() -> None:
    trader = agent(**{**OPEN_LIMITS, "max_consecutive_losses": 2})
    assert resumes(halted(wide_open(), trader)) == 0
