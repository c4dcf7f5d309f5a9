"""The arithmetic of limits: plain functions on scalars, the same live, simulated and compiled.

Contract: floats in, float or bool out; `math` only; one fixed order of operations. NaN in any
argument never allows anything: a comparison is asked in the direction in which NaN denies, a
quantity becomes 0. What does not belong here: dataclasses, messages, anything that is not a number.
"""

import math

from ztrade_core.domain.instruments import GRID_TOLERANCE, price_down, price_up

RELATIVE_TOLERANCE = 1e-9
FIT_TOLERANCE = 5e-10
LOT_TOLERANCE = 1e-9
BPS_PER_UNIT = 10000.0
HALF_A_LOT = 0.5
MOST_LOTS = 9e18


def within(observed: float, limit: float) -> bool:
    """Return whether `observed` is at most `limit`; exactly at it is, one cent over is not."""
    if not (math.isfinite(observed) and math.isfinite(limit)):
        return False
    return observed - limit <= RELATIVE_TOLERANCE * abs(limit)


def at_least(observed: float, limit: float) -> bool:
    """Return whether `observed` is at least `limit`; exactly at it is."""
    if not (math.isfinite(observed) and math.isfinite(limit)):
        return False
    return limit - observed <= RELATIVE_TOLERANCE * abs(limit)


def below(observed: float, limit: float) -> bool:
    """Return whether `observed` is under `limit`; exactly at it is not."""
    if not (math.isfinite(observed) and math.isfinite(limit)):
        return False
    return limit - observed > RELATIVE_TOLERANCE * abs(limit)


def least(first: float, second: float) -> float:
    """Return the smaller of two; NaN when either is NaN (the builtin `min` may drop it)."""
    if first <= second:
        return first
    if second < first:
        return second
    return math.nan


def total_capital(day_base_equity: float, equity: float) -> float:
    """Return min(equity at 00:00 New York, equity now); NaN when either is NaN."""
    return least(day_base_equity, equity)


def gross_value(quantity: float, mark: float) -> float:
    """Return what a position adds to gross exposure, in USD: never negative."""
    return abs(quantity * mark)


def fraction_of(part: float, whole: float) -> float:
    """Return `part / whole`; NaN when `whole` is not a positive number."""
    if not (whole > 0.0 and math.isfinite(whole)):
        return math.nan
    return part / whole


def entry_fee_usd(quantity: float, price: float, fee_bps: float) -> float:
    """Return the fee of an entry in USD, wherever it is taken."""
    return quantity * price * fee_bps / BPS_PER_UNIT


def entry_notional_usd(quantity: float, limit_price: float, fee_bps: float) -> float:
    """Return what the rules judge: quantity x limit price + fees."""
    return quantity * limit_price + entry_fee_usd(quantity, limit_price, fee_bps)


def stop_is_valid(stop_price: float, limit_price: float) -> bool:
    """Return whether a long's stop is a positive number below its limit price."""
    return math.isfinite(limit_price) and 0.0 < stop_price < limit_price


def target_is_valid(target_price: float, limit_price: float) -> bool:
    """Return whether a long's target is a number above its limit price."""
    return math.isfinite(target_price) and 0.0 < limit_price < target_price


def price_gap_bps(price: float, reference: float) -> float:
    """Return how far a price is from a reference, either way, in basis points of the reference."""
    return fraction_of(abs(price - reference), reference) * BPS_PER_UNIT


def stop_distance_fraction(limit_price: float, stop_price: float) -> float:
    """Return how far a long's stop is below its limit price, as a fraction of that price."""
    return fraction_of(limit_price - stop_price, limit_price)


def is_covered(protected_quantity: float, quantity: float, lots_per_unit: float) -> bool:
    """Return whether stops cover a long position to within half a lot (what is left is dust)."""
    return (quantity - protected_quantity) * lots_per_unit <= HALF_A_LOT


def daily_loss_fraction(day_base_equity: float, equity: float) -> float:
    """Return the day's loss as a fraction of the day's base; a gain is negative."""
    return fraction_of(day_base_equity - equity, day_base_equity)


def drawdown_fraction(peak_equity: float, equity: float) -> float:
    """Return how far equity stands below its peak, as a fraction >= 0."""
    if peak_equity <= equity < math.inf:
        return fraction_of(0.0, peak_equity)
    return fraction_of(peak_equity - equity, peak_equity)


def is_correlated(correlation: float, threshold: float) -> bool:
    """Return whether a pair counts as correlated: above the threshold, or not known (NaN)."""
    return not within(correlation, threshold)


def headroom_usd(limit_fraction: float, capital: float, standing_usd: float) -> float:
    """Return the room a limit leaves beside what stands, in USD; negative when over it."""
    return limit_fraction * capital - standing_usd


def risk_bound_usd(risk_usd: float, limit_price: float, stop_price: float) -> float:
    """Return the notional whose loss at the stop is `risk_usd`; NaN without a valid stop."""
    if not stop_is_valid(stop_price, limit_price):
        return math.nan
    return risk_usd / (limit_price - stop_price) * limit_price


def collared_price(close: float, collar_bps: float) -> float:
    """Return the limit price of a marketable buy: the close plus the collar, on the tick."""
    return price_down(close * (1.0 + collar_bps / BPS_PER_UNIT))


def stop_below(close: float, fraction: float) -> float:
    """Return a long's stop that far below the close, rounded up to the tick."""
    return price_up(close * (1.0 - fraction))


def target_above(close: float, fraction: float) -> float:
    """Return a long's target that far above the close, rounded up to the tick."""
    return price_up(close * (1.0 + fraction))


def quantity_on_lots(quantity: float, lots_per_unit: float) -> float:
    """Return a quantity floored to the lot; 0 for NaN, negative or endless ones."""
    lots = quantity * lots_per_unit + GRID_TOLERANCE
    if not (0.0 < lots < MOST_LOTS):
        return 0.0
    return math.floor(lots) / lots_per_unit


def quantity_within_usd(
    bound_usd: float, limit_price: float, fee_bps: float, lots_per_unit: float
) -> float:
    """Return the largest quantity whose notional, fees included, is at most `bound_usd`.

    The lot tolerance repairs a division's last bit; it never lets the notional over the bound by
    more than half of what `within` forgives.
    """
    unit_usd = entry_notional_usd(1.0, limit_price, fee_bps)
    if not (bound_usd > 0.0 and 0.0 < unit_usd < math.inf):
        return 0.0
    lots = bound_usd / unit_usd * lots_per_unit + LOT_TOLERANCE
    if not (0.0 < lots < MOST_LOTS):
        return 0.0
    whole = math.floor(lots)
    notional_usd = entry_notional_usd(whole / lots_per_unit, limit_price, fee_bps)
    if notional_usd - bound_usd > FIT_TOLERANCE * bound_usd:
        whole = whole - 1
    return whole / lots_per_unit


def quantity_in_room(
    room_usd: float, limit_price: float, fee_bps: float, lots_per_unit: float
) -> float:
    """Return the largest quantity that fits into a room in USD; any, where the room is infinite."""
    if room_usd == math.inf:
        return math.inf
    return quantity_within_usd(room_usd, limit_price, fee_bps, lots_per_unit)


def quantity_within_volume(
    max_volume_fraction: float, bar_volume: float, lots_per_unit: float
) -> float:
    """Return the largest quantity that the decision bar's volume allows."""
    return quantity_on_lots(max_volume_fraction * bar_volume, lots_per_unit)
