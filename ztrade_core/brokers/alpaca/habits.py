"""How the broker goes about its work: what it gives up on a price, and how long it waits."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """`collar_bps` is how far below the bid an exit's limit is set, in basis points.

    A quote older than `quote_seconds` (a stock's, in an open session) or `coin_quote_seconds` prices no exit.
    An exit that was sent `rest_seconds` ago and is asked for again goes to the market without a limit.
    A cancelled order is looked at every `poll_seconds` until it is terminal, `cancel_seconds` at most.
    `pause` and `monotonic` are where tests put their own time.
    """

    collar_bps: int = 20
    quote_seconds: float = 60.0
    coin_quote_seconds: float = 15.0
    rest_seconds: float = 30.0
    cancel_seconds: float = 2.0
    poll_seconds: float = 0.1
    pause: Callable[[float], object] = _pause
    monotonic: Callable[[], float] = time.monotonic
