"""How several minds' answers become one: counted by heads, or by their confidence.

Every member has a ballot. One that cannot be used (invalid, not asked, unanswered, a number that is none)
counts as a hold: it is against every order.

- MAJORITY: an action needs more than half of all members.
- CONFIDENCE: a buy or a sell weighs its confidence; a hold weighs 1, whatever its confidence, for doing
  nothing needs no conviction. An action needs more than all the rest weighs together.

Without a winner it is a hold, and so it is at a tie. The members that agree give what is traded: the mean of
their confidences, the highest stop, the lowest target, the smallest quantity to buy. Who names no stop or target
means the agent's usual one. Of a sale the most counts that wins by itself, who would sell less being against the
rest of it: one member's crumb keeps no position that the others leave. In which order they are listed changes
nothing of that. What does not belong here: asking them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.configuration import Vote
from ztrade_core.domain.decisions import INVALID_ANSWER, UNANSWERED, UNASKED, Action, Proposal
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.storable import storable_proposal

Ballot = tuple[str, Proposal]
"""A member's name and its answer."""
MEMBER_FACTOR = "member/"
"""How the factor of each member begins; its value is what it answered."""
BALLOTS_FACTOR = "ballots"
"""The factor with the digest of all answers: with it, the decision's row proves the members' tapes."""
MOST_TOLD = 1_000
MOST_REASON = 200
LEAD = 1.0 + 1e-9
"""A lead below it is rounding."""
_MAKER = "ensemble:"
_WISHES = ("stop_price", "target_price", "quantity")
_VOIDS = (
    (UNASKED, "not asked"),
    (UNANSWERED, "no answer"),
    (INVALID_ANSWER, "no usable answer"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Where an agent's usual stop and target would be, for a buy at this moment."""

    stop_price: float
    target_price: float


def combined(vote: Vote, ballots: Sequence[Ballot], usual: Bracket | None = None) -> Proposal:
    """Return what the members decide together; ValueError for none.

    `usual` None: it is not known, so only what is named counts. The answer is unasked (or
    unanswered) if nobody could be asked (or nothing came back), and invalid if all that came back were. Its
    factors name what each member said.
    """
    if not ballots:
        raise ValueError("an ensemble without members decides nothing")
    counted = [(name, usable(proposal)) for name, proposal in ballots]
    answers = [proposal for _, proposal in counted]
    action = _winner(vote, answers)
    agreeing = [each for each in answers if _action(each) is action and not _void(each)]
    stop, target = _bracket(agreeing, usual) if action is Action.BUY else (None, None)
    return Proposal(
        action=action,
        confidence=_mean([each.confidence for each in agreeing]),
        rationale=_rationale(vote, action, counted),
        maker=maker_of(vote),
        stop_price=stop,
        target_price=target,
        quantity=_quantity(vote, action, answers),
        factors=(*_of_members(counted), *_voids(counted)),
    )


def usable(proposal: Proposal) -> Proposal:
    """Return an answer in the form in which it counts and is kept.

    A number that is none makes it the hold that stands in for an invalid answer.
    """
    problem = _problem(proposal)
    if not problem:
        return storable_proposal(proposal)
    return Proposal(
        action=Action.HOLD,
        confidence=0.0,
        rationale=f"no usable answer: {problem}",
        maker=proposal.maker,
        factors=((INVALID_ANSWER, problem),),
    )


def maker_of(vote: Vote) -> str:
    """Return the maker of decisions by this vote."""
    return f"{_MAKER}{vote.value}/1"


def is_vote(proposal: Proposal) -> bool:
    """Return whether members were asked for a proposal; else an ensemble slept, or the house decided."""
    return proposal.maker.startswith(_MAKER)


def votes_of(proposal: Proposal) -> tuple[tuple[str, str], ...]:
    """Return who said what, for a person; nothing for a proposal that nobody voted on."""
    return tuple(
        (name.removeprefix(MEMBER_FACTOR), str(said))
        for name, said in proposal.factors
        if is_vote(proposal) and name.startswith(MEMBER_FACTOR)
    )


def _problem(proposal: Proposal) -> str:
    if not 0.0 <= proposal.confidence <= 1.0:
        return f"confidence {proposal.confidence} is not within 0 to 1"
    for name in _WISHES:
        value = getattr(proposal, name)
        if value is not None and not 0.0 < value < math.inf:
            return f"{name} {value} is not a number above 0"
    return ""


def _winner(vote: Vote, answers: Sequence[Proposal]) -> Action:
    for action in (Action.BUY, Action.SELL):
        own = [each for each in answers if _action(each) is action]
        rest = [each for each in answers if _action(each) is not action]
        if _wins(vote, list(map(_weight, own)), list(map(_weight, rest))):
            return action
    return Action.HOLD


def _wins(vote: Vote, own: Sequence[float], rest: Sequence[float]) -> bool:
    """Return whether those of these weights win against the rest."""
    if vote is Vote.MAJORITY:
        return len(own) > len(rest)
    return _total(own) > _total(rest) * LEAD


def _quantity(vote: Vote, action: Action, answers: Sequence[Proposal]) -> float | None:
    """Return how much the action is carried for; None: as much as the rules size."""
    agreeing = [each for each in answers if _action(each) is action]
    named = [] if action is Action.HOLD else _named(agreeing, "quantity")
    if action is Action.BUY or not named:
        return min(named, default=None)
    against = [_weight(each) for each in answers if _action(each) is not action]

    def carries(least: float) -> bool:
        own = [each.confidence for each in agreeing if _sold(each) >= least]
        return _wins(vote, own, [*against, *[1.0] * (len(agreeing) - len(own))])

    most = next(filter(carries, (math.inf, *sorted(named, reverse=True))))  # all together have won
    return None if math.isinf(most) else most


def _sold(sale: Proposal) -> float:
    return math.inf if sale.quantity is None else sale.quantity


def _action(proposal: Proposal) -> Action:
    return Action.HOLD if _void(proposal) else proposal.action


def _weight(proposal: Proposal) -> float:
    return 1.0 if _action(proposal) is Action.HOLD else proposal.confidence


def _void(proposal: Proposal) -> str:
    """Return in a word why an answer is none; empty for an answer."""
    marks = {name for name, _ in proposal.factors}
    return next((word for name, word in _VOIDS if name in marks), "")


def _total(values: Iterable[float]) -> float:
    """Add from the smallest on: the order of members moves no bit."""
    total = 0.0
    for value in sorted(values):
        total += value
    return total


def _mean(values: Sequence[float]) -> float:
    """Return the mean, which rounding lifts above no value; 0 of none."""
    return min(_total(values) / len(values), max(values)) if values else 0.0


def _named(agreeing: Sequence[Proposal], wish: str) -> list[float]:
    values = [getattr(each, wish) for each in agreeing]
    return [value for value in values if value is not None]


def _bracket(
    agreeing: Sequence[Proposal], usual: Bracket | None
) -> tuple[float | None, float | None]:
    """Return the tightest stop and target; None where that is the usual one."""
    stops, targets = _named(agreeing, "stop_price"), _named(agreeing, "target_price")
    stop, target = max(stops, default=None), min(targets, default=None)
    if usual is None:
        return stop, target
    if stop is not None and len(stops) < len(agreeing) and stop <= usual.stop_price:
        stop = None
    if target is not None and len(targets) < len(agreeing) and target >= usual.target_price:
        target = None
    return stop, target


def _rationale(vote: Vote, action: Action, counted: Sequence[Ballot]) -> str:
    own = [each for _, each in counted if _action(each) is action]
    rest = [each for _, each in counted if _action(each) is not action]
    if action is Action.HOLD:
        result = f"no {vote.value} for an order"
    elif vote is Vote.MAJORITY:
        result = f"{action.value} by majority, {len(own)} of {len(counted)}"
    else:
        weights = [_total(map(_weight, each)) for each in (own, rest)]
        result = f"{action.value} by confidence, {weights[0]:.2f} against {weights[1]:.2f}"
    told = ", ".join(f"{name} {_said(each)}" for name, each in counted)
    return visible_line(f"{result}: {told}", MOST_TOLD)


def _said(proposal: Proposal) -> str:
    return _void(proposal) or f"{proposal.action.value} {proposal.confidence:.2f}"


def _of_members(counted: Sequence[Ballot]) -> tuple[tuple[str, str], ...]:
    told = [(MEMBER_FACTOR + name, _told(each)) for name, each in counted]
    return (*told, (BALLOTS_FACTOR, sha256_hex(canonical_json(counted))[:16]))


def _told(proposal: Proposal) -> str:
    said = _said(proposal)
    return f"{said}: {_reason(proposal).removeprefix(f'{said}: ')}" if _void(proposal) else said


def _reason(void: Proposal) -> str:
    marks = dict(void.factors)
    why = next(marks[name] for name, _ in _VOIDS if name in marks)
    return visible_line(str(why), MOST_REASON)


def _voids(counted: Sequence[Ballot]) -> tuple[tuple[str, str], ...]:
    """Return the mark of an ensemble of which no answer can be used; none where any can."""
    if not all(_void(each) for _, each in counted):
        return ()
    mark = _mark([each for _, each in counted])
    told = "; ".join(f"{name}: {_reason(each)}" for name, each in counted)
    return ((mark, visible_line(told, MOST_TOLD)),)


def _mark(voids: Sequence[Proposal]) -> str:
    if not all(each.is_unheard for each in voids):
        return INVALID_ANSWER
    return UNASKED if all(each.is_unasked for each in voids) else UNANSWERED
