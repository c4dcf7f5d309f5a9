"""A mind that sleeps live is asked on the bars it is asked on in a backtest: on every store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.desk import DeskKit, at, kit_in_memory, kit_on
from tests.fakes.desk_makers import ScriptedMaker, proposal
from tests.fakes.waking import (
    COINER,
    FLAT,
    TRADER,
    asked,
    backtest_cycles,
    desk_of,
    house_of,
    kit_for,
    live_cycles,
    news_at,
)
from tests.unit.backtest.builders import bars_of, script_of, wide_open
from tests.unit.brokers.builders import Row
from ztrade_core.backtest.news_ticks import NewsTick
from ztrade_core.domain.configuration import Company, Mode
from ztrade_core.domain.decisions import INVALID_ANSWER, UNASKED, Proposal
from ztrade_core.domain.waking import ASLEEP_MAKER, WakeConditions
from ztrade_core.store.engine import make_engine
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.override import halt, resume
from ztrade_core.trading.replay import ReplayRange, ReplayRoom, replay_range

BUY, SELL = proposal("buy", quantity=10.0), proposal("sell")
EVERY_3 = WakeConditions(every_bars=3)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def kit(request: pytest.FixtureRequest) -> Iterator[DeskKit]:
    """An empty kit on every store."""
    if request.param == "memory":
        yield kit_in_memory()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield kit_on(engine)
    engine.dispose()


def both(
    kit: DeskKit,
    rows: Sequence[Row],
    wake: WakeConditions,
    answers: Mapping[int, Proposal] | None = None,
    *,
    house: Company | None = None,
    news: Iterable[float] = (),
) -> list[float | str]:
    """Return what was asked live, the same as in the backtest, which came to the same."""
    return of_company(kit, rows, house_of(wake, house), answers or {}, news_at(news))


def of_company(
    kit: DeskKit,
    rows: Sequence[Row],
    company: Company,
    answers: Mapping[int, Proposal],
    ticks: Sequence[NewsTick] = (),
) -> list[float | str]:
    """Return the same, of a company."""
    script = script_of(bars_of(rows), answers, company.agents[0].agent_id)
    live, tested = ScriptedMaker(script), ScriptedMaker(script)
    found = live_cycles(kit_for(kit, rows, company, ticks), live, len(rows), news=ticks)
    expected = backtest_cycles(rows, tested, company, ticks)
    assert asked(live) == asked(tested)
    assert [told(each) for each in found] == [told(each) for each in expected]
    return asked(live)


def told(result: CycleResult) -> tuple[Any, ...]:
    """What a cycle came to: who answered what, and what the rules made of it."""
    answer, validated = result.tape.proposal, result.validated
    return answer.maker, answer.action, answer.rationale, validated.outcome, validated.reason


def test_every_third_bar_from_the_first(kit: DeskKit) -> None:
    assert both(kit, [FLAT] * 8, EVERY_3) == [0, 3, 6]


def test_a_close_that_crosses_a_level(kit: DeskKit) -> None:
    closes = [100.0, 100.9, 101.0, 102.0, 100.5, 100.6]
    rows = [(100.5, 103.0, 99.5, close) for close in closes]
    assert both(kit, rows, WakeConditions(levels=(101.0,))) == [0, 2, 4]


def test_a_move_from_the_close_it_was_asked_on(kit: DeskKit) -> None:
    closes = [100.0, 100.6, 101.0, 101.6, 100.0, 99.9]
    rows = [(100.5, 103.0, 99.5, close) for close in closes]
    assert both(kit, rows, WakeConditions(moved_fraction=0.01)) == [0, 2, 5]


def test_a_fill_wakes_and_a_sleeping_position_has_its_stop(kit: DeskKit) -> None:
    rows = [FLAT] * 4 + [(100.0, 100.0, 96.0, 98.0)] + [(98.0, 98.5, 97.5, 98.0)] * 3
    assert both(kit, rows, WakeConditions(on_fill=True), {0: BUY}) == [0, 1, 4]


def test_a_position_that_came_and_went_within_a_bar_is_a_fill(kit: DeskKit) -> None:
    rows = [FLAT, (100.0, 100.5, 96.0, 98.0), *[(98.0, 98.5, 97.5, 98.0)] * 3]
    assert both(kit, rows, WakeConditions(on_fill=True), {0: BUY}) == [0, 1]


def test_an_entry_that_is_denied_or_does_not_fill_is_a_risk_event(kit: DeskKit) -> None:
    rows = [FLAT, FLAT, *[(102.0, 103.0, 101.5, 102.0)] * 4]
    answers = {0: proposal("buy", stop_price=101.0), 1: BUY}
    assert both(kit, rows, WakeConditions(on_risk_event=True), answers) == [0, 1, 2]


def test_a_halt_that_begins_is_a_risk_event(kit: DeskKit) -> None:
    house = wide_open(max_daily_loss_fraction=0.0002)
    rows = [FLAT] * 3 + [(100.0, 100.0, 96.0, 98.0)] + [(98.0, 98.5, 97.5, 98.0)] * 4
    assert both(kit, rows, WakeConditions(on_risk_event=True), {0: BUY}, house=house) == [0, 4]


def test_unusable_answers_count_as_asked_and_halt_a_mind_that_sleeps_between(kit: DeskKit) -> None:
    unusable = replace(proposal("hold"), factors=((INVALID_ANSWER, "no JSON"),))
    answers = dict.fromkeys(range(0, 10, 2), unusable) | {10: BUY}
    assert both(kit, [FLAT] * 12, WakeConditions(every_bars=2), answers) == [0, 2, 4, 6, 8, 10]


def test_a_target_the_house_sells_at_is_no_question_to_the_mind(kit: DeskKit) -> None:
    """Bought on bar 0; bar 2 closes over the target and the house sells; three bars on is bar 3."""
    rows = [FLAT, FLAT, (100.0, 108.0, 99.5, 107.0), *[(107.0, 107.5, 106.5, 107.0)] * 5]
    company = house_of(EVERY_3, trader=COINER)
    assert of_company(kit, rows, company, {0: BUY}) == [0, 3, 6]
    with kit.store.reading() as uow:
        makers = [row.decision.proposal.maker for row in uow.ledger.rows()]
    assert makers[2] == "protection:target"


def test_news_always_wakes_and_is_its_bars_turn(kit: DeskKit) -> None:
    """Asked in bar 4, which had its turn by that: three bars on is bar 7."""
    assert both(kit, [FLAT] * 9, EVERY_3, news=[4.5]) == [0, 3, "news:s4.5", 7]


def test_an_entry_that_news_left_pending_is_no_risk_event_until_it_ends_unfilled(
    kit: DeskKit,
) -> None:
    """Decided in bar 1, good for bar 2, which fills it: not before, and as a fill."""
    ticks = news_at([1.5])
    wake, news_slot = WakeConditions(on_risk_event=True, on_fill=True), "news:s1.5"
    company, script = house_of(wake), {(TRADER.agent_id, news_slot): BUY}
    rows = [FLAT] * 5
    live, tested = ScriptedMaker(script), ScriptedMaker(script)
    live_cycles(kit_for(kit, rows, company, ticks), live, len(rows), news=ticks)
    backtest_cycles(rows, tested, company, ticks)
    assert asked(live) == asked(tested) == [0, news_slot, 2]


def played(
    kit: DeskKit,
    wake: WakeConditions,
    count: int,
    answers: Mapping[int, Proposal] | None = None,
    **options: Any,
) -> tuple[DeskKit, ScriptedMaker]:
    rows = [FLAT] * 12
    mind = ScriptedMaker(script_of(bars_of(rows), answers or {}, TRADER.agent_id))
    filled = kit_for(kit, rows, house_of(wake))
    live_cycles(filled, mind, count, **options)
    return filled, mind


def run_at(kit: DeskKit, mind: ScriptedMaker, number: int, **parts: Any) -> CycleResult:
    holder = parts.pop("holder", f"own-{number}")
    request = CycleRequest(agent_id=TRADER.agent_id, as_of=at(number), holder=holder, **parts)
    return run_cycle(desk_of(kit, mind, at(number)), request)


def test_bars_are_counted_over_runs_that_were_missed(kit: DeskKit) -> None:
    _, mind = played(kit, EVERY_3, 10, missed=[2, 3, 4])
    assert asked(mind) == [0, 5, 8]


def test_a_level_crossed_on_a_missed_bar_wakes_the_next_run(kit: DeskKit) -> None:
    closes = [100.0, 100.0, 102.0, 102.0, 102.0]
    rows = [(100.5, 103.0, 99.5, close) for close in closes]
    mind = ScriptedMaker({})
    filled = kit_for(kit, rows, house_of(WakeConditions(levels=(101.0,))))
    live_cycles(filled, mind, 5, missed=[2])
    assert asked(mind) == [0, 3]


def test_a_run_that_names_its_mode_asks_and_counts_as_asked(kit: DeskKit) -> None:
    filled, mind = played(kit, EVERY_3, 2)
    assert run_at(filled, mind, 2, mode=Mode.AUTOMATED).tape.proposal.maker == "script"
    for number in (3, 4, 5):
        run_at(filled, mind, number)
    assert asked(mind) == [0, 2, 5]


def test_another_mode_decides_and_the_agents_own_mind_is_as_due_as_before(kit: DeskKit) -> None:
    filled, mind = played(kit, EVERY_3, 2)
    run_at(filled, mind, 2, mode=Mode.STRATEGY)
    run_at(filled, mind, 3)
    assert asked(mind) == [0, 2, 3]


def test_a_mind_that_was_due_and_could_not_be_asked_stays_due(kit: DeskKit) -> None:
    unasked = replace(proposal("hold"), factors=((UNASKED, "the budget is spent"),))
    _, mind = played(kit, EVERY_3, 8, {3: unasked, 4: unasked})
    assert asked(mind) == [0, 3, 4, 5]


def test_a_halt_by_a_person_wakes_when_it_begins_and_when_it_is_lifted(kit: DeskKit) -> None:
    filled, mind = played(kit, WakeConditions(on_risk_event=True), 1)
    by = {"who": "someone", "why": "a look"}
    halt(filled.desk(at(0)), at=at(0), **by)  # at the very moment it was asked, and after that
    run_at(filled, mind, 1)
    resume(filled.desk(at(1)), at=at(1), **by)
    for number in (2, 3, 4):
        run_at(filled, mind, number)
    halt(filled.desk(at(4)), at=at(4), **by)
    run_at(filled, mind, 5)
    assert asked(mind) == [0, 1, 2, 5]


def test_a_new_epoch_knows_of_no_former_question(kit: DeskKit) -> None:
    filled, mind = played(kit, EVERY_3, 2)
    filled.broker().reset(at(1))
    run_at(filled, mind, 2)
    assert asked(mind) == [0, 2]


def test_a_halt_later_in_the_time_of_a_former_epoch_is_none_of_this_one(kit: DeskKit) -> None:
    filled, _ = played(kit, WakeConditions(on_risk_event=True), 6)
    by = {"who": "someone", "why": "a look"}
    halt(filled.desk(at(5)), at=at(8), **by)
    resume(filled.desk(at(5)), at=at(9), **by)
    filled.broker().reset(at(0))
    mind = ScriptedMaker({})
    for number in (1, 2, 3, 4):
        run_at(filled, mind, number, holder=f"anew-{number}")
    assert asked(mind) == [1]


def test_a_decision_made_without_bars_wakes_the_next_and_stops_no_run(kit: DeskKit) -> None:
    """Bars came, went (a person decided then), and came back: there is no bar to count from."""
    filled, mind = played(kit, WakeConditions(levels=(101.0,)), 2)
    without = replace(filled, bars=kit_in_memory().bars)
    run_at(without, mind, 2, mode=Mode.STRATEGY)
    run_at(filled, mind, 3)
    run_at(filled, mind, 4)
    with filled.store.reading() as uow:
        slots = [row.decision.key.slot for row in uow.ledger.rows()]
    assert slots[2].startswith("none:")
    assert [each for _, each in mind.asked if not each.startswith("none:")] == [
        slots[0],
        slots[3],
    ]


def test_a_dry_run_says_what_a_run_would_do(kit: DeskKit) -> None:
    filled, mind = played(kit, EVERY_3, 3)
    dry = run_at(filled, mind, 3, dry_run=True)
    again = run_at(filled, mind, 2, dry_run=True)
    assert (dry.tape.proposal.maker, again.tape.proposal.maker) == ("script", ASLEEP_MAKER)
    run_at(filled, mind, 3)
    run_at(filled, mind, 3, dry_run=True, holder="another")
    assert asked(mind) == [0, 3, 3, 3], "it was asked on that bar, so it would be"


def test_bars_that_were_slept_over_replay_to_the_byte(kit: DeskKit) -> None:
    filled, mind = played(kit, EVERY_3, 9)
    room = ReplayRoom(store=filled.store, company=filled.company, makers={})
    found = replay_range(room, ReplayRange(start=at(0), stop=at(9)))
    assert (found.decisions, found.all_equal, asked(mind)) == (9, True, [0, 3, 6])
