"""Votes counted by hand: what wins, what is traded then, and how the record tells it."""

from typing import Any

import pytest

from ztrade_core.domain.configuration import Vote
from ztrade_core.domain.decisions import INVALID_ANSWER, UNANSWERED, UNASKED, Action, Proposal
from ztrade_core.domain.voting import Bracket, combined, is_vote, usable

NAN, INF = float("nan"), float("inf")
MAJORITY, CONFIDENCE = Vote.MAJORITY, Vote.CONFIDENCE


def said(action: str, confidence: float = 0.7, **more: Any) -> Proposal:
    return Proposal(
        action=Action(action), confidence=confidence, rationale="why", maker="m/1", **more
    )


def void(mark: str, why: str = "because") -> Proposal:
    return said("hold", 0.0, factors=((mark, why),))


def voted(vote: Vote, *answers: Proposal) -> Proposal:
    return combined(vote, [(f"m{place}", answer) for place, answer in enumerate(answers)])


@pytest.mark.parametrize(
    ("actions", "wins"),
    [
        ("buy buy", "buy"),
        ("buy hold", "hold"),
        ("buy sell", "hold"),
        ("buy buy hold", "buy"),
        ("sell hold sell", "sell"),
        ("buy sell hold", "hold"),
        ("buy buy hold hold", "hold"),
        ("buy buy buy hold sell", "buy"),
        ("buy buy hold sell sell", "hold"),
        ("hold hold", "hold"),
    ],
)
def test_a_majority_is_more_than_half_of_all_members(actions: str, wins: str) -> None:
    answers = [said(action, 0.01) for action in actions.split()]
    assert voted(MAJORITY, *answers).action.value == wins


@pytest.mark.parametrize(
    ("answers", "wins"),
    [
        ("buy 0.4, buy 0.4", "buy"),
        ("buy 0.9, hold 0.1", "hold"),  # a hold weighs 1, however unsure
        ("buy 0.6, buy 0.5, hold 0.0", "buy"),  # 1.1 against 1
        ("buy 0.5, buy 0.5, hold 0.9", "hold"),  # a tie
        ("buy 0.9, sell 0.2, sell 0.3", "buy"),  # 0.9 against 0.5
        ("buy 0.1, buy 0.2, sell 0.3", "hold"),  # a tie but for rounding: 0.30000000000000004
        ("sell 0.9, sell 0.9, hold 1, buy 0.1", "sell"),  # 1.8 against 1.1
        ("buy 0.0, buy 0.0", "hold"),
    ],
)
def test_confidence_must_outweigh_all_the_rest(answers: str, wins: str) -> None:
    made = [each.split(" ") for each in answers.split(", ")]
    answer = voted(CONFIDENCE, *[said(action, float(weight)) for action, weight in made])
    assert answer.action.value == wins


VOIDS = {
    "invalid": void(INVALID_ANSWER),
    "not asked": void(UNASKED),
    "unanswered": void(UNANSWERED),
    "no number": said("buy", NAN),
    "too sure": said("buy", 1.5),
    "endless": said("buy", INF),
    "a negative size": said("buy", 0.9, quantity=-1.0),
    "a stop that is none": said("buy", 0.9, stop_price=NAN),
    "an endless target": said("buy", 0.9, target_price=INF),
}


@pytest.mark.parametrize("name", VOIDS)
@pytest.mark.parametrize("vote", Vote)
def test_what_cannot_be_used_counts_as_a_hold(name: str, vote: Vote) -> None:
    assert voted(vote, said("buy", 1.0), VOIDS[name]).action is Action.HOLD
    answer = voted(vote, said("buy", 0.6), VOIDS[name], said("buy", 0.8))
    assert (answer.action, answer.confidence) == (Action.BUY, 0.7)
    assert (answer.stop_price, answer.target_price, answer.quantity) == (None, None, None)
    assert not answer.is_invalid
    assert not answer.is_unheard


def test_those_who_agree_give_the_tightest_bracket_and_the_smallest_size() -> None:
    answer = voted(
        MAJORITY,
        said("buy", 0.9, stop_price=95.0, target_price=120.0, quantity=10.0),
        said("sell", 0.9, quantity=1.0),
        said("buy", 0.5, stop_price=97.0),
        said("buy", 0.7, target_price=110.0, quantity=4.0),
    )
    assert answer.confidence == pytest.approx(0.7)
    wishes = (answer.stop_price, answer.target_price, answer.quantity)
    assert wishes == (97.0, 110.0, 4.0)


USUAL = Bracket(stop_price=97.0, target_price=106.0)


@pytest.mark.parametrize(
    ("stops", "targets", "wishes"),
    [
        ((None, None), (None, None), (None, None)),
        ((95.0, None), (110.0, None), (None, None)),  # the usual ones are tighter
        ((98.0, None), (103.0, None), (98.0, 103.0)),
        ((97.0, None), (106.0, None), (None, None)),
        ((90.0, 95.0), (110.0, 120.0), (95.0, 110.0)),  # nobody means the usual ones
    ],
)
def test_who_names_no_stop_means_the_usual_one(
    stops: tuple[float | None, ...],
    targets: tuple[float | None, ...],
    wishes: tuple[float | None, float | None],
) -> None:
    made = [
        said("buy", stop_price=stop, target_price=target)
        for stop, target in zip(stops, targets, strict=True)
    ]
    answer = combined(MAJORITY, [("a", made[0]), ("b", made[1])], USUAL)
    assert (answer.stop_price, answer.target_price) == wishes


