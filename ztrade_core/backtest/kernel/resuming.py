"""A pass that can be left and taken up again, so that a mind outside is asked in between.

One agent alone. `proceed` takes the answer on the bar played last and plays on, compiled, to the next
bar on which the mind wakes. `look` plays on under the assumption that nothing is asked for, to where
the answer could depend on something new; an answer on a bar it passed is taken there, after the
book was set back. What a bar does is `kernel.portfolio`'s, what an answer does `kernel.proposing`'s.

Plain functions on arrays: the compiled module is made of this file's text.
"""

from typing import Any

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.portfolio import (
    consider,
    guard_of,
    marked,
    play_due,
    raised,
    start_day,
)
from ztrade_core.backtest.kernel.proposing import entered, take_up
from ztrade_core.domain.waking import MOVED, crosses_any, has_moved, wakes
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

# watch: where the pass stands, and how the account stood when the mind was last asked
BAR, QUIET, THEN, FILLS, DENIED, UNFILLED, HALTS, STANDING, ADMITTED, OUTCOME = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)
WATCH = 10
NOWHERE = -1
ASLEEP = 34  # why a bar was held: nobody was asked


def proceed(wish: Any, wake: Any, watch: Any, given: Any, out: Any) -> Any:
    """Take `wish` on the bar played last, then play to the next bar the mind wakes on, or the end.

    `wake`: (terms, levels, a flag a bar that alone says where to wake; empty: the terms do). `given`:
    (market, spans, rules, beside). Return the bar to answer, or NOWHERE.
    """
    market, spans, rules, _ = given
    book, rest = parts(given, out)
    if watch[BAR] != NOWHERE:
        note_asked(watch, book, rest[1][4])
        answer(wish, watch, market, rules, book, rest)
    bar = play_next(market, spans, rules, book, rest)
    while bar != NOWHERE:
        if is_due(bar, market, rules, book):
            leave_by_target(bar, market, rules, book, rest)
        elif is_awake(bar, wake, watch, given, book, rest[1][4]):
            break
        else:
            sleep(bar, market, rules, book, rest)
        bar = play_next(market, spans, rules, book, rest)
    watch[BAR] = bar
    return bar


def look(wish: Any, bounds: Any, watch: Any, given: Any, out: Any, saved: Any) -> Any:
    """Take `wish` on a bar that was passed, if `bounds` name one; then play on as if nothing were asked.

    `bounds`: the bar of the answer, or NOWHERE; and how many bars to play at most. It stops before a
    bar that finds the agent flat where it was not, or the other way round, and after a target that
    was passed. Bars from the one returned up to `watch[QUIET]` may be answered; NOWHERE: there are none.
    """
    market, spans, rules, _ = given
    book, rest = parts(given, out)
    if bounds[0] != NOWHERE:
        restore(saved, watch, book, rest[1][4])
        while watch[BAR] < bounds[0]:
            sleep(watch[BAR], market, rules, book, rest)
            watch[BAR] = play_next(market, spans, rules, book, rest)
        answer(wish, watch, market, rules, book, rest)
        watch[BAR] = play_next(market, spans, rules, book, rest)
    elif watch[BAR] == NOWHERE and watch[QUIET] == 0:
        watch[BAR] = play_next(market, spans, rules, book, rest)
    while watch[BAR] != NOWHERE and is_due(watch[BAR], market, rules, book):
        leave_by_target(watch[BAR], market, rules, book, rest)
        watch[BAR] = play_next(market, spans, rules, book, rest)
    first = watch[BAR]
    save(saved, watch, book, rest[1][4])
    held = book[0][0, at.HELD] > 0.0
    bar = first
    while bar != NOWHERE and bar < first + bounds[1]:
        sleep(bar, market, rules, book, rest)
        watch[QUIET] = bar + 1
        bar = play_next(market, spans, rules, book, rest)
        if bar != NOWHERE and is_due(bar, market, rules, book):
            break
        if (book[0][0, at.HELD] > 0.0) != held:
            break
    watch[BAR] = bar
    return first


def parts(given: Any, out: Any) -> Any:
    """Return the book, and what lies beside it: correlations and rings, the log, a point a bar."""
    log = (out[0], out[1], out[2], out[3], out[4])
    return (out[7], out[8], out[9], out[10]), (given[3], log, (out[5], out[6], out[11]))


def play_next(market: Any, spans: Any, rules: Any, book: Any, rest: Any) -> Any:
    """Play the next bar and mark the account; return its number, or NOWHERE when the pass ends."""
    _, log, points = rest
    _, counts, account, days = book
    tally, now, midnights = log[4], counts[0, at.DUE], spans[3]
    if now == at.END or tally[at.STATUS] != at.FINISHED:
        return NOWHERE
    is_new_day = now >= midnights[days[at.TODAY] + 1]
    if is_new_day:
        start_day(now, midnights, book)
    equity, exposure = account[at.CASH], 0.0
    if days[at.ACTIVE] > 0:
        play_due(now, market, rules, book, log)
        equity, exposure = marked(book)
    if is_new_day or equity > account[at.PEAK]:
        raised((now, equity), is_new_day, midnights, rules[1], book)
    account[at.EQUITY] = equity
    bar, event = counts[0, at.NEXT], tally[at.EVENTS]
    counts[0, at.NEXT] = bar + 1
    counts[0, at.DUE] = market[1][1][bar + 1] if bar + 1 < spans[2][0] else at.END
    points[0][event], points[1][event] = equity, exposure
    tally[at.EVENTS] = event + 1
    return bar if tally[at.STATUS] == at.FINISHED else NOWHERE


