"""`ztrade company dashboard`: everything at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass

import click
from rich.console import RenderableType

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.trading.portfolio import Portfolio
from ztrade_pipelines.cli.accounts import UNUSED, find_account
from ztrade_pipelines.cli.backtest_view import run_document, runs_table
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import OUTCOME_STYLE, decision_document
from ztrade_pipelines.cli.formats import ABSENT, percent
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import (
    account_option,
    emit_json,
    json_option,
    nothing,
    rows,
    show,
    table,
)
from ztrade_pipelines.cli.portfolio_view import (
    account_panel,
    alarm_panel,
    order_document,
    orders_table,
    portfolio_document,
    position_document,
    positions_table,
)

NEWEST_BACKTESTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that the dashboard shows. `portfolio` None: the account does not exist yet."""

    account: str
    company: Company
    portfolio: Portfolio | None
    place: BrokerPlace | None
    halt_file: str | None
    last_decisions: dict[str, ChainedDecision]
    backtests: list[BacktestRun]


@click.command(cls=ZtradeCommand)
@account_option
@json_option
def dashboard(*, account: str, as_json: bool) -> None:
    """Show the account, positions with stops, open orders, halts, last decisions, backtests."""
    overview = overview_of(office().workshop, account)
    if as_json:
        emit_json(_document(overview))
    else:
        show(*overview_parts(overview))


def overview_of(workshop: Workshop, account: str) -> Overview:
    """Collect what the dashboard shows; writes nothing."""
    found = find_account(workshop, account)
    company = workshop.settings.company
    portfolio = None if found is None else found.portfolio()
    return Overview(
        account=account,
        company=company,
        portfolio=portfolio,
        place=None if found is None or portfolio is None else found.place(portfolio),
        halt_file=None if found is None else found.desk.halt_signal.standing(),
        last_decisions=last_decisions(workshop, account),
        backtests=workshop.backtests.runs(limit=NEWEST_BACKTESTS),
    )


def last_decisions(workshop: Workshop, account: str) -> dict[str, ChainedDecision]:
    """Return each agent's newest decision on the account's newest epoch that decided anything."""
    found: dict[str, ChainedDecision] = {}
    with workshop.store.reading() as uow:
        for agent in workshop.settings.company.agents:
            for row in uow.ledger.recent(account=account, agent_id=agent.agent_id, limit=1):
                found[agent.agent_id] = row
    return found


def overview_parts(overview: Overview) -> list[RenderableType]:
    """Return the dashboard as panels and tables."""
    parts: list[RenderableType] = []
    if overview.portfolio is None or overview.place is None:
        parts.append(nothing(UNUSED))
    else:
        parts += [
            account_panel(overview.portfolio, overview.company.name, overview.place),
            *alarm_panel(overview.portfolio, overview.halt_file),
            positions_table(overview.portfolio),
            orders_table(overview.portfolio.working),
        ]
    parts.append(_decisions(overview))
    parts.append(
        runs_table(overview.backtests, title="Newest backtests")
        if overview.backtests
        else nothing("no backtests; `ztrade backtest run AGENT` makes one")
    )
    return parts


def _decisions(overview: Overview) -> RenderableType:
    if not overview.last_decisions:
        return nothing("no decisions")
    made = table("Last decisions", "=agent", "=bar", "=action", "=outcome", ">sure", "reason")
    cells: list[Sequence[str]] = []
    for agent in overview.company.agents:
        row = overview.last_decisions.get(agent.agent_id)
        if row is None:
            cells.append((agent.agent_id, ABSENT, ABSENT, ABSENT, ABSENT, "none yet"))
            continue
        decision = row.decision
        style = OUTCOME_STYLE[decision.outcome]
        cells.append(
            (
                agent.agent_id,
                slot_text(decision.key.slot),
                decision.proposal.action.value,
                f"[{style}]{decision.outcome.value}[/]",
                percent(decision.proposal.confidence, digits=0),
                decision.reason,
            )
        )
    return rows(made, cells)


def slot_text(slot: str) -> str:
    """Return a slot for a column: `2022-12-28 14:55Z`."""
    return slot.replace(":00Z", "Z").replace("T", " ")


def _document(overview: Overview) -> dict[str, object]:
    portfolio, place = overview.portfolio, overview.place
    decisions = overview.last_decisions.values()
    return {
        "account": overview.account,
        "halt_file": overview.halt_file,
        "portfolio": None
        if portfolio is None or place is None
        else portfolio_document(portfolio, place),
        "positions": []
        if portfolio is None
        else [position_document(position) for position in portfolio.book.positions],
        "open_orders": []
        if portfolio is None
        else [order_document(order) for order in portfolio.working],
        "last_decisions": [decision_document(row) for row in decisions],
        "backtests": [run_document(run) for run in overview.backtests],
    }
