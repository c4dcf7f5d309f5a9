"""What a person or a schedule asks of a cycle, from plain text to a request.

The command line and Dagster's run configuration both come through here, so that both refuse the
same things with the same words. What does not belong here: doing any of it.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.errors import InputError

EXAMPLE = "2022-12-28T15:00:00Z"
MANUAL_MAKER = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualDecision:
    """A person's decision as written. `confidence` and `rationale` are required but for a hold."""

    action: str
    confidence: float | None = None
    rationale: str | None = None
    stop_price: float | None = None
    target_price: float | None = None
    quantity: float | None = None


def parse_as_of(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that is asked for; None (no text) is the present.

    Raises InputError for text that is no instant, has no offset, or lies after `now`.
    """
    if text is None or not text.strip():
        return None
    try:
        as_of = parse_instant(text.strip())
    except ValueError as error:
        raise InputError(
            f"as_of {text!r} is not an instant with an offset ({error}): write e.g. {EXAMPLE}"
            " or 2022-12-28T10:00:00-05:00, or leave it out for the present"
        ) from error
    if as_of > now:
        raise InputError(
            f"as_of {iso_z(as_of)} lies in the future: the present is {iso_z(now)}; write an"
            f" earlier moment, e.g. {EXAMPLE}, or leave it out for the present"
        )
    return as_of


def parse_mode(text: str | None) -> Mode | None:
    """Return the mode of that name; None (no text) is the agent's own. Raises InputError."""
    if text is None or not text.strip():
        return None
    try:
        return Mode(text.strip())
    except ValueError as error:
        known = ", ".join(Mode)
        raise InputError(f"mode {text!r} is not one of {known}") from error


def manual_proposal(written: ManualDecision) -> Proposal:
    """Return a person's decision as a proposal. Raises InputError for what is missing or unsound."""
    try:
        action = Action(written.action.strip().lower())
    except ValueError as error:
        raise InputError(f"manual_action {written.action!r}: write buy, sell or hold") from error
    is_hold = action is Action.HOLD
    confidence = 1.0 if is_hold and written.confidence is None else written.confidence
    if confidence is None or not 0.0 <= confidence <= 1.0:
        raise InputError(f"manual_confidence {confidence}: write a number from 0 to 1, e.g. 0.7")
    rationale = (written.rationale or "").strip()
    if not rationale and not is_hold:
        raise InputError("manual_rationale is missing: a decision is recorded with its reason")
    for name in ("stop_price", "target_price", "quantity"):
        value = getattr(written, name)
        if value is not None and not value > 0.0:
            raise InputError(f"manual_{name} {value}: write a number above 0, or leave it out")
    return Proposal(
        action=action,
        confidence=confidence,
        rationale=rationale or "a person holds",
        maker=MANUAL_MAKER,
        stop_price=written.stop_price,
        target_price=written.target_price,
        quantity=written.quantity,
    )
