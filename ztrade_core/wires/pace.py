"""How fast a vendor may be asked, and when asking must end."""

from datetime import datetime
from typing import Protocol

from ztrade_core.wires.bounded import WireError


class Pace(Protocol):
    """A vendor's limits, shared by whoever asks it."""

    def take(self) -> None:
        """Take one request out of what is allowed; waits where the wait is short.

        Raises:
            RateLimitedError: it must wait longer; says until when.
        """
        ...

    def rest(self, until: datetime) -> None:
        """Let nobody ask before `until`: the vendor itself said that its limit is used up."""
        ...


class Questions:
    """Counts the requests of one question, each within the vendor's pace.

    A vendor that pages without end is given up after `most` requests (`begin` starts a question).
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._left = 0

    def begin(self, most: int) -> None:
        """Start a question that takes `most` requests at most."""
        self._left = most

    def take(self) -> None:
        """Count one request; WireError when there were too many."""
        if self._left <= 0:
            raise WireError("it pages on beyond what the range can hold")
        self._left -= 1
        self._pace.take()
