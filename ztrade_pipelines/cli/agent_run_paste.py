"""An answer at a terminal: what is pasted is read as one paste, and what follows it confirms nothing.

A terminal hands over line by line. Lines are taken until the object is whole, an empty line, or the end;
what comes along at once belongs to the same paste. What does not belong here: what an answer must be.
"""

import os
import select
import termios

from ztrade_core.decision_makers.brackets import is_whole

MOST_CHARACTERS = 1024 * 1024
"""So much of a paste is looked at; of what is longer the end is let go of."""
PAUSE_SECONDS = 0.25
_CHUNK = 64 * 1024


def pasted(descriptor: int, most: int) -> str | None:
    """Return what was pasted, empty for an empty line; None at the end of the input.

    Above `most` characters it is not waited for the object's end.
    """
    text = ""
    while True:
        line = os.read(descriptor, _CHUNK).decode("utf-8", "replace")
        if not line:
            return text or None
        text += line
        if not line.strip() or len(text) > most or is_whole(text):
            return (text + _rest(descriptor))[:MOST_CHARACTERS].strip()


def forget_typed(descriptor: int) -> None:
    """Let go of what was typed ahead: it was no answer to a question that was not asked yet."""
    termios.tcflush(descriptor, termios.TCIFLUSH)


def _rest(descriptor: int) -> str:
    """Return what has arrived with it already, as long as more keeps arriving."""
    found, kept = [], 0
    while select.select([descriptor], [], [], PAUSE_SECONDS)[0]:
        more = os.read(descriptor, _CHUNK)
        if not more:
            break
        if kept < MOST_CHARACTERS:
            found.append(more)
            kept += len(more)
    return b"".join(found).decode("utf-8", "replace")
