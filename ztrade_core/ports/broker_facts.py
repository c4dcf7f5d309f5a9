"""What a real broker can be asked beyond orders. A failed question raises TransientBrokerError."""

from datetime import date
from typing import Protocol, runtime_checkable

from ztrade_core.domain.brokerage import AccountStanding, BrokerAsset, BrokerClock, BrokerSession


class BrokerFacts(Protocol):
    """Questions whose answers rules and checks compare with our own."""

    def standing(self) -> AccountStanding:
        """Return the account as the broker shows it."""
        ...

    def clock(self) -> BrokerClock:
        """Return the broker's time, to be compared with ours."""
        ...

    def sessions(self, start: date, stop: date) -> tuple[BrokerSession, ...]:
        """Return the stock sessions of the days `start <= day <= stop`, ascending."""
        ...

    def asset(self, symbol: str) -> BrokerAsset | None:
        """Return what the broker says of a symbol; None when it has no such asset."""
        ...


@runtime_checkable
class LongOnlySwitch(Protocol):
    """An account at which sells of what is not held can be forbidden."""

    def make_long_only(self) -> None:
        """Forbid them; may be repeated. TransientBrokerError when the broker did not say that it is so."""
        ...
