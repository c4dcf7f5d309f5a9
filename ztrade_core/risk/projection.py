"""The projected book: positions, open entries and the candidate, summed in one fixed order.

Positions by agent id, then open entries by agent id (of one agent's by client order id), then the
candidate: so that live, simulated and compiled sums agree to the last bit. Open sells reduce nothing. NaN stays NaN.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ztrade_core.domain.book import Book
from ztrade_core.risk.arithmetic import gross_value, total_capital
from ztrade_core.risk.case import Candidate, RiskCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One line of a projected book, in USD of gross exposure."""

    agent_id: str
    symbol: str
    exposure_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedBook:
    """A book as it would stand if every open entry and the candidate filled at their worst."""

    holdings: tuple[Holding, ...]

    def agent_exposure_usd(self, agent_id: str) -> float:
        """Sum what one agent holds or may come to hold."""
        total = 0.0
        for holding in self.holdings:
            if holding.agent_id == agent_id:
                total = total + holding.exposure_usd
        return total

    def symbol_exposure_usd(self, symbol: str) -> float:
        """Sum one symbol over all agents."""
        total = 0.0
        for holding in self.holdings:
            if holding.symbol == symbol:
                total = total + holding.exposure_usd
        return total

    def gross_exposure_usd(self) -> float:
        """Sum everything of every agent."""
        total = 0.0
        for holding in self.holdings:
            total = total + holding.exposure_usd
        return total

    def symbols(self) -> tuple[str, ...]:
        """Return the distinct symbols, sorted."""
        return tuple(sorted({holding.symbol for holding in self.holdings}))


def project(book: Book, entry: Candidate | None = None) -> ProjectedBook:
    """Return the book with `entry` added; without one, the standing book."""
    return ProjectedBook(holdings=tuple(_holdings(book, entry)))


def projected_book(case: RiskCase) -> ProjectedBook:
    """Return what a case's rules judge: an entry is added, an exit changes nothing."""
    return project(case.book, case.entry)


def capital_of(book: Book) -> float:
    """Return the total capital; NaN when a part of it is missing, so that limits deny."""
    if book.day_base_equity is None or book.equity is None:
        return math.nan
    return total_capital(book.day_base_equity, book.equity)


def _holdings(book: Book, entry: Candidate | None) -> Iterator[Holding]:
    for position in sorted(book.positions, key=lambda p: (p.agent_id, p.symbol)):
        yield Holding(
            agent_id=position.agent_id,
            symbol=position.symbol,
            exposure_usd=gross_value(position.quantity, position.mark),
        )
    for order in sorted(book.open_entries, key=lambda o: (o.agent_id, o.client_order_id)):
        yield Holding(
            agent_id=order.agent_id, symbol=order.symbol, exposure_usd=abs(order.reserved_usd)
        )
    if entry is not None:
        yield Holding(
            agent_id=entry.agent_id, symbol=entry.symbol, exposure_usd=abs(entry.notional_usd)
        )
