"""`ztrade risk status`: the limits beside what is observed, and every rule on the standing book."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.domain.configuration import RiskLimits
from ztrade_core.domain.decisions import Verdict
from ztrade_core.risk.arithmetic import at_least, within
from ztrade_core.trading.spending import model_spending
from ztrade_core.trading.standing import Standing, judge_standing
from ztrade_pipelines.cli.accounts import UNUSED, find_account
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import verdict_documents, verdict_table
from ztrade_pipelines.cli.formats import percent, usable
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
from ztrade_pipelines.cli.portfolio_view import alarm_panel, portfolio_document
from ztrade_pipelines.cli.spending_view import spending_document, spending_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit beside what is observed; `allowed` None means off, `observed` None not known."""

    name: str
    observed: float | None
    allowed: float | None
    halts_at: bool = False

    @property
    def kept(self) -> bool | None:
        """Whether the limit is kept; None when it is off or nothing is known."""
        if self.allowed is None or self.observed is None:
            return None
        if self.halts_at:
            return not at_least(self.observed, self.allowed)
        return within(self.observed, self.allowed)


_NOTHING: dict[str, object] = {"halt_file": None, "portfolio": None, "limits": [], "agents": []}


@click.command("status", cls=ZtradeCommand)
@account_option
@click.option("--all", "in_full", is_flag=True, help="Show what each rule found, passed or not.")
@json_option
def risk_status(*, account: str, in_full: bool, as_json: bool) -> None:
    """Show every limit beside what is observed. What fails here would deny the next entry."""
    workshop = office().workshop
    found, company = find_account(workshop, account), workshop.settings.company
    risk = company.risk
    spending = model_spending(workshop.store, company.models, workshop.clock.now())
    models = {"language_models": spending_document(spending)}
    if found is None:
        if as_json:
            emit_json(_NOTHING | models | {"account": account})
        else:
            show(nothing(UNUSED), _limits_table(list(limits_of(risk, None))))
            show(spending_line(spending))
        return
    standing = judge_standing(found.desk, found.at)
    place = found.place(standing.portfolio)
    limits = list(limits_of(risk, standing))
    if as_json:
        emit_json(_document(place, standing, limits) | models)
        return
    show(
        f"{account} account, epoch {place.account_epoch}, {place.text}",
        *alarm_panel(standing.portfolio, standing.halt_file),
        _limits_table(limits),
        spending_line(spending),
        _matrix(standing),
        *(_in_full(standing) if in_full else _failures(standing)),
    )


def limits_of(risk: RiskLimits, standing: Standing | None) -> Iterator[Limit]:
    """Yield the company-wide limits, then each holding's."""
    portfolio = None if standing is None else standing.portfolio
    yield Limit(
        name="day's loss halts at",
        observed=None if portfolio is None else usable(portfolio.day_loss_fraction),
        allowed=risk.max_daily_loss_fraction,
        halts_at=True,
    )
    yield Limit(
        name="drawdown halts at",
        observed=None if portfolio is None else usable(portfolio.drawdown_fraction),
        allowed=risk.max_drawdown_fraction,
        halts_at=True,
    )
    yield Limit(
        name="gross exposure, all agents",
        observed=None if portfolio is None else usable(portfolio.gross_exposure_fraction),
        allowed=risk.max_gross_exposure_fraction,
    )
    if standing is None:
        return
    for agent_id, verdicts in standing.verdicts:
        by_rule = {verdict.rule_id: verdict for verdict in verdicts}
        observed = by_rule["RULE_001"].observed
        allowed = risk.max_agent_exposure_fraction
        yield Limit(name=f"exposure of {agent_id}", observed=observed, allowed=allowed)
        observed, allowed = by_rule["RULE_005"].observed, risk.max_symbol_fraction
        yield Limit(name=f"symbol of {agent_id}", observed=observed, allowed=allowed)


def _limits_table(limits: Sequence[Limit]) -> Table:
    made = table("Limits, of total capital", "=limit", ">observed", ">allowed", "=kept")
    words = {True: "[green]yes[/]", False: "[red bold]NO[/]", None: "[yellow]unknown[/]"}
    return rows(
        made,
        [
            (
                limit.name,
                percent(limit.observed),
                "off" if limit.allowed is None else percent(limit.allowed),
                "[dim]off[/]" if limit.allowed is None else words[limit.kept],
            )
            for limit in limits
        ],
    )


def _matrix(standing: Standing) -> RenderableType:
    """Return which rule passes for which agent."""
    if not standing.verdicts:
        return nothing("no agents")
    agents = [agent_id for agent_id, _ in standing.verdicts]
    made = table("Rules on the book as it stands", "=rule", "name", *[f"={a}" for a in agents])
    for index, first in enumerate(standing.verdicts[0][1]):
        words = [
            "[green]yes[/]" if verdicts[index].passed else "[red bold]NO[/]"
            for _, verdicts in standing.verdicts
        ]
        made.add_row(first.rule_id, first.name.replace("_", " "), *words)
    return made


def _failures(standing: Standing) -> list[RenderableType]:
    """Return what each failed rule found, said once where agents share it."""
    found: dict[tuple[str, str], list[str]] = {}
    for agent_id, verdicts in standing.verdicts:
        for verdict in _failed(verdicts):
            found.setdefault((verdict.rule_id, verdict.message), []).append(agent_id)
    if not found:
        return [Text("every rule passes", style="green")]
    made = table("What would deny an entry now", "=rule", "=for", "what it found")
    everyone = len(standing.verdicts)
    for (rule_id, message), agents in found.items():
        made.add_row(rule_id, "all" if len(agents) == everyone else "\n".join(agents), message)
    return [made]


def _failed(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if not verdict.passed]


def _in_full(standing: Standing) -> list[RenderableType]:
    return [verdict_table(verdicts, title=agent_id) for agent_id, verdicts in standing.verdicts]


def _document(place: BrokerPlace, standing: Standing, limits: Sequence[Limit]) -> dict[str, object]:
    return {
        "account": standing.portfolio.account,
        "halt_file": standing.halt_file,
        "portfolio": portfolio_document(standing.portfolio, place),
        "limits": [
            {
                "name": limit.name,
                "observed": limit.observed,
                "allowed": limit.allowed,
                "kept": limit.kept,
            }
            for limit in limits
        ],
        "agents": [
            {"agent_id": agent_id, "verdicts": verdict_documents(verdicts)}
            for agent_id, verdicts in standing.verdicts
        ],
    }
