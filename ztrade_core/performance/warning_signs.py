"""Signs that a backtest is too good, too busy or too narrow to be believed; each one sentence.

Nothing here judges: a sign is a reason to look again. Not here: what luck explains (`significance`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ztrade_core.performance.trades import RoundTrip

MOST_WINS = 0.95
MOST_TRADES = 500
BUSY_DAYS = 60
FEWEST_TRADES = 30

Value = float | int | str
Grid = Mapping[str, Sequence[Value]]


def warning_signs(
    trades: Sequence[RoundTrip],
    *,
    grid: Grid | None = None,
    chosen: Mapping[str, Value] | None = None,
) -> list[str]:
    """Return a sentence for each sign found in closed trades and in the parameters chosen.

    `grid` maps a parameter to the values that were tried, `chosen` to the value that was taken.
    """
    found = [_too_good(trades), _too_busy(trades), _too_few(trades)]
    signs = [sentence for sentence in found if sentence]
    for name, value, end in parameters_on_edge(grid or {}, chosen or {}):
        signs.append(
            f"{name} = {value} is the {end} value that was tried: the best may lie outside the grid"
        )
    return signs


def parameters_on_edge(grid: Grid, chosen: Mapping[str, Value]) -> list[tuple[str, Value, str]]:
    """Return (name, value, `lowest` or `highest`) of each choice on the end of what was tried.

    A parameter of which one number only was tried has no edge, nor has one whose values are texts.
    A value outside what was tried counts as its nearer end.
    """
    edges: list[tuple[str, Value, str]] = []
    for name, tried in grid.items():
        numbers = sorted({float(v) for v in tried if isinstance(v, int | float)})
        value = chosen.get(name)
        if len(numbers) < 2 or not isinstance(value, int | float):  # noqa: PLR2004 - two ends
            continue
        if value <= numbers[0]:
            edges.append((name, value, "lowest"))
        elif value >= numbers[-1]:
            edges.append((name, value, "highest"))
    return edges


def most_trades_within(trades: Sequence[RoundTrip], days: int) -> tuple[int, datetime | None]:
    """Return the most trades closed within so many calendar days, and where that window begins."""
    closed = sorted(trade.closed_at for trade in trades)
    most, since, first = 0, None, 0
    for last, instant in enumerate(closed):
        while instant - closed[first] >= timedelta(days=days):
            first += 1
        if last - first + 1 > most:
            most, since = last - first + 1, closed[first]
    return most, since


def _too_good(trades: Sequence[RoundTrip]) -> str:
    wins = sum(1 for trade in trades if trade.pnl_usd > 0.0)
    if not trades or wins / len(trades) <= MOST_WINS:
        return ""
    return (
        f"closed trades won: {wins} of {len(trades)}, more than {100.0 * MOST_WINS:.0f} %: look for"
        " a peek into the future, or for losses that are never taken"
    )


def _too_busy(trades: Sequence[RoundTrip]) -> str:
    most, since = most_trades_within(trades, BUSY_DAYS)
    if most <= MOST_TRADES or since is None:
        return ""
    return (
        f"{most} trades closed within {BUSY_DAYS} days from {since:%Y-%m-%d}, more than"
        f" {MOST_TRADES}: costs and fills decide such a result"
    )


def _too_few(trades: Sequence[RoundTrip]) -> str:
    if not 0 < len(trades) < FEWEST_TRADES:
        return ""
    return (
        f"closed trades: {len(trades)}, fewer than {FEWEST_TRADES}: their figures say little about"
        " the next ones"
    )
