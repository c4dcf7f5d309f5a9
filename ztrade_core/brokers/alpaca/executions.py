"""Fills, from the account's FILL activities: every page, each activity once, each to its order.

Alpaca names an order by its own id; ours comes from the order itself or, for a leg, from its parent.
The coin that Alpaca keeps of a crypto buy is in no activity of the day, so it is computed from the
fee rate, rounded up at the ninth decimal: our book never believes in more coins than there are.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal

from ztrade_core.brokers.alpaca.answers import FillAnswer, OrderAnswer, query_instant
from ztrade_core.brokers.alpaca.client import AlpacaClient, UnclearError
from ztrade_core.brokers.alpaca.foreign import fills_of
from ztrade_core.brokers.alpaca.orders import Orders
from ztrade_core.brokers.alpaca.reader import OrderReader
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import Fill, OrderRequest, Side

PAGE = 100
LATE = timedelta(hours=1)
"""How long an execution may take to appear among the activities: that much is read again."""
_MAX_PAGES = 1000
_FEW = 5
"""More unknown orders than these are looked for in lists first, not one by one."""
MOST_LOOK_UPS = 50
"""How many orders a look asks for one by one; what it read is kept for the next."""
_NANO, _MICRO = Decimal("1e-9"), Decimal("1e-6")
_BPS = Decimal(10_000)


class Executions:
    """Reads executions; changes nothing."""

    def __init__(
        self,
        client: AlpacaClient,
        reader: OrderReader,
        orders: Orders,
        fee_bps_by_asset: tuple[float, float],
    ) -> None:
        self._client = client
        self._reader = reader
        self._orders = orders
        self._stock_bps, self._crypto_bps = (Decimal(repr(bps)) for bps in fee_bps_by_asset)
        self._known: dict[str, OrderRequest] = {}

    def fills(self, after: datetime | None) -> list[Fill]:
        """Return executions from `after` less LATE on, oldest first."""
        unread: dict[str, str] = {}
        activities = {each.id: each for each in self._pages(after, unread)}
        wanted = {str(each.order_id) for each in activities.values()}
        requests = self._resolve(wanted | set(unread.values()))
        if any(requests[order_id].agent_id for order_id in unread.values()):
            raise UnclearError("a fill of an order of ours is not understood")
        fills = [self._fill(each, requests[str(each.order_id)]) for each in activities.values()]
        return sorted(fills, key=lambda fill: (fill.filled_at, fill.fill_id))

    def _pages(self, after: datetime | None, unread: dict[str, str]) -> Iterator[FillAnswer]:
        """Yield executions; `unread` gets the orders of those that are not understood."""
        query = {"direction": "asc", "page_size": str(PAGE)}
        if after is not None:
            query["after"] = query_instant(after - LATE)
        seen: set[str] = set()
        for _ in range(_MAX_PAGES):
            page, odd, last = fills_of(self._client.get("/account/activities/FILL", query))
            fresh = [each for each in page if each.id not in seen]
            unread |= odd
            yield from fresh
            if len(page) + len(odd) < PAGE:
                return
            if not fresh and odd.keys() <= seen:
                raise UnclearError("the same page of fills came twice")
            seen.update((each.id for each in fresh), odd)
            query["page_token"] = last
        raise UnclearError(f"more than {_MAX_PAGES} pages of fills")

    def _resolve(self, broker_order_ids: set[str]) -> dict[str, OrderRequest]:
        """Find the request behind each order; the recent trees tell which one is a leg.

        Only what our book explains is remembered: the rest may be explained later.
        """
        requests = {each: self._known[each] for each in broker_order_ids & self._known.keys()}
        unknown = sorted(broker_order_ids - requests.keys())
        missing = {each for each in unknown if not self._reader.knows(each)}
        listed: dict[str, OrderAnswer] = {}
        if len(missing) > _FEW:
            listed = self._orders.recall(missing)
            missing -= listed.keys()
        learned, asked = bool(listed), 0
        for broker_order_id in unknown:
            asked += broker_order_id in missing
            if asked > MOST_LOOK_UPS:
                raise UnclearError("more orders of others than one look asks for; the next goes on")
            answer = listed.get(broker_order_id)
            answer = answer or self._reader.by_id(broker_order_id, foreign=True)
            if answer is None:
                raise UnclearError(f"a fill of order {broker_order_id}, which is not found")
            if not learned and not self._orders.knows(answer):
                self._orders.learn()
                learned = True
            requests[broker_order_id] = self._orders.attributed(answer)
            if self._orders.knows(answer):
                self._known[broker_order_id] = requests[broker_order_id]
        return requests

    def _fill(self, activity: FillAnswer, request: OrderRequest) -> Fill:
        fee_usd, fee_quantity = self._fees(request, activity)
        return Fill(
            fill_id=activity.id,
            client_order_id=request.client_order_id,
            agent_id=request.agent_id,
            position_id=request.position_id,
            symbol=request.symbol,
            side=activity.side,
            role=request.role,
            quantity=activity.qty,
            price=activity.price,
            fee_usd=fee_usd,
            fee_quantity=fee_quantity,
            filled_at=activity.transaction_time,
            known_at=activity.transaction_time,
        )

    def _fees(self, request: OrderRequest, activity: FillAnswer) -> tuple[Decimal, Decimal]:
        is_crypto = instrument_of(request.symbol).asset_class is AssetClass.CRYPTO
        if is_crypto and activity.side is Side.BUY:
            fee = activity.qty * self._crypto_bps / _BPS
            return Decimal(0), fee.quantize(_NANO, rounding=ROUND_UP)
        bps = self._crypto_bps if is_crypto else self._stock_bps
        fee = activity.qty * activity.price * bps / _BPS
        return fee.quantize(_MICRO, rounding=ROUND_HALF_UP), Decimal(0)
