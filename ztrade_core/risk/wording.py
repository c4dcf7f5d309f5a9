"""Numbers in sentences: with units, and with as many digits as a breach needs to be seen."""

import math
from collections.abc import Callable, Iterable

FEWEST_DIGITS = 2
MOST_DIGITS = 12
LOOKS_EQUAL = 5e-10


def usd(value: float, digits: int = FEWEST_DIGITS) -> str:
    """Return dollars and cents; NaN reads as an unknown amount."""
    if not math.isfinite(value):
        return "an unknown amount"
    sign = "-" if value < 0 else ""
    return f"{sign}${abs(value):,.{digits}f}"


def percent(fraction: float, digits: int = FEWEST_DIGITS) -> str:
    """Return a fraction as per cent; NaN reads as unknown."""
    if not math.isfinite(fraction):
        return "an unknown share"
    return f"{100.0 * fraction:.{digits}f} %"


def plain(value: float, digits: int = FEWEST_DIGITS) -> str:
    """Return a bare number; NaN reads as not a number."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "not a number"


def exactly(value: float) -> str:
    """Return a number by its shortest exact text (quantities)."""
    if not math.isfinite(value):
        return "not a number"
    return f"{value:,.0f}" if value == math.floor(value) else f"{value:,.8f}".rstrip("0")


def apart(observed: float, limit: float, render: Callable[[float, int], str]) -> tuple[str, str]:
    """Return both numbers with just enough digits to tell them apart."""
    digits = FEWEST_DIGITS
    if not math.isclose(observed, limit, rel_tol=LOOKS_EQUAL, abs_tol=0.0):
        while digits < MOST_DIGITS and render(observed, digits) == render(limit, digits):
            digits += 1
    return render(observed, digits), render(limit, digits)


def sentence(parts: Iterable[str]) -> str:
    """Join what is wrong into one line."""
    return "; ".join(parts)
