"""The kernel: one pass over the bars of every agent in one account, in the order of DESIGN 7.

Bars that complete at one instant are played for all agents, in the order of their ids, then the
agents decide in that order, each on the book the former ones left. Plain functions on arrays: the
compiled module (`ztrade_core.backtest.kernel.building`) is made of this file's text, and calling
them as they are gives the same numbers. Strategies see nothing of the account but whether they hold,
so each is asked ahead, bar after bar, to where something happens (`look_ahead`); the bars before are
marked only (`waiting`). What happens then (an answer, an order, a touched level, a breaker near its
limit) is told instant by instant, and what is rare of it by the functions beside.
"""

from typing import Any

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.entering import decide
from ztrade_core.backtest.kernel.filling import play
from ztrade_core.backtest.kernel.halting import lift
from ztrade_core.backtest.kernel.minds.dispatch import advance, answer, search
from ztrade_core.backtest.kernel.waiting import NEARLY, alarm_of, wait
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

BLOCK = 4096  # so many bars are asked ahead at once


def run(market: Any, spans: Any, rules: Any, beside: Any, minds: Any, out: Any) -> None:
    """Run every agent over its bars.

    `market`: (bars, when); `spans`: first bar, first decided bar and end of every agent's series in
    the flat arrays, and the instants of New York's midnights; `rules`: (agents, company); `beside`:
    (correlation matrices, the instants they stand from, ring of the minute, rings of the hour);
    `minds`: (memory, settings); `out`: (fill ints, fill numbers, asked ints, asked numbers, tally,
    equity, exposure), the book at zero: (state, counts, account, days), and the reasons of all decided
    bars, agent after agent.
    """
    midnights, tally, account, days = spans[3], out[4], out[9], out[10]
    book = (out[7], out[8], account, days)
    log, points = (out[0], out[1], out[2], out[3], tally), (out[5], out[6], out[11])
    count = rules[0].shape[0]
    room = min(out[0].shape[0] - 2 * count, out[2].shape[0] - count)
    rest = (minds, spans, beside, log, points)
    now = begin(market, spans, minds, rules[0], book)
    tomorrow = midnights[0]
    while now != at.END and tally[at.STATUS] == at.FINISHED:
        if now < tomorrow and days[at.IS_DIRTY] == 0:
            now = skip(now, tomorrow, market, rules, book, rest)
        guard = alarm_of(account, days, rules[1])
        if now != at.END:
            is_new_day = now >= tomorrow
            if is_new_day:
                tomorrow = start_day(now, midnights, book)
            equity, exposure = account[at.CASH], 0.0
            if days[at.ACTIVE] > 0:
                play_due(now, market, rules, book, log)
                equity, exposure = marked(book)
            if is_new_day or equity > account[at.PEAK]:
                guard = raised((now, equity), is_new_day, midnights, rules[1], book)
            account[at.EQUITY] = equity
            now = ask_due((now, equity, exposure, guard), market, rules, book, rest)
        if max(tally[at.FILLS], tally[at.ASKED]) > room:
            tally[at.STATUS] = at.FULL


def play_due(now: Any, market: Any, rules: Any, book: Any, log: Any) -> None:
    """Play the bars that complete now, of agents with an open entry or a touched position."""
    state, counts = book[0], book[1]
    highs, lows, closes = market[0][1], market[0][2], market[0][3]
    for agent in range(state.shape[0]):
        held, entering = state[agent, at.HELD] > 0.0, state[agent, at.ENTRY_QUANTITY] > 0.0
        if counts[agent, at.DUE] == now and (held or entering):
            bar = counts[agent, at.NEXT]
            touched = lows[bar] <= state[agent, at.STOP] or highs[bar] > state[agent, at.TARGET]
            if entering or touched or state[agent, at.EXIT] > 0.0:
                play(agent, bar, market, rules, book, log)
            state[agent, at.MARK] = closes[bar]


def marked(book: Any) -> Any:
    """Return equity and exposure: marked positions, added in the order of agent ids."""
    state = book[0]
    equity, exposure = book[2][at.CASH], 0.0
    for agent in range(state.shape[0]):
        if state[agent, at.HELD] > 0.0:
            value = state[agent, at.HELD] * state[agent, at.MARK]
            equity, exposure = equity + value, exposure + value
    return equity, exposure


def guard_of(account: Any, company: Any) -> Any:
    """Return an equity above which no breaker of the company can trip."""
    return max(
        account[at.DAY_BASE] * (1.0 - company[at.MAX_DAILY_LOSS] * NEARLY),
        account[at.PEAK] * (1.0 - company[at.MAX_DRAWDOWN] * NEARLY),
    )


