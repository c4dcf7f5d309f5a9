"""An account's desk for a command, at the account's own moment: now, or where a rehearsal stands.

The paper account always is; the rehearsal account begins with its first run, and until then there
is nothing to show.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.assembly.places import BrokerPlace, place_of
from ztrade_core.assembly.workshop import PAPER, Workshop
from ztrade_core.errors import InputError
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.portfolio import Portfolio, portfolio_of

UNUSED = "nothing was rehearsed yet; `ztrade agent run AGENT --as-of TIME` begins"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """An account that exists: its desk, and the moment it stands at.

    The last two are None where somebody else opened the account: at a real broker.
    """

    desk: TradingDesk
    at: datetime
    initial_cash: float | None
    opened_at: datetime | None

    def portfolio(self) -> Portfolio:
        """Return its book, marked at its moment."""
        return portfolio_of(self.desk, self.at)

    def place(self, portfolio: Portfolio) -> BrokerPlace:
        """Return which account at which broker its book is about."""
        return place_of(self.desk, portfolio.account_epoch)


def find_account(workshop: Workshop, account: str) -> OpenAccount | None:
    """Return the account, or None for a rehearsal account on which nothing was rehearsed.

    Asks no broker: a person's hand needs the desk although the broker is down.
    """
    if account == PAPER and workshop.alpaca is not None:
        now = workshop.clock.now()
        return OpenAccount(desk=workshop.live_desk(), at=now, initial_cash=None, opened_at=None)
    with workshop.simulations.transaction(account) as transaction:
        state = transaction.load()
    is_paper = account == PAPER
    if state is None and not is_paper:
        return None
    now = workshop.clock.now()
    at = now if is_paper or state is None else state.advanced_to
    cash = workshop.settings.company.broker.initial_cash_usd
    return OpenAccount(
        desk=workshop.live_desk() if is_paper else workshop.rehearsal_desk(at),
        at=at,
        initial_cash=cash if state is None else state.initial_cash,
        opened_at=now if state is None else state.opened_at,
    )


def open_account(workshop: Workshop, account: str) -> OpenAccount:
    """Return the account to act on. Raises InputError when nothing was rehearsed on it."""
    found = find_account(workshop, account)
    if found is None:
        raise InputError(UNUSED)
    return found
