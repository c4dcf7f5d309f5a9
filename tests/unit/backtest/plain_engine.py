"""DESIGN section 7 once more, written plainly and from the text alone: what the loop must equal.

One agent, one symbol, scripted decisions. Nothing of `ztrade_core` is used: a second opinion that
shared the first one's arithmetic would be none. Floats, in the order of operations of the text.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Row = tuple[float, float, float, float, float]
"""Open, high, low, close, volume."""

Wish = tuple[str, float | None]
"""`buy` or `sell`, and how much; a sell of None is a sell of everything."""

OPENING_CASH = 100_000.0
ALLOCATED = 10_000.0


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is traded, and on which terms. `collar_bps` None is a market order."""

    is_crypto: bool
    commission_bps: float
    slippage_bps: float
    collar_bps: float | None
    stop_fraction: float = 0.03
    target_fraction: float = 0.06
    volume_fraction: float = 0.1
    from_fill: bool = False


@dataclass(kw_only=True)
class _Entry:
    limit: float
    stop: float
    target: float
    quantity: float
    close: float


@dataclass(kw_only=True)
class _Account:
    cash: float = OPENING_CASH
    held: float = 0.0
    stop: float = 0.0
    target: float = 0.0
    entry: _Entry | None = None
    exit: float | None = None
    fills: list[tuple[int, str, float, float]] = field(default_factory=list)
    """Number of the bar, why, quantity, price."""


def plain_backtest(
    rows: Sequence[Row], wishes: Mapping[int, Wish], terms: Terms, closing: frozenset[int]
) -> tuple[list[tuple[int, str, float, float]], list[float]]:
    """Return fills, and the allocated capital marked at every close.

    `closing` are the numbers of the bars that end a stock session.
    """
    account, equity = _Account(), []
    for number, row in enumerate(rows):
        _play(account, number, row, terms)
        worth = account.cash + account.held * row[3] if account.held else account.cash
        equity.append(ALLOCATED + (worth - OPENING_CASH))
        _decide(account, row, wishes.get(number), terms, is_closing=number in closing)
    return account.fills, equity


def _play(account: _Account, number: int, row: Row, terms: Terms) -> None:
    start, volume = row[0], row[4]
    entry, account.entry = account.entry, None
    if not volume > 0.0:
        return
    slippage = terms.slippage_bps / 10000.0
    if account.exit is not None:
        _sell(account, (number, "exit"), account.exit, start * (1.0 - slippage), terms)
        account.exit = None
    inside = False
    if entry is not None and start > entry.stop:
        if start <= entry.limit:
            _buy(account, number, entry, min(start * (1.0 + slippage), entry.limit), terms)
        elif _ticks_between(row[2], entry.limit) >= 1.0 - 1e-6:
            inside = True
            _buy(account, number, entry, entry.limit, terms)
    _play_legs(account, number, row, terms, may_profit=not inside and not terms.is_crypto)


def _play_legs(account: _Account, number: int, row: Row, terms: Terms, *, may_profit: bool) -> None:
    start, high, low, _, _ = row
    if account.held and low <= account.stop:
        _sell(account, (number, "stop"), account.held, min(start, account.stop), terms)
    passed = _ticks_between(account.target, high, at=account.target) >= 1.0 - 1e-6
    if account.held and may_profit and passed:
        _sell(account, (number, "target"), account.held, max(start, account.target), terms)


def _decide(
    account: _Account, row: Row, wish: Wish | None, terms: Terms, *, is_closing: bool
) -> None:
    close, volume = row[3], row[4]
    if terms.is_crypto and account.held and close >= account.target:
        wish = ("sell", None)
    if wish is None or account.exit is not None:
        return
    action, wanted = wish
    if action == "sell" and account.held:
        leaving = account.held if wanted is None else min(account.held, wanted)
        account.exit = _lots_down(leaving, terms) or None
    elif action == "buy" and not account.held and (terms.is_crypto or not is_closing):
        allowed = _lots_down(terms.volume_fraction * volume, terms)
        quantity = min(_lots_down(wanted or 0.0, terms), allowed)
        if quantity > 0.0:
            account.entry = _entry(close, quantity, terms)


def _entry(close: float, quantity: float, terms: Terms) -> _Entry:
    limit = math.inf
    if terms.collar_bps is not None:
        limit = _grid(close * (1.0 + terms.collar_bps / 10000.0), up=False)
    return _Entry(
        limit=limit,
        stop=_grid(close * (1.0 - terms.stop_fraction), up=True),
        target=_grid(close * (1.0 + terms.target_fraction), up=True),
        quantity=quantity,
        close=close,
    )


def _buy(account: _Account, number: int, entry: _Entry, price: float, terms: Terms) -> None:
    quantity = entry.quantity
    fee = 0.0 if terms.is_crypto else quantity * price * terms.commission_bps / 10000.0
    account.cash = account.cash - quantity * price - fee
    account.held = quantity
    if terms.is_crypto:
        account.held = _lots_down(quantity - quantity * terms.commission_bps / 10000.0, terms)
    account.stop, account.target = entry.stop, entry.target
    if terms.from_fill:
        account.stop = _grid(price * (entry.stop / entry.close), up=True)
        account.target = _grid(price * (entry.target / entry.close), up=True)
    account.fills.append((number, "entry", quantity, price))


def _sell(
    account: _Account, why: tuple[int, str], quantity: float, price: float, terms: Terms
) -> None:
    fee = quantity * price * terms.commission_bps / 10000.0
    account.cash = account.cash + quantity * price - fee
    account.fills.append((*why, quantity, price))
    account.held = round(account.held - quantity, 8)


def _lots_down(quantity: float, terms: Terms) -> float:
    """Whole shares, or 1e-8 of a coin; a last bit under a lot is the lot."""
    lots = quantity * (1e8 if terms.is_crypto else 1.0)
    nearest = round(lots)
    whole = nearest if abs(lots - nearest) < 1e-6 else math.floor(lots)
    return whole / (1e8 if terms.is_crypto else 1.0)


def _grid(price: float, *, up: bool) -> float:
    """A cent, below one dollar a hundredth of one; a last bit off the grid is on it."""
    per_dollar = 100.0 if price >= 1.0 else 10000.0
    ticks = price * per_dollar
    nearest = round(ticks)
    if abs(ticks - nearest) < 1e-6:
        return nearest / per_dollar
    return (math.ceil(ticks) if up else math.floor(ticks)) / per_dollar


def _ticks_between(low: float, high: float, at: float | None = None) -> float:
    price = high if at is None else at
    return (high - low) * (100.0 if price >= 1.0 else 10000.0)
