"""Whatever members say: their order moves nothing, no order without its votes, no wish is exceeded."""

import math
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.domain.configuration import Vote
from ztrade_core.domain.decisions import INVALID_ANSWER, UNANSWERED, UNASKED, Action, Proposal
from ztrade_core.domain.voting import Bracket, combined

NUMBERS = st.one_of(
    st.floats(0.0, 1.0),
    st.sampled_from([0.0, 0.5, 1.0, 0.1, 0.2, 0.3, -0.0]),
    st.floats(allow_nan=True, allow_infinity=True),
)
WISHES = st.one_of(st.none(), st.floats(1e-8, 1e6), st.floats(allow_nan=True, allow_infinity=True))
MARKS = st.sampled_from([None, None, None, INVALID_ANSWER, UNASKED, UNANSWERED])


@st.composite
def answers(draw: st.DrawFn) -> Proposal:
    """Any answer, sound or not."""
    mark = draw(MARKS)
    return Proposal(
        action=draw(st.sampled_from(Action)),
        confidence=draw(NUMBERS),
        rationale=draw(st.text(max_size=5)),
        maker="any/1",
        stop_price=draw(WISHES),
        target_price=draw(WISHES),
        quantity=draw(WISHES),
        factors=() if mark is None else ((mark, "so"),),
    )


BALLOTS = st.lists(answers(), min_size=2, max_size=9).map(
    lambda said: [(f"m{place}", answer) for place, answer in enumerate(said)]
)
VOTES = st.sampled_from(Vote)
USUAL = st.one_of(
    st.none(),
    st.builds(Bracket, stop_price=st.floats(1.0, 100.0), target_price=st.floats(100.0, 1e4)),
)


def is_sound(answer: Proposal) -> bool:
    wishes = (answer.stop_price, answer.target_price, answer.quantity)
    return (
        0.0 <= answer.confidence <= 1.0
        and all(wish is None or (math.isfinite(wish) and wish > 0.0) for wish in wishes)
        and not answer.is_invalid
        and not answer.is_unheard
    )


@given(VOTES, BALLOTS, st.randoms(use_true_random=False), USUAL)
def test_the_order_of_members_changes_no_bit(
    vote: Vote, ballots: list[tuple[str, Proposal]], random: Random, usual: Bracket | None
) -> None:
    shuffled = list(ballots)
    random.shuffle(shuffled)
    one, other = combined(vote, ballots, usual), combined(vote, shuffled, usual)
    for name in ("action", "confidence", "stop_price", "target_price", "quantity", "maker"):
        assert repr(getattr(one, name)) == repr(getattr(other, name))
    assert {name for name, _ in one.factors} == {name for name, _ in other.factors}


@given(VOTES, BALLOTS)
def test_no_order_without_its_votes(vote: Vote, ballots: list[tuple[str, Proposal]]) -> None:
    answer = combined(vote, ballots)
    if answer.action is Action.HOLD:
        return
    agreeing = [one for _, one in ballots if is_sound(one) and one.action is answer.action]
    if vote is Vote.MAJORITY:
        assert 2 * len(agreeing) > len(ballots)
    else:
        others = [one for _, one in ballots if is_sound(one) and one.action is not answer.action]
        orders = [one.confidence for one in others if one.action is not Action.HOLD]
        holds = len(ballots) - len(agreeing) - len(orders)
        assert math.fsum(one.confidence for one in agreeing) > math.fsum(orders) + holds
    assert answer.confidence <= max(one.confidence for one in agreeing)
    assert answer.confidence >= min(one.confidence for one in agreeing) * (1 - 1e-12)


@given(VOTES, BALLOTS)
def test_no_wish_of_those_who_agree_is_exceeded(
    vote: Vote, ballots: list[tuple[str, Proposal]]
) -> None:
    answer = combined(vote, ballots)
    agreeing = [one for _, one in ballots if is_sound(one) and one.action is answer.action]
    for one in agreeing if answer.action is Action.BUY else []:
        if one.quantity is not None:
            assert answer.quantity is not None
            assert answer.quantity <= one.quantity
        assert one.stop_price is None or answer.stop_price >= one.stop_price
        assert one.target_price is None or answer.target_price <= one.target_price


@given(VOTES, BALLOTS)
def test_a_sale_is_of_what_the_vote_carries_and_no_crumb_of_a_few(
    vote: Vote, ballots: list[tuple[str, Proposal]]
) -> None:
    """As if each share were voted on: who would sell less holds it."""
    answer = combined(vote, ballots)
    if answer.action is not Action.SELL:
        return
    sold = math.inf if answer.quantity is None else answer.quantity
    least = min([one.quantity or math.inf for _, one in ballots if sells(one)])
    assert sold >= least
    if sold > least:
        assert combined(vote, holding_below(ballots, sold)).action is Action.SELL
    for _, one in ballots:
        if sells(one) and (one.quantity or math.inf) > sold:
            more = one.quantity or math.inf
            assert combined(vote, holding_below(ballots, more)).action is not Action.SELL


def sells(one: Proposal) -> bool:
    return is_sound(one) and one.action is Action.SELL


def holding_below(
    ballots: list[tuple[str, Proposal]], quantity: float
) -> list[tuple[str, Proposal]]:
    """The same ballots, of which those that would sell less than that hold."""
    return [
        (name, replace(one, action=Action.HOLD))
        if sells(one) and (one.quantity or math.inf) < quantity
        else (name, one)
        for name, one in ballots
    ]


@given(VOTES, BALLOTS, USUAL)
def test_no_buy_risks_more_than_any_of_those_who_agree_would(
    vote: Vote, ballots: list[tuple[str, Proposal]], usual: Bracket | None
) -> None:
    answer = combined(vote, ballots, usual)
    if answer.action is not Action.BUY or usual is None:
        return
    stop = usual.stop_price if answer.stop_price is None else answer.stop_price
    target = usual.target_price if answer.target_price is None else answer.target_price
    for _, one in ballots:
        if is_sound(one) and one.action is Action.BUY:
            assert stop >= (usual.stop_price if one.stop_price is None else one.stop_price)
            assert target <= (usual.target_price if one.target_price is None else one.target_price)


@given(VOTES, BALLOTS)
def test_what_comes_of_it_is_always_a_sound_answer(
    vote: Vote, ballots: list[tuple[str, Proposal]]
) -> None:
    answer = combined(vote, ballots)
    assert 0.0 <= answer.confidence <= 1.0
    for wish in (answer.stop_price, answer.target_price, answer.quantity):
        assert wish is None or (math.isfinite(wish) and wish > 0.0)
    if not any(is_sound(one) for _, one in ballots):
        assert (answer.action, answer.confidence) == (Action.HOLD, 0.0)
        assert answer.is_invalid or answer.is_unheard
    else:
        assert not answer.is_invalid
        assert not answer.is_unheard
