"""A broker, as small as trading needs it.

Contract, the same for every implementation:
- a lookup that fails raises TransientBrokerError; it never answers "nothing";
- `submit` of an id that the broker has seen returns the order it has, and creates no second one;
- `submit` and `cancel` raise OrderRejectedError for a definite no, OrderStateUnknownError for any
  answer that was not understood. Neither retries;
- `close` keeps what holds of `submit`, and may be called again for an exit that is already there.
"""

from datetime import datetime
from typing import Protocol

from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.orders import BrokerOrder, Fill, OrderRequest
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.ports.market import MarketView


class Broker(Protocol):
    """One account at one broker."""

    @property
    def account(self) -> str:
        """The account's name: `paper`, `rehearsal`, `backtest`."""
        ...

    @property
    def fee_bps_by_asset(self) -> tuple[float, float]:
        """Commission of stocks and of crypto in basis points, for reserving an entry's worst cost."""
        ...

    @property
    def is_paper(self) -> bool:
        """Whether no order here can move real money; known without asking anybody."""
        ...

    @property
    def host(self) -> str | None:
        """The address orders are sent to, scheme included; None where nothing is contacted."""
        ...

    @property
    def is_external(self) -> bool:
        """Whether orders rest at an exchange that moves by itself, in the world's time.

        There an open sell reserves what it sells, so a stop and its target are one pair; orders may
        die with the session; a coin's stop can be gapped through; and nobody but us ends an entry
        at the end of its bar. Known without asking anybody.
        """
        ...

    def epoch(self) -> int:
        """Return the account's epoch; a reset starts a new one."""
        ...

    def account_time(self) -> datetime | None:
        """Return the moment a simulated account stands at; None where time is the world's."""
        ...

    def cash(self) -> float:
        """Return settled cash in USD."""
        ...

    def positions(self) -> dict[str, float]:
        """Return quantity by symbol, flat ones absent."""
        ...

    def open_orders(self) -> tuple[BrokerOrder, ...]:
        """Return every order that may still fill, legs included."""
        ...

    def order_by_client_id(self, client_order_id: str) -> BrokerOrder | None:
        """Return the order; None only when the broker definitely has none of that id."""
        ...

    def fills(self, *, after: datetime | None = None) -> tuple[Fill, ...]:
        """Return executions known after `after` (all when None), oldest first."""
        ...

    def rebasings(self) -> tuple[Rebasing, ...]:
        """Return the splits that a simulated account applied; an exchange shows them in positions only."""
        return ()

    def submit(self, request: OrderRequest) -> BrokerOrder:
        """Send an order once."""
        ...

    def close(self, request: OrderRequest) -> BrokerOrder:
        """Send an exit in place of what reserves its position's shares; the stop stays if it can.

        An exit that the broker has and that rests away from the market is moved to it.
        """
        ...

    def quote(self, symbol: str) -> Quote | None:
        """Return the latest quote; None where there are none (a simulated account)."""
        ...

    def cancel(self, client_order_id: str) -> BrokerOrder:
        """Cancel an order; a terminal one is returned as it is."""
        ...

    def advance(self, view: MarketView, until: datetime) -> None:
        """Play the bars complete by `until` on a simulated account; does nothing at a real one.

        Raises InputError when `until` lies before the account's time: it never runs backwards.
        """
        ...
