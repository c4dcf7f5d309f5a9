"""One agent's one bar on the account, as `brokers.playing` plays it: exit, entry, stop, target.

Plain functions on arrays and scalars, compiled by the kernel and callable without it. Prices and
fees are `ztrade_core.fills.arithmetic`'s; what a fill makes of cash, position and record is here.
"""

import math
from typing import Any

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.domain.instruments import price_up, quantity_down, ticks_per_unit
from ztrade_core.fills.arithmetic import (
    ENTRY_INSIDE_BAR,
    cash_after_buy,
    cash_after_sell,
    commission_in_coin,
    commission_usd,
    entry_price,
    entry_state,
    exit_price,
    level_from_fill,
    stop_fill_price,
    target_fill_price,
)

Arrays = tuple[Any, ...]


def play(agent: int, bar: int, market: Arrays, rules: Arrays, book: Arrays, log: Arrays) -> None:
    """Play one bar for one agent's orders and position."""
    bars, when = market
    company = rules[1]
    state = book[0]
    opens, highs, lows, volumes = bars[0], bars[1], bars[2], bars[4]
    inside = False
    if state[agent, at.EXIT] > 0.0:
        price = exit_price(opens[bar], volumes[bar], company[at.SLIPPAGE])
        if not math.isnan(price):
            sell((agent, bar, at.EXIT_FILL, 1), price, when, rules, book, log)
    if state[agent, at.ENTRY_QUANTITY] > 0.0:
        inside = try_entry(agent, bar, bars, rules, book, log)
    if state[agent, at.HELD] > 0.0:
        stop = state[agent, at.STOP]
        price = stop_fill_price(opens[bar], lows[bar], volumes[bar], stop)
        if not math.isnan(price):
            first = 1 if opens[bar] <= stop and not inside else 0
            sell((agent, bar, at.STOP_FILL, first), price, when, rules, book, log)
        elif not inside and rules[0][agent, at.IS_CRYPTO] == 0.0:
            target = state[agent, at.TARGET]
            tick = 1.0 / ticks_per_unit(target)
            price = target_fill_price(opens[bar], highs[bar], volumes[bar], target, tick)
            if not math.isnan(price):
                first = 1 if opens[bar] >= target else 0
                sell((agent, bar, at.TARGET_FILL, first), price, when, rules, book, log)


def try_entry(agent: int, bar: int, bars: Arrays, rules: Arrays, book: Arrays, log: Arrays) -> bool:
    """Fill or end the agent's open entry; return whether it filled within the bar."""
    state = book[0]
    opens, lows, volumes = bars[0], bars[2], bars[4]
    limit = state[agent, at.ENTRY_LIMIT]
    tick = 1.0 / ticks_per_unit(limit)
    kind = entry_state(
        opens[bar], lows[bar], volumes[bar], limit, state[agent, at.ENTRY_STOP], tick
    )
    price = entry_price(kind, opens[bar], limit, rules[1][at.SLIPPAGE])
    inside = kind == ENTRY_INSIDE_BAR
    if math.isnan(price):
        end_entry(agent, book, False)  # noqa: FBT003
        return False
    return buy((agent, bar, at.ENTRY_FILL, 0 if inside else 1), price, rules, book, log) and inside


