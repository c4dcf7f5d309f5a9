"""Circuit breakers: which of them trip on a book, and the halts they leave standing.

A breaker trips at its limit exactly (>=). A number that is missing trips nothing: nothing is known;
the rules deny on it. Writing and lifting halts is `trading`'s.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ztrade_core.domain.book import Book, Halt
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.risk.arithmetic import at_least, daily_loss_fraction, drawdown_fraction
from ztrade_core.risk.wording import apart, percent

DAILY_LOSS = "daily_loss"
DRAWDOWN = "drawdown"
CONSECUTIVE_LOSSES = "consecutive_losses"
RUNAWAY = "runaway"
MANUAL = "manual"
COMPANY_BREAKERS = frozenset({DAILY_LOSS, DRAWDOWN})
BREAKERS = COMPANY_BREAKERS | {CONSECUTIVE_LOSSES, RUNAWAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTrip:
    """A breaker that is at or over its limit: the halt that should stand. `agent_id` None: all."""

    kind: str
    agent_id: str | None
    observed: float
    limit: float
    message: str


def breaker_trips(company: Company, book: Book) -> tuple[BreakerTrip, ...]:
    """Return every breaker that trips, company-wide first, then agents in their order.

    A halt that stands already is not looked for: setting it again changes nothing.
    """
    return (*_company_trips(company, book), *_agent_trips(company, book))


def daily_loss_of(book: Book) -> float:
    """Return the day's loss as a fraction of the day's base; NaN when a part is missing."""
    return daily_loss_fraction(_number(book.day_base_equity), _number(book.equity))


def drawdown_of(book: Book) -> float:
    """Return the drawdown from the peak as a fraction; NaN when a part is missing."""
    return drawdown_fraction(_number(book.peak_equity), _number(book.equity))


def standing_halts(book: Book, agent_id: str) -> tuple[Halt, ...]:
    """Return the halts that stand for an agent: its own and the company's."""
    return tuple(halt for halt in book.halts if halt.agent_id in {None, agent_id})


def halt_text(halt: Halt) -> str:
    """Say who is halted, by whom, why and since when."""
    whom = "the company" if halt.agent_id is None else halt.agent_id
    return f"{whom} is halted ({halt.kind}) by {halt.who} since {halt.since:%Y-%m-%d %H:%M:%SZ}: {halt.why}"


def _company_trips(company: Company, book: Book) -> Iterator[BreakerTrip]:
    limits = company.risk
    for kind, observed, limit, what in (
        (DAILY_LOSS, daily_loss_of(book), limits.max_daily_loss_fraction, "the day's loss"),
        (DRAWDOWN, drawdown_of(book), limits.max_drawdown_fraction, "the drawdown"),
    ):
        if limit is not None and at_least(observed, limit):
            seen, allowed = apart(observed, limit, percent)
            message = f"{what} is {seen}; the breaker is at {allowed}"
            yield BreakerTrip(
                kind=kind, agent_id=None, observed=observed, limit=limit, message=message
            )


def _agent_trips(company: Company, book: Book) -> Iterator[BreakerTrip]:
    for agent in company.agents:
        record = book.record_of(agent.agent_id)
        losses, failures = record.consecutive_losses, record.failures_in_a_row
        most = agent.limits.max_consecutive_losses
        if company.risk.enforce_agent_limits and losses >= most:
            text = f"{agent.agent_id} lost {losses} trades in a row; the breaker is at {most}"
            yield _agent_trip(CONSECUTIVE_LOSSES, agent, losses, most, text)
        limit = company.risk.max_failures_in_a_row
        if limit is not None and failures >= limit:
            text = (
                f"{agent.agent_id} had {failures} rejected entries or invalid answers in a row;"
                f" the breaker is at {limit}"
            )
            yield _agent_trip(RUNAWAY, agent, failures, limit, text)


def _agent_trip(
    kind: str, agent: AgentConfig, observed: int, limit: int, message: str
) -> BreakerTrip:
    return BreakerTrip(
        kind=kind,
        agent_id=agent.agent_id,
        observed=float(observed),
        limit=float(limit),
        message=message,
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value
