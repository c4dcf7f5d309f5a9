"""The kernel: one pass over the bars of every agent in one account, in the order of DESIGN 7.

Bars that complete at one instant are played for all agents, in the order of their ids, then the
agents decide in that order, each on the book the former ones left. Plain functions on arrays: the
compiled module (`ztrade_core.backtest.kernel.building`) is made of this file's text, and calling
them as they are gives the same numbers. The loop itself does what every bar needs; whatever
happens seldom (an order, a touched level, a breaker near its limit) is left to functions.
"""

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.entering import decide
from ztrade_core.backtest.kernel.filling import play
from ztrade_core.backtest.kernel.halting import lift
from ztrade_core.backtest.kernel.minds.dispatch import advance, answer
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

NEARLY = 1.0 - 1e-6  # of a breaker's limit: from there on it is asked whether it trips


def run(market, spans, rules, beside, minds, out):  # type: ignore[no-untyped-def]
    """Run every agent over its bars.

    `market`: (bars, when); `spans`: first bar, first decided bar and end of every agent's series in
    the flat arrays, and the instants of New York's midnights; `rules`: (agents, company); `beside`:
    (correlation matrices, the instants they stand from, ring of the minute, rings of the hour);
    `minds`: (memory, settings); `out`: (fill ints, fill numbers, asked ints, asked numbers, tally,
    equity, exposure) and the book at zero: (state, counts, account, days).
    """
    bars, when = market
    _, highs, lows, closes, volumes, _ = bars
    opened, completed, flags = when
    agents, company = rules
    starts, _, ends, midnights = spans
    tally, equities, exposures = out[4], out[5], out[6]
    log, sides = (out[0], out[1], out[2], out[3], out[4]), (beside[0], beside[2], beside[3])
    stands_from = beside[1]
    count = agents.shape[0]
    room = min(out[0].shape[0] - 2 * count, out[2].shape[0] - count)
    book = (out[7], out[8], out[9], out[10])
    state, counts, account, days = book
    begin(spans, minds, bars, agents, book)
    daily_limit, drawdown_limit = company[at.MAX_DAILY_LOSS], company[at.MAX_DRAWDOWN]
    memory = minds[0]
    event = held = 0
    tomorrow = midnights[0]
    while tally[at.STATUS] == at.FINISHED:
        now = at.END
        for agent in range(count):
            bar = counts[agent, at.NEXT]
            if bar < ends[agent] and completed[bar] < now:
                now = completed[bar]
        if now == at.END:
            break
        is_new_day = now >= tomorrow
        if is_new_day:
            tomorrow = start_day(now, midnights, book)
        for agent in range(count):
            bar = counts[agent, at.NEXT]
            if bar < ends[agent] and completed[bar] == now:
                if state[agent, at.ENTRY_QUANTITY] > 0.0 or (
                    state[agent, at.HELD] > 0.0
                    and (
                        lows[bar] <= state[agent, at.STOP]
                        or highs[bar] > state[agent, at.TARGET]
                        or state[agent, at.EXIT] > 0.0
                    )
                ):
                    play(agent, bar, market, rules, book, log)
                state[agent, at.MARK] = closes[bar]
        exposure, equity = 0.0, account[at.CASH]
        for agent in range(count):
            if state[agent, at.HELD] > 0.0:
                value = state[agent, at.HELD] * state[agent, at.MARK]
                exposure, equity = exposure + value, equity + value
        account[at.EQUITY] = equity
        if equity > account[at.PEAK]:
            account[at.PEAK] = equity
        if is_new_day:
            end_night(now, midnights, company, book)
            while now >= stands_from[days[at.MATRIX] + 1]:
                days[at.MATRIX] += 1
        guard = max(
            account[at.DAY_BASE] * (1.0 - daily_limit * NEARLY),
            account[at.PEAK] * (1.0 - drawdown_limit * NEARLY),
        )
        for agent in range(count):
            bar = counts[agent, at.NEXT]
            if bar < ends[agent] and completed[bar] == now:
                counts[agent, at.NEXT] = bar + 1
                equities[event] = equity
                exposures[event] = exposure
                event += 1
                seen, kind = bar - starts[agent], agents[agent, at.KIND]
                advance(kind, memory, agent, bar, seen, bars)
                close, in_position = closes[bar], state[agent, at.HELD] > 0.0
                is_crypto = agents[agent, at.IS_CRYPTO] > 0.0
                if is_crypto and in_position and close >= state[agent, at.TARGET]:
                    action, confidence = SELL, 1.0
                else:
                    action, confidence = answer(kind, minds, agent, bar, seen, bars, in_position)
                if action == BUY and not is_crypto and flags[bar] & at.IN_SESSION == 0:
                    action = HOLD
                if action == HOLD and days[at.IS_DIRTY] == 0 and equity > guard:
                    held += 1
                else:
                    moment = (now, opened[bar], flags[bar], close, volumes[bar])
                    decide(agent, (action, confidence), moment, rules, book, (bar, sides, log))
        if tally[at.FILLS] > room or tally[at.ASKED] > room:
            tally[at.STATUS] = at.FULL
    tally[at.OUTCOMES + at.HELD_OUTCOME] += held


def begin(spans, minds, bars, agents, book):  # type: ignore[no-untyped-def]
    """Stand at the opening: no position, the bars before the first decision taken in."""
    starts, firsts = spans[0], spans[1]
    _, counts, account, days = book
    for agent in range(agents.shape[0]):
        counts[agent, at.NEXT] = firsts[agent]
        counts[agent, at.TRADES_DAY] = counts[agent, at.ENTRY_DAY] = -1
        counts[agent, at.FORGIVEN] = counts[agent, at.LAST_ENTRY] = at.NEVER
        counts[agent, at.LAST_CLOSED] = at.NEVER
        counts[agent, at.LOSSES_HALT] = counts[agent, at.RUNAWAY_HALT] = -1
        for bar in range(starts[agent], firsts[agent]):
            advance(agents[agent, at.KIND], minds[0], agent, bar, bar - starts[agent], bars)
    account[at.EQUITY] = account[at.PEAK] = account[at.CASH]
    days[at.TODAY] = days[at.DAILY_HALT] = days[at.DRAWDOWN_HALT] = -1
    days[at.IS_DIRTY] = 1


def start_day(now, midnights, book):  # type: ignore[no-untyped-def]
    """Begin the New York day of `now`: its base is the equity as last marked; return its end."""
    state, _, account, days = book
    while now >= midnights[days[at.TODAY] + 1]:
        days[at.TODAY] += 1
    equity = account[at.CASH]
    for agent in range(state.shape[0]):
        if state[agent, at.HELD] > 0.0:
            equity = equity + state[agent, at.HELD] * state[agent, at.MARK]
    account[at.DAY_BASE] = equity
    days[at.IS_DIRTY] = 1
    return midnights[days[at.TODAY] + 1]


def end_night(now, midnights, company, book):  # type: ignore[no-untyped-def]
    """Finish what a new day begins with: a base at midnight itself, and yesterday's halts."""
    account, days = book[2], book[3]
    if now == midnights[days[at.TODAY]]:
        account[at.DAY_BASE] = account[at.EQUITY]
    if days[at.IS_HALTED] > 0 and company[at.LIFTS_DAILY] > 0.0:
        lift(now, book)
