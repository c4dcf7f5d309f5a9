"""A scoreboard of hand-made decisions: returns by hand, windows, epochs, minds that come and go."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.fakes.desk import at, bar
from tests.unit.studies.scoreboard_cases import (
    ACCOUNT,
    CLOSES,
    FREE,
    MEMBER_SAMPLE,
    Case,
    bars_from,
    mind,
    said,
    shadow,
    trader,
    whole,
)
from ztrade_core.assembly.recordings import recording_for
from ztrade_core.backtest.decided_by import RunOptions
from ztrade_core.backtest.runs import run_once
from ztrade_core.domain.decisions import UNASKED, news_slot
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.errors import InputError
from ztrade_core.studies.scoreboard import ScoreboardRequest, scoreboard

OWN = "agent_tsla"
FAST = "shadow fast"
BUY, SELL, HOLD = said("buy", quantity=10.0), said("sell"), said("hold")


def trading(*, compiled: bool = False) -> Case:
    """The agent buys 10 at $100 (bar 1) and sells at $102 (bar 3); `fast` does so at 101 and 101."""
    case = Case(trader=trader(shadow("fast")), compiled=compiled)
    own = (BUY, HOLD, SELL, HOLD, HOLD)
    fast = (HOLD, BUY, HOLD, SELL, HOLD)
    for number, (mine, theirs) in enumerate(zip(own, fast, strict=True)):
        case.decide(number, mine)
        case.beside("fast", number, theirs)
    return case


@pytest.mark.parametrize("compiled", [False, True])
def test_the_return_is_that_of_its_answers_alone_from_flat(*, compiled: bool) -> None:
    """10 shares from 100 to 102 earn 20 of 10,000; the shadow's 10 from 101 to 101 earn nothing."""
    board = trading(compiled=compiled).board()
    own, fast = whole(board, OWN).followed, whole(board, FAST).followed
    assert own is not None
    assert fast is not None
    assert own.total_return == pytest.approx(0.002, abs=1e-12)
    assert (own.trades, own.own_return) == (1, None)
    assert fast.total_return == pytest.approx(0.0, abs=1e-12)
    assert fast.own_return == own.total_return
    # buy-and-hold: 100 shares at the first open, 100, which close at 99
    assert own.hold_return == pytest.approx(-0.01)
    assert (own.bars, own.unanswered) == (8, 3)
    assert (own.begins, own.ends) == (bar(0), at(7))


def test_the_own_return_is_that_of_the_recorded_backtest() -> None:
    case = trading()
    case = replace(case, costs=replace(FREE, slippage_bps=7.0, stock_commission_bps=3.0))
    followed = whole(case.board(), OWN).followed
    assert followed is not None
    bench = replace(
        case.bench, recording_of=lambda agent, asked: recording_for(case.store, agent, asked)
    )
    asked = (iso_z(followed.begins), iso_z(followed.ends))
    options = RunOptions(recorded=f"ledger:{ACCOUNT}")
    run = run_once(bench, case.trader, asked, options=options).run
    assert run.metrics["total_return"] == followed.total_return != 0.0
    assert run.metrics["max_drawdown"] == followed.max_drawdown
    assert run.metrics["buy_and_hold_total_return"] == followed.hold_return


def test_counts_agreement_and_pairs_by_hand() -> None:
    """Own b h s h h, fast h b h s h: one of five agrees; by chance (1 + 1 + 9) of 25."""
    board = trading().board()
    part = whole(board, FAST)
    assert (part.moments.count, part.moments.held, part.moments.held_share) == (5, 3, 0.6)
    assert part.agreement is not None
    assert (part.agreement.moments, part.agreement.share) == (5, 0.2)
    assert part.agreement.kappa == pytest.approx((5 - 11) / (25 - 11))
    [pair] = board.pairs
    assert (pair.one, pair.other) == (OWN, FAST)
    assert pair.parts == {"all": part.agreement}
    assert (part.cost, part.repeatability.share) == (None, None)
    # own: buy at 100 seen at 102, sell at 102 seen at 100; fast: buy 101 to 101, sell 101 to 99
    assert (whole(board, OWN).hits.right, part.hits.right, part.hits.judged) == (2, 1, 2)
    assert part.own_hits == whole(board, OWN).hits


def test_nothing_after_the_windows_end_changes_anything() -> None:
    case = trading()
    before = case.board(ends=at(5))
    later = replace(case, series=bars_from((*CLOSES[:6], 500.0, 1.0)))
    assert later.board(ends=at(5)) == before
    assert later.board(ends=at(7)) != case.board(ends=at(7))
    assert before.bars == 6


