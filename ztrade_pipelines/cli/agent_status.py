"""`ztrade agent status`: how each agent stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import click
from rich.console import RenderableType

from ztrade_core.domain.book import AgentRecord, Position
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.risk.breakers import halt_text, standing_halts
from ztrade_core.trading.portfolio import Portfolio
from ztrade_pipelines.cli.accounts import find_account
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.company_dashboard import last_decisions, slot_text
from ztrade_pipelines.cli.decisions import OUTCOME_STYLE, decision_document
from ztrade_pipelines.cli.formats import ABSENT, count, quantity, toned, usd
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import (
    account_option,
    console,
    emit_json,
    json_option,
    rows,
    show,
    table,
)
from ztrade_pipelines.cli.portfolio_view import position_document
from ztrade_pipelines.cli.shadow_names import shadow_names

WIDE = 90
TODAY = "today: entries since 00:00 New York"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStanding:
    """One agent on one account; `record` None when the account does not exist yet."""

    agent: AgentConfig
    position: Position | None
    record: AgentRecord | None
    halts: tuple[str, ...]
    last: ChainedDecision | None


@click.command("status", cls=ZtradeCommand)
@account_option
@json_option
def agent_status(*, account: str, as_json: bool) -> None:
    """Show each agent's last decision, position, trades today and halts."""
    workshop = office().workshop
    found = find_account(workshop, account)
    portfolio = None if found is None else found.portfolio()
    halt_file = None if found is None else found.desk.halt_signal.standing()
    last = last_decisions(workshop, account)
    agents = workshop.settings.company.agents
    standings = [_standing(agent, portfolio, last.get(agent.agent_id)) for agent in agents]
    if as_json:
        emit_json(
            {
                "account": account,
                "broker": workshop.broker_name(account),
                "halt_file": halt_file,
                "agents": [_document(standing) for standing in standings],
            }
        )
        return
    show(
        _table(f"{account} account ({workshop.broker_name(account)})", standings),
        *_shadowed(standings),
        *_halts(standings, halt_file),
    )


def _standing(
    agent: AgentConfig, portfolio: Portfolio | None, last: ChainedDecision | None
) -> AgentStanding:
    if portfolio is None:
        return AgentStanding(agent=agent, position=None, record=None, halts=(), last=last)
    book = portfolio.book
    return AgentStanding(
        agent=agent,
        position=book.position_of(agent.agent_id),
        record=book.record_of(agent.agent_id),
        halts=tuple(halt_text(halt) for halt in standing_halts(book, agent.agent_id)),
        last=last,
    )


def _table(where: str, standings: Sequence[AgentStanding]) -> RenderableType:
    wide = console().width >= WIDE
    made = table(
        f"Agents on the {where}",
        "=agent",
        *(("=trades",) if wide else ()),
        "=last bar",
        "=decision",
        ">position",
        ">gain",
        ">today",
        *((">losses",) if wide else ()),
        "=halted",
        caption=TODAY + ("; losses: losing trades in a row" if wide else ""),
    )
    return rows(made, [_row(standing, wide=wide) for standing in standings])


def _row(standing: AgentStanding, *, wide: bool) -> tuple[str, ...]:
    agent, position, record = standing.agent, standing.position, standing.record
    gain = None
    if position is not None:
        gain = (position.mark - position.average_price) * position.quantity
    losses = ABSENT if record is None else count(record.consecutive_losses)
    return (
        agent.agent_id,
        *((f"{agent.symbol} {agent.timeframe}",) if wide else ()),
        *_last(standing.last),
        "flat" if position is None else quantity(position.quantity),
        ABSENT if gain is None else toned(usd(gain, signed=True), gain),
        ABSENT if record is None else f"{record.trades_today}/{agent.limits.max_daily_trades}",
        *((losses,) if wide else ()),
        "[red]yes[/]" if standing.halts else "no",
    )


def _last(row: ChainedDecision | None) -> tuple[str, str]:
    if row is None:
        return ABSENT, "none yet"
    decision = row.decision
    text = f"{decision.proposal.action.value}, {decision.outcome.value}"
    return slot_text(decision.key.slot), f"[{OUTCOME_STYLE[decision.outcome]}]{text}[/]"


def _shadowed(standings: Sequence[AgentStanding]) -> list[str]:
    return [
        f"{standing.agent.agent_id}: shadows {', '.join(names)}, which trade nothing"
        for standing in standings
        if (names := shadow_names(standing.agent))
    ]


def _halts(standings: Sequence[AgentStanding], halt_file: str | None) -> list[str]:
    found = dict.fromkeys(text for standing in standings for text in standing.halts)
    if halt_file is not None:
        found[f"the file HALT stands: {halt_file}"] = None
    return [f"[red]{text}[/]" for text in found]


def _document(standing: AgentStanding) -> dict[str, object]:
    record = standing.record
    position, last = standing.position, standing.last
    return {
        "agent_id": standing.agent.agent_id,
        "symbol": standing.agent.symbol,
        "timeframe": standing.agent.timeframe,
        "position": None if position is None else position_document(position),
        "trades_today": None if record is None else record.trades_today,
        "max_daily_trades": standing.agent.limits.max_daily_trades,
        "consecutive_losses": None if record is None else record.consecutive_losses,
        "halts": list(standing.halts),
        "shadows": shadow_names(standing.agent),
        "last_decision": None if last is None else decision_document(last),
    }
