"""The simulated broker's own books: as much the broker's as Alpaca's database is Alpaca's.

Our order and position tables never mix with these. Money and quantities are float64, moved by the
functions of `ztrade_core.fills` only.
"""

from dataclasses import dataclass, field
from datetime import datetime

from ztrade_core.domain.orders import BrokerOrder
from ztrade_core.domain.time import Timeframe


@dataclass(slots=True, kw_only=True)
class SimulatedPosition:
    """What the simulated account holds of one symbol."""

    symbol: str
    agent_id: str
    position_id: str
    timeframe: Timeframe
    quantity: float
    average_price: float
    entered_bar: datetime


@dataclass(slots=True, kw_only=True)
class SimulatedAccount:
    """One epoch of a simulated account, in memory while a transaction works on it.

    `advanced_to`: every bar complete by then has been played. `positions` by symbol; `orders`:
    the working ones by client order id, in order of arrival.
    """

    account: str
    account_epoch: int
    opened_at: datetime
    initial_cash: float
    cash: float
    advanced_to: datetime
    positions: dict[str, SimulatedPosition] = field(default_factory=dict)
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
