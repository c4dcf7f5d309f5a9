"""The room of rebasings: which splits our book has applied to which positions."""

from typing import Protocol

from ztrade_core.domain.rebasing import Rebasing


class Rebasings(Protocol):
    """One row a position and split; append-only."""

    def add(self, rebasing: Rebasing) -> bool:
        """Keep one; False when the position's split of that day is there already."""
        ...

    def of_position(self, account: str, account_epoch: int, position_id: str) -> list[Rebasing]:
        """Return a position's, oldest first."""
        ...

    def all(self, account: str, account_epoch: int) -> list[Rebasing]:
        """Return every one of an account, by (ex-date, position)."""
        ...
