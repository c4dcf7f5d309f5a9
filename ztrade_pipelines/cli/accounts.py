"""An account's desk for a command, at the account's own moment: now, or where a rehearsal stands.

A simulated account begins to exist with its first run; until then there is nothing to show.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.assembly.workshop import PAPER, REHEARSAL, Workshop
from ztrade_core.errors import InputError
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.portfolio import Portfolio, portfolio_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """An account that exists: its desk, and the moment it stands at."""

    desk: TradingDesk
    at: datetime
    initial_cash: float
    opened_at: datetime

    def portfolio(self) -> Portfolio:
        """Return its book, marked at its moment."""
        return portfolio_of(self.desk, self.at)


def find_account(workshop: Workshop, account: str) -> OpenAccount | None:
    """Return the account, or None when nothing ever ran on it."""
    with workshop.simulations.transaction(account) as transaction:
        state = transaction.load()
    if state is None:
        return None
    is_paper = account == PAPER
    at = workshop.clock.now() if is_paper else state.advanced_to
    return OpenAccount(
        desk=workshop.live_desk() if is_paper else workshop.rehearsal_desk(at),
        at=at,
        initial_cash=state.initial_cash,
        opened_at=state.opened_at,
    )


def open_account(workshop: Workshop, account: str) -> OpenAccount:
    """Return the account to act on; the paper account may be acted on before its first run.

    Raises InputError for a rehearsal account on which nothing was rehearsed.
    """
    found = find_account(workshop, account)
    if found is not None:
        return found
    if account == REHEARSAL:
        raise InputError(unused(account))
    now = workshop.clock.now()
    cash = workshop.settings.company.broker.initial_cash_usd
    return OpenAccount(desk=workshop.live_desk(), at=now, initial_cash=cash, opened_at=now)


def unused(account: str) -> str:
    """Say that an account does not exist yet, and how it comes to."""
    if account == REHEARSAL:
        return (
            "nothing was rehearsed yet; `ztrade agent run AGENT --as-of TIME` opens the rehearsal"
            " account"
        )
    return f"nothing was traded on the {account} account yet; `ztrade agent run AGENT` opens it"
