"""How large an entry may be: a limit shrinks an order before a rule denies it.

The quantity is the smallest that any bound allows, floored to the lot, fees reserved. It is the
same arithmetic the compiled kernel uses; what is added here is which bound was the binding one.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from ztrade_core.domain.book import Book
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.risk.arithmetic import (
    entry_notional_usd,
    headroom_usd,
    least,
    quantity_in_room,
    quantity_on_lots,
    quantity_within_volume,
    risk_bound_usd,
)
from ztrade_core.risk.case import fee_bps_of
from ztrade_core.risk.projection import capital_of, project
from ztrade_core.risk.wording import exactly, usd


class Bound(StrEnum):
    """What an entry's size was bound by."""

    POSITION = "position_usd"
    RISK = "risk_usd"
    AGENT_EXPOSURE = "RULE_001"
    SYMBOL_EXPOSURE = "RULE_005"
    GROSS_EXPOSURE = "RULE_006"
    VOLUME = "volume"
    WISH = "wish"


_WORDS = {
    Bound.POSITION: "the agent's position size",
    Bound.RISK: "the agent's risk at the stop",
    Bound.AGENT_EXPOSURE: "the agent's exposure limit (RULE_001)",
    Bound.SYMBOL_EXPOSURE: "the symbol's exposure limit (RULE_005)",
    Bound.GROSS_EXPOSURE: "the company's gross exposure limit (RULE_006)",
    Bound.VOLUME: "the decision bar's volume",
    Bound.WISH: "the proposal's own quantity, in whole lots",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPlan:
    """An entry before it has a size. `wanted` None leaves the size to the bounds.

    `stop_price` None (allowed when the stop rule is off) puts the whole notional at risk.
    """

    limit_price: float
    stop_price: float | None
    bar_volume: float
    wanted: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The size of an entry; `quantity` 0 means that no lot fits, and the entry is denied.

    `wanted_quantity` is the proposal's wish, or without one the agent's own size (position and
    risk); `room_usd` is what the binding bound left, NaN where it is not an amount or is unknown.
    """

    wanted_quantity: float
    quantity: float
    notional_usd: float
    bound: Bound
    room_usd: float

    @property
    def resized(self) -> bool:
        """Whether a limit shrank what was wanted."""
        return self.quantity < self.wanted_quantity

    @property
    def message(self) -> str:
        """Say what bound the size."""
        words = _WORDS[self.bound]
        room = "" if self.bound in {Bound.VOLUME, Bound.WISH} else f", {usd(self.room_usd)} of room"
        if self.quantity == 0.0:
            return f"no lot fits: bound by {words}{room}"
        if self.resized:
            wanted, given = exactly(self.wanted_quantity), exactly(self.quantity)
            return f"resized from {wanted} to {given}: bound by {words}{room}"
        return f"{exactly(self.quantity)}, bound by {words}{room}"


def size_entry(company: Company, agent: AgentConfig, book: Book, plan: EntryPlan) -> Sizing:
    """Size an entry of `agent` beside everything that stands in `book`."""
    fee_bps = fee_bps_of(company.broker.costs, agent.instrument)
    lots = agent.instrument.lots_per_unit
    usd_bounds = _rooms(company, agent, book, plan)
    quantities = {
        bound: quantity_in_room(room, plan.limit_price, fee_bps, lots)
        for bound, room in usd_bounds.items()
    }
    own_quantity = least(quantities[Bound.POSITION], quantities[Bound.RISK])
    quantities[Bound.VOLUME] = quantity_within_volume(
        company.broker.costs.max_volume_fraction, plan.bar_volume, lots
    )
    if plan.wanted is not None:
        quantities[Bound.WISH] = quantity_on_lots(plan.wanted, lots)
    bound = min(quantities, key=lambda each: quantities[each])
    return Sizing(
        wanted_quantity=own_quantity if plan.wanted is None else _number(plan.wanted),
        quantity=quantities[bound],
        notional_usd=entry_notional_usd(quantities[bound], plan.limit_price, fee_bps),
        bound=bound,
        room_usd=usd_bounds.get(bound, math.nan),
    )


def _number(wanted: float) -> float:
    return wanted if math.isfinite(wanted) else 0.0


def _risk_usd(agent: AgentConfig, plan: EntryPlan) -> float:
    if plan.stop_price is None:
        return agent.limits.risk_usd
    return risk_bound_usd(agent.limits.risk_usd, plan.limit_price, plan.stop_price)


def _rooms(company: Company, agent: AgentConfig, book: Book, plan: EntryPlan) -> dict[Bound, float]:
    """Return the room in USD that each bound leaves, of equal ones the agent's own first.

    Infinite where the configuration says off; NaN, which fits nothing, where a number is missing.
    """
    standing = project(book)
    capital = capital_of(book)
    limits = company.risk
    used_by_agent = standing.agent_exposure_usd(agent.agent_id)
    company_limits = (
        (Bound.AGENT_EXPOSURE, limits.max_agent_exposure_fraction, used_by_agent),
        (
            Bound.SYMBOL_EXPOSURE,
            limits.max_symbol_fraction,
            standing.symbol_exposure_usd(agent.symbol),
        ),
        (
            Bound.GROSS_EXPOSURE,
            limits.max_gross_exposure_fraction,
            standing.gross_exposure_usd(),
        ),
    )
    own = {
        Bound.POSITION: headroom_usd(1.0, agent.limits.position_usd, used_by_agent),
        Bound.RISK: _risk_usd(agent, plan),
    }
    return own | {
        bound: math.inf if fraction is None else headroom_usd(fraction, capital, used)
        for bound, fraction, used in company_limits
    }
