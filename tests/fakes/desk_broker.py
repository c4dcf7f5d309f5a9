"""A broker that something happens to: hooks before and after each call, set by the constructor.

A hook is called with the call's arguments, and may raise what a real broker's adapter would raise.
`after` hooks run when the call is done: what they raise is an answer that got lost on the way back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from typing_extensions import override

from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.orders import BrokerOrder, Fill, OrderRequest, Role
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.errors import BrokerError
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.market import MarketView

Hook = Callable[..., None]


class Fault:
    """Raises `error` on the first `times` calls, of orders of `role` only if one is given."""

    def __init__(self, error: BrokerError, *, times: int = 1, role: Role | None = None) -> None:
        self._error = error
        self._left = times
        self._role = role

    def __call__(self, request: object = None, *_rest: object) -> None:
        fits = self._role is None or (
            isinstance(request, OrderRequest) and request.role is self._role
        )
        if fits and self._left > 0:
            self._left -= 1
            raise self._error


class Once:
    """Does something on the first call only: another process that gets its turn just then."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action: Callable[[], object] | None = action

    def __call__(self, *_arguments: object) -> None:
        action, self._action = self._action, None
        if action is not None:
            action()


@dataclass(frozen=True)
class InterposedBroker(Broker):
    """`inner` with hooks by the name of the method."""

    inner: Broker
    before: Mapping[str, Hook]
    after: Mapping[str, Hook]

    def _call(self, name: str, *arguments: Any, **named: Any) -> Any:
        self.before.get(name, _nothing)(*arguments)
        answer = getattr(self.inner, name)(*arguments, **named)
        self.after.get(name, _nothing)(*arguments)
        return answer

    @property
    @override
    def account(self) -> str:
        return self.inner.account

    @property
    @override
    def fee_bps_by_asset(self) -> tuple[float, float]:
        return self.inner.fee_bps_by_asset

    @property
    @override
    def is_paper(self) -> bool:
        return self.inner.is_paper

    @property
    @override
    def host(self) -> str | None:
        return self.inner.host

    @property
    @override
    def is_external(self) -> bool:
        return self.inner.is_external

    @override
    def epoch(self) -> int:
        return int(self._call("epoch"))

    @override
    def account_time(self) -> datetime | None:
        return self.inner.account_time()

    @override
    def cash(self) -> float:
        return float(self._call("cash"))

    @override
    def positions(self) -> dict[str, float]:
        return dict(self._call("positions"))

    @override
    def open_orders(self) -> tuple[BrokerOrder, ...]:
        return tuple(self._call("open_orders"))

    @override
    def order_by_client_id(self, client_order_id: str) -> BrokerOrder | None:
        found: BrokerOrder | None = self._call("order_by_client_id", client_order_id)
        return found

    @override
    def fills(self, *, after: datetime | None = None) -> tuple[Fill, ...]:
        return tuple(self._call("fills", after=after))

    @override
    def rebasings(self) -> tuple[Rebasing, ...]:
        return self.inner.rebasings()

    @override
    def submit(self, request: OrderRequest) -> BrokerOrder:
        order: BrokerOrder = self._call("submit", request)
        return order

    @override
    def close(self, request: OrderRequest) -> BrokerOrder:
        order: BrokerOrder = self._call("close", request)
        return order

    @override
    def quote(self, symbol: str) -> Quote | None:
        found: Quote | None = self._call("quote", symbol)
        return found

    @override
    def cancel(self, client_order_id: str) -> BrokerOrder:
        order: BrokerOrder = self._call("cancel", client_order_id)
        return order

    @override
    def advance(self, view: MarketView, until: datetime) -> None:
        self._call("advance", view, until)


def _nothing(*_arguments: object) -> None:
    """What usually happens."""


def interposed(
    *, before: Mapping[str, Hook] | None = None, after: Mapping[str, Hook] | None = None
) -> Callable[[Broker], Broker]:
    """Return a wrap for a kit."""
    return lambda inner: InterposedBroker(inner, before or {}, after or {})
