"""A mind's answer in the kernel: an entry with a bracket and a size of its own, an exit, a hold.

`kernel.entering` decides what a strategy answers; this is the same order of events with what a
proposal may bring besides (`trading.admission`): a stop, a target, a wish for a quantity. A lone
agent only. What only the event loop can do ends the pass with a status of its own.
"""

from typing import Any

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.entering import admit, decide, note_decision, outcome_of
from ztrade_core.backtest.kernel.entering import with_quantity as in_size
from ztrade_core.backtest.kernel.filling import Arrays
from ztrade_core.backtest.kernel.halting import cancel_halted, trip
from ztrade_core.backtest.kernel.judging import (
    Candidate,
    Moment,
    failed_rules,
    least_capital,
    standing_usd,
)
from ztrade_core.risk.arithmetic import (
    collared_price,
    entry_notional_usd,
    headroom_usd,
    least,
    quantity_in_room,
    quantity_within_volume,
    risk_bound_usd,
)
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

ADDS = 16  # status: an entry beside a position, where the rules let it
ASKED = 35  # why a bar was held: its mind said so
NO_ADDS = 1 << 20

# An answer: action, confidence, stop, target, the most it wants, and what it calls its size
# (below 0: it names none, and the most is infinite).
Wish = tuple[int, float, float, float, float, float]


def take_up(wish: Wish, bar: int, market: Arrays, rules: Arrays, book: Arrays, rest: Arrays) -> int:
    """Take an answer on the bar played last through breakers, rules and broker; return its outcome."""
    bars, when = market
    beside, log, points = rest
    action, agent, flags = wish[0], 0, when[2][bar]
    event = log[4][at.EVENTS] - 1
    points[2][event] = ASKED
    if action == BUY and rules[0][agent, at.IS_CRYPTO] == 0.0 and flags & at.IN_SESSION == 0:
        action = HOLD
    moment = (when[1][bar], when[0][bar], flags, bars[3][bar], bars[4][bar])
    if action == BUY:
        return enter(wish, moment, rules, book, (bar, beside, log))
    flat = book[0][agent, at.HELD] == 0.0
    if action == SELL and flat:
        decide(agent, (HOLD, 0.0), moment, rules, book, (bar, beside, log))
        note_decision((bar, agent, SELL, at.HELD_OUTCOME, 0), 0.0, log)
        return at.HELD_OUTCOME
    leaving = book[0][agent, at.EXIT] > 0.0
    decide(agent, (action, wish[1]), moment, rules, book, (bar, beside, log))
    return at.APPROVED if action == SELL and not leaving else at.HELD_OUTCOME


def enter(wish: Wish, moment: Moment, rules: Arrays, book: Arrays, rest: Arrays) -> int:
    """Judge and send an entry as it was wished for; return its outcome."""
    bar, beside, log = rest
    agent, terms = 0, rules[0]
    tripped = trip(rules, book, log)
    candidate, wanted = wished(agent, wish, moment, rules, book)
    quantity = candidate[0]
    if not quantity > 0.0:
        candidate = in_size(candidate, 1.0 / terms[agent, at.LOTS], terms[agent, at.FEE_BPS])
    failed = failed_rules(agent, candidate, moment, rules, book, beside)
    if book[0][agent, at.HELD] > 0.0:
        if rules[1][at.LONG_ONLY] > 0.0:
            failed |= NO_ADDS
        else:
            log[4][at.STATUS] = ADDS
    outcome = outcome_of(agent, failed, quantity, wanted, book)
    quantity = 0.0 if outcome == at.DENIED else quantity
    if tripped:
        cancel_halted(book)
    if outcome != at.DENIED:
        admit(agent, candidate, moment, rules, book, beside)
    log[4][at.OUTCOMES + outcome] += 1
    note_decision((bar, agent, BUY, outcome, failed), quantity, log)
    return outcome


def wished(
    agent: int, wish: Wish, moment: Moment, rules: Arrays, book: Arrays
) -> tuple[Candidate, float]:
    """Return the entry with its bracket and size, and the size that was wanted."""
    agents, company = rules
    terms = agents[agent]
    _, confidence, stop, target, most, named = wish
    close, volume = moment[3], moment[4]
    limit = close
    if company[at.COLLAR_BPS] != at.OFF:
        limit = collared_price(close, company[at.COLLAR_BPS])
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
    quantity = min(quantity, most)
    wanted = named if most != at.OFF else least(by_position, by_risk)
    notional = entry_notional_usd(quantity, limit, fee)
    return (quantity, limit, stop, target, notional, confidence), wanted


def entered(book: Any, fills: int) -> int:
    """Return how many entries were executed: each but the one that is held was sold again."""
    return (fills + (1 if book[0][0, at.HELD] > 0.0 else 0)) // 2
