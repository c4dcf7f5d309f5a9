"""What a person or a schedule asks of a cycle, from plain text to a request.

The command line and Dagster's run configuration both come through here, so that both refuse the
same things with the same words. What does not belong here: doing any of it.
"""

from datetime import datetime

from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.errors import InputError

EXAMPLE = "2022-12-28T15:00:00Z"


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
        known = ", ".join(mode for mode in Mode if mode is not Mode.RECORDED)
        raise InputError(f"mode {text!r} is not one of {known}") from error
