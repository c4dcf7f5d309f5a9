"""Random cases for the rules, half of their numbers on or beside a boundary.

Boundaries are worked out here in Decimal, from the case itself: a notional that fills a limit to
the cent, an equity at the breaker, a correlation at the threshold.
"""

from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from math import inf, isfinite, nextafter
from typing import Any

from hypothesis import strategies as st

from tests.properties import oracle_desk
from tests.unit.risk.builders import (
    NOON,
    agent,
    book,
    buy,
    case,
    company,
    correlation,
    facts,
    halt,
    open_entry,
    position,
    record,
)
from ztrade_core.domain.book import Book, Position
from ztrade_core.domain.chain import ChainFault
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.model_config import NO_MODELS
from ztrade_core.domain.orders import Side
from ztrade_core.risk.case import Candidate, ChainStatus, MarketFacts, RiskCase

NAN = float("nan")
SYMBOLS = ("AAPL", "BTC/USD", "IWM", "MSFT", "TSLA")
AGENTS = tuple(agent(f"agent_{s[:3].lower()}", s) for s in SYMBOLS)
GONE = (agent("agent_gone", "TSLA"), agent("agent_gone", "BTC/USD"))
PAIRS = tuple(combinations(SYMBOLS, 2))
CORRELATIONS = st.sampled_from(
    (0.7, nextafter(0.7, 1), nextafter(0.7, 0), 0.71, 0.69, 0.1, 0.1, None, NAN)
)
NO_PRICES = st.sampled_from((0.0, -1.0))
WHOLE = 20000
RARELY = st.integers(0, 20).map(lambda each: each == 20)


def beside(boundary: float, step: float = 0.01) -> tuple[float, ...]:
    """The boundary itself, one ulp and one step beside it."""
    ulps = (nextafter(boundary, inf), nextafter(boundary, -inf))
    return (boundary, *ulps, boundary + step, boundary - step)