def ask_due(mark: Any, market: Any, rules: Any, book: Any, rest: Any) -> Any:
    """Ask every agent whose bar completes now, in their order; return when the next bar does."""
    now, equity, exposure, guard = mark
    spans, log, points = rest[1], rest[3], rest[4]
    completed, ends = market[1][1], spans[2]
    counts, days, tally = book[1], book[3], log[4]
    soon = at.END
    for agent in range(counts.shape[0]):
        if counts[agent, at.DUE] == now:
            bar, event = counts[agent, at.NEXT], tally[at.EVENTS]
            counts[agent, at.NEXT] = bar + 1
            counts[agent, at.DUE] = completed[bar + 1] if bar + 1 < ends[agent] else at.END
            points[0][event], points[1][event] = equity, exposure
            tally[at.EVENTS] = event + 1
            action, confidence = HOLD, 0.0
            if bar >= counts[agent, at.FRONT]:
                action, confidence = asked_now(agent, bar, market[0], rules, book, rest)
            if action == HOLD and days[at.IS_DIRTY] == 0 and equity > guard:
                tally[at.OUTCOMES] += 1
            else:
                consider((agent, bar, action, confidence), market, rules, book, rest)
        soon = min(soon, counts[agent, at.DUE])
    return soon


def asked_now(agent: Any, bar: Any, bars: Any, rules: Any, book: Any, rest: Any) -> Any:
    """Ask an agent on a bar that completes now; return its action and confidence."""
    minds, spans, points = rest[0], rest[1], rest[4]
    state, counts = book[0], book[1]
    seen, is_held = bar - spans[0][agent], state[agent, at.HELD] > 0.0
    if counts[agent, at.ANSWER] != HOLD:
        action = counts[agent, at.ANSWER]
        counts[agent, at.ANSWER] = HOLD
        return action, state[agent, at.SURE]
    if counts[agent, at.TAKEN] <= bar:
        advance(rules[0][agent, at.KIND], minds[0], agent, bar, seen, bars)
        counts[agent, at.TAKEN] = bar + 1
    action, confidence, why = answer(minds, agent, bar, seen, bars, is_held)
    passed = is_held and bars[3][bar] >= state[agent, at.TARGET]
    if passed and rules[0][agent, at.IS_CRYPTO] > 0.0:
        action, confidence, why = SELL, 1.0, at.TARGET_PASSED
    points[2][bar - counts[agent, at.SHIFT]] = why
    return action, confidence


def skip(now: Any, tomorrow: Any, market: Any, rules: Any, book: Any, rest: Any) -> Any:
    """Run to where something happens, this day; return when the next bar is due."""
    until = min(tomorrow, look_ahead(now, market, book, rest))
    return wait(now, until, market, rules, book, rest) if now < until else now


def look_ahead(now: Any, market: Any, book: Any, rest: Any) -> Any:
    """Ask agents ahead that are not; return when the first bar is due, from now on, that is no hold."""
    counts = book[1]
    soon = at.END
    for agent in range(counts.shape[0]):
        if counts[agent, at.EVENT] < now:
            counts[agent, at.EVENT] = event_of(agent, market, book, rest)
        soon = min(soon, counts[agent, at.EVENT])
    return soon


def event_of(agent: Any, market: Any, book: Any, rest: Any) -> Any:
    """Return when an agent's next bar is due that is no hold; with an order open it is the next one."""
    completed, ends = market[1][1], rest[1][2]
    state, counts = book[0], book[1]
    bar = counts[agent, at.NEXT]
    if state[agent, at.ENTRY_QUANTITY] > 0.0 or state[agent, at.EXIT] > 0.0 or bar >= ends[agent]:
        return counts[agent, at.DUE]
    if counts[agent, at.TAKEN] <= bar:
        bar = sought(agent, bar, market[0], book, rest)
    return completed[bar] if bar < ends[agent] else at.END


def sought(agent: Any, bar: Any, bars: Any, book: Any, rest: Any) -> Any:
    """Ask an agent from `bar` on, on the book as it stands, to where something happens.

    Return the first bar that is not a plain hold, or the first one not asked.
    """
    minds, spans = rest[0], rest[1]
    state, counts = book[0], book[1]
    codes = (rest[4][2], counts[agent, at.SHIFT])
    start, end = spans[0][agent], min(spans[2][agent], bar + BLOCK)
    levels = (state[agent, at.HELD] > 0.0, state[agent, at.STOP], state[agent, at.TARGET])
    counts[agent, at.ANSWER] = HOLD
    front, taken = search(minds, agent, (start, bar, end), levels, bars, codes)
    if front < 0:
        front, taken, action, confidence = seek(
            minds, agent, (start, bar, end), levels, bars, codes
        )
        counts[agent, at.ANSWER], state[agent, at.SURE] = action, confidence
    counts[agent, at.FRONT], counts[agent, at.TAKEN] = front, taken
    return front


