"""A position across a stock split: the same money in other numbers.

Quantity times the ratio, prices by the ratio. Whole shares stay; what a split leaves of a share is paid in
cash at the price that the market had last. A ratio is meant as the nearest simple fraction (0.3333333333 is
1:3). Levels go to their tick, rounded up as when they were set. A split counts from 00:00 New York of
its ex-date; what opened at that moment or later is on the new scale. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from ztrade_core.domain.instruments import GRID_TOLERANCE, exact_decimal, price_up
from ztrade_core.domain.orders import Fill
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import new_york_midnight

MOST_SHARES = 10_000
"""The largest denominator that a ratio is taken to be meant with."""
_MEANT = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebasing:
    """One position's split as it was applied; kept for good.

    `at_exchange`: an exchange applied it at the ex-date, and executions count by when they were made; else
    a simulated account did when it stood at `at`, and they count by when they became known.
    `fraction` is what was left of a share, `cash_in_lieu_usd` what was paid for it (at an exchange: what
    it is worth; the exchange pays it, or keeps the fraction). `orders` are the position's orders that
    worked then, at prices of before.
    """

    account: str
    account_epoch: int
    agent_id: str
    symbol: str
    position_id: str
    ex_date: date
    ratio: float
    source: str
    at: datetime
    at_exchange: bool
    quantity_before: Decimal
    quantity_after: Decimal
    average_before: float
    average_after: float
    stop_before: Decimal | None = None
    stop_after: Decimal | None = None
    target_before: Decimal | None = None
    target_after: Decimal | None = None
    fraction: float = 0.0
    cash_in_lieu_usd: float = 0.0
    orders: tuple[str, ...] = ()

    @property
    def counts_from(self) -> datetime:
        """The first moment of the new scale."""
        return new_york_midnight(self.ex_date)

    def is_after(self, fill: Fill) -> bool:
        """Return whether an execution is of before the split."""
        if self.at_exchange:
            return fill.filled_at < self.counts_from
        return fill.known_at <= self.at

    @property
    def sentence(self) -> str:
        """Say what was done."""
        paid = f", {self.cash_in_lieu_usd:.2f} USD in lieu" if self.fraction else ""
        return (
            f"re-based {self.symbol} {ratio_text(self.ratio)}:"
            f" {self.quantity_before.normalize():f} to {self.quantity_after:f} shares{paid}"
        )


def counts_from(split: Split) -> datetime:
    """Return 00:00 New York of the ex-date: the first moment of the new scale."""
    return new_york_midnight(split.ex_date)


def splits_between(splits: Iterable[Split], opened_at: datetime, at: datetime) -> list[Split]:
    """Return the splits that what opened at a moment has come across until `at`, oldest first."""
    found = [split for split in splits if opened_at < counts_from(split) <= at]
    return sorted(found, key=lambda split: split.ex_date)


def meant(ratio: float) -> Fraction:
    """Return the simple fraction that a ratio is the float of; one that is none stays what it is."""
    simple = Fraction(ratio).limit_denominator(MOST_SHARES)
    return simple if simple and abs(simple / Fraction(ratio) - 1) < _MEANT else Fraction(ratio)


def ratio_text(ratio: float) -> str:
    """Return `3:1`, `3:2` or `1:10`; a ratio that is no simple fraction as itself."""
    simple = meant(ratio)
    if simple.denominator > MOST_SHARES:
        return f"{ratio:g}:1"
    return f"{simple.numerator}:{simple.denominator}"


def shares_after(quantity: Decimal, ratio: float) -> tuple[Decimal, float]:
    """Return the whole shares after a split, and what is left of a share."""
    exact = Fraction(quantity) * meant(ratio)
    whole = (exact + Fraction(GRID_TOLERANCE)) // 1
    return Decimal(whole), max(0.0, float(exact - whole))


def price_after(price: float, ratio: float) -> float:
    """Return a price on the new scale."""
    return float(Fraction(price) / meant(ratio))


def level_after(level: Decimal | None, ratio: float) -> Decimal | None:
    """Return a stop or target on the new scale, rounded up to its tick."""
    return None if level is None else exact_decimal(price_up(float(Fraction(level) / meant(ratio))))


def on_new_scale(fills: Iterable[Fill], rebasings: Iterable[Rebasing]) -> list[Fill]:
    """Return executions as the position's last scale has them: for figures, never to be stored."""
    applied = list(rebasings)
    found = []
    for fill in fills:
        factor = Fraction(1)
        for each in applied:
            if each.is_after(fill):
                factor *= meant(each.ratio)
        if factor != 1:
            quantity = exact_decimal(float(Fraction(fill.quantity) * factor))
            price = exact_decimal(float(Fraction(fill.price) / factor))
            fill = replace(fill, quantity=quantity, price=price)  # noqa: PLW2901 - its value there
        found.append(fill)
    return found