def sleep(bar: Any, market: Any, rules: Any, book: Any, rest: Any) -> None:
    """Hold the bar played last without asking; breakers are looked at as on any bar."""
    beside, log, points = rest
    account, days, tally = book[2], book[3], log[4]
    points[2][tally[at.EVENTS] - 1] = ASLEEP
    if days[at.IS_DIRTY] == 0 and account[at.EQUITY] > guard_of(account, rules[1]):
        tally[at.OUTCOMES] += 1
    else:
        consider((0, bar, HOLD, 0.0), market, rules, book, (0, 0, beside, log, points))


def is_due(bar: Any, market: Any, rules: Any, book: Any) -> Any:
    """Return whether a coin's target was passed by this bar's close: no mind is asked then."""
    state = book[0]
    held = state[0, at.HELD] > 0.0 and rules[0][0, at.IS_CRYPTO] > 0.0
    return held and market[0][3][bar] >= state[0, at.TARGET]


def leave_by_target(bar: Any, market: Any, rules: Any, book: Any, rest: Any) -> None:
    """Sell at the next open, because the target was passed."""
    beside, log, points = rest
    points[2][log[4][at.EVENTS] - 1] = at.TARGET_PASSED
    consider((0, bar, SELL, 1.0), market, rules, book, (0, 0, beside, log, points))


def answer(wish: Any, watch: Any, market: Any, rules: Any, book: Any, rest: Any) -> None:
    """Take an answer on the bar played last, and count an entry that was admitted."""
    outcome = take_up(wish, watch[BAR], market, rules, book, rest)
    watch[OUTCOME] = outcome
    if wish[0] == BUY and outcome in (at.APPROVED, at.RESIZED):
        watch[ADMITTED] += 1


def note_asked(watch: Any, book: Any, tally: Any) -> None:
    """Remember how the account stands on the bar that is asked about."""
    watch[THEN] = watch[BAR]
    watch[FILLS] = tally[at.FILLS]
    watch[DENIED] = tally[at.OUTCOMES + at.DENIED]
    watch[UNFILLED] = watch[ADMITTED] - entered(book, tally[at.FILLS])
    watch[HALTS] = halts_so_far(tally)
    watch[STANDING] = standing(book)


def is_awake(bar: Any, wake: Any, watch: Any, given: Any, book: Any, tally: Any) -> Any:
    """Return whether the mind wakes on the bar played last."""
    terms, levels, flags = wake
    if flags.shape[0] > 0:
        return flags[bar] != 0
    if watch[THEN] == NOWHERE:
        return True
    closes = given[0][0][3]
    unfilled = watch[ADMITTED] - entered(book, tally[at.FILLS])
    risk = tally[at.OUTCOMES + at.DENIED] != watch[DENIED] or unfilled != watch[UNFILLED]
    risk = risk or halts_so_far(tally) != watch[HALTS] or standing(book) != watch[STANDING]
    events = (tally[at.FILLS] > watch[FILLS], risk)
    moved = has_moved(closes[bar], closes[watch[THEN]], terms[MOVED])
    if wakes(terms, bar - watch[THEN], moved, events):
        return True
    return bar > given[1][0][0] and crosses_any(closes[bar - 1], closes[bar], levels)


def halts_so_far(tally: Any) -> Any:
    """Return how many halts began."""
    begun = tally[at.HALTS] + tally[at.HALTS + 1]
    return begun + tally[at.HALTS + 2] + tally[at.HALTS + 3]


def standing(book: Any) -> Any:
    """Return the halts that stand, one bit each."""
    counts, days = book[1], book[3]
    found = 1 if days[at.DAILY_HALT] >= 0 else 0
    found += 2 if days[at.DRAWDOWN_HALT] >= 0 else 0
    found += 4 if counts[0, at.LOSSES_HALT] >= 0 else 0
    return found + (8 if counts[0, at.RUNAWAY_HALT] >= 0 else 0)


def save(saved: Any, watch: Any, book: Any, tally: Any) -> None:
    """Keep where the pass stands, all but what it wrote down."""
    numbers, whole = saved
    state, counts, account, days = book
    for place in range(at.STATE):
        numbers[place] = state[0, place]
    for place in range(at.ACCOUNT):
        numbers[at.STATE + place] = account[place]
    for place in range(at.COUNTS):
        whole[place] = counts[0, place]
    for place in range(at.DAYS):
        whole[at.COUNTS + place] = days[place]
    for place in range(at.TALLY):
        whole[at.COUNTS + at.DAYS + place] = tally[place]
    for place in range(WATCH):
        whole[at.COUNTS + at.DAYS + at.TALLY + place] = watch[place]


def restore(saved: Any, watch: Any, book: Any, tally: Any) -> None:
    """Set the pass back to where it was saved."""
    numbers, whole = saved
    state, counts, account, days = book
    for place in range(at.STATE):
        state[0, place] = numbers[place]
    for place in range(at.ACCOUNT):
        account[place] = numbers[at.STATE + place]
    for place in range(at.COUNTS):
        counts[0, place] = whole[place]
    for place in range(at.DAYS):
        days[place] = whole[at.COUNTS + place]
    for place in range(at.TALLY):
        tally[place] = whole[at.COUNTS + at.DAYS + place]
    for place in range(WATCH):
        watch[place] = whole[at.COUNTS + at.DAYS + at.TALLY + place]
