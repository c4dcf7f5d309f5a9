"""Splits on a simulated account: its positions and resting orders go to the new scale.

Prices tell whether there is anything to do, because a series may be kept in three ways. One that is shown
as of a moment has every bar on the new scale once the split is due: what was bought before is re-based
before anything more is played. One that steps at the split is played to the ex-date on the old scale, and on the
new one from its first bar on, so the gap triggers nothing. One that had the split taken out from the
start (a past split, in a rehearsal on adjusted bars; every backtest) is on one scale: nothing is done.
An entry that was decided before the ex-date is cancelled; exits, stops and targets go along. What is left of a
share is paid at the last price before the ex-date. Applied once a position and split, which is recorded.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from ztrade_core.brokers.playing import Played
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import exact_decimal
from ztrade_core.domain.orders import BrokerOrder, OrderStatus, Role
from ztrade_core.domain.rebasing import (
    Rebasing,
    counts_from,
    level_after,
    price_after,
    shares_after,
    splits_between,
)
from ztrade_core.domain.simulation import SimulatedAccount, SimulatedPosition
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import EPOCH, MICROSECOND, Timeframe
from ztrade_core.ports.market import MarketView
from ztrade_core.ports.simulation import SimulationTransaction

CANCELED = "decided before a split, at prices of before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A split to apply once the account was played to `at`.

    `steps`: the bars of before are on the old scale. A price of before times `factor` is on the new one.
    """

    at: datetime
    split: Split
    steps: bool
    factor: float


class Splitter:
    """Applies splits to one account within one transaction."""

    def __init__(
        self,
        state: SimulatedAccount,
        transaction: SimulationTransaction,
        view: MarketView,
        known: Mapping[str, Sequence[Split]],
    ) -> None:
        self._state = state
        self._transaction = transaction
        self._view = view
        self._known = known

    def due(self, until: datetime) -> list[Due]:
        """Return what is to be applied by `until`, in order of time.

        A step is applied past its midnight only: the day's base is marked there, at a price of before.
        """
        found: list[Due] = []
        for symbol in sorted(self._known):
            found += self._due_of(symbol, until)
        found = [each for each in found if not each.steps or counts_from(each.split) < until]
        return sorted(found, key=lambda each: (each.at, each.split.ex_date))

    def apply(self, due: Due, played: Played) -> None:
        """Put everything of the split's symbol that is of before on the new scale."""
        split = due.split
        position = self._state.positions.get(split.symbol)
        if position is not None and split in self._ahead_of(position, counts_from(split)):
            self._rebase(position, due)
        for order_id, order in list(self._state.orders.items()):
            request = order.request
            if request.symbol != split.symbol:
                continue
            if request.role is not Role.ENTRY:
                if split.symbol not in self._state.positions:
                    self._end(order, "a split left less than one share", played)
            elif request.decided_bar < counts_from(split):
                self._end(order, CANCELED, played)
            if due.steps and order_id in self._state.orders:  # bars of before are played no more
                seen = max(order.updated_at, counts_from(split))
                self._state.orders[order_id] = replace(
                    self._state.orders[order_id], updated_at=seen
                )

    def _due_of(self, symbol: str, until: datetime) -> list[Due]:
        position = self._state.positions.get(symbol)
        if position is not None:
            ahead = self._ahead_of(position, until)
            return self._placed(
                ahead,
                (position.entered_bar, position.timeframe),
                partial(_was_paid_divided, position.average_price),
            )
        entries = [
            order.request
            for order in self._state.orders.values()
            if order.request.symbol == symbol and order.request.role is Role.ENTRY
        ]
        for entry in entries:
            ahead = splits_between(self._known[symbol], entry.decided_bar, until)
            price = entry.reference_price or entry.limit_price
            if ahead and price is not None:
                return self._placed(
                    ahead,
                    (entry.decided_bar, entry.timeframe),
                    partial(_was_seen_divided, float(price)),
                )
        return []

    def _ahead_of(self, position: SimulatedPosition, until: datetime) -> list[Split]:
        splits = splits_between(self._known[position.symbol], position.entered_bar, until)
        if not splits:
            return []
        done = {each.ex_date for each in self._transaction.rebasings(position.position_id)}
        return [split for split in splits if split.ex_date not in done]

    def _placed(
        self,
        ahead: list[Split],
        made: tuple[datetime, Timeframe],
        is_after: Callable[[BarSeries, float], bool],
    ) -> list[Due]:
        """Return which of these splits the bars show, and when each is to be applied.

        `is_after`: whether the bars from `made` on are shown with what was made there divided by a ratio.
        """
        if not ahead:
            return []
        opened, timeframe = made
        whole = math.prod(split.ratio for split in ahead)
        shown = self._view.bars_after(ahead[0].symbol, timeframe, opened - MICROSECOND)
        if len(shown) and is_after(shown, whole):
            return [
                Due(
                    at=self._state.advanced_to,
                    split=split,
                    steps=False,
                    factor=math.prod(later.ratio for later in ahead[number + 1 :]),
                )
                for number, split in enumerate(ahead)
            ]
        return [
            Due(
                at=max(counts_from(split), self._state.advanced_to),
                split=split,
                steps=True,
                factor=1.0 / split.ratio,
            )
            for split in ahead
            if self._steps_at(split, timeframe)
        ]

    def _steps_at(self, split: Split, timeframe: Timeframe) -> bool:
        """Return whether the bars fall by the ratio at the split; False before there is a bar of it."""
        start = counts_from(split)
        if start > self._view.as_of:
            return False
        before = self._view.last_bars(split.symbol, timeframe, 1, until=start)
        last = before.last_open if len(before) else EPOCH
        after = self._view.bars_after(split.symbol, timeframe, last)
        if not len(before) or not len(after):
            return False
        return _is_nearer(float(before.closes[-1]) / float(after.opens[0]), split.ratio)

    def _rebase(self, position: SimulatedPosition, due: Due) -> None:
        split = due.split
        before = exact_decimal(position.quantity)
        whole, fraction = shares_after(before, split.ratio)
        average = price_after(position.average_price, split.ratio)
        mark = self._view.mark(split.symbol, position.timeframe, until=counts_from(split))
        paid = fraction * (average if mark is None else mark * due.factor)
        legs = {
            order_id: order
            for order_id, order in self._state.orders.items()
            if order.request.symbol == split.symbol and order.request.role is not Role.ENTRY
        }
        self._transaction.add_rebasing(
            Rebasing(
                account=self._state.account,
                account_epoch=self._state.account_epoch,
                agent_id=position.agent_id,
                symbol=split.symbol,
                position_id=position.position_id,
                ex_date=split.ex_date,
                ratio=split.ratio,
                source=split.source,
                at=self._state.advanced_to,
                at_exchange=False,
                quantity_before=before,
                quantity_after=whole,
                average_before=position.average_price,
                average_after=average,
                fraction=fraction,
                cash_in_lieu_usd=paid,
                orders=tuple(legs),
            )
        )
        self._state.cash = self._state.cash + paid
        position.quantity, position.average_price = float(whole), average
        if not whole:
            del self._state.positions[split.symbol]
        for order_id, order in legs.items():
            self._state.orders[order_id] = _leg_after(order, split, whole)

    def _end(self, order: BrokerOrder, reason: str, played: Played) -> None:
        self._state.orders.pop(order.request.client_order_id, None)
        ended = replace(
            order,
            status=OrderStatus.CANCELED,
            updated_at=self._state.advanced_to,
            reason=reason,
        )
        played.ended.append(ended)