def seek(minds: Any, agent: Any, span: Any, levels: Any, bars: Any, codes: Any) -> Any:
    """Ask any strategy from bar to bar; see `minds.dispatch.search`.

    Return besides what it asks for there: action (HOLD: it is to be asked again) and confidence.
    """
    start, bar, end = span
    is_held, stop, target = levels
    highs, lows, kind = bars[1], bars[2], minds[2][agent]
    while bar < end:
        advance(kind, minds[0], agent, bar, bar - start, bars)
        if is_held and (lows[bar] <= stop or highs[bar] >= target):
            return bar, bar + 1, HOLD, 0.0
        action, confidence, why = answer(minds, agent, bar, bar - start, bars, is_held)
        codes[0][bar - codes[1]] = why
        if action != HOLD:
            return bar, bar + 1, action, confidence
        bar += 1
    return bar, bar, HOLD, 0.0


def consider(asked: Any, market: Any, rules: Any, book: Any, rest: Any) -> None:
    """Take an answer that asks for something on; an entry that no session can fill is a hold."""
    agent, bar, action, confidence = asked
    bars, when = market
    _, _, beside, log, points = rest
    flags = when[2][bar]
    if action == BUY and rules[0][agent, at.IS_CRYPTO] == 0.0 and flags & at.IN_SESSION == 0:
        action = HOLD
        points[2][bar - book[1][agent, at.SHIFT]] += at.WITHOUT_SESSION
    moment = (when[1][bar], when[0][bar], flags, bars[3][bar], bars[4][bar])
    decide(agent, (action, confidence), moment, rules, book, (bar, beside, log))


def begin(market: Any, spans: Any, minds: Any, agents: Any, book: Any) -> Any:
    """Stand at the opening, the bars before the first decision taken in; return when it is due."""
    bars, completed = market[0], market[1][1]
    starts, firsts = spans[0], spans[1]
    _, counts, account, days = book
    soon, decided = at.END, 0
    for agent in range(agents.shape[0]):
        counts[agent, at.NEXT] = counts[agent, at.FRONT] = counts[agent, at.TAKEN] = firsts[agent]
        counts[agent, at.SHIFT], counts[agent, at.EVENT] = firsts[agent] - decided, at.NEVER
        decided += spans[2][agent] - firsts[agent]
        counts[agent, at.DUE] = completed[firsts[agent]]
        soon = min(soon, counts[agent, at.DUE])
        counts[agent, at.TRADES_DAY] = counts[agent, at.ENTRY_DAY] = -1
        counts[agent, at.FORGIVEN] = counts[agent, at.LAST_ENTRY] = at.NEVER
        counts[agent, at.LAST_CLOSED] = at.NEVER
        counts[agent, at.LOSSES_HALT] = counts[agent, at.RUNAWAY_HALT] = -1
        for bar in range(starts[agent], firsts[agent]):
            advance(agents[agent, at.KIND], minds[0], agent, bar, bar - starts[agent], bars)
    account[at.EQUITY] = account[at.PEAK] = account[at.CASH]
    days[at.TODAY] = days[at.DAILY_HALT] = days[at.DRAWDOWN_HALT] = -1
    days[at.IS_DIRTY] = 1
    return soon


def start_day(now: Any, midnights: Any, book: Any) -> Any:
    """Begin the New York day of `now`: its base is the equity as last marked; return its end."""
    account, days = book[2], book[3]
    while now >= midnights[days[at.TODAY] + 1]:
        days[at.TODAY] += 1
    account[at.DAY_BASE] = marked(book)[0]
    days[at.IS_DIRTY] = 1
    return midnights[days[at.TODAY] + 1]


def raised(mark: Any, is_new_day: Any, midnights: Any, company: Any, book: Any) -> Any:
    """Take a new peak, and what a day begins with: a base at midnight itself, yesterday's halts.

    Return the equity above which no breaker of the company can trip.
    """
    now, equity = mark
    account, days = book[2], book[3]
    account[at.EQUITY] = equity
    account[at.PEAK] = max(account[at.PEAK], equity)
    if is_new_day and now == midnights[days[at.TODAY]]:
        account[at.DAY_BASE] = equity
    if is_new_day and days[at.IS_HALTED] > 0 and company[at.LIFTS_DAILY] > 0.0:
        lift(now, book)
    return guard_of(account, company)
