"""What holds while our book awaits a split that an exchange has not shown yet.

From 00:00 New York of the ex-date the next price may be on the new scale. So the stop rests at the lower
of the two scales, without a target: an open on neither triggers it. Orders decided before are too late,
entries of the symbol are denied, marks are brought to the scale of our book. That goes on until half an hour
after the ex-date's open; a split that the exchange has not shown by then is a difference (RULE_015).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.orders import BrokerOrder, Order, Role
from ztrade_core.domain.rebasing import (
    counts_from,
    level_after,
    price_after,
    ratio_text,
    splits_between,
)
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import MICROSECOND, Timeframe
from ztrade_core.ports.market import MarketView
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.rebasing import awaited, known_splits

PATIENCE = timedelta(minutes=30)
"""How long after the ex-date's open an exchange may take to show a split."""
_SEARCHED = timedelta(days=7)
_ABOVE = 1.01
Awaited = Mapping[str, list[Split]]


def awaited_now(desk: TradingDesk, at: datetime) -> dict[str, list[Split]]:
    """Return by symbol which splits our book awaits at a moment; none at a simulated account."""
    if desk.splits is None or not desk.broker.is_external:
        return {}
    known, epoch = known_splits(desk, at), desk.broker.epoch()
    if not any(known.values()):
        return {}
    with desk.store.reading() as uow:
        return awaited(uow, desk.account, epoch, known, at)


def is_patient(desk: TradingDesk, split: Split, at: datetime) -> bool:
    """Return whether an exchange may still take its time to show a split."""
    start = counts_from(split)
    opens = desk.calendar.expected_bars(AssetClass.STOCK, Timeframe.H1, start, start + _SEARCHED)
    return at < (opens[0] if opens else start) + PATIENCE


def overdue(desk: TradingDesk, waiting: Awaited, at: datetime) -> tuple[str, ...]:
    """Say which splits an exchange should have shown by now."""
    return tuple(
        f"{symbol}: the broker does not show the split {ratio_text(split.ratio)} of {split.ex_date}"
        for symbol, splits in sorted(waiting.items())
        for split in splits
        if not is_patient(desk, split, at)
    )


def awaiting_issues(desk: TradingDesk, symbol: str, at: datetime) -> tuple[str, ...]:
    """Say what speaks against entries of a symbol."""
    return tuple(
        f"{symbol} awaits its split {ratio_text(split.ratio)} of {split.ex_date} at the broker"
        for split in awaited_now(desk, at).get(symbol, ())
    )


def at_lower_scale(position: StoredPosition, splits: Iterable[Split]) -> StoredPosition:
    """Return a position as its stop must rest while splits are awaited."""
    average, stop = position.average_price, position.stop_price
    lowest, low_stop = average, stop
    for split in splits:
        average, stop = price_after(average, split.ratio), level_after(stop, split.ratio)
        lowest = min(lowest, average)
        if stop is not None and low_stop is not None:
            low_stop = min(low_stop, stop)
    return replace(position, average_price=lowest, stop_price=low_stop, target_price=None)


def old_orders(position: StoredPosition, orders: Iterable[BrokerOrder]) -> frozenset[str]:
    """Return the stops of a position, as `at_lower_scale` has it, that may not rest over the open.

    A stop above its own, and any with a target beside it: the pair is cancelled as one.
    """
    own = [order for order in orders if order.request.position_id == position.position_id]
    has_target = any(order.request.role is Role.TARGET for order in own)
    most = math.inf if position.stop_price is None else float(position.stop_price) * _ABOVE
    return frozenset(
        order.request.client_order_id
        for order in own
        if order.request.role is Role.STOP
        and (has_target or float(order.request.stop_price or 0) > most)
    )


def was_decided_before(desk: TradingDesk, order: Order, at: datetime) -> bool:
    """Return whether a split lies between an order's bar and a moment: its prices mean nothing now."""
    if desk.splits is None or not desk.broker.is_external:
        return False
    request = order.request
    return bool(splits_between(desk.splits.of(request.symbol), request.decided_bar, at))


def book_scale(
    desk: TradingDesk, view: MarketView, waiting: Awaited, *, until: datetime | None
) -> dict[str, float]:
    """Return by what to multiply a symbol's mark so that it is on the scale of our book."""
    factors = {}
    for agent in desk.company.agents:
        splits = waiting.get(agent.symbol)
        if splits:
            series = (agent.symbol, agent.timeframe)
            factors[agent.symbol] = _factor(desk, view, series, splits, until)
    return factors


def _factor(
    desk: TradingDesk,
    view: MarketView,
    series: tuple[str, Timeframe],
    splits: list[Split],
    until: datetime | None,
) -> float:
    ratio, start = math.prod(split.ratio for split in splits), counts_from(splits[0])
    if start <= view.as_of:
        then = desk.market.view(start - MICROSECOND).mark(*series)
        now = view.mark(*series, until=start)
        if then is not None and now is not None and _is_nearer(then / now, ratio):
            return ratio
    bars = view.last_bars(*series, 1, until=until)
    return ratio if len(bars) and bars.last_open >= start else 1.0


def _is_nearer(factor: float, ratio: float) -> bool:
    return abs(math.log(factor) - math.log(ratio)) < abs(math.log(factor))