def _leg_after(order: BrokerOrder, split: Split, held: Decimal) -> BrokerOrder:
    request, ratio = order.request, split.ratio
    quantity, _ = shares_after(request.quantity, ratio)
    after = replace(
        request,
        quantity=min(quantity, held),
        limit_price=level_after(request.limit_price, ratio),
        stop_price=level_after(request.stop_price, ratio),
        target_price=level_after(request.target_price, ratio),
    )
    return replace(order, request=after)


def _was_paid_divided(price: float, bars: BarSeries, ratio: float) -> bool:
    """Return whether a price that was paid within the first bar fits it when divided by a ratio.

    It lies within the bar's range; where it does on both scales (a small ratio, a wild bar), the open tells.
    """
    low, high = float(bars.lows[0]), float(bars.highs[0])
    as_is, divided = (
        abs(math.log(each / min(max(each, low), high))) for each in (price, price / ratio)
    )
    if abs(as_is - divided) > abs(math.log(ratio)) / 4.0:
        return divided < as_is
    return _is_nearer(price / float(bars.opens[0]), ratio)


def _was_seen_divided(price: float, bars: BarSeries, ratio: float) -> bool:
    """Return whether the close that was decided on is shown divided by a ratio."""
    return _is_nearer(price / float(bars.closes[0]), ratio)


def _is_nearer(factor: float, ratio: float) -> bool:
    """Return whether a factor between two prices is nearer to a ratio than to 1; NaN is not."""
    if not (math.isfinite(factor) and factor > 0.0):
        return False
    return abs(math.log(factor) - math.log(ratio)) < abs(math.log(factor))
