"""What language models cost in a New York day, for RULE_016 and for people.

The day is the world's, also in a rehearsal: it is spent today. A question without an answer counts at the
most it may cost until the day is over, because a run that died of it may have been billed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import DaySpending
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.model_config import ModelsConfig
from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.trading.desk import TradingDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpending(DaySpending):
    """Today's questions of all agents and accounts, in USD; `budget_usd` None: it is off."""

    budget_usd: float | None


def day_began(desk: TradingDesk) -> datetime:
    """Return 00:00 New York of today."""
    return _day_of(desk.lease_now())


def spent_for(desk: TradingDesk, uow: UnitOfWork, tape: Tape) -> float:
    """Return what RULE_016 counts for a taped answer: today's spending, 0 where no model was asked."""
    agent = desk.agent(tape.key.agent_id)
    return spent_in(desk, uow, agent, tape.mode)


def spent_in(desk: TradingDesk, uow: UnitOfWork, agent: AgentConfig, mode: str) -> float:
    """Return what RULE_016 counts where an agent is decided in a mode; 0 where that asks no model."""
    return uow.answers.spent_usd(day_began(desk)) if _asks_a_model(agent, mode) else 0.0


def model_spending(store: Store, models: ModelsConfig, now: datetime) -> ModelSpending:
    """Return what today's questions cost so far."""
    with store.reading() as uow:
        found = uow.answers.spending(_day_of(now))
    return ModelSpending(
        answered_usd=found.answered_usd,
        reserved_usd=found.reserved_usd,
        unanswered=found.unanswered,
        budget_usd=models.daily_budget_usd,
    )


def _day_of(now: datetime) -> datetime:
    return new_york_midnight(new_york_date(now)).astimezone(UTC)


def _asks_a_model(agent: AgentConfig, mode: str) -> bool:
    if mode == Mode.AUTOMATED.value:
        return True
    is_vote = mode == Mode.ENSEMBLE.value
    return is_vote and any(member.mode is Mode.AUTOMATED for member in agent.members)
