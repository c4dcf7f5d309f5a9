"""Which account at which broker is meant: what a person must see beside every figure."""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.configuration import SIMULATED
from ztrade_core.trading.desk import TradingDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPlace:
    """Where an account's orders go. The last three are None on a simulated account."""

    broker: str
    account_epoch: int
    account_number: str | None
    host: str | None
    first_seen_at: datetime | None

    @property
    def text(self) -> str:
        """In words: `alpaca paper account PA3ABC`, or `simulated`."""
        if self.account_number is None:
            return self.broker
        return f"{self.broker} paper account {self.account_number}"


def place_of(desk: TradingDesk, account_epoch: int) -> BrokerPlace:
    """Return where an epoch of the desk's account is; asks our own store only."""
    with desk.store.reading() as uow:
        known = uow.accounts.broker_account(desk.account, account_epoch)
    return BrokerPlace(
        broker=SIMULATED if known is None else known.broker,
        account_epoch=account_epoch,
        account_number=None if known is None else known.account_number,
        host=desk.broker.host,
        first_seen_at=None if known is None else known.first_seen_at,
    )
