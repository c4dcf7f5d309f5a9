"""Every rule's word on an entry in the kernel: a set of failed rules, one bit a rule.

What a rule compares comes from `ztrade_core.risk.arithmetic`, the very functions the rules call.
Rules that a simulated run cannot fail are not asked: 007 (its own ledger), 008 (nobody is there to
halt), 018 (simulated) and 019 (one configuration). Bit n is RULE_n.
"""

import math
from typing import Any

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.filling import Arrays
from ztrade_core.backtest.kernel.halting import MOST_FAILURES
from ztrade_core.risk.arithmetic import (
    at_least,
    below,
    daily_loss_fraction,
    drawdown_fraction,
    fraction_of,
    gross_value,
    price_gap_bps,
    stop_distance_fraction,
    stop_is_valid,
    target_is_valid,
    total_capital,
    within,
)

SECOND = 1_000_000
MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0
HOUR = 3600 * SECOND

# A candidate: quantity, limit price, stop, target, notional, confidence.
Candidate = tuple[float, float, float, float, float, float]
# The moment of an entry: now, opened (of the decision bar), flags, close, volume.
Moment = tuple[int, int, int, float, float]


def standing_usd(agent: int, state: Any) -> tuple[float, float]:
    """Return the exposure of one agent and of all, open entries included, in the rules' order."""
    own, gross = 0.0, 0.0
    for each in range(state.shape[0]):
        if state[each, at.HELD] > 0.0:
            value = gross_value(state[each, at.HELD], state[each, at.MARK])
            gross = gross + value
            if each == agent:
                own = own + value
    for each in range(state.shape[0]):
        if state[each, at.ENTRY_QUANTITY] > 0.0:
            value = abs(state[each, at.RESERVED])
            gross = gross + value
            if each == agent:
                own = own + value
    return own, gross


def failed_rules(
    agent: int, candidate: Candidate, moment: Moment, rules: Arrays, book: Arrays, beside: Arrays
) -> int:
    """Return the rules that an entry fails. `beside`: correlations, the rings of past entries."""
    agents, company = rules
    state, _, account, _ = book
    own, gross = standing_usd(agent, state)
    notional = abs(candidate[4])
    capital = least_capital(account)
    own, gross = own + notional, gross + notional
    failed = 0
    if not share_allowed(own, capital, company[at.MAX_AGENT]):
        failed |= 1 << 1
    if not share_allowed(own, capital, company[at.MAX_SYMBOL]):
        failed |= 1 << 5
    if not share_allowed(gross, capital, company[at.MAX_GROSS]):
        failed |= 1 << 6
    failed |= failed_losses(agent, own, candidate, rules, book)
    failed |= failed_prices(candidate, moment, company, agents[agent, at.IS_CRYPTO] > 0.0)
    failed |= failed_inputs(moment, company)
    failed |= failed_size(candidate, moment, agents[agent, at.POSITION_USD], company)
    failed |= failed_pace(agent, moment, book[1], company, beside)
    if not few_correlated(agent, moment[0], company[at.MAX_CORRELATED], book, beside):
        failed |= 1 << 4
    return failed


def least_capital(account: Any) -> float:
    """Return the total capital the limits are shares of."""
    return total_capital(account[at.DAY_BASE], account[at.EQUITY])


def share_allowed(usd: float, capital: float, limit: float) -> bool:
    """Return whether an exposure is within its share of total capital."""
    return limit == at.OFF or within(fraction_of(usd, capital), limit)


def failed_losses(
    agent: int, own_usd: float, candidate: Candidate, rules: Arrays, book: Arrays
) -> int:
    """Judge 002, 017 and 021: losses, failures, the agent's own limits, and the halts they left."""
    agents, company = rules
    _, counts, account, days = book
    failed = 0
    limit = company[at.MAX_DAILY_LOSS]
    loss = daily_loss_fraction(account[at.DAY_BASE], account[at.EQUITY])
    passed = limit == at.OFF or below(loss, limit)
    limit = company[at.MAX_DRAWDOWN]
    drawdown = drawdown_fraction(account[at.PEAK], account[at.EQUITY])
    passed = passed and (limit == at.OFF or below(drawdown, limit))
    if not passed or days[at.DAILY_HALT] >= 0 or days[at.DRAWDOWN_HALT] >= 0:
        failed |= 1 << 2
    failures = min(counts[agent, at.FAILURES], MOST_FAILURES)
    many = company[at.MAX_FAILURES] != at.OFF and not failures < company[at.MAX_FAILURES]
    if many or counts[agent, at.RUNAWAY_HALT] >= 0:
        failed |= 1 << 17
    own = company[at.AGENT_LIMITS] == 0.0 or agent_allows(
        own_usd, candidate[5], agents[agent], counts[agent], days[at.TODAY]
    )
    if not own or counts[agent, at.LOSSES_HALT] >= 0:
        failed |= 1 << 21
    return failed


def agent_allows(own_usd: float, confidence: float, terms: Any, counts: Any, today: int) -> bool:
    """Return whether position, trades of the day, streak and confidence are within the agent's limits."""
    trades = counts[at.TRADES] if counts[at.TRADES_DAY] == today else 0
    return (
        within(own_usd, terms[at.POSITION_USD])
        and trades + 1 <= terms[at.DAILY_TRADES]
        and counts[at.STREAK] < terms[at.MAX_LOSSES]
        and at_least(confidence, terms[at.MIN_CONFIDENCE])
        and confidence <= 1.0
    )


