"""The room of reconciliations: what comparing our book with the broker's left."""

from typing import Protocol

from ztrade_core.domain.accounts import Reconciliation


class Reconciliations(Protocol):
    """What comparing our book with the broker's found, and what of it still stands."""

    def put(self, found: Reconciliation) -> None:
        """Add a reconciliation; a quiet one takes the place of a quiet one just before it."""
        ...

    def last(self, account: str, account_epoch: int) -> Reconciliation | None:
        """Return the one that was put last."""
        ...

    def recent(self, account: str, account_epoch: int, limit: int = 20) -> list[Reconciliation]:
        """Return the ones put last, newest first."""
        ...