def test_a_bar_that_is_not_complete_at_the_end_is_not_looked_at() -> None:
    board = trading().board(ends=at(4) - timedelta(seconds=1))
    assert (board.bars, whole(board, OWN).moments.count) == (4, 4)


def test_the_window_ends_with_the_newest_decision_where_no_end_is_said() -> None:
    board = trading().board(ends=None)
    assert (board.begins, board.bars) == (board.ends - timedelta(days=30), 5)
    assert whole(board, OWN).moments.count == 5


def test_decisions_outside_the_window_are_left_out_with_what_was_taped_beside_them() -> None:
    board = trading().board(begins=at(1), ends=at(3))
    assert [whole(board, name).moments.count for name in (OWN, FAST)] == [2, 2]
    case = trading()
    case.decide(6, BUY, as_of=at(6) + timedelta(minutes=2))  # taped in time, decided after the end
    case.beside("fast", 6, BUY)
    assert whole(case.board(ends=at(6) + timedelta(minutes=1)), FAST).moments.count == 5


def test_only_the_newest_epoch_counts_and_it_is_said() -> None:
    case = Case()
    case.decide(0, SELL)
    case.decide(1, SELL)
    case.decide(0, BUY, epoch=2)
    board = case.board()
    assert (board.account_epoch, whole(board, OWN).moments.count) == (2, 1)
    assert "2 decisions of former epochs of rehearsal are left out" in board.notes


def test_without_a_decision_it_says_so() -> None:
    board = Case().board()
    assert (board.minds, board.account_epoch) == ((), None)
    assert board.notes == (f"{OWN} has no decision on account rehearsal",)
    late = trading().board(begins=at(20), ends=at(30))
    assert late.minds == ()
    assert late.notes[0].endswith(f"its newest is of {iso_z(at(4))}")


def test_without_shadows_it_says_that_there_is_nothing_to_compare() -> None:
    case = Case()
    case.decide(0, BUY)
    board = case.board()
    assert board.notes == (f"{OWN} has no ensemble and no shadows: nothing to compare it with",)
    assert board.pairs == ()


@pytest.mark.parametrize(
    ("asked", "said_"),
    [
        ({"agent_id": "agent_x"}, "no agent 'agent_x' in config/agents"),
        ({"horizon_bars": 0}, "write at least 1 bar"),
        ({"begins": at(9), "ends": at(9)}, "nothing lies between"),
    ],
)
def test_a_bad_request_is_refused(asked: dict[str, object], said_: str) -> None:
    case = trading()
    given = {"agent_id": OWN, "account": ACCOUNT, **asked}
    with pytest.raises(InputError, match=said_):
        scoreboard(case.bench, case.store, ScoreboardRequest(**given))  # type: ignore[arg-type]


def test_a_shadow_added_later_is_compared_on_what_both_answered() -> None:
    case = Case(trader=trader(shadow("fast"), shadow("late"), shadow("idle")))
    for number in range(5):
        case.decide(number, BUY if number == 0 else HOLD)
        case.beside("fast", number, BUY)
    case.beside("late", 3, HOLD)
    board = case.board()
    late = whole(board, "shadow late")
    assert (late.moments.count, board.common) == (1, 1)
    assert late.agreement is not None
    assert (late.agreement.moments, late.agreement.share) == (1, 1.0)
    assert late.followed is not None
    assert (late.followed.begins, late.followed.bars) == (bar(3), 5)
    assert late.followed.own_return == 0.0  # the agent bought before
    idle = whole(board, "shadow idle")
    assert (idle.moments.count, idle.moments.held_share, idle.followed) == (0, None, None)
    assert "shadow idle: it answered nothing in this window" in board.notes


def test_a_shadow_that_is_not_configured_any_more_is_shown_and_said() -> None:
    case = trading()
    case = replace(case, trader=trader())
    board = case.board()
    assert whole(board, FAST).moments.count == 5
    assert f"{FAST}: the agent's file does not name it any more" in board.notes