def failed_prices(candidate: Candidate, moment: Moment, company: Any, is_crypto: bool) -> int:  # noqa: FBT001
    """Judge 003, 011 and 020: the bracket, the collar, the price itself."""
    quantity, limit_price, stop, target = candidate[:4]
    failed = 0
    bracket = stop_is_valid(stop, limit_price) and target_is_valid(target, limit_price)
    if company[at.NEEDS_STOP] > 0.0 and not bracket:
        failed |= 1 << 3
    gap = price_gap_bps(limit_price, moment[3])
    away = stop_distance_fraction(limit_price, stop)
    near = company[at.PRICE_GAP_BPS] == at.OFF or within(gap, company[at.PRICE_GAP_BPS])
    far = company[at.MIN_STOP] == at.OFF or at_least(away, company[at.MIN_STOP])
    close = company[at.MAX_STOP] == at.OFF or within(away, company[at.MAX_STOP])
    if not (near and far and close and target_is_valid(target, limit_price)):
        failed |= 1 << 11
    dear = is_crypto or at_least(limit_price, company[at.MIN_PRICE])
    is_sound = math.isfinite(limit_price) and limit_price > 0.0
    is_sound = is_sound and math.isfinite(quantity) and quantity > 0.0
    if company[at.LONG_ONLY] > 0.0 and not (dear and is_sound):
        failed |= 1 << 20
    return failed


def failed_inputs(moment: Moment, company: Any) -> int:
    """Judge 012, 013 and 015: fresh bars, an open session, a book compared just now."""
    flags = moment[2]
    failed = 0
    stale = company[at.NEEDS_FRESH] > 0.0 and flags & at.IS_FRESH == 0
    if stale or not within(0.0, company[at.CLOCK_SKEW]):
        failed |= 1 << 12
    if company[at.NEEDS_SESSION] > 0.0 and flags & at.IN_SESSION == 0:
        failed |= 1 << 13
    limit = company[at.RECONCILED_SECONDS]
    if limit != at.OFF and not within(0.0, limit):
        failed |= 1 << 15
    return failed


def failed_size(candidate: Candidate, moment: Moment, position_usd: float, company: Any) -> int:
    """Judge 014: dollars, the position's size, the bar's volume."""
    quantity, notional = candidate[0], candidate[4]
    limit = company[at.ORDER_USD]
    allowed = limit == at.OFF or within(notional, limit)
    limit = company[at.POSITION_MULTIPLE]
    allowed = allowed and (limit == at.OFF or within(notional, limit * position_usd))
    limit = company[at.VOLUME_MULTIPLE]
    allowed = allowed and (limit == at.OFF or within(quantity, limit * moment[4]))
    return 0 if allowed else 1 << 14


def failed_pace(agent: int, moment: Moment, counts: Any, company: Any, beside: Arrays) -> int:
    """Judge 009 and 010: how long ago the last entries were admitted."""
    now, opened = moment[0], moment[1]
    failed = 0
    last = counts[agent, at.LAST_ENTRY]
    window = company[at.DUPLICATE_SECONDS]
    known = last >= min(now - HOUR, opened)
    if window != at.OFF and known and not at_least((now - last) / SECOND, window):
        failed |= 1 << 9
    _, _, minute, hours = beside
    if company[at.PER_MINUTE] != at.OFF and is_full(minute, now, MINUTE_SECONDS):
        failed |= 1 << 10
    if company[at.PER_HOUR] != at.OFF and is_full(hours[agent], now, HOUR_SECONDS):
        failed |= 1 << 10
    return failed


def is_full(ring: Any, now: int, seconds: float) -> bool:
    """Return whether as many entries as there are places are younger than so many seconds.

    A ring holds the instants of the newest entries, and where the next goes in its last place.
    """
    places = ring.shape[0] - 1
    if places == 0:
        return True
    return bool((now - ring[ring[places]]) / SECOND < seconds)


def push(ring: Any, now: int) -> None:
    """Write an entry's instant over the oldest."""
    places = ring.shape[0] - 1
    if places > 0:
        ring[ring[places]] = now
        ring[places] = (ring[places] + 1) % places


def few_correlated(agent: int, now: int, limit: float, book: Arrays, beside: Arrays) -> bool:
    """Judge 004: the largest group of symbols of the projected book that move together."""
    state, days = book[0], book[3]
    matrices, stands_from = beside[0], beside[1]
    count = state.shape[0]
    if limit == at.OFF or days[at.ACTIVE] + 1 <= limit:
        return True
    while now >= stands_from[days[at.MATRIX] + 1]:
        days[at.MATRIX] += 1
    matrix = days[at.MATRIX]
    for centre in range(count):
        if not is_in(centre, agent, state):
            continue
        group = 1
        for other in range(count):
            if other != centre and is_in(other, agent, state) and matrices[matrix, centre, other]:
                group += 1
        if group > limit:
            return False
    return True


def is_in(each: int, agent: int, state: Any) -> bool:
    """Return whether an agent's symbol is in the projected book."""
    return each == agent or state[each, at.HELD] > 0.0 or state[each, at.ENTRY_QUANTITY] > 0.0
