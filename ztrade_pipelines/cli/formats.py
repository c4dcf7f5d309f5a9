"""How numbers, moments and names look in the terminal. Absent and NaN read as a dash, never as NaN."""

import math
from datetime import datetime
from decimal import Decimal

from ztrade_core.domain.time import NEW_YORK, require_utc

ABSENT = "–"  # noqa: RUF001 - an en dash, in tables

Number = float | int | Decimal | None


def usable(value: Number) -> float | None:
    """Return the number as a float; None for what is absent, NaN or infinite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)


def usd(value: Number, *, signed: bool = False) -> str:
    """Return dollars and cents: `$1,234.50`, `-$3.20`, `+$3.20` when signed."""
    number = usable(value)
    if number is None:
        return ABSENT
    return f"{_sign(number, signed=signed, digits=2)}${abs(number):,.2f}"


def whole_usd(value: Number) -> str:
    """Return whole dollars: `$10,000`."""
    number = usable(value)
    return ABSENT if number is None else f"{'-' if number < 0 else ''}${abs(number):,.0f}"


def price(value: Number) -> str:
    """Return a price with as many digits as its tick has."""
    number = usable(value)
    if number is None:
        return ABSENT
    return f"{number:,.2f}" if abs(number) >= 1.0 else f"{number:,.4f}"


def quantity(value: Number) -> str:
    """Return a quantity without trailing zeros: `14`, `0.05184012`."""
    number = usable(value)
    if number is None:
        return ABSENT
    text = f"{number:,.8f}".rstrip("0").rstrip(".")
    return text or "0"


def percent(fraction: Number, *, signed: bool = False, digits: int = 2) -> str:
    """Return a fraction as per cent: `3.00 %`."""
    number = usable(fraction)
    if number is None:
        return ABSENT
    value = 100.0 * number
    return f"{_sign(value, signed=signed, digits=digits)}{abs(value):.{digits}f} %"


def ratio(value: Number, digits: int = 2) -> str:
    """Return a plain number."""
    number = usable(value)
    return ABSENT if number is None else f"{number:,.{digits}f}"


def count(value: Number) -> str:
    """Return a whole number with thousands marks."""
    number = usable(value)
    return ABSENT if number is None else f"{number:,.0f}"


def moment(instant: datetime | None) -> str:
    """Return an instant in UTC to the minute: `2022-12-28 14:55Z`."""
    if instant is None:
        return ABSENT
    utc = require_utc(instant)
    return f"{utc:%Y-%m-%d %H:%MZ}" if utc.second == 0 else f"{utc:%Y-%m-%d %H:%M:%SZ}"


def exchange_time(instant: datetime) -> str:
    """Return an instant as the exchange's clock shows it: `09:55 New York`."""
    return f"{require_utc(instant).astimezone(NEW_YORK):%a %H:%M} New York"


def toned(text: str, value: Number) -> str:
    """Return Rich markup: green above zero, red below, plain at zero or when absent."""
    number = usable(value)
    if number is None or number == 0.0:
        return text
    return f"[green]{text}[/]" if number > 0.0 else f"[red]{text}[/]"


def _sign(value: float, *, signed: bool, digits: int) -> str:
    if round(value, digits) == 0.0:
        return ""
    if value < 0.0:
        return "-"
    return "+" if signed else ""
