"""Bars on which nothing happens: their equity, written down at the pace of memory.

`portfolio.look_ahead` found when the next bar is due that asks, is touched or has an order open. Up to
there the book stands still and only marks move; a bar is left to the pass itself where a breaker is
near its limit. Every sum is the pass's own: cash, then positions in the order of agent ids.
"""

from typing import Any

from ztrade_core.backtest.kernel import layout as at

NEARLY = 1.0 - 1e-6  # of a breaker's limit: from there on it is asked whether it trips


def wait(now: Any, until: Any, market: Any, rules: Any, book: Any, rest: Any) -> Any:
    """Run the bars that complete before `until`, where something happens; return when the next is due."""
    account, tally, ends = book[2], rest[3][4], rest[1][2]
    begun = tally[at.EVENTS]
    guard = alarm_of(account, book[3], rules[1])
    slope = 1.0 - rules[1][at.MAX_DRAWDOWN] * NEARLY
    if rules[0].shape[0] == 1:
        now = wait_alone((until, guard, slope), market, ends, book, rest)
    else:
        now = wait_together((now, until, guard, slope), market, ends, book, rest)
    if tally[at.EVENTS] > begun:
        account[at.EQUITY] = rest[4][0][tally[at.EVENTS] - 1]
        tally[at.OUTCOMES] += tally[at.EVENTS] - begun
    return now


def alarm_of(account: Any, days: Any, company: Any) -> Any:
    """Return an equity above which no breaker trips that is on and does not stand already."""
    guard = 0.0
    if days[at.DAILY_HALT] < 0 and company[at.MAX_DAILY_LOSS] != at.OFF:
        guard = account[at.DAY_BASE] * (1.0 - company[at.MAX_DAILY_LOSS] * NEARLY)
    if days[at.DRAWDOWN_HALT] < 0 and company[at.MAX_DRAWDOWN] != at.OFF:
        guard = max(guard, account[at.PEAK] * (1.0 - company[at.MAX_DRAWDOWN] * NEARLY))
    return guard


def wait_alone(bounds: Any, market: Any, ends: Any, book: Any, rest: Any) -> Any:
    """Run a lone agent's bars that complete before `until`."""
    until, guard, slope = bounds
    completed = market[1][1]
    state, counts, account, tally = book[0], book[1], book[2], rest[3][4]
    bar, event = counts[0, at.NEXT], tally[at.EVENTS]
    length = length_before(until, completed, bar, min(counts[0, at.FRONT], ends[0]))
    worths, shown = rest[4][0][event:], rest[4][1][event:]
    cash, peak, held = account[at.CASH], account[at.PEAK], state[0, at.HELD]
    if held > 0.0:
        closes, count = market[0][3][bar:], length
        length = 0
        while length < count:
            value = held * closes[length]
            worth = cash + value
            if worth > peak:
                peak, guard = worth, max(guard, worth * slope)
            if worth <= guard:
                break
            worths[length], shown[length] = worth, value
            length += 1
        if length > 0:
            state[0, at.MARK] = closes[length - 1]
        account[at.PEAK] = peak
    else:
        worths[:length] = cash
        shown[:length] = 0.0
    bar += length
    tally[at.EVENTS], counts[0, at.NEXT] = event + length, bar
    counts[0, at.DUE] = completed[bar] if bar < ends[0] else at.END
    return counts[0, at.DUE]


def length_before(until: Any, completed: Any, first: Any, end: Any) -> Any:
    """Return how many bars of `first..end - 1` complete before `until`."""
    if end <= first or completed[end - 1] < until:
        return max(end - first, 0)
    low, high = first, end - 1  # every bar before `low` is in time, `high` is not
    while low < high:
        middle = (low + high) // 2
        if completed[middle] < until:
            low = middle + 1
        else:
            high = middle
    return low - first


def wait_together(bounds: Any, market: Any, ends: Any, book: Any, rest: Any) -> Any:
    """Run every agent's bars that complete before `until`, instant by instant."""
    now, until, guard, slope = bounds
    account, is_flat = book[2], book[3][at.ACTIVE] == 0
    peak = account[at.PEAK]
    while now < until:
        worth, value = account[at.CASH], 0.0
        if not is_flat:
            worth, value = valued(now, market[0][3], book)
            if worth > peak:
                peak, guard = worth, max(guard, worth * slope)
            if worth <= guard:
                break
        now = noted((now, worth, value), market[1][1], ends, book, rest)
    account[at.PEAK] = peak
    return now


def valued(now: Any, closes: Any, book: Any) -> Any:
    """Mark the positions whose bar completes now; return equity and exposure."""
    state, counts = book[0], book[1]
    worth, value = book[2][at.CASH], 0.0
    for agent in range(state.shape[0]):
        if state[agent, at.HELD] > 0.0:
            if counts[agent, at.DUE] == now:
                state[agent, at.MARK] = closes[counts[agent, at.NEXT]]
            own = state[agent, at.HELD] * state[agent, at.MARK]
            worth, value = worth + own, value + own
    return worth, value


def noted(mark: Any, completed: Any, ends: Any, book: Any, rest: Any) -> Any:
    """Write one instant's equity down for every agent it is due for; return the next instant."""
    now, worth, value = mark
    counts, tally, points = book[1], rest[3][4], rest[4]
    soon, event = at.END, tally[at.EVENTS]
    for agent in range(counts.shape[0]):
        if counts[agent, at.DUE] == now:
            points[0][event], points[1][event] = worth, value
            event += 1
            bar = counts[agent, at.NEXT] + 1
            counts[agent, at.NEXT] = bar
            counts[agent, at.DUE] = completed[bar] if bar < ends[agent] else at.END
        soon = min(soon, counts[agent, at.DUE])
    tally[at.EVENTS] = event
    return soon
