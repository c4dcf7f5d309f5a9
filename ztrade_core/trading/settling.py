"""Positions at an exchange may be told a moment later than the fills that made them."""

from datetime import datetime, timedelta

from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.plan import within

SETTLES = timedelta(seconds=5)
"""How long after a fill what is held of its symbol concludes nothing."""


def is_settling(desk: TradingDesk, uow: UnitOfWork, epoch: int, symbol: str, at: datetime) -> bool:
    """Return whether a symbol was filled moments ago, as our book knows; never at a simulated account."""
    if not desk.broker.is_external:
        return False
    now = max(at, desk.clock.now())
    return any(
        fill.symbol == symbol and within(now - fill.filled_at, SETTLES)
        for fill in uow.orders.fills(desk.account, epoch)
    )
