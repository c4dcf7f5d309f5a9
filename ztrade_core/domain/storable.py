"""Makes a decision storable before it is hashed, so that what is read back hashes the same.

Databases return numbers as floats, minus zero as zero, and PostgreSQL refuses NUL in a text. A
decision is brought to that form first, in every store alike, and hashed then.
"""

import math
from dataclasses import replace
from typing import Any, TypeVar

from ztrade_core.domain.decisions import Decision, Proposal, Verdict

_Value = TypeVar("_Value", Decision, Proposal, Verdict)

_NUMBERS = {
    Decision: ("wanted_quantity", "quantity", "limit_price", "stop_price", "target_price"),
    Proposal: ("confidence", "stop_price", "target_price", "quantity"),
    Verdict: ("observed", "limit"),
}
_TEXTS = {
    Decision: ("reason", "book"),
    Proposal: ("rationale", "maker"),
    Verdict: ("name", "message"),
}


def storable_decision(decision: Decision) -> Decision:
    """Return an equal decision whose numbers and texts any database returns unchanged."""
    sound = _sound(decision)
    proposal = storable_proposal(decision.proposal)
    return sound if proposal is sound.proposal else replace(sound, proposal=proposal)


def storable_proposal(proposal: Proposal) -> Proposal:
    """Return an equal answer whose numbers, texts and factors come back unchanged."""
    sound = _sound(proposal)
    factors = tuple((storable_text(name), _factor(value)) for name, value in proposal.factors)
    same = all(
        old[0] is new[0] and old[1] is new[1]
        for old, new in zip(proposal.factors, factors, strict=True)
    )
    return sound if same else replace(sound, factors=factors)


def storable_verdicts(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return equal verdicts whose numbers and texts come back unchanged."""
    return tuple(_sound(verdict) for verdict in verdicts)


def storable_text(text: str) -> str:
    """Return the text with NUL and lone surrogates replaced by U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    clean = text.replace("\x00", "\ufffd")
    try:
        clean.encode()
    except UnicodeEncodeError:
        return clean.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return clean if clean != text else text


def _factor(value: float | str | None) -> float | str | None:
    if isinstance(value, str):
        return storable_text(value)
    return value if value is None or type(value) in (int, float, bool) else float(value)


def _sound(value: _Value) -> _Value:
    kind = type(value)
    changes: dict[str, Any] = {}
    for name in _NUMBERS[kind]:
        number = getattr(value, name)
        if number is not None and not _is_plain(number):
            changes[name] = float(number) + 0.0
    for name in _TEXTS[kind]:
        text = getattr(value, name)
        if not text.isascii() or "\x00" in text:
            changes[name] = storable_text(text)
    passed = getattr(value, "passed", None)
    if passed is not None and type(passed) is not bool:
        changes["passed"] = bool(passed)
    return replace(value, **changes) if changes else value


def _is_plain(number: float) -> bool:
    return type(number) is float and (number != 0.0 or math.copysign(1.0, number) > 0.0)
