"""Where a simulated broker keeps its books."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.orders import BrokerOrder, Fill
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.domain.simulation import SimulatedAccount


class SimulationTransaction(Protocol):
    """One exclusive transaction on one simulated account."""

    def load(self) -> SimulatedAccount | None:
        """Return the newest epoch of the account, working orders and positions with it; or None."""
        ...

    def open_epoch(self, account: SimulatedAccount) -> None:
        """Start an epoch (1, or the next one)."""
        ...

    def save(self, account: SimulatedAccount) -> None:
        """Write cash, time, positions and working orders as they now are."""
        ...

    def close_order(self, order: BrokerOrder) -> None:
        """Keep an order that became terminal."""
        ...

    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """Return an order of this epoch by id, working or terminal."""
        ...

    def add_fill(self, fill: Fill) -> None:
        """Append an execution."""
        ...

    def fills(self, *, after: datetime | None) -> list[Fill]:
        """Return executions of this epoch known after `after`, oldest first."""
        ...

    def add_rebasing(self, rebasing: Rebasing) -> None:
        """Keep a split that was applied. Raises StoreError when the position's is there already."""
        ...

    def rebasings(self, position_id: str | None = None) -> list[Rebasing]:
        """Return the splits applied to a position (None: to any) of this epoch, oldest first."""
        ...


class SimulationStore(Protocol):
    """Opens transactions on simulated accounts."""

    def transaction(self, account: str) -> AbstractContextManager[SimulationTransaction]:
        """Open the exclusive transaction of one account; commits at the end, rolls back on error."""
        ...
