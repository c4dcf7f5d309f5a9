"""The kernel: one pass over the bars of every agent in one account, in the order of DESIGN 7.

Bars that complete at one instant are played for all agents, in the order of their ids, then the
agents decide in that order, each on the book the former ones left. Plain functions on arrays: the
compiled module (`ztrade_core.backtest.kernel.building`) is made of this file's text, and calling
them as they are gives the same numbers.
"""

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.entering import decide
from ztrade_core.backtest.kernel.filling import play
from ztrade_core.backtest.kernel.halting import lift
from ztrade_core.backtest.kernel.minds.dispatch import advance, answer
from ztrade_core.strategies.protocol import BUY, HOLD, SELL


def run(market, spans, rules, beside, minds, out):  # type: ignore[no-untyped-def]
    """Run every agent over its bars.

    `market`: (bars, when); `spans`: first bar, first decided bar and end of every agent's series in
    the flat arrays, and the instants of New York's midnights; `rules`: (agents, company); `beside`:
    (correlation matrices, the instants they stand from, ring of the minute, rings of the hour);
    `minds`: (memory, settings); `out`: (fill ints, fill numbers, asked ints, asked numbers, tally,
    equity, exposure, account).
    """
    bars, when = market
    agents, company = rules
    starts, firsts, ends, midnights = spans
    log = (out[0], out[1], out[2], out[3], out[4])
    count = agents.shape[0]
    state, counts = np.zeros((count, at.STATE)), np.zeros((count, at.COUNTS), dtype=np.int64)
    account, days = out[7], np.zeros(at.DAYS, dtype=np.int64)
    book = (state, counts, account, days)
    begin(spans, minds, bars, agents, book)
    completed = when[1]
    sides = (beside[0], beside[2], beside[2], beside[3])
    while True:
        now = at.END
        for agent in range(count):
            bar = counts[agent, at.NEXT]
            if bar < ends[agent] and completed[bar] < now:
                now = completed[bar]
        if now == at.END or out[4][at.STATUS] != at.FINISHED:
            break
        if out[4][at.FILLS] + 2 * count > out[0].shape[0]:
            out[4][at.STATUS] = at.FULL
        if out[4][at.ASKED] + count > out[2].shape[0]:
            out[4][at.STATUS] = at.FULL
        is_new_day = now >= midnights[days[at.TODAY] + 1]
        if is_new_day:
            while now >= midnights[days[at.TODAY] + 1]:
                days[at.TODAY] += 1
            account[at.DAY_BASE] = equity_of(book)
            days[at.IS_DIRTY] = 1
        for agent in range(count):
            bar = counts[agent, at.NEXT]
            if bar < ends[agent] and completed[bar] == now:
                if state[agent, at.HELD] > 0.0 or state[agent, at.ENTRY_QUANTITY] > 0.0:
                    play(agent, bar, market, rules, book, log)
                state[agent, at.MARK] = bars[3][bar]
        equity = equity_of(book)
        if is_new_day and now == midnights[days[at.TODAY]]:
            account[at.DAY_BASE] = equity
        account[at.EQUITY] = equity
        account[at.EXPOSURE] = exposure_of(state)
        if equity > account[at.PEAK]:
            account[at.PEAK] = equity
        if is_new_day and days[at.IS_HALTED] > 0 and company[at.LIFTS_DAILY] > 0.0:
            lift(now, book)
        while now >= beside[1][days[at.MATRIX] + 1]:
            days[at.MATRIX] += 1
        for agent in range(count):
            bar = counts[agent, at.NEXT]
            if bar < ends[agent] and completed[bar] == now:
                counts[agent, at.NEXT] = bar + 1
                event = out[4][at.EVENTS]
                out[5][event] = equity
                out[6][event] = account[at.EXPOSURE]
                out[4][at.EVENTS] = event + 1
                cycle(agent, bar, market, rules, book, (minds, starts, sides, log))


def begin(spans, minds, bars, agents, book):  # type: ignore[no-untyped-def]
    """Stand at the opening: no position, the bars before the first decision taken in."""
    starts, firsts, _, _ = spans
    state, counts, account, days = book
    for agent in range(agents.shape[0]):
        counts[agent, at.NEXT] = firsts[agent]
        counts[agent, at.TRADES_DAY] = counts[agent, at.ENTRY_DAY] = -1
        counts[agent, at.FORGIVEN] = counts[agent, at.LAST_ENTRY] = at.NEVER
        counts[agent, at.LAST_CLOSED] = at.NEVER
        counts[agent, at.LOSSES_HALT] = counts[agent, at.RUNAWAY_HALT] = -1
        for bar in range(starts[agent], firsts[agent]):
            advance(int(agents[agent, at.KIND]), minds[0][agent], bar, bar - starts[agent], bars)
    account[at.EQUITY] = account[at.PEAK] = account[at.CASH]
    days[at.TODAY] = days[at.DAILY_HALT] = days[at.DRAWDOWN_HALT] = -1
    days[at.IS_DIRTY] = 1


def equity_of(book):  # type: ignore[no-untyped-def]
    """Return cash plus the marked positions, added in the order of agent ids."""
    state = book[0]
    equity = book[2][at.CASH]
    for agent in range(state.shape[0]):
        if state[agent, at.HELD] > 0.0:
            equity = equity + state[agent, at.HELD] * state[agent, at.MARK]
    return equity


def exposure_of(state):  # type: ignore[no-untyped-def]
    """Return the sum of marked positions."""
    exposure = 0.0
    for agent in range(state.shape[0]):
        if state[agent, at.HELD] > 0.0:
            exposure = exposure + state[agent, at.HELD] * state[agent, at.MARK]
    return exposure


def cycle(agent, bar, market, rules, book, rest):  # type: ignore[no-untyped-def]
    """Ask the agent's strategy on a completed bar and take its answer on."""
    minds, starts, sides, log = rest
    bars, when = market
    agents = rules[0]
    state = book[0]
    seen, kind = bar - starts[agent], int(agents[agent, at.KIND])
    held = state[agent, at.HELD] > 0.0
    memory, settings = minds[0][agent], minds[1][agent]
    advance(kind, memory, bar, seen, bars)
    close = bars[3][bar]
    is_crypto = agents[agent, at.IS_CRYPTO] > 0.0
    if is_crypto and held and close >= state[agent, at.TARGET]:
        action, confidence = SELL, 1.0
    else:
        action, confidence = answer(kind, memory, settings, bar, seen, bars, held)
    flags = when[2][bar]
    if action == BUY and not is_crypto and flags & at.IN_SESSION == 0:
        action = HOLD
    moment = (when[1][bar], when[0][bar], flags, close, bars[4][bar])
    decide(agent, (action, confidence), moment, rules, book, (bar, sides, log))
