"""Random facts of market and desk for the rules 009-019, half of them on or beside a boundary."""

from datetime import datetime, timedelta
from math import inf, isfinite, nextafter
from typing import Any

from hypothesis import strategies as st

from tests.unit.risk.builders import DESK, NOON, conduct, past
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.orders import Side, intent_hash
from ztrade_core.risk.case import DeskFacts, PastEntry

NAN = float("nan")
RARELY = st.integers(0, 20).map(lambda each: each == 20)
AGES = st.one_of(
    st.sampled_from((60.0, 59.999999, 60.000001, 3600.0, 3599.999999, 0.0, -1.0, 30.0, 7200.0)),
    st.integers(60, 3600).map(float),
)
BUDGETS = (5.0, 5.0, 0.0, 0.3, None)
SPENT = st.sampled_from((0.0,) * 8 + (0.1 + 0.2, 0.3, 0.3001, 4.99, 5.0, 5.01, NAN, inf, -1.0))
HOSTS = (
    "https://paper-api.alpaca.markets",
    "https://paper-api.alpaca.markets/",
    "https://api.alpaca.markets",
    "https://paper-api.alpaca.markets.evil.test",
    "",
)


@st.composite
def limits(draw: st.DrawFn) -> dict[str, Any]:
    """The limits of the rules 009-019, each off now and then, and low enough to be reached."""
    return {
        "duplicate_window_seconds": draw(st.sampled_from((60.0, 60.0, 300.0, None))),
        "max_entries_per_minute": draw(st.sampled_from((10, 3, 2, None))),
        "max_agent_entries_per_hour": draw(st.sampled_from((12, 3, 2, None))),
        "max_price_gap_bps": draw(st.sampled_from((50.0, 50.0, 7.0, None))),
        "min_stop_distance_fraction": draw(st.sampled_from((0.005, 0.005, None))),
        "max_stop_distance_fraction": draw(st.sampled_from((0.20, 0.20, None))),
        "max_order_usd": draw(st.sampled_from((10000.0, 10000.0, 700.0, None))),
        "max_order_position_multiple": draw(st.sampled_from((1.5, 1.0, None))),
        "max_order_volume_multiple": draw(st.sampled_from((0.5, 0.5, None))),
        "max_reconciliation_age_seconds": draw(st.sampled_from((120.0, 120.0, 90.0, None))),
        "max_failures_in_a_row": draw(st.sampled_from((5, 5, 3, None))),
        "require_same_configuration": not draw(RARELY),
    }


@st.composite
def prices(draw: st.DrawFn, house: Company, limit_price: float) -> float:
    """A close or mark: as far from the limit price as allowed, an ulp beside, near, far or none."""
    gap = (house.risk.max_price_gap_bps or 50.0) / 10000.0
    edge = draw(st.sampled_from((limit_price / (1.0 + gap), limit_price / (1.0 - gap))))
    beside = (edge, nextafter(edge, 0.0), edge * 1.0001, edge * 0.9999)
    free = st.sampled_from((limit_price, limit_price, limit_price * 1.5, 0.0, -1.0, NAN))
    return draw(st.one_of(st.sampled_from(beside), free))


@st.composite
def volumes(draw: st.DrawFn, quantity: float | None) -> float:
    """A volume of which the order is exactly half, just more, far less, or of no bar."""
    twice = 2.0 * quantity if quantity is not None and isfinite(quantity) else 20.0
    return draw(st.sampled_from((twice, twice * 0.999, twice * 1.001, 1e6, 1e6, 0.0, NAN)))


@st.composite
def entries(draw: st.DrawFn, who: AgentConfig, bar: datetime | None) -> PastEntry:
    """An entry of the agent, or of another, in its symbol or another, on this bar or before."""
    agent_id = who.agent_id if draw(st.integers(0, 3)) else "agent_x"
    symbol = "MSFT" if draw(RARELY) else who.symbol
    side = Side.SELL if draw(RARELY) else Side.BUY
    decided = bar if draw(RARELY) else NOON - timedelta(hours=1)
    return past(
        draw(AGES),
        agent_id=agent_id,
        symbol=symbol,
        side=side,
        intent=intent_hash("paper", 1, agent_id, symbol, side, decided),
    )


@st.composite
def desks(
    draw: st.DrawFn, house: Company, who: AgentConfig, bar: datetime | None, price: float
) -> DeskFacts:
    age = draw(st.sampled_from((0.0, 0.0, -5.0, 90.0, 120.0, 120.000001, 119.9, 500.0)))
    crowd = 12 if draw(st.integers(0, 4)) == 0 else 1
    return conduct(
        mark=draw(prices(house, price)),
        entries=tuple(draw(st.lists(entries(who, bar), max_size=crowd))),
        reconciled_at=None if draw(RARELY) else DESK.at - timedelta(seconds=age),
        unreconciled=("TSLA: our book 0.0, the broker 3.0",) if draw(RARELY) else (),
        is_paper=not draw(RARELY),
        broker_host=draw(st.sampled_from(HOSTS)) if draw(st.integers(0, 4)) == 0 else None,
        model_spent_usd=draw(SPENT),
    )