def test_a_sell_takes_no_bracket_and_a_hold_no_wish() -> None:
    part = said("sell", quantity=3.0, stop_price=90.0, target_price=120.0)
    sold = voted(MAJORITY, part, said("sell", quantity=5.0))
    assert (sold.stop_price, sold.target_price, sold.quantity) == (None, None, 3.0)
    held = voted(MAJORITY, said("hold", 0.9, quantity=3.0), said("hold", 0.5))
    assert (held.quantity, held.confidence) == (None, 0.7)


CRUMB = said("sell", 0.9, quantity=1e-8)


@pytest.mark.parametrize(
    ("sales", "sold"),
    [
        ([said("sell", 0.9), said("sell", 0.9), CRUMB], None),
        ([said("sell", 0.9, quantity=5.0), said("sell", 0.9, quantity=7.0), CRUMB], 5.0),
        ([said("sell", 0.9), CRUMB], 1e-8),  # neither sells without the other
        ([said("sell", 0.9), CRUMB, said("hold")], 1e-8),
    ],
)
@pytest.mark.parametrize("vote", Vote)
def test_one_members_crumb_keeps_no_position_that_the_others_leave(
    vote: Vote, sales: list[Proposal], sold: float | None
) -> None:
    answer = voted(vote, *sales)
    assert (answer.action, answer.quantity) == (Action.SELL, sold)


def test_the_mean_is_above_no_member_though_rounding_would_lift_it() -> None:
    assert (0.1 + 0.1 + 0.1) / 3.0 > 0.1
    assert voted(MAJORITY, *[said("buy", 0.1)] * 3).confidence == 0.1


def test_the_record_tells_each_members_vote() -> None:
    answer = voted(MAJORITY, said("buy", 0.7), said("buy", 0.8), void(UNASKED, "no key"))
    assert answer.maker == "ensemble:majority/1"
    assert is_vote(answer)
    assert answer.rationale == "buy by majority, 2 of 3: m0 buy 0.70, m1 buy 0.80, m2 not asked"
    factors = dict(answer.factors)
    assert [factors[f"member/m{number}"] for number in range(3)] == [
        "buy 0.70",
        "buy 0.80",
        "not asked: no key",
    ]
    told = voted(CONFIDENCE, said("buy", 0.75), said("buy", 0.5), said("hold")).rationale
    assert told.startswith("buy by confidence, 1.25 against 1.00: ")
    assert voted(MAJORITY, said("buy"), said("hold")).rationale.startswith(
        "no majority for an order"
    )


def test_the_digest_of_the_ballots_covers_what_the_factors_do_not_show() -> None:
    def digest(rationale: str) -> object:
        other = Proposal(action=Action.BUY, confidence=0.7, rationale=rationale, maker="m/1")
        return dict(voted(MAJORITY, said("buy"), other).factors)["ballots"]

    assert digest("one") == digest("one") != digest("another")


@pytest.mark.parametrize(
    ("answers", "mark"),
    [
        ([void(UNASKED), void(UNASKED)], UNASKED),
        ([void(UNASKED), void(UNANSWERED)], UNANSWERED),
        ([void(INVALID_ANSWER), void(INVALID_ANSWER)], INVALID_ANSWER),
        ([void(UNASKED), void(INVALID_ANSWER)], INVALID_ANSWER),  # all that came back were
        ([said("buy", NAN), void(UNANSWERED)], INVALID_ANSWER),
        ([void(INVALID_ANSWER), said("hold", 0.0)], None),
        ([void(UNASKED), said("hold", 0.0)], None),
    ],
)
def test_it_is_void_only_when_no_member_gave_an_answer(
    answers: list[Proposal], mark: str | None
) -> None:
    answer = voted(MAJORITY, *answers)
    assert answer.action is Action.HOLD
    marks = [name for name, _ in answer.factors if name in {UNASKED, UNANSWERED, INVALID_ANSWER}]
    assert marks == ([] if mark is None else [mark])


def test_strangers_text_is_bounded_and_plain() -> None:
    loud = void(INVALID_ANSWER, "\x1b[31m" + "x" * 10_000 + "\x00")
    answer = voted(MAJORITY, *[loud] * 9)
    assert len(answer.rationale) <= 1_000
    assert all(len(str(value)) <= 1_000 for _, value in answer.factors)
    assert all(str(value).isprintable() for _, value in answer.factors)


def test_an_answer_with_no_number_is_kept_as_the_hold_that_any_database_takes() -> None:
    kept = usable(said("buy", NAN))
    assert (kept.action, kept.confidence, kept.is_invalid) == (Action.HOLD, 0.0, True)
    assert "confidence nan is not within 0 to 1" in kept.rationale
    assert usable(said("buy", 0.5)) == said("buy", 0.5)


def test_nobody_decides_nothing() -> None:
    with pytest.raises(ValueError, match="without members"):
        combined(MAJORITY, [])