@st.composite
def near_or(draw: st.DrawFn, boundary: float, free: st.SearchStrategy[float]) -> float:
    """Half the time on or beside the boundary, half the time free, now and then not a number."""
    way = draw(st.integers(0, 11))
    if way == 0:
        return NAN
    return draw(free) if way % 2 else beside(boundary)[way // 2 - 1]


def cents(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least * 100, most * 100).map(lambda each: each / 100)


@st.composite
def houses(draw: st.DrawFn) -> Company:
    """The company, each limit off now and then."""
    limits: dict[str, Any] = {
        "max_agent_exposure_fraction": draw(st.sampled_from((0.10, 0.10, 0.033, None))),
        "max_daily_loss_fraction": draw(st.sampled_from((0.02, 0.02, 0.013, None))),
        "max_drawdown_fraction": draw(st.sampled_from((0.15, 0.15, None))),
        "max_correlated_positions": draw(st.sampled_from((3, 3, 2, 1, None))),
        "max_symbol_fraction": draw(st.sampled_from((0.05, 0.05, 0.07, None))),
        "max_gross_exposure_fraction": draw(st.sampled_from((0.80, 0.80, 0.3, None))),
    }
    switches = (
        "require_stop_loss",
        "verify_chain",
        "respect_halts",
        "require_fresh_data",
        "require_open_session",
        "long_only_universe",
        "enforce_agent_limits",
    )
    limits |= {switch: not draw(RARELY) for switch in switches}
    limits |= draw(oracle_desk.limits())
    twin = (agent("agent_twin", draw(st.sampled_from(SYMBOLS))),) if draw(RARELY) else ()
    house = company(*AGENTS, *twin, **limits)
    budget = draw(st.sampled_from(oracle_desk.BUDGETS))
    return replace(house, models=replace(NO_MODELS, daily_budget_usd=budget))


@st.composite
def positions_of(draw: st.DrawFn, who: AgentConfig) -> Position:
    symbol = draw(st.sampled_from(SYMBOLS)) if draw(RARELY) else who.symbol
    crypto = "/" in symbol
    quantity = draw(st.integers(1, 400)) / (64.0 if crypto else 1.0)
    short_of = draw(st.sampled_from((0.0, 0.0, -1.0, 0.4, 0.6, 1.0)))
    covered = quantity - short_of * (1e-8 if crypto else 1.0)
    mark = draw(cents(1, 300))
    return position(
        who.agent_id,
        symbol,
        quantity=NAN if draw(RARELY) else -quantity if draw(RARELY) else quantity,
        mark=NAN if draw(RARELY) else mark,
        protected_quantity=NAN if draw(RARELY) else covered,
        stop_price=draw(st.sampled_from((0.0, NAN))) if draw(RARELY) else mark * 0.97,
    )


@st.composite
def books(draw: st.DrawFn, house: Company, who: AgentConfig) -> Book:
    """A book whose equity lies at a breaker half of the time; `who` is flat more often than not."""
    base = draw(cents(1000, 2000000))
    loss = Decimal(repr(house.risk.max_daily_loss_fraction or 0.02))
    equity = draw(near_or(float(Decimal(repr(base)) * (1 - loss)), cents(900, 2100000)))
    drop = 1 - (house.risk.max_drawdown_fraction or 0.15)
    peak = draw(near_or(equity / drop, cents(900, 3000000)))
    holders = draw(st.lists(st.sampled_from(AGENTS), unique=True, max_size=4))
    if draw(st.integers(0, 3)):
        holders = [each for each in holders if each is not who]
    pending = draw(
        st.lists(
            st.tuples(st.sampled_from((*AGENTS, *GONE)), cents(1, WHOLE)), max_size=2, unique=True
        )
    )
    kinds = ("manual", "daily_loss", "drawdown", "consecutive_losses", "runaway", "odd")
    counts = [draw(st.integers(0, 6)) for _ in range(3)]
    halted = draw(RARELY)
    whom = draw(st.sampled_from((None, who.agent_id, "agent_x")))
    return book(
        *(draw(positions_of(holder)) for holder in holders),
        equity=None if draw(RARELY) else equity,
        day_base_equity=None if draw(RARELY) else base,
        peak_equity=None if draw(RARELY) else peak,
        open_entries=tuple(
            open_entry(a.agent_id, a.symbol, NAN if draw(RARELY) else usd) for a, usd in pending
        ),
        records=(record(who.agent_id, *counts),),
        halts=(halt(draw(st.sampled_from(kinds)), whom),) if halted else (),
    )


def rooms(house: Company, who: AgentConfig, standing: Book) -> list[float]:
    """What each limit in dollars leaves for an order of `who`, exactly, where it can be known."""
    equities = (standing.equity, standing.day_base_equity)
    known = [Decimal(repr(each)) for each in equities if each is not None and isfinite(each)]
    if len(known) < len(equities):
        return [who.limits.position_usd]
    held = [(p.agent_id, p.symbol, p.quantity, p.mark) for p in standing.positions]
    held += [(o.agent_id, o.symbol, 1.0, o.reserved_usd) for o in standing.open_entries]
    values = [(a, s, abs(Decimal(repr(q)) * Decimal(repr(m)))) for a, s, q, m in held]
    whole = min(known)
    risk = house.risk
    used = (
        (risk.max_agent_exposure_fraction, [v for a, _, v in values if a == who.agent_id]),
        (risk.max_symbol_fraction, [v for _, s, v in values if s == who.symbol]),
        (risk.max_gross_exposure_fraction, [v for _, _, v in values]),
    )
    left = [Decimal(repr(f)) * whole - sum(taken) for f, taken in used if f is not None]
    return [float(each) for each in left] + [who.limits.position_usd]


@st.composite
def orders(draw: st.DrawFn, who: AgentConfig, room: list[float]) -> Candidate:
    """An order whose notional fills a limit half of the time."""
    notional = draw(near_or(draw(st.sampled_from(room)), cents(1, WHOLE)))
    price = draw(near_or(5.0, cents(1, 300)))
    side = Side.SELL if draw(st.integers(0, 5)) == 0 else Side.BUY
    other = draw(st.sampled_from(AGENTS)) if draw(RARELY) else who
    targets = (None, price * 1.06, price * 1.06, price, price * 0.9, NAN)
    return buy(
        notional,
        agent_id=other.agent_id,
        symbol=other.symbol,
        side=side,
        quantity=draw(near_or(10.0, st.sampled_from((1.0, 50.0, 0.0, -3.0)))),
        limit_price=price,
        stop_price=None
        if draw(RARELY)
        else draw(
            near_or(
                price * draw(st.sampled_from((1.0, 0.995, 0.8))),
                st.one_of(st.just(price * 0.97), cents(1, 300), NO_PRICES),
            )
        ),
        target_price=draw(st.sampled_from(targets)),
        confidence=draw(near_or(0.65, st.sampled_from((0.3, 0.9, 1.0, 1.01)))),
    )


@st.composite
def markets(draw: st.DrawFn, house: Company, order: Candidate | None) -> MarketFacts:
    values = draw(st.lists(CORRELATIONS, min_size=len(PAIRS), max_size=len(PAIRS)))
    known = [
        correlation(first, second, value)
        for (first, second), value in zip(PAIRS, values, strict=True)
    ]
    if draw(RARELY):
        known = known[draw(st.integers(1, 5)) :]
    return facts(
        fresh=not draw(RARELY),
        session_open=not draw(RARELY),
        clock_skew_seconds=draw(near_or(5.0, st.floats(-6, 6))),
        correlations=tuple(known),
        issues=("odd",) if draw(RARELY) else (),
        last_bar=None if draw(RARELY) else NOON,
        close=draw(oracle_desk.prices(house, price_of(order))),
        volume=draw(oracle_desk.volumes(None if order is None else order.quantity)),
        config_digest="another" if draw(RARELY) else house.digest,
    )


def price_of(order: Candidate | None) -> float:
    return 100.0 if order is None else order.limit_price


@st.composite
def cases(draw: st.DrawFn) -> RiskCase:
    """Any case: entries mostly, exits and holds too."""
    house = draw(houses())
    who = draw(st.sampled_from(AGENTS))
    standing = draw(books(house, who))
    room = [each for each in rooms(house, who, standing) if 0 < each < inf]
    hold = draw(st.integers(0, 5)) == 0
    fault = ChainFault(sequence=1, decision_id=None, problem="edited")
    order = None if hold else draw(orders(who, room))
    market = draw(markets(house, order))
    return RiskCase(
        company=house,
        agent=who,
        book=standing,
        candidate=order,
        market=market,
        desk=draw(oracle_desk.desks(house, who, market.last_bar, price_of(order))),
        chain=ChainStatus(verified=not draw(RARELY), fault=fault if draw(RARELY) else None),
        halt_file="" if draw(RARELY) else None,
    )


@st.composite
def sound_books(draw: st.DrawFn, who: AgentConfig) -> Book:
    """A book of agents other than `who`: covered, marked, and at no breaker."""
    base = draw(cents(1000, 2000000))
    equity = base * draw(st.sampled_from((1.0, 0.99, 1.02)))
    others = [each for each in AGENTS if each is not who]
    holders = draw(st.lists(st.sampled_from(others), unique=True, max_size=4))
    return book(
        *(position(each.agent_id, each.symbol, draw(cents(1, 60000))) for each in holders),
        equity=equity,
        day_base_equity=base,
        peak_equity=max(base, equity),
        open_entries=tuple(
            open_entry(each.agent_id, each.symbol, draw(cents(1, 20000)))
            for each in others
            if each not in holders and draw(st.booleans())
        ),
    )


@st.composite
def sound_cases(draw: st.DrawFn) -> RiskCase:
    """An entry into a sound book, on which only sums and shares of capital can deny."""
    who = draw(st.sampled_from(AGENTS))
    standing = draw(sound_books(who))
    house = company(*AGENTS, max_correlated_positions=None)
    room = [each for each in rooms(house, who, standing) if each > 0]
    price = draw(cents(5, 300))
    order = buy(
        draw(near_or(draw(st.sampled_from(room)), cents(1, WHOLE))),
        agent_id=who.agent_id,
        symbol=who.symbol,
        limit_price=price,
        stop_price=price * 0.97,
        target_price=price * 1.06,
    )
    return case(order, standing, company=house, agent=who)
