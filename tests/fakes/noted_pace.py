"""A pace that lets everything pass, and notes until when it was told to rest."""

from datetime import datetime

from ztrade_core.wires.pace import Pace


class NotedPace(Pace):
    """`rests` are the moments, in the order they came; `taken` counts requests."""

    def __init__(self) -> None:
        self.taken = 0
        self.rests: list[datetime] = []

    def take(self) -> None:
        """Let everything pass."""
        self.taken += 1

    def rest(self, until: datetime) -> None:
        """Note it."""
        self.rests.append(until)
