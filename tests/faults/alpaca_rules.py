"""Rules 001, 002, 003, 005, 006 and 008 on the book at the end, in arithmetic of the judge's own.

RULE_004 needs bars of months; cases switch it off. A position counts at what it cost, an open entry at what it
may cost: prices that moved since break no rule.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from tests.fakes.alpaca_orders import STOPS, FakeOrder, is_coin
from tests.faults.alpaca_rows import AlpacaRows, Terms
from ztrade_core.domain.configuration import RiskLimits

TOLERANCE = 1e-9


def rule_breaks(
    rows: AlpacaRows, terms: Terms, limits: RiskLimits, fee_bps: tuple[float, float]
) -> list[str]:
    """Return which rules the account breaks, with what was seen and what is allowed."""
    exposure = exposures(rows, terms, fee_bps)
    by_agent: defaultdict[str, float] = defaultdict(float)
    gross = 0.0
    for symbol, dollars in exposure.items():
        by_agent[_agent_of(terms, symbol)] += dollars
        gross += dollars
    found = [
        _above("RULE_001", agent, dollars, limits.max_agent_exposure_fraction, terms)
        for agent, dollars in by_agent.items()
    ]
    found += [
        _above("RULE_005", symbol, dollars, limits.max_symbol_fraction, terms)
        for symbol, dollars in exposure.items()
    ]
    found.append(_above("RULE_006", "gross", gross, limits.max_gross_exposure_fraction, terms))
    broken = [each for each in found if each is not None]
    if limits.require_stop_loss:
        broken += _without_stop(rows)
    if limits.respect_halts:
        broken += _during_halts(rows)
    return broken


def exposures(rows: AlpacaRows, terms: Terms, fee_bps: tuple[float, float]) -> dict[str, float]:
    """Return by symbol what is held at its average cost, and what open buys may still cost."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in rows.ledger.fills:
        if rows.is_foreign(rows.by_id[fill["order_id"]], terms):
            continue
        symbol, quantity = fill["symbol"], Decimal(fill["qty"])
        if fill["side"] == "buy":
            held[symbol] += quantity
            cost[symbol] += quantity * Decimal(fill["price"])
        elif held[symbol] > 0:
            left = max(held[symbol] - quantity, Decimal(0))
            cost[symbol] *= left / held[symbol]
            held[symbol] = left
    dollars = {symbol: float(spent) for symbol, spent in cost.items()}
    for order in rows.ledger.working():
        if order.side == "buy" and not rows.is_foreign(order, terms):
            price = order.limit_price or rows.ledger.marks.get(order.symbol, Decimal(0))
            worst = float(order.remaining * price)
            worst += worst * fee_bps[is_coin(order.symbol)] / 10000.0
            dollars[order.symbol] = dollars.get(order.symbol, 0.0) + worst
    return dollars


def _agent_of(terms: Terms, symbol: str) -> str:
    agent = None if terms.company is None else terms.company.agent_of_symbol(symbol)
    return f"nobody's {symbol}" if agent is None else agent.agent_id


def _above(
    rule: str, what: str, dollars: float, fraction: float | None, terms: Terms
) -> str | None:
    if fraction is None:
        return None
    limit = fraction * terms.capital_usd
    if dollars <= limit * (1.0 + TOLERANCE):
        return None
    return f"{rule}: {what} {dollars:.2f} USD of {limit:.2f}"


def _without_stop(rows: AlpacaRows) -> list[str]:
    """Entries that were decided without a stop on the right side, or went out without its leg.

    What was adopted from the broker has no decision, and only what the broker knows of its stop.
    """
    found = []
    for order_id, chain in rows.theirs.items():
        row, first = rows.ours.get(order_id), chain[0]
        if row is None or row["role"] != "entry":
            continue
        if row["decision_id"] is not None and not _is_stopped(row):
            found.append(f"RULE_003: {order_id} has stop {row['stop_price']}")
        elif not is_coin(first.symbol) and not _has_leg(rows, first, row["stop_price"]):
            found.append(f"RULE_003: {order_id} went out without its stop leg")
    return found


def _has_leg(rows: AlpacaRows, entry: FakeOrder, stop: Decimal | None) -> bool:
    legs = [each for each in rows.by_id.values() if each.parent == entry.id and each.type in STOPS]
    return any(leg.stop_price == stop or stop is None for leg in legs if leg.replaces is None)


def _is_stopped(row: Any) -> bool:
    stop, limit = row["stop_price"], row["limit_price"]
    return stop is not None and stop > 0 and (limit is None or stop < limit)


def _during_halts(rows: AlpacaRows) -> list[str]:
    """Entries that were written down, and reached the broker, while a halt stood."""
    found = []
    for order_id in rows.theirs.keys() & rows.ours.keys():
        row = rows.ours[order_id]
        for halt in rows.halts if row["role"] == "entry" else ():
            concerns = halt["agent_id"] in {None, row["agent_id"]}
            lifted = halt["lifted_at"]
            if (
                concerns
                and halt["since"] < row["created_at"]
                and (lifted is None or row["created_at"] < lifted)
            ):
                rule = "RULE_008" if halt["kind"] == "manual" else "RULE_002"
                found.append(f"{rule}: {order_id} was intended while {halt['halt_id']} stood")
    return sorted(found)
