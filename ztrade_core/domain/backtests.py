"""A backtest's results as values: the rows of the three backtest tables."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestFill:
    """One execution. `pnl` is the net result of the sold part; None on a buy."""

    timestamp: datetime
    action: str
    symbol: str
    quantity: float
    price: float
    pnl: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityPoint:
    """The agent's allocated capital marked at one bar's completion."""

    timestamp: datetime
    portfolio_value: float
    cash_balance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRun:
    """One run.

    `metrics` by name: null where the number does not exist. `status` is `finished` or
    `failed: <reason>`. `config` is everything that determined the result, the engine included.
    """

    run_id: str
    agent_id: str
    start: datetime
    end: datetime
    metrics: dict[str, float | int | str | None]
    config: dict[str, object]
    status: str
    created_at: datetime
