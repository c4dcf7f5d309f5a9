"""One lock over a fake, taken by each public call from whichever thread; each call is looked over at its end."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar


class Controlled:
    """Has a lock, and `look_over`, which runs when the outermost call ends, however it ends."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.calls_within = 0

    def look_over(self) -> None:
        """Look at what a call has left."""

    def looked_over(self) -> None:
        """Look now, as at the end of a call."""
        with self.lock:
            self.calls_within += 1
            try:
                self.look_over()
            finally:
                self.calls_within -= 1


ControlledT = TypeVar("ControlledT", bound=Controlled)
CallT = ParamSpec("CallT")
AnswerT = TypeVar("AnswerT")


def controlled(
    method: Callable[Concatenate[ControlledT, CallT], AnswerT],
) -> Callable[Concatenate[ControlledT, CallT], AnswerT]:
    """Make a method hold the lock, and have what it leaves looked over."""

    @wraps(method)
    def held(self: ControlledT, *args: CallT.args, **kwargs: CallT.kwargs) -> AnswerT:
        with self.lock:
            self.calls_within += 1
            try:
                return method(self, *args, **kwargs)
            finally:
                self.calls_within -= 1
                if self.calls_within == 0:
                    self.looked_over()

    return held
