"""A decision in the kernel: what it asks for, its size, the rules' word, and sending it.

The order of events is the cycle's: breakers trip, the entry is sized and judged on the book as it
stands, entries of agents that were halted just now are cancelled, then the order goes to the
simulated broker, which may refuse it for want of cash.
"""

import math
from typing import Any

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.filling import Arrays
from ztrade_core.backtest.kernel.halting import cancel_halted, trip
from ztrade_core.backtest.kernel.judging import (
    Candidate,
    Moment,
    failed_rules,
    least_capital,
    push,
    standing_usd,
)
from ztrade_core.domain.instruments import quantity_down
from ztrade_core.fills.arithmetic import cash_after_buy, commission_usd
from ztrade_core.risk.arithmetic import (
    collared_price,
    entry_notional_usd,
    headroom_usd,
    least,
    quantity_in_room,
    quantity_within_volume,
    risk_bound_usd,
    stop_below,
    target_above,
)
from ztrade_core.strategies.protocol import BUY, HOLD, SELL


def decide(
    agent: int, answer: tuple[int, float], moment: Moment, rules: Arrays, book: Arrays, rest: Arrays
) -> None:
    """Take an agent's answer through breakers, rules and broker. `rest`: bar, beside, log."""
    bar, beside, log = rest
    tripped = trip(rules, book, log)
    action, confidence = answer
    outcome = at.HELD_OUTCOME
    failed, quantity = 0, 0.0
    if action == BUY:
        plan = sized(agent, confidence, moment, rules, book)
        candidate, wanted = plan
        lot = 1.0 / rules[0][agent, at.LOTS]
        quantity = candidate[0]
        if not quantity > 0.0:
            candidate = with_quantity(candidate, lot, rules[0][agent, at.FEE_BPS])
        failed = failed_rules(agent, candidate, moment, rules, book, beside)
        outcome = outcome_of(agent, failed, quantity, wanted, book)
        quantity = 0.0 if outcome == at.DENIED else quantity
        if tripped:
            cancel_halted(book)
        if outcome != at.DENIED:
            admit(agent, candidate, moment, rules, book, beside)
    else:
        if tripped:
            cancel_halted(book)
        if action == SELL and book[0][agent, at.EXIT] == 0.0:
            outcome, quantity = at.APPROVED, leave(agent, rules, book, log)
    log[4][at.OUTCOMES + outcome] += 1
    if action != HOLD:
        note_decision((bar, agent, action, outcome, failed), quantity, log)


def leave(agent: int, rules: Arrays, book: Arrays, log: Arrays) -> float:
    """Sell all at the next open; a position off the lot's grid ends the pass."""
    state = book[0]
    held = state[agent, at.HELD]
    quantity = quantity_down(held, rules[0][agent, at.LOTS])
    if quantity != held or not quantity > 0.0:
        log[4][at.STATUS] = at.PARTIAL
    state[agent, at.EXIT] = 1.0
    return quantity


def sized(
    agent: int, confidence: float, moment: Moment, rules: Arrays, book: Arrays
) -> tuple[Candidate, float]:
    """Return the entry with its bracket and size, and the size the agent wanted."""
    agents, company = rules
    terms = agents[agent]
    close, volume = moment[3], moment[4]
    limit = close
    if company[at.COLLAR_BPS] != at.OFF:
        limit = collared_price(close, company[at.COLLAR_BPS])
    stop = stop_below(close, terms[at.STOP_FRACTION])
    target = target_above(close, terms[at.TAKE_FRACTION])
    own, gross = standing_usd(agent, book[0])
    fee, lots = terms[at.FEE_BPS], terms[at.LOTS]
    by_position = quantity_in_room(headroom_usd(1.0, terms[at.POSITION_USD], own), limit, fee, lots)
    by_risk = quantity_in_room(risk_bound_usd(terms[at.RISK_USD], limit, stop), limit, fee, lots)
    capital = least_capital(book[2])
    quantity = min(by_position, by_risk)
    for which, used in ((at.MAX_AGENT, own), (at.MAX_SYMBOL, own), (at.MAX_GROSS, gross)):
        if company[which] != at.OFF:
            room = headroom_usd(company[which], capital, used)
            quantity = min(quantity, quantity_in_room(room, limit, fee, lots))
    quantity = min(quantity, quantity_within_volume(company[at.VOLUME_FRACTION], volume, lots))
    notional = entry_notional_usd(quantity, limit, fee)
    return (quantity, limit, stop, target, notional, confidence), least(by_position, by_risk)


