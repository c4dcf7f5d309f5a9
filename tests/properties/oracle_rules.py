"""A second opinion on the rules: written from DESIGN section 6 alone, in exact fractions.

It shares no code with `ztrade_core.risk`: it reads the attributes of a case and of the
configuration, as `oracle_numbers` does. The rules 009-019 are in `oracle_order_rules`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.properties.oracle_numbers import TOLERANCE, at_most, halts_of, is_entry, number
from tests.properties.oracle_order_rules import ORDER_RULES

HALF = Fraction(1, 2)
BREAKER_KINDS = ("daily_loss", "drawdown", "consecutive_losses", "runaway")


def lines(case: Any) -> list[tuple[str, str, Fraction | None]]:
    """Every (agent, symbol, dollars) that stands or may come to stand."""
    rows: list[tuple[str, str, Fraction | None]] = []
    for p in case.book.positions:
        quantity, mark = number(p.quantity), number(p.mark)
        value = None if quantity is None or mark is None else abs(quantity * mark)
        rows.append((p.agent_id, p.symbol, value))
    rows += [(o.agent_id, o.symbol, number(o.reserved_usd)) for o in case.book.open_entries]
    if is_entry(case):
        order = case.candidate
        rows.append((order.agent_id, order.symbol, number(order.notional_usd)))
    return rows


def total(values: list[Fraction | None]) -> Fraction | None:
    known = [value for value in values if value is not None]
    return sum(known, Fraction(0)) if len(known) == len(values) else None


def capital(case: Any) -> Fraction | None:
    base, equity = number(case.book.day_base_equity), number(case.book.equity)
    if base is None or equity is None or min(base, equity) <= 0:
        return None
    return min(base, equity)


def share_allowed(case: Any, dollars: Fraction | None, limit: float | None) -> bool:
    if limit is None:
        return True
    whole = capital(case)
    return whole is not None and at_most(dollars, Fraction(repr(limit)) * whole)


def rule_001(case: Any) -> bool:
    mine = total([v for agent, _, v in lines(case) if agent == case.agent.agent_id])
    return share_allowed(case, mine, case.company.risk.max_agent_exposure_fraction)


def loss_allowed(start: float | None, now: float | None, limit: float | None) -> bool:
    """Under the limit by more than the tolerance: a loss AT it is denied."""
    if limit is None:
        return True
    first, last, most = number(start), number(now), Fraction(repr(limit))
    if first is None or last is None or first <= 0:
        return False
    return first - last < most * first * (1 - TOLERANCE)


def rule_002(case: Any) -> bool:
    limits, book = case.company.risk, case.book
    return (
        loss_allowed(book.day_base_equity, book.equity, limits.max_daily_loss_fraction)
        and loss_allowed(book.peak_equity, book.equity, limits.max_drawdown_fraction)
        and not {"daily_loss", "drawdown"} & set(halts_of(case))
    )


def bracket_is_sound(order: Any) -> bool:
    price, stop = number(order.limit_price), number(order.stop_price)
    if price is None or stop is None or not 0 < stop < price:
        return False
    if order.target_price is None:
        return True
    target = number(order.target_price)
    return target is not None and target > price


def carries_a_stop(position: Any) -> bool:
    quantity, covered = number(position.quantity), number(position.protected_quantity)
    if quantity is None or covered is None:
        return False
    if position.stop_price is not None and (number(position.stop_price) or 0) <= 0:
        return False
    lot = Fraction(1, 10**8) if "/" in position.symbol else Fraction(1)
    return covered >= quantity - HALF * lot


def rule_003(case: Any) -> bool:
    if not case.company.risk.require_stop_loss:
        return True
    stands = all(carries_a_stop(p) for p in case.book.positions)
    return stands and (not is_entry(case) or bracket_is_sound(case.candidate))


def correlated(case: Any, one: str, other: str) -> bool:
    threshold = Fraction(repr(case.company.risk.correlation_threshold))
    found = [c.value for c in case.market.correlations if {c.first, c.second} == {one, other}]
    return not found or any(not at_most(number(value), threshold) for value in found)


def rule_004(case: Any) -> bool:
    limit = case.company.risk.max_correlated_positions
    symbols = {symbol for _, symbol, _ in lines(case)}
    return limit is None or all(
        1 + sum(correlated(case, one, other) for other in symbols - {one}) <= limit
        for one in symbols
    )


def rule_005(case: Any) -> bool:
    symbol = case.candidate.symbol if case.candidate else case.agent.symbol
    held = total([v for _, each, v in lines(case) if each == symbol])
    return share_allowed(case, held, case.company.risk.max_symbol_fraction)


def rule_006(case: Any) -> bool:
    everything = total([v for _, _, v in lines(case)])
    return share_allowed(case, everything, case.company.risk.max_gross_exposure_fraction)


def rule_007(case: Any) -> bool:
    if not case.company.risk.verify_chain:
        return True
    return bool(case.chain.verified) and case.chain.fault is None


def rule_008(case: Any) -> bool:
    if not case.company.risk.respect_halts:
        return True
    return case.halt_file is None and not set(halts_of(case)) - set(BREAKER_KINDS)


def rule_012(case: Any) -> bool:
    skew = number(case.market.clock_skew_seconds)
    limit = Fraction(repr(case.company.risk.max_clock_skew_seconds))
    fresh = case.market.fresh or not case.company.risk.require_fresh_data
    return fresh and not case.market.issues and skew is not None and at_most(abs(skew), limit)


def rule_013(case: Any) -> bool:
    needed = case.company.risk.require_open_session and is_entry(case)
    return bool(case.market.session_open) or not needed


def standing_is_in_universe(case: Any) -> bool:
    me, symbol = case.agent.agent_id, case.agent.symbol
    claims = [*case.company.agents, *case.book.positions, *case.book.open_entries]
    alone = all(each.agent_id == me for each in claims if each.symbol == symbol)
    mine = [p for p in case.book.positions if p.agent_id == me]
    long = all(number(p.quantity) is not None and p.quantity >= 0 for p in mine)
    return alone and long and all(p.symbol == symbol for p in mine)


def order_is_in_universe(case: Any) -> bool:
    order, me = case.candidate, case.agent.agent_id
    quantity = number(order.quantity)
    if quantity is None or quantity <= 0:
        return False
    if (order.agent_id, order.symbol) != (me, case.agent.symbol):
        return False
    if order.side == "buy":
        return True
    lot = Fraction(1, 10**8) if "/" in case.agent.symbol else Fraction(1)
    held = [number(p.quantity) for p in case.book.positions if p.agent_id == me]
    return bool(held) and held[0] is not None and quantity <= held[0] + HALF * lot


def entry_is_in_universe(case: Any) -> bool:
    me, order = case.agent.agent_id, case.candidate
    stands = [*case.book.positions, *case.book.open_entries]
    if any(each.agent_id == me for each in stands):
        return False
    price = number(order.limit_price)
    if price is None or price <= 0:
        return False
    least = Fraction(repr(case.company.risk.min_stock_price_usd))
    return "/" in order.symbol or price >= least * (1 - TOLERANCE)


def rule_020(case: Any) -> bool:
    if not case.company.risk.long_only_universe:
        return True
    return (
        standing_is_in_universe(case)
        and (case.candidate is None or order_is_in_universe(case))
        and (not is_entry(case) or entry_is_in_universe(case))
    )


def rule_021(case: Any) -> bool:
    if "consecutive_losses" in halts_of(case):
        return False
    if not case.company.risk.enforce_agent_limits:
        return True
    limits, me = case.agent.limits, case.agent.agent_id
    trades = sum(r.trades_today for r in case.book.records if r.agent_id == me)
    losses = sum(r.consecutive_losses for r in case.book.records if r.agent_id == me)
    mine = total([v for agent, _, v in lines(case) if agent == me])
    own = at_most(mine, Fraction(repr(limits.position_usd)))
    own = own and losses < limits.max_consecutive_losses
    if not is_entry(case):
        return own and trades <= limits.max_daily_trades
    confidence = number(case.candidate.confidence)
    least = Fraction(repr(limits.min_confidence)) * (1 - TOLERANCE)
    sure = confidence is not None and least <= confidence <= 1
    return own and sure and trades < limits.max_daily_trades


ORACLE: dict[str, Callable[[Any], bool]] = {
    "RULE_001": rule_001,
    "RULE_002": rule_002,
    "RULE_003": rule_003,
    "RULE_004": rule_004,
    "RULE_005": rule_005,
    "RULE_006": rule_006,
    "RULE_007": rule_007,
    "RULE_008": rule_008,
    **ORDER_RULES,
    "RULE_012": rule_012,
    "RULE_013": rule_013,
    "RULE_020": rule_020,
    "RULE_021": rule_021,
}
