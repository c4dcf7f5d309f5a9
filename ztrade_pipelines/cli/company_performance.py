"""`ztrade company performance`: what each agent earned on an account.

Closed trades are net of all costs; every figure is made by `ztrade_core.performance`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import click
from rich.table import Table
from rich.text import Text

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.assembly.workshop import REHEARSAL
from ztrade_core.backtest.decided_by import cutoff_of_recording
from ztrade_core.decision_makers.recorded import Recording
from ztrade_core.domain.accounts import ClosedTrade
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.book import AccountSnapshot
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.domain.time import EPOCH, MICROSECOND
from ztrade_core.performance.drawdowns import max_drawdown
from ztrade_core.performance.trades import Figures, RoundTrip, trade_statistics
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.portfolio import Portfolio
from ztrade_core.trading.voters import voters_of
from ztrade_pipelines.cli.accounts import UNUSED, OpenAccount, find_account
from ztrade_pipelines.cli.backtest_view import metric_text
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import ABSENT, moment, percent, toned, usd
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
from ztrade_pipelines.cli.portfolio_view import place_document

CAPTION = "factor: wins over losses; a trade: mean result; streak: longest of losses"
CLEAN = (
    "\nafter ...: trades opened after the training cutoff of the model that decides; it may have known how"
    " the others would go (none is clean: its cutoff is unknown)"
)
FIGURES = ("trades", "win_rate", "profit_factor", "expectancy_usd", "longest_losing_streak")


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanResult:
    """The closed trades of a rehearsed model that it opened after its training cutoff.

    `training_cutoff` None: not known, so that none is clean.
    """

    models: tuple[str, ...]
    training_cutoff: date | None
    realised_usd: float
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult:
    """One agent's closed trades in figures, and its open position's gain.

    `clean` is given where a model was rehearsed on the past. What it decides live it decides before it
    happens: there is nothing to split.
    """

    agent_id: str
    realised_usd: float
    unrealised_usd: float
    figures: Figures
    clean: CleanResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountResult:
    """The account's equity over its life. `max_drawdown` is over all stored marks.

    At a real broker it begins with our first mark; without one, `since` and `initial_cash` are None.
    """

    since: datetime | None
    initial_cash: float | None
    equity: float | None
    total_return: float | None
    max_drawdown: float | None


@click.command(cls=ZtradeCommand)
@account_option
@json_option
def performance(*, account: str, as_json: bool) -> None:
    """Show what each agent earned: closed trades net of costs, and what is open."""
    workshop = office().workshop
    found = find_account(workshop, account)
    if found is None:
        if as_json:
            emit_json({"account": account, "broker": None, "result": None, "agents": []})
        else:
            show(nothing(UNUSED))
        return
    portfolio = found.portfolio()
    place = found.place(portfolio)
    with workshop.store.reading() as uow:
        trades = uow.positions.trades(account, portfolio.account_epoch)
        cutoffs = {
            agent.agent_id: cutoff_of_answers(
                uow, agent, account=account, epoch=portfolio.account_epoch, until=portfolio.at
            )
            for agent in workshop.settings.company.agents
            if account == REHEARSAL
        }
    agents = [
        _agent_result(agent, portfolio, trades, cutoffs.get(agent.agent_id))
        for agent in workshop.settings.company.agents
    ]
    result = _account_result(found, portfolio)
    if as_json:
        document = {"account": account, "broker": place_document(place)}
        emit_json(document | {"result": result, "agents": agents})
        return
    show(_account_table(found, place, result), agents_table(agents))


def _agent_result(
    agent: AgentConfig, portfolio: Portfolio, trades: Sequence[ClosedTrade], cutoff: Cutoff | None
) -> AgentResult:
    own = [_round_trip(trade) for trade in trades if trade.agent_id == agent.agent_id]
    position = portfolio.book.position_of(agent.agent_id)
    unrealised = 0.0
    if position is not None:
        unrealised = (position.mark - position.average_price) * position.quantity
    return AgentResult(
        agent_id=agent.agent_id,
        realised_usd=_realised_usd(own),
        unrealised_usd=unrealised,
        figures=trade_statistics(own),
        clean=None if cutoff is None else clean_result(own, cutoff),
    )


def cutoff_of_answers(
    uow: UnitOfWork, agent: AgentConfig, *, account: str, epoch: int, until: datetime
) -> Cutoff | None:
    """Return the cutoff of whoever decided for an agent in an epoch; None: no model did.

    Other models than the agent's of now have an unknown one.
    """
    found = uow.ledger.answers_between(account, agent.agent_id, EPOCH, until + MICROSECOND)
    recording = Recording(
        agent_id=agent.agent_id,
        source=account,
        entries={each.key.slot: each.proposal for each in found if each.key.account_epoch == epoch},
        voters=voters_of(uow, account, epoch, agent.agent_id),
    )
    return cutoff_of_recording(recording, agent)


def clean_result(trades: Sequence[RoundTrip], cutoff: Cutoff) -> CleanResult:
    """Return what the trades opened after a cutoff came to."""
    begins = cutoff.clean_from
    clean = [trade for trade in trades if begins is not None and trade.opened_at > begins]
    return CleanResult(
        models=cutoff.models,
        training_cutoff=cutoff.day,
        realised_usd=_realised_usd(clean),
        figures=trade_statistics(clean),
    )


def _realised_usd(trades: Sequence[RoundTrip]) -> float:
    realised = 0.0
    for trade in trades:
        realised = realised + trade.pnl_usd
    return realised


def _round_trip(trade: ClosedTrade) -> RoundTrip:
    return RoundTrip(
        symbol=trade.symbol,
        opened_at=trade.opened_at,
        closed_at=trade.closed_at,
        quantity=float(trade.quantity),
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        pnl_usd=trade.pnl_usd,
    )


def _account_result(found: OpenAccount, portfolio: Portfolio) -> AccountResult:
    equity = portfolio.book.equity
    curve = [_point(mark) for mark in portfolio.curve]
    first = curve[0] if curve else None
    since, began = found.opened_at, found.initial_cash
    if began is None and first is not None:
        since, began = first.timestamp, first.portfolio_value
    return AccountResult(
        since=since,
        initial_cash=began,
        equity=equity,
        total_return=None if equity is None or began is None else equity / began - 1.0,
        max_drawdown=None if began is None else max_drawdown(curve, began).fraction,
    )


def _point(mark: AccountSnapshot) -> EquityPoint:
    return EquityPoint(timestamp=mark.at, portfolio_value=mark.equity, cash_balance=mark.cash)


def _account_table(found: OpenAccount, place: BrokerPlace, result: AccountResult) -> Table:
    equity, began = result.equity, result.initial_cash
    earned = None if equity is None or began is None else equity - began
    lines: list[tuple[str, str | Text]] = [
        ("account", f"{found.desk.account}, since {moment(result.since)}"),
        ("broker", place.text),
        ("began with", usd(result.initial_cash)),
        ("equity", usd(result.equity)),
        ("earned", Text.from_markup(toned(usd(earned, signed=True), earned))),
        ("return", percent(result.total_return, signed=True)),
        ("deepest fall", percent(result.max_drawdown)),
    ]
    return fields(lines)


def agents_table(agents: Sequence[AgentResult]) -> Table:
    """Return a row an agent, and of a rehearsed model one of what it cannot have known."""
    made = table(
        "Agents, closed trades net of all costs",
        "=agent",
        ">realised",
        ">open",
        ">trades",
        ">won",
        ">factor",
        ">a trade",
        ">streak",
        caption=CAPTION + (CLEAN if any(agent.clean is not None for agent in agents) else ""),
    )
    return rows(made, [line for agent in agents for line in _agent_rows(agent)])


def _agent_rows(agent: AgentResult) -> Iterator[tuple[str, ...]]:
    """Yield an agent's row, and of a rehearsed model one of what it cannot have known."""
    yield (
        agent.agent_id,
        toned(usd(agent.realised_usd, signed=True), agent.realised_usd),
        toned(usd(agent.unrealised_usd, signed=True), agent.unrealised_usd),
        *[metric_text(name, agent.figures.get(name)) for name in FIGURES],
    )
    clean = agent.clean
    if clean is None:
        return
    if clean.training_cutoff is None:
        yield ("  none is clean",)
        return
    yield (
        f"  after {clean.training_cutoff}",
        toned(usd(clean.realised_usd, signed=True), clean.realised_usd),
        ABSENT,
        *[metric_text(name, clean.figures.get(name)) for name in FIGURES],
    )
