"""The second opinion on the rules 009-011 and 014-019: from their text, in exact fractions.

It shares no code with `ztrade_core.risk`; what both opinions read alike stands in `oracle_rules`.
"""

import hashlib
import math
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

from tests.properties.oracle_numbers import TOLERANCE, at_most, halts_of, is_entry, number

PAPER = "https://paper-api.alpaca.markets"
MICROSECOND = timedelta(microseconds=1)


def seconds(span: timedelta) -> Fraction:
    return Fraction(span // MICROSECOND, 10**6)


def age(case: Any, entry: Any) -> Fraction:
    return seconds(case.desk.at - entry.created_at)


def rule_009(case: Any) -> bool:
    window = case.company.risk.duplicate_window_seconds
    if window is None or not is_entry(case):
        return True
    order, book, bar = case.candidate, case.book, case.market.last_bar
    mine = (order.agent_id, order.symbol, order.side)
    like_it = [e for e in case.desk.entries if (e.agent_id, e.symbol, e.side) == mine]
    least = Fraction(repr(window)) * (1 - TOLERANCE)
    words = [book.account, str(book.account_epoch), *mine, bar.isoformat() if bar else "none"]
    intent = hashlib.sha256("|".join(words).encode()).hexdigest()
    return (
        all(age(case, e) >= least for e in like_it)
        and not any((o.agent_id, o.symbol) == mine[:2] for o in book.open_entries)
        and not any(e.intent == intent for e in case.desk.entries)
    )


def rule_010(case: Any) -> bool:
    risk, me, this = case.company.risk, case.agent.agent_id, 1 if is_entry(case) else 0
    ages = [(e.agent_id, age(case, e)) for e in case.desk.entries]
    everyone = this + len([1 for _, old in ages if old < 60])
    mine = this + len([1 for who, old in ages if who == me and old < 3600])
    per_minute, per_hour = risk.max_entries_per_minute, risk.max_agent_entries_per_hour
    return (per_minute is None or everyone <= per_minute) and (per_hour is None or mine <= per_hour)


def is_near(price: Fraction | None, reference: float, bps: float) -> bool:
    other = number(reference)
    if price is None or other is None or other <= 0:
        return False
    return at_most(abs(price - other) / other * 10000, Fraction(repr(bps)))


def stop_is_in_range(case: Any, price: Fraction | None) -> bool:
    risk, order = case.company.risk, case.candidate
    least, most = risk.min_stop_distance_fraction, risk.max_stop_distance_fraction
    if order.stop_price is None or (least is None and most is None):
        return True
    stop = number(order.stop_price)
    if price is None or stop is None or price <= 0:
        return False
    away = (price - stop) / price
    far_enough = least is None or away >= Fraction(repr(least)) * (1 - TOLERANCE)
    return far_enough and (most is None or at_most(away, Fraction(repr(most))))


def rule_011(case: Any) -> bool:
    if not is_entry(case):
        return True
    order, bps = case.candidate, case.company.risk.max_price_gap_bps
    price = number(order.limit_price)
    near = bps is None or (
        is_near(price, case.market.close, bps) and is_near(price, case.desk.mark, bps)
    )
    beyond = True
    if order.target_price is not None:
        target = number(order.target_price)
        beyond = price is not None and target is not None and 0 < price < target
    return near and beyond and stop_is_in_range(case, price)


def rule_014(case: Any) -> bool:
    if not is_entry(case):
        return True
    risk, order = case.company.risk, case.candidate
    worth, quantity = number(order.notional_usd), number(order.quantity)
    volume = number(case.market.volume)
    size = Fraction(repr(case.agent.limits.position_usd))
    dollars, of_size = risk.max_order_usd, risk.max_order_position_multiple
    of_volume = risk.max_order_volume_multiple
    return (
        (dollars is None or at_most(worth, Fraction(repr(dollars))))
        and (of_size is None or at_most(worth, Fraction(repr(of_size)) * size))
        and (
            of_volume is None
            or (volume is not None and at_most(quantity, Fraction(repr(of_volume)) * volume))
        )
    )


def rule_015(case: Any) -> bool:
    limit, desk = case.company.risk.max_reconciliation_age_seconds, case.desk
    if limit is None:
        return True
    if desk.reconciled_at is None or desk.unreconciled:
        return False
    return at_most(seconds(desk.at - desk.reconciled_at), Fraction(repr(limit)))


def rule_016(case: Any) -> bool:
    limit, spent = case.company.models.daily_budget_usd, case.desk.model_spent_usd
    if limit is None:
        return True
    return math.isfinite(spent) and at_most(Fraction(repr(spent)), Fraction(repr(limit)))


def rule_017(case: Any) -> bool:
    limit = case.company.risk.max_failures_in_a_row
    records = [r for r in case.book.records if r.agent_id == case.agent.agent_id]
    few = limit is None or all(r.failures_in_a_row < limit for r in records)
    return few and "runaway" not in halts_of(case)


def rule_018(case: Any) -> bool:
    return bool(case.desk.is_paper) and case.desk.broker_host in (None, PAPER)


def rule_019(case: Any) -> bool:
    same = case.market.config_digest == case.company.digest
    return same or not case.company.risk.require_same_configuration


ORDER_RULES: dict[str, Callable[[Any], bool]] = {
    "RULE_009": rule_009,
    "RULE_010": rule_010,
    "RULE_011": rule_011,
    "RULE_014": rule_014,
    "RULE_015": rule_015,
    "RULE_016": rule_016,
    "RULE_017": rule_017,
    "RULE_018": rule_018,
    "RULE_019": rule_019,
}
