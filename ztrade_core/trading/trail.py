"""The trail of an order or a decision: fill, order, verdicts, decision, question and answer, what the mind saw.

It reads what is stored and judges nothing. An order is found by our id or by the broker's; a leg (stop,
target, forced exit) leads over its position to the entry, and so to the decision that opened it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.domain.news import Story
from ztrade_core.domain.orders import Fill, Order
from ztrade_core.domain.snapshots import MarketSnapshot, SeenHeadline
from ztrade_core.domain.time import MICROSECOND, from_micros
from ztrade_core.errors import InputError, StoreError
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.news import NewsStore
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.trading.trail_minds import HeardMind, minds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBar:
    """The decision bar as the store has it now: whose it is, when its values came, and its close.

    `is_seen`: its prices and volume are those that the mind saw. A split, a correction or a replacement
    since makes them others.
    """

    opened: datetime
    source: str
    ingested_at: datetime
    close: float
    is_seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStory:
    """A headline that the mind saw, and the vendor's row of it; None where the store has it no more."""

    headline: SeenHeadline
    story: Story | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Everything there is about one decision. `asked` is the order that was asked about, if it was one.

    `orders` are those of the position that the decision opened, else of the decision itself. `snapshot`
    is None where the inputs cannot be read, `problem` says why. `bar` None: the store has none any more.
    `mind` decided; `members` are those of its ensemble, in its order.
    """

    row: ChainedDecision
    asked: Order | None
    orders: tuple[Order, ...]
    fills: tuple[Fill, ...]
    mind: HeardMind
    members: tuple[HeardMind, ...]
    snapshot: MarketSnapshot | None
    problem: str
    bar: StoredBar | None
    stories: tuple[SeenStory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRooms:
    """Where trails are read."""

    store: Store
    bars: BarStore
    news: NewsStore


def trail_of(rooms: TrailRooms, which: str) -> Trail:
    """Return the trail of a decision's or an order's id; InputError for one that nobody knows."""
    with rooms.store.reading() as uow:
        row, asked = _found(uow, which)
        orders, fills = _orders(uow, row, asked)
        mind, members = minds_of(uow, row.decision)
        snapshot, problem = _seen(uow, row)
    bar = None if snapshot is None else _bar(rooms.bars, snapshot)
    stories = () if snapshot is None else tuple(_stories(rooms.news, snapshot))
    return Trail(
        row=row,
        asked=asked,
        orders=orders,
        fills=fills,
        mind=mind,
        members=members,
        snapshot=snapshot,
        problem=problem,
        bar=bar,
        stories=stories,
    )


def _found(uow: UnitOfWork, which: str) -> tuple[ChainedDecision, Order | None]:
    row = uow.ledger.by_id(which)
    if row is not None:
        return row, None
    order = uow.orders.get(which) or uow.orders.at_broker(which)
    if order is None:
        raise InputError(
            f"nothing is known of {which!r}: it is no decision's id, no order's and no broker's;"
            " `ztrade audit show` lists decisions, with --json their orders"
        )
    row = _decision(uow, order)
    if row is None:
        raise InputError(
            f"order {order.request.client_order_id} ({order.request.role.value}) leads to no decision:"
            " nothing of the ledger opened its position (a takeover or a person at the broker did)"
        )
    return row, order


def _decision(uow: UnitOfWork, order: Order) -> ChainedDecision | None:
    legs = uow.orders.of_position(order.request.position_id)
    for each in (order, *legs):
        if each.decision_id is not None:
            return uow.ledger.by_id(each.decision_id)
    return None


def _orders(
    uow: UnitOfWork, row: ChainedDecision, asked: Order | None
) -> tuple[tuple[Order, ...], tuple[Fill, ...]]:
    own = [*uow.orders.of_decision(row.decision.decision_id), *([] if asked is None else [asked])]
    orders: dict[str, Order] = {}
    fills: dict[str, Fill] = {}
    for order in own:
        position_id = order.request.position_id
        for each in uow.orders.of_position(position_id):
            orders[each.request.client_order_id] = each
        for fill in uow.orders.fills(order.account, order.account_epoch, position_id=position_id):
            fills[fill.fill_id] = fill
    return tuple(orders.values()), tuple(fills.values())


def _seen(uow: UnitOfWork, row: ChainedDecision) -> tuple[MarketSnapshot | None, str]:
    try:
        snapshot = uow.ledger.snapshot(row.decision.snapshot_hash)
    except StoreError as error:
        return None, str(error)
    return snapshot, "" if snapshot is not None else "the inputs it saw are gone: deleted"


def _bar(store: BarStore, snapshot: MarketSnapshot) -> StoredBar | None:
    seen = snapshot.bars
    if not len(seen):
        return None
    opened = seen.last_open
    found = store.traced(
        seen.symbol, seen.timeframe, start=opened, stop=opened + MICROSECOND, last=1
    )
    bars = found.series
    if not len(bars):
        return None
    names = ("opens", "highs", "lows", "closes", "volumes")
    return StoredBar(
        opened=opened,
        source=found.sources[-1],
        ingested_at=from_micros(int(found.ingested[-1])),
        close=float(bars.closes[-1]),
        is_seen=all(getattr(bars, name)[-1] == getattr(seen, name)[-1] for name in names),
    )


def _stories(news: NewsStore, snapshot: MarketSnapshot) -> Iterator[SeenStory]:
    reading = snapshot.sentiment
    for headline in () if reading is None else reading.headlines:
        yield SeenStory(headline=headline, story=news.story(headline.news_id, snapshot.symbol))
