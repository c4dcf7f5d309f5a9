"""A mind that repeats the agent's answers is the agent's equal in every figure, and the future changes none."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.desk import at
from tests.fakes.series import random_closes
from tests.unit.risk.builders import COSTS
from tests.unit.studies.scoreboard_cases import Case, bars_from, said, shadow, trader, whole

BARS = 40
ACTIONS = st.lists(st.sampled_from(("buy", "sell", "hold")), min_size=1, max_size=BARS)


def repeated(actions: list[str], seed: int) -> Case:
    """An agent and a shadow that says the same, over a random walk at the usual costs."""
    series = bars_from(random_closes(seed, BARS), wick=0.002)
    echo = trader(shadow("echo", samples=2))
    case = Case(trader=echo, series=series, costs=COSTS, compiled=True)
    for number, action in enumerate(actions):
        answer = said(action, quantity=5.0)
        case.decide(number, answer)
        for sample in (1, 2):
            case.beside("echo", number, answer, sample=sample)
    return case


@settings(max_examples=25, deadline=None)
@given(actions=ACTIONS, seed=st.integers(0, 1000), horizon=st.integers(1, 12))
def test_a_mind_that_repeats_the_agents_answers_is_its_equal(
    actions: list[str], seed: int, horizon: int
) -> None:
    board = repeated(actions, seed).board(horizon_bars=horizon)
    own, echo = whole(board, "agent_tsla"), whole(board, "shadow echo")
    assert echo.agreement is not None
    assert (echo.agreement.share, echo.repeatability.share) == (1.0, 1.0)
    assert echo.agreement.kappa in (1.0, None)
    assert (echo.hits, echo.moments) == (own.hits, own.moments)
    assert echo.own_hits == own.hits
    assert echo.followed is not None
    assert own.followed is not None
    assert echo.followed.own_return == own.followed.total_return == echo.followed.total_return
    assert echo.followed.low == echo.followed.high == echo.followed.total_return


@settings(max_examples=15, deadline=None)
@given(actions=ACTIONS, seed=st.integers(0, 1000), end=st.integers(1, BARS - 1))
def test_what_comes_after_the_window_changes_nothing(
    actions: list[str], seed: int, end: int
) -> None:
    case = repeated(actions, seed)
    kept = case.series.window(0, end + 1)
    assert replace(case, series=kept).board(ends=at(end)) == case.board(ends=at(end))
