"""How long a holding was without a live stop, in the fake's own time.

A stop covers what is left of it; so does an exit that would fill now. Held legs of an entry that has not
filled wholly cover nothing, nor does a stop_limit that was gapped through.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tests.fakes.alpaca_orders import STOPS, FakeOrder, is_coin, lot_of

COIN_MINIMUM = Decimal("0.000014")
NakedSpan = tuple[str, datetime, datetime, Decimal]
"""Symbol, start, stop, and the most that was uncovered within."""


@dataclass
class CoverWatch:
    """`since` has what is uncovered now, `spans` what was and ended."""

    since: dict[str, datetime] = field(default_factory=dict)
    spans: list[NakedSpan] = field(default_factory=list)
    _worst: dict[str, Decimal] = field(default_factory=dict)

    def look(self, symbol: str, naked: Decimal, now: datetime) -> None:
        """Note what of a symbol is uncovered at this moment; 0 ends a span."""
        if naked > 0:
            self.since.setdefault(symbol, now)
            self._worst[symbol] = max(naked, self._worst.get(symbol, Decimal(0)))
        elif symbol in self.since:
            self.spans.append((symbol, self.since.pop(symbol), now, self._worst.pop(symbol)))


def naked_quantity(
    symbol: str, held: Decimal, working: list[FakeOrder], bid: Decimal | None
) -> Decimal:
    """Return how much of a holding no live sell covers; dust counts as covered."""
    if held <= 0 or (is_coin(symbol) and held < COIN_MINIMUM):
        return Decimal(0)
    sells = [o for o in working if o.symbol == symbol and o.side == "sell" and o.is_live]
    best: dict[int, Decimal] = {}
    for order in sells:
        unit = id(order if order.pair is None else order.pair)
        best[unit] = max(best.get(unit, Decimal(0)), _covers(order, bid))
    naked = held
    for quantity in best.values():
        naked -= quantity
    return naked if naked >= lot_of(symbol) else Decimal(0)


def _covers(order: FakeOrder, bid: Decimal | None) -> Decimal:
    limit = order.limit_price
    if order.type not in STOPS and limit is not None and (bid is None or bid < limit):
        return Decimal(0)
    if order.type == "stop_limit" and limit is not None and bid is not None and bid < limit:
        return Decimal(0)
    return order.remaining
