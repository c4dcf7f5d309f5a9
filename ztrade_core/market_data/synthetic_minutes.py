"""The invented minutes of one session or day: a bridge from its first level to its last.

Integers all the way (cents, shares, 1e-9 of log price) and Philox counters keyed by a hash; the one
exponential is a polynomial of products and sums, which IEEE 754 fixes to the last bit.
"""

from dataclasses import dataclass
from math import isqrt

import numpy as np

from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.market_data.synthetic_levels import NANO, digest

SIXTEEN_BITS = 0xFFFF
FOUR_UNIFORMS_DEVIATION = 37837  # of the sum of four uniforms 0..65535


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """What fixes a day's minutes: log prices in 1e-9 at both ends, `wildness` the day's deviation."""

    stream: str
    day: int
    minutes: int
    base_cents: int
    first_level: int
    last_level: int
    wildness: int
    volume_per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Minutes:
    """One-minute bars as integers, each of shape `(minutes,)`: prices in cents, volume in units."""

    opens: IntArray
    highs: IntArray
    lows: IntArray
    closes: IntArray
    volumes: IntArray


def minutes_of(plan: DayPlan) -> Minutes:
    """Return the minutes of a day, the same at every call."""
    count = plan.minutes
    key = int.from_bytes(digest(plan.stream, "minutes", plan.day)[:16])
    raw = np.random.Philox(key=key).random_raw(2 * count + count // 30 + 1)
    steps, extras, hours = raw[:count], raw[count : 2 * count], raw[2 * count :]
    pace = plan.wildness // isqrt(count)
    moods = 32768 + (hours & np.uint64(SIXTEEN_BITS)).astype(np.int64)  # half hours: 0.5 .. 1.5
    paces = pace * moods[np.arange(count) // 30] // 65536
    cents = _cents(plan.base_cents, _bridge(plan, _four_uniforms(steps) * paces))
    opens, closes = cents[:-1], cents[1:]
    upper, lower = np.maximum(opens, closes), np.minimum(opens, closes)
    rise, fall = _sixteen(extras, 0) * paces // 65536, _sixteen(extras, 16) * paces // 65536
    busy = _sixteen(extras, 32)
    volumes = (
        1 + plan.volume_per_minute * _hours_shape(count) // 1000 * (busy * busy // 65536) // 21845
    )
    return Minutes(
        opens=opens,
        highs=upper + upper * rise // NANO,
        lows=np.maximum(1, lower - lower * fall // NANO),
        closes=closes,
        volumes=volumes * moods[np.arange(count) // 30] // 65536 + 1,
    )


def _sixteen(raw: np.ndarray[tuple[int], np.dtype[np.uint64]], shift: int) -> IntArray:
    return ((raw >> np.uint64(shift)) & np.uint64(SIXTEEN_BITS)).astype(np.int64)


def _four_uniforms(raw: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> IntArray:
    """Return the centred sum of each number's four 16-bit parts."""
    parts = [_sixteen(raw, shift) for shift in (0, 16, 32, 48)]
    return parts[0] + parts[1] + parts[2] + parts[3] - 2 * SIXTEEN_BITS


def _bridge(plan: DayPlan, scaled_steps: IntArray) -> IntArray:
    """Return the log prices at the start of every minute and at the end, in 1e-9."""
    walk = np.concatenate(
        (np.zeros(1, np.int64), np.cumsum(scaled_steps // FOUR_UNIFORMS_DEVIATION))
    )
    places = np.arange(plan.minutes + 1, dtype=np.int64)
    drift = plan.last_level - plan.first_level - int(walk[-1])
    return plan.first_level + walk + drift * places // plan.minutes


def _hours_shape(count: int) -> IntArray:
    """Return volume by time of day in thousandths: busy at both ends, calm in the middle."""
    places = np.arange(count, dtype=np.int64) * 2000 // max(1, count - 1) - 1000
    return 600 + places * places * 1200 // 1_000_000


def _cents(base_cents: int, levels: IntArray) -> IntArray:
    """Return base x exp(level) in cents: the series in x / 16, squared four times."""
    x = levels.astype(np.float64) / (16.0 * float(NANO))
    total: FloatArray = np.ones(len(x))
    for divisor in (9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0):
        total = 1.0 + x * total / divisor
    for _ in range(4):
        total = total * total
    return np.maximum(1, np.rint(float(base_cents) * total).astype(np.int64))
