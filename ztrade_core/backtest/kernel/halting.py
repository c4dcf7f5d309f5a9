"""Halts in the kernel: breakers that trip, and what lifts them on the next New York day.

The arithmetic is `ztrade_core.risk.arithmetic`'s, the order `trading.observation`'s and
`trading.judging`'s: halts of former days lift before the decision, breakers trip with it.
"""

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.filling import Arrays, end_entry
from ztrade_core.risk.arithmetic import at_least, daily_loss_fraction, drawdown_fraction

MOST_FAILURES = 20  # so many entries are looked back at (`trading.failures`)


def lift(now: int, book: Arrays) -> None:
    """Lift the halts of former days; a company's halt leaves new baselines."""
    counts, account, days = book[1], book[2], book[3]
    today, standing, company = days[at.TODAY], False, False
    for kind in (at.DAILY_HALT, at.DRAWDOWN_HALT):
        if days[kind] >= 0 and days[kind] < today:
            days[kind] = -1
            company = True
        standing = standing or days[kind] >= 0
    for agent in range(counts.shape[0]):
        pardoned = company
        for kind in (at.LOSSES_HALT, at.RUNAWAY_HALT):
            if counts[agent, kind] >= 0 and counts[agent, kind] < today:
                counts[agent, kind] = -1
                pardoned = True
            standing = standing or counts[agent, kind] >= 0
        if pardoned:
            counts[agent, at.STREAK] = 0
            counts[agent, at.FAILURES] = 0
            counts[agent, at.FORGIVEN] = now
    if company:
        account[at.PEAK] = account[at.EQUITY]
        account[at.DAY_BASE] = account[at.EQUITY]
    days[at.IS_HALTED] = 1 if standing else 0
    days[at.IS_DIRTY] = 1


def trip(rules: Arrays, book: Arrays, log: Arrays) -> bool:
    """Set every breaker that trips and does not stand yet; return whether one did."""
    company, account, days = rules[1], book[2], book[3]
    equity = account[at.EQUITY]
    tripped = False
    limit = company[at.MAX_DAILY_LOSS]
    loss = daily_loss_fraction(account[at.DAY_BASE], equity)
    if limit != at.OFF and days[at.DAILY_HALT] < 0 and at_least(loss, limit):
        days[at.DAILY_HALT] = days[at.TODAY]
        log[4][at.HALTS] += 1
        tripped = True
    limit = company[at.MAX_DRAWDOWN]
    drawdown = drawdown_fraction(account[at.PEAK], equity)
    if limit != at.OFF and days[at.DRAWDOWN_HALT] < 0 and at_least(drawdown, limit):
        days[at.DRAWDOWN_HALT] = days[at.TODAY]
        log[4][at.HALTS + 1] += 1
        tripped = True
    if days[at.IS_DIRTY] > 0:
        tripped = trip_agents(rules, book, log) or tripped
        days[at.IS_DIRTY] = 0
    if tripped:
        days[at.IS_HALTED] = 1
    return tripped


def trip_agents(rules: Arrays, book: Arrays, log: Arrays) -> bool:
    """Set the breakers of agents: losing trades and rejected entries in a row."""
    agents, company = rules
    counts, days = book[1], book[3]
    tripped = False
    for agent in range(agents.shape[0]):
        lost = counts[agent, at.STREAK] >= agents[agent, at.MAX_LOSSES]
        if company[at.AGENT_LIMITS] > 0.0 and lost and counts[agent, at.LOSSES_HALT] < 0:
            counts[agent, at.LOSSES_HALT] = days[at.TODAY]
            log[4][at.HALTS + 2] += 1
            tripped = True
        failures = min(counts[agent, at.FAILURES], MOST_FAILURES)
        failed = company[at.MAX_FAILURES] != at.OFF and failures >= company[at.MAX_FAILURES]
        if failed and counts[agent, at.RUNAWAY_HALT] < 0:
            counts[agent, at.RUNAWAY_HALT] = days[at.TODAY]
            log[4][at.HALTS + 3] += 1
            tripped = True
    return tripped


def cancel_halted(book: Arrays) -> None:
    """Cancel the open entries of halted agents."""
    state, counts, _, days = book
    company = days[at.DAILY_HALT] >= 0 or days[at.DRAWDOWN_HALT] >= 0
    for agent in range(state.shape[0]):
        own = counts[agent, at.LOSSES_HALT] >= 0 or counts[agent, at.RUNAWAY_HALT] >= 0
        if (company or own) and state[agent, at.ENTRY_QUANTITY] > 0.0:
            end_entry(agent, book, False)  # noqa: FBT003
