"""How many requests Alpaca still takes in this minute, as its last answer said."""

import time
from collections.abc import Callable, Mapping

_HEADER = "X-RateLimit-Remaining"
_MINUTE = 60.0


class Allowance:
    """Keeps the last answer's figure; after a minute it says nothing any more."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told: tuple[int, float] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Take the figure from an answer's headers, where there is one."""
        told = headers.get(_HEADER, "")
        if told.isascii() and told.isdigit() and len(told) < len(str(10**9)):
            self._told = (int(told), self._monotonic())

    def left(self) -> int | None:
        """Return how many requests are left; None when nobody said so within the minute."""
        if self._told is None or self._monotonic() - self._told[1] >= _MINUTE:
            return None
        return self._told[0]
