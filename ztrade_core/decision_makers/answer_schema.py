"""The one answer that every mind outside this process gives: a model, another program, a person.

    {"rationale": "why", "action": "buy", "confidence": 0.7, "stop_price": 335.5, "target_price": null,
     "quantity": null, "fraction": 0.5}

Contract: a text is this object, whole and alone, or it is a `Problem` that says in one line why not;
nothing is guessed, mended or picked out of prose. Symbol and prices of orders are ours: an answer moves
nothing but a proposal. A wish for a size only makes that smaller; a stop nearer than the agent's own may
make it larger, never beyond the agent's `position_usd` and `risk_usd` and the company's limits. The
descriptions of the fields are what a model is told; `as_proposal` is what becomes of them. What does not
belong here: asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import (
    INVALID_ANSWER,
    UNANSWERED,
    UNASKED,
    Action,
    Proposal,
)
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.strict_json import StrictJsonError, has_surrogate, quoted, strict_json
from ztrade_core.risk.arithmetic import least, risk_bound_usd, stop_below

MOST_CHARACTERS = 16_384
"""The longest answer that is read."""
MOST_RATIONALE = 1_000
"""What is kept of a rationale."""
MOST_PRICE = 1e7
LEAST_WISH = 1e-8
"""Below it a wish is nothing; it is a lot of a coin."""
MOST_QUANTITY = 1e9

_PRICES = ("stop_price", "target_price")
_SIZES = ("quantity", "fraction")
_REQUIRED = ("action", "confidence", "rationale")
_MOST = {
    "stop_price": MOST_PRICE,
    "target_price": MOST_PRICE,
    "quantity": MOST_QUANTITY,
    "fraction": 1.0,
}
# In the order in which a model writes them: reasons before what follows from them.
_TOLD = {
    "rationale": (
        "Why, in a few sentences a colleague can check: name the figures and the stories that decided."
        f" At most {MOST_RATIONALE} characters."
    ),
    "action": (
        "buy: open a position in the one symbol you were shown (only when you hold none). sell: leave the"
        " position you hold, or a part of it. hold: do nothing; it is the usual answer."
    ),
    "confidence": (
        "A number from 0 to 1: how likely you think it is that this action is right. A buy below your"
        " own minimum confidence is not traded."
    ),
    "stop_price": (
        "For a buy: the price in USD below the last close at which the position is given up. null: your"
        " usual distance. It is read for a buy only."
    ),
    "target_price": (
        "For a buy: the price in USD above the last close at which the gain is taken. null: your usual"
        " distance. It is read for a buy only."
    ),
    "quantity": (
        "At most so many shares or coins. It can only make an order smaller than your limits would."
        " null: as your limits say. Do not give quantity and fraction together."
    ),
    "fraction": (
        "Above 0, at most 1. For a buy: this part of the size your own limits give. For a sell: this part"
        " of the position. null: all of it."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the right form. Prices are USD, above 0; whether they fit the market is not known."""

    action: Action
    confidence: float
    rationale: str
    stop_price: float | None = None
    target_price: float | None = None
    quantity: float | None = None
    fraction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why an answer could not be used, in one line of visible characters."""

    reason: str


class _UnusableError(ValueError):
    """A field is not what it must be; caught within this module."""


def json_schema() -> dict[str, Any]:
    """Return the answer's JSON schema with what a mind is told of each field.

    It holds only what vendors' strict modes take: bounds stand in the descriptions, and every key is asked
    for, though a wish that is left out is read as null.
    """
    kinds: dict[str, dict[str, Any]] = {
        "action": {"type": "string", "enum": [each.value for each in Action]},
        "confidence": {"type": "number"},
        "rationale": {"type": "string"},
    }
    wish = {"anyOf": [{"type": "number"}, {"type": "null"}]}
    return {
        "type": "object",
        "properties": {
            name: {**kinds.get(name, wish), "description": told} for name, told in _TOLD.items()
        },
        "required": list(_TOLD),
        "additionalProperties": False,
    }


def parse_answer(text: str) -> Answer | Problem:
    """Return the answer that a text is, or why it is none. Wishes may be left out; the rest may not."""
    try:
        found = strict_json(text, MOST_CHARACTERS)
    except StrictJsonError as error:
        return Problem(reason=str(error))
    return answer_of(found)


def answer_of(found: object) -> Answer | Problem:
    """Return the answer that a value read strictly from JSON is, or why it is none."""
    if not isinstance(found, dict):
        return Problem(reason=f"it is {_kind(found)}, not an object")
    try:
        return _answer(found)
    except _UnusableError as error:
        return Problem(reason=str(error))


def as_proposal(
    answer: Answer | Problem, snapshot: MarketSnapshot, agent: AgentConfig, *, maker: str
) -> Proposal:
    """Return what an answer proposes; a hold marked INVALID_ANSWER for one that cannot be meant.

    Stop and target must lie around the last close. `fraction` of a buy is of the agent's own size at the
    last close (position and risk; the company's limits shrink that further), of a sell of the position.
    """
    if isinstance(answer, Problem):
        return invalid_answer(answer.reason, maker)
    if answer.action is not Action.BUY:
        return _plain(answer, maker, _part_sold(answer, snapshot))
    if len(snapshot.bars) == 0:
        return invalid_answer("a buy, though there is no bar to buy at", maker)
    close = float(snapshot.bars.closes[-1])
    if answer.stop_price is not None and not answer.stop_price < close:
        return invalid_answer(
            f"stop_price {answer.stop_price} is not below the last close {close}", maker
        )
    if answer.target_price is not None and not answer.target_price > close:
        return invalid_answer(
            f"target_price {answer.target_price} is not above the last close {close}", maker
        )
    return replace(
        _plain(answer, maker, _part_bought(answer, close, agent)),
        stop_price=answer.stop_price,
        target_price=answer.target_price,
    )


def invalid_answer(reason: str, maker: str) -> Proposal:
    """Return the hold that stands in for an answer that cannot be used."""
    told = visible_line(reason, MOST_RATIONALE)
    return _hold(f"no usable answer: {told}", maker, (INVALID_ANSWER, told))


def no_answer(reason: str, maker: str) -> Proposal:
    """Return the hold of a mind that was asked and from which nothing came: nobody answered wrongly."""
    told = visible_line(reason, MOST_RATIONALE)
    return _hold(f"no answer: {told}", maker, (UNANSWERED, told))


def not_asked(reason: str, maker: str) -> Proposal:
    """Return the hold of a mind to which the question could not be put."""
    told = visible_line(reason, MOST_RATIONALE)
    return _hold(told, maker, (UNASKED, told))


def _hold(rationale: str, maker: str, factor: tuple[str, str]) -> Proposal:
    return Proposal(
        action=Action.HOLD,
        confidence=0.0,
        rationale=visible_line(rationale, MOST_RATIONALE),
        maker=maker,
        factors=(factor,),
    )


def _plain(answer: Answer, maker: str, quantity: float | None) -> Proposal:
    return Proposal(
        action=answer.action,
        confidence=answer.confidence,
        rationale=answer.rationale,
        maker=maker,
        quantity=quantity,
    )


def _part_sold(answer: Answer, snapshot: MarketSnapshot) -> float | None:
    if answer.action is Action.HOLD or snapshot.position is None:
        return None
    if answer.fraction is None or answer.fraction == 1.0:
        return answer.quantity
    return answer.fraction * snapshot.position.quantity


def _part_bought(answer: Answer, close: float, agent: AgentConfig) -> float | None:
    if answer.fraction is None or answer.fraction == 1.0:
        return answer.quantity
    limits, stop = agent.limits, answer.stop_price
    if stop is None:
        stop = stop_below(close, limits.stop_loss_fraction)
    usd = least(limits.position_usd, risk_bound_usd(limits.risk_usd, close, stop))
    return answer.fraction * usd / close


def _answer(found: Mapping[str, object]) -> Answer:
    for key in found:
        if key not in _TOLD:
            raise _UnusableError(f"unknown key {quoted(key)}; known are {', '.join(_TOLD)}")
    for key in _REQUIRED:
        if found.get(key) is None:
            raise _UnusableError(f"{key} is missing")
    wishes = {name: _wish(found, name) for name in (*_PRICES, *_SIZES)}
    if wishes["quantity"] is not None and wishes["fraction"] is not None:
        raise _UnusableError("quantity and fraction were both given; give one of them")
    return Answer(
        action=_action(found["action"]),
        confidence=_confidence(found),
        rationale=_rationale(found["rationale"]),
        **wishes,
    )


def _action(value: object) -> Action:
    for each in Action:
        if value == each.value:
            return each
    raise _UnusableError(f"action {quoted(value)} is none of {', '.join(Action)}")


def _confidence(found: Mapping[str, object]) -> float:
    value = _number(found, "confidence")
    if not 0.0 <= value <= 1.0:
        raise _UnusableError(f"confidence {value:g} is not within 0 to 1")
    return value + 0.0  # a negative zero is none


def _rationale(value: object) -> str:
    if not isinstance(value, str):
        raise _UnusableError(f"rationale is {_kind(value)}, not text")
    if has_surrogate(value):
        raise _UnusableError("rationale holds half a character (a lone surrogate)")
    line = visible_line(value, MOST_RATIONALE)
    if not line:
        raise _UnusableError("rationale has nothing in it that can be read")
    return line


def _wish(found: Mapping[str, object], name: str) -> float | None:
    if found.get(name) is None:
        return None
    value = _number(found, name)
    if not LEAST_WISH <= value <= _MOST[name]:
        raise _UnusableError(f"{name} {value:g} is not within {LEAST_WISH:g} to {_MOST[name]:g}")
    return value


def _number(found: Mapping[str, object], name: str) -> float:
    value = found[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _UnusableError(f"{name} is {_kind(value)}, not a number")
    return float(value)


def _kind(value: object) -> str:
    kinds = ((bool, "true or false"), (str, "text"), (int | float, "a number"), (list, "a list"))
    return next((word for kind, word in kinds if isinstance(value, kind)), _rest_kind(value))


def _rest_kind(value: object) -> str:
    return "null" if value is None else "an object"
