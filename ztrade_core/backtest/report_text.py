"""How numbers, moments and metrics read in a report. What does not exist is a dash."""

import math
from datetime import datetime

from ztrade_core.domain.time import require_utc
from ztrade_core.performance.definitions import (
    A_YEAR,
    COUNT,
    DAYS,
    FRACTION,
    HOURS,
    PROBABILITY,
    USD,
    definition_of,
)

ABSENT = "-"
Value = float | int | str | None


def percent(fraction: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Return a fraction as per cent: `3.00 %`, `+3.00 %` when signed."""
    if fraction is None or not math.isfinite(fraction):
        return ABSENT
    shown = _signless_zero(100.0 * fraction, digits)
    return f"{shown:{'+' if signed and shown != 0.0 else ''},.{digits}f} %"


def usd(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Return dollars: `$1,234.50`, `-$3.20`, `+$3.20` when signed."""
    if value is None or not math.isfinite(value):
        return ABSENT
    shown = _signless_zero(value, digits)
    sign = "-" if shown < 0.0 else "+" if signed and shown > 0.0 else ""
    return f"{sign}${abs(shown):,.{digits}f}"


def number(value: float | None, digits: int = 2) -> str:
    """Return a plain number with thousands marks."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{_signless_zero(value, digits):,.{digits}f}"


def quantity(value: float) -> str:
    """Return a quantity without trailing zeros."""
    return f"{value:,.8f}".rstrip("0").rstrip(".") or "0"


def price(value: float) -> str:
    """Return a price in cents, or in ten-thousandths below a dollar."""
    return f"{value:,.2f}" if abs(value) >= 1.0 else f"{value:,.4f}"


def moment(instant: datetime | None) -> str:
    """Return an instant in UTC to the minute."""
    return ABSENT if instant is None else f"{require_utc(instant):%Y-%m-%d %H:%M}"


def metric(name: str, value: Value) -> str:
    """Return a metric in its unit."""
    if value is None or isinstance(value, str):
        return value or ABSENT
    definition = definition_of(name)
    unit = definition.unit if definition else COUNT
    match unit:
        case _ if unit in (FRACTION, A_YEAR, PROBABILITY):
            return percent(value)
        case _ if unit == USD:
            return usd(value)
        case _ if unit == COUNT:
            return number(value, 0)
        case _ if unit in (DAYS, HOURS):
            return f"{number(value, 1)} {unit}"
        case _:
            return number(value)


def _signless_zero(value: float, digits: int) -> float:
    """Return 0 for what rounds to it, so that no minus stands before a zero."""
    return 0.0 if round(value, digits) == 0.0 else value