def buy(fill: Arrays, price: float, rules: Arrays, book: Arrays, log: Arrays) -> bool:
    """Open the position of an entry that fills; return False where cash does not reach."""
    agents, company = rules
    state, counts, account, _ = book
    agent = fill[0]
    quantity, fee_usd, kept = state[agent, at.ENTRY_QUANTITY], 0.0, 0.0
    bps = agents[agent, at.FEE_BPS]
    if agents[agent, at.IS_CRYPTO] > 0.0:
        kept = quantity_down(quantity - commission_in_coin(quantity, bps), agents[agent, at.LOTS])
    else:
        kept, fee_usd = quantity, commission_usd(quantity, price, bps)
    cash = cash_after_buy(account[at.CASH], quantity, price, fee_usd)
    if cash < 0.0:
        end_entry(agent, book, True)  # noqa: FBT003
        return False
    if not kept > 0.0:
        log[4][at.STATUS] = at.PARTIAL
    account[at.CASH] = cash
    state[agent, at.HELD] = kept
    state[agent, at.COST] = quantity * price + fee_usd
    state[agent, at.STOP] = state[agent, at.ENTRY_STOP]
    state[agent, at.TARGET] = state[agent, at.ENTRY_TARGET]
    if company[at.FROM_FILL] > 0.0:
        close = state[agent, at.ENTRY_CLOSE]
        state[agent, at.STOP] = price_up(level_from_fill(state[agent, at.STOP], close, price))
        state[agent, at.TARGET] = price_up(level_from_fill(state[agent, at.TARGET], close, price))
    state[agent, at.ENTRY_QUANTITY] = 0.0
    counts[agent, at.FAILURES] = 0
    note_fill(fill, (quantity, price, fee_usd, kept), log)
    return True


def end_entry(agent: int, book: Arrays, failed: bool) -> None:  # noqa: FBT001
    """Take an entry that did not fill off the book; it counts as no trade of its day."""
    state, counts, _, days = book
    state[agent, at.ENTRY_QUANTITY] = 0.0
    days[at.ACTIVE] -= 1
    if counts[agent, at.ENTRY_DAY] == counts[agent, at.TRADES_DAY]:
        counts[agent, at.TRADES] -= 1
    counts[agent, at.FAILURES] = counts[agent, at.FAILURES] + 1 if failed else 0
    days[at.IS_DIRTY] = 1


def sell(
    fill: Arrays, price: float, when: Arrays, rules: Arrays, book: Arrays, log: Arrays
) -> None:
    """Close the agent's position and count what the trade was."""
    state, _, account, days = book
    agent, bar = fill[0], fill[1]
    days[at.ACTIVE] -= 1
    quantity = state[agent, at.HELD]
    fee_usd = commission_usd(quantity, price, rules[0][agent, at.FEE_BPS])
    account[at.CASH] = cash_after_sell(account[at.CASH], quantity, price, fee_usd)
    pnl = (quantity * price - fee_usd) - state[agent, at.COST]
    state[agent, at.HELD] = 0.0
    state[agent, at.EXIT] = 0.0
    note_fill(fill, (quantity, price, fee_usd, quantity), log)
    opened, completed, _ = when
    close_trade(agent, opened[bar] if fill[3] == 1 else completed[bar], pnl < 0.0, book, log)


def close_trade(agent: int, closed: int, lost: bool, book: Arrays, log: Arrays) -> None:  # noqa: FBT001
    """Count losing trades in a row, those after the last pardon only.

    Two trades that close at one instant, one of them lost, have an order that only ids know.
    """
    counts, days = book[1], book[3]
    is_lost = 1 if lost else 0
    if closed == counts[agent, at.LAST_CLOSED] and is_lost != counts[agent, at.LAST_LOST]:
        log[4][at.STATUS] = at.AMBIGUOUS
    counts[agent, at.LAST_CLOSED] = closed
    counts[agent, at.LAST_LOST] = is_lost
    if lost and closed > counts[agent, at.FORGIVEN]:
        counts[agent, at.STREAK] += 1
    else:
        counts[agent, at.STREAK] = 0
    days[at.IS_DIRTY] = 1


def note_fill(fill: Arrays, amounts: Arrays, log: Arrays) -> None:
    """Write an execution down."""
    ints, numbers, tally = log[0], log[1], log[4]
    row = tally[at.FILLS]
    for column in range(at.FILL_INTS):
        ints[row, column] = fill[column]
    for column in range(at.FILL_NUMBERS):
        numbers[row, column] = amounts[column]
    tally[at.FILLS] = row + 1
