"""TSLA, IWM and BTC/USD on one desk in memory, with a script of answers by bar.

Closes are given by hand; wicks are 0.1 %. `kit(...)` holds the session's bars, `ask(number, ...)`
answers at a bar, and what the book says is read back by the small functions below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.fakes.desk import ACCOUNT, DeskKit, bar, kit_in_memory
from tests.fakes.desk_makers import proposal
from tests.unit.risk.builders import BTC, COSTS, IWM, TSLA, company
from ztrade_core.domain.accounts import ClosedTrade, StoredPosition
from ztrade_core.domain.book import AccountSnapshot
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.orders import Fill, Order
from ztrade_core.domain.time import iso_z

FREE = replace(COSTS, slippage_bps=0.0, crypto_commission_bps=0.0)
BUY, SELL = proposal("buy"), proposal("sell")
CALM = (100.0,) * 12


def house(*agents: Any, **rules: Any) -> Company:
    """Agents under every rule but the correlation's; costs nothing unless `costs` says so."""
    changes = {"max_correlated_positions": None, **rules}
    costs = changes.pop("costs", FREE)
    return company(*(agents or (TSLA,)), costs=costs, **changes)


def at_bar(number: int, agent_id: str = TSLA.agent_id) -> tuple[str, str]:
    return agent_id, iso_z(bar(number))


def kit(
    answers: Mapping[tuple[str, str], Proposal] | None = None,
    *,
    closes: Sequence[float] | Mapping[str, Sequence[float]] = CALM,
    of: Company | None = None,
    **parts: Any,
) -> DeskKit:
    """A desk whose TSLA closes (or closes by symbol) are given."""
    made = kit_in_memory(script=answers or {}, company=of or house(), **parts)
    made.put_bars({"TSLA": closes} if isinstance(closes, Sequence) else closes)
    return made


def position(desk_kit: DeskKit, agent_id: str = TSLA.agent_id) -> StoredPosition | None:
    with desk_kit.store.reading() as uow:
        return uow.positions.get(ACCOUNT, 1, agent_id)


def orders(desk_kit: DeskKit) -> list[Order]:
    """Every order, oldest first."""
    with desk_kit.store.reading() as uow:
        return uow.orders.recent(ACCOUNT, 1)[::-1]


def only(desk_kit: DeskKit, role: str) -> Order:
    (order,) = [o for o in orders(desk_kit) if o.request.role.value == role]
    return order


def fills(desk_kit: DeskKit) -> list[Fill]:
    with desk_kit.store.reading() as uow:
        return uow.orders.fills(ACCOUNT, 1)


def trades(desk_kit: DeskKit) -> list[ClosedTrade]:
    with desk_kit.store.reading() as uow:
        return uow.positions.trades(ACCOUNT, 1)


def marks(desk_kit: DeskKit, kind: str | None = None) -> list[AccountSnapshot]:
    with desk_kit.store.reading() as uow:
        return uow.accounts.snapshots(ACCOUNT, 1, kind=kind)


__all__ = ["ACCOUNT", "BTC", "IWM", "TSLA"]
