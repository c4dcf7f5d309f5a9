"""How bars fill orders and what trading costs: small plain functions on scalars.

Live simulation calls them as they are; a compiled kernel compiles these very functions. So: no
numba import, no dataclasses, one fixed order of operations. NaN means "no price". Prices USD,
fractions 0..1. Source: DESIGN section 7.
"""

import math

TICK_TOLERANCE = 1e-9

ENTRY_EXPIRES = 0
ENTRY_AT_OPEN = 1
ENTRY_INSIDE_BAR = 2
ENTRY_CANCELED = 3


def entry_state(
    open_price: float, low: float, volume: float, limit: float, stop: float, tick: float
) -> int:
    """Return what a one-bar entry does in a bar; `limit` infinite is a market order.

    ENTRY_CANCELED when the bar opens at or below the stop; ENTRY_EXPIRES when it does not fill or
    nothing traded.
    """
    if not volume > 0.0:
        return ENTRY_EXPIRES
    if open_price <= stop:
        return ENTRY_CANCELED
    if open_price <= limit:
        return ENTRY_AT_OPEN
    if limit - low >= tick - TICK_TOLERANCE:
        return ENTRY_INSIDE_BAR
    return ENTRY_EXPIRES


def entry_price(state: int, open_price: float, limit: float, slippage_fraction: float) -> float:
    """Return the fill price of an entry that `entry_state` says fills, else NaN."""
    if state == ENTRY_AT_OPEN:
        return min(open_price * (1.0 + slippage_fraction), limit)
    if state == ENTRY_INSIDE_BAR:
        return limit
    return math.nan


def exit_price(open_price: float, volume: float, slippage_fraction: float) -> float:
    """Return the fill price of a market sell at the open, NaN when nothing traded."""
    if not volume > 0.0:
        return math.nan
    return open_price * (1.0 - slippage_fraction)


def stop_fill_price(open_price: float, low: float, volume: float, stop: float) -> float:
    """Return where a long's stop sells in a bar: min(open, stop) once touched, else NaN."""
    if not volume > 0.0:
        return math.nan
    if low <= stop:
        return min(open_price, stop)
    return math.nan


def target_fill_price(
    open_price: float, high: float, volume: float, target: float, tick: float
) -> float:
    """Return where a long's target sells in a bar: max(open, target) once passed by a tick, else NaN."""
    if not volume > 0.0:
        return math.nan
    if high - target >= tick - TICK_TOLERANCE:
        return max(open_price, target)
    return math.nan


def level_from_fill(level: float, reference_price: float, fill_price: float) -> float:
    """Return a stop or target moved to the fill: as far from it as it was from the decision."""
    return fill_price * (level / reference_price)


def commission_usd(quantity: float, price: float, bps: float) -> float:
    """Return the commission in USD on a fill's notional."""
    return quantity * price * bps / 10000.0


def commission_in_coin(quantity: float, bps: float) -> float:
    """Return the commission of a crypto buy, taken in the coin."""
    return quantity * bps / 10000.0


def cash_after_buy(cash: float, quantity: float, price: float, fee_usd: float) -> float:
    """Return cash after paying for a buy."""
    return cash - quantity * price - fee_usd


def cash_after_sell(cash: float, quantity: float, price: float, fee_usd: float) -> float:
    """Return cash after the proceeds of a sell."""
    return cash + quantity * price - fee_usd