def with_quantity(candidate: Candidate, quantity: float, fee_bps: float) -> Candidate:
    """Return the candidate in another size: one lot stands in where none fits."""
    _, limit, stop, target, _, confidence = candidate
    notional = entry_notional_usd(quantity, limit, fee_bps)
    return quantity, limit, stop, target, notional, confidence


def outcome_of(agent: int, failed: int, quantity: float, wanted: float, book: Arrays) -> int:
    """Return what becomes of an entry; a standing halt denies even where every rule is off."""
    counts, days = book[1], book[3]
    halted = days[at.DAILY_HALT] >= 0 or days[at.DRAWDOWN_HALT] >= 0
    halted = halted or counts[agent, at.LOSSES_HALT] >= 0 or counts[agent, at.RUNAWAY_HALT] >= 0
    if failed != 0 or halted or not quantity > 0.0:
        return at.DENIED
    return at.RESIZED if quantity < wanted else at.APPROVED


def admit(
    agent: int, candidate: Candidate, moment: Moment, rules: Arrays, book: Arrays, beside: Arrays
) -> None:
    """Write the entry down and send it: too late, refused for want of cash, or open for one bar."""
    state, counts, _, days = book
    now = moment[0]
    counts[agent, at.LAST_ENTRY] = now
    push(beside[2], now)
    push(beside[3][agent], now)
    if moment[2] & at.IS_LATE != 0:
        return
    quantity, limit = candidate[0], candidate[1]
    if not can_pay(agent, quantity, limit, rules, book):
        if now > counts[agent, at.FORGIVEN]:
            counts[agent, at.FAILURES] += 1
        days[at.IS_DIRTY] = 1
        return
    if counts[agent, at.TRADES_DAY] != days[at.TODAY]:
        counts[agent, at.TRADES_DAY] = days[at.TODAY]
        counts[agent, at.TRADES] = 0
    counts[agent, at.TRADES] += 1
    counts[agent, at.ENTRY_DAY] = days[at.TODAY]
    days[at.RANK] += 1
    days[at.ACTIVE] += 1
    counts[agent, at.ENTRY_RANK] = days[at.RANK]
    state[agent, at.ENTRY_QUANTITY] = quantity
    state[agent, at.ENTRY_LIMIT] = limit if rules[1][at.COLLAR_BPS] != at.OFF else math.inf
    state[agent, at.ENTRY_STOP] = candidate[2]
    state[agent, at.ENTRY_TARGET] = candidate[3]
    state[agent, at.ENTRY_CLOSE] = moment[3]
    state[agent, at.RESERVED] = candidate[4]


def can_pay(agent: int, quantity: float, price: float, rules: Arrays, book: Arrays) -> bool:
    """Return whether cash pays this entry beside the open ones, taken in the order of sending."""
    state, counts, account, _ = book
    free = account[at.CASH]
    after = 0
    while True:
        following = -1
        for each in range(state.shape[0]):
            rank = counts[each, at.ENTRY_RANK]
            is_open = state[each, at.ENTRY_QUANTITY] > 0.0 and rank > after
            if is_open and (following < 0 or rank < counts[following, at.ENTRY_RANK]):
                following = each
        if following < 0:
            break
        after = counts[following, at.ENTRY_RANK]
        at_price = state[following, at.ENTRY_LIMIT]
        if at_price == math.inf:
            at_price = state[following, at.ENTRY_CLOSE]
        free = cash_left(following, free, state[following, at.ENTRY_QUANTITY], at_price, rules[0])
    return cash_left(agent, free, quantity, price, rules[0]) >= 0.0


def cash_left(agent: int, cash: float, quantity: float, price: float, agents: Any) -> float:
    """Return what a buy leaves of cash at its limit; coins pay their fee in the coin."""
    fee = 0.0
    if agents[agent, at.IS_CRYPTO] == 0.0:
        fee = commission_usd(quantity, price, agents[agent, at.FEE_BPS])
    return cash_after_buy(cash, quantity, price, fee)


def note_decision(row: Arrays, quantity: float, log: Arrays) -> None:
    """Write a decision down that asked for something."""
    ints, numbers, tally = log[2], log[3], log[4]
    number = tally[at.ASKED]
    for column in range(at.ASKED_INTS):
        ints[number, column] = row[column]
    numbers[number] = quantity
    tally[at.ASKED] = number + 1