def test_the_spread_of_further_samples_stands_beside_the_first() -> None:
    case = Case(trader=trader(shadow("twin", samples=3)))
    script = {1: (BUY, HOLD, SELL), 2: (BUY, SELL, HOLD), 3: (HOLD, BUY, HOLD)}
    for number in range(3):
        case.decide(number, HOLD)
        for sample, answers in script.items():
            case.beside("twin", number, answers[number], sample=sample)
    part = whole(case.board(), "shadow twin")
    assert part.followed is not None
    # sample 1: 100 to 102; 2: 100 to 101; 3: 101, held to 99 at the end, its stop at 97.97
    assert part.followed.total_return == pytest.approx(0.002)
    assert (part.followed.low, part.followed.high) == pytest.approx((-0.002, 0.001))
    assert part.followed.others == 2
    # of the pairs 1 of 3, 0 of 3, 1 of 3 agree: b b h, h s b, s h h
    assert part.repeatability.share == pytest.approx((1 + 0 + 1) / 9)


def test_a_member_is_shown_before_the_shadows() -> None:
    case = trading()
    case.beside("hawk", 0, BUY, sample=MEMBER_SAMPLE)
    assert [each.label for each in case.board().minds] == [OWN, "member hawk", FAST]


def test_the_houses_own_and_those_of_a_sleeping_mind_are_no_answers() -> None:
    case = Case(trader=trader(shadow("fast")))
    case.decide(0, said("sell", maker="protection:target"))
    case.decide(1, said("hold", maker=ASLEEP_MAKER))
    case.decide(2, said("hold", factors=((UNASKED, "no key"),)))
    case.decide(3, BUY)
    for number in range(4):
        case.beside("fast", number, BUY)
    board = case.board()
    moments = whole(board, OWN).moments
    assert (moments.count, moments.answered, moments.asleep, moments.unasked) == (3, 1, 1, 1)
    assert (moments.held, moments.unasked_share) == (0, 1 / 3)
    agreed = whole(board, FAST).agreement
    assert agreed is not None
    assert (agreed.moments, agreed.share) == (1, 1.0)
    assert "1 decision of the house itself is no mind's" in board.notes


def test_a_dry_runs_tapes_are_not_looked_at() -> None:
    case = trading()
    case.beside("fast", 7, BUY)
    with case.store.locked() as unit:
        [tape] = unit.tapes.beside(ACCOUNT, 1, OWN, since=at(7))
        dry = f"shadow:fast:1:dry:run:{iso_z(bar(6))}"
        unit.tapes.put_first(replace(tape, key=case.key(dry)))
    assert whole(case.board(ends=at(7)), FAST).moments.count == 5
    assert whole(case.board(ends=at(7) + timedelta(seconds=1)), FAST).moments.count == 6


def test_news_is_judged_and_compared_but_not_followed() -> None:
    case = Case()
    case.decide(0, HOLD)
    case.decide(0, BUY, slot=news_slot("1"), as_of=bar(1))
    board = case.board()
    part = whole(board, OWN)
    assert (part.moments.count, part.moments.on_news, part.hits.right) == (2, 1, 1)
    assert part.followed is not None
    assert part.followed.trades == 0
    assert f"{OWN}: 1 answer on news is not in its return" in board.notes


def without_bar(case: Case, number: int) -> Case:
    """The case with one of its bars taken out of the store."""
    kept = np.arange(len(CLOSES)) != number
    names = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    holed = {name: getattr(case.series, name)[kept] for name in names}
    return replace(case, series=replace(case.series, **holed))


def test_an_answer_whose_bar_is_in_quarantine_is_counted_apart() -> None:
    board = without_bar(trading(), 0).board()
    part = whole(board, OWN)
    assert (part.hits.no_bar, part.hits.judged) == (1, 1)
    assert part.followed is not None
    assert part.followed.begins == bar(1)
    assert f"{OWN}: 1 answer is not judged: the decision bar is not stored" in board.notes


def test_a_hole_is_counted_and_makes_a_horizon_longer() -> None:
    """Without bar 2, a sell on bar 1 is judged from bar 3 (102) to bar 4 (100), not to bar 3 (101)."""
    case = Case()
    case.decide(1, SELL)
    board = without_bar(case, 2).board()
    assert (board.bars, board.missing_bars) == (6, 1)
    assert whole(board, OWN).hits.right == 1
    assert whole(case.board(), OWN).hits.right == 0  # 101 to 101


def test_without_any_bar_there_is_no_return() -> None:
    case = trading()
    none = replace(case, series=bars_from().window(7, 8))
    board = none.board(ends=at(5))
    assert (board.bars, whole(board, OWN).followed) == (0, None)
    assert mind(board, FAST).parts[0].agreement is not None
