"""`ztrade risk status`: every rule judged on the book as it stands."""

from collections.abc import Sequence

import click
from rich.table import Table

from ztrade_core.domain.configuration import RiskLimits
from ztrade_core.domain.decisions import Verdict
from ztrade_core.trading.standing import Standing, judge_standing
from ztrade_pipelines.cli.accounts import find_account, unused
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import verdict_documents, verdict_table
from ztrade_pipelines.cli.formats import percent
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

# What differs between agents; every other rule says the same for all of them.
OWN_RULES = frozenset({"RULE_001", "RULE_005", "RULE_008", "RULE_012", "RULE_013", "RULE_020", "RULE_021"})


@click.command("status", cls=ZtradeCommand)
@account_option
@json_option
def risk_status(*, account: str, as_json: bool) -> None:
    """Show every limit beside what is observed. What fails here would deny the next entry."""
    workshop = office().workshop
    found = find_account(workshop, account)
    if found is None:
        if as_json:
            emit_json({"account": account, "portfolio": None, "agents": []})
        else:
            show(nothing(unused(account)), _limits(workshop.settings.company.risk, None))
        return
    standing = judge_standing(found.desk, found.at)
    if as_json:
        emit_json(_document(account, standing))
        return
    show(
        *alarm_panel(standing.portfolio, standing.halt_file),
        _limits(workshop.settings.company.risk, standing),
        *_verdicts(standing),
    )


def _limits(risk: RiskLimits, standing: Standing | None) -> Table:
    """Return the company-wide limits beside what the account shows."""
    made = table("The company's limits", "=limit", ">observed", ">allowed", "=within")
    if standing is None:
        loss = drawdown = gross = None
    else:
        portfolio = standing.portfolio
        loss, drawdown = portfolio.day_loss_fraction, portfolio.drawdown_fraction
        gross = portfolio.gross_exposure_fraction
    return rows(
        made,
        [
            _limit("day's loss (halts at)", loss, risk.max_daily_loss_fraction, strict=True),
            _limit("drawdown (halts at)", drawdown, risk.max_drawdown_fraction, strict=True),
            _limit("gross exposure", gross, risk.max_gross_exposure_fraction, strict=False),
        ],
    )


def _limit(
    name: str, observed: float | None, allowed: float | None, *, strict: bool
) -> tuple[str, str, str, str]:
    if allowed is None:
        return name, percent(observed), "off", "[dim]off[/]"
    if observed is None or observed != observed:  # noqa: PLR0124 - NaN is not known
        return name, percent(observed), percent(allowed), "[yellow]unknown[/]"
    good = observed < allowed if strict else observed <= allowed
    return name, percent(observed), percent(allowed), "[green]yes[/]" if good else "[red]NO[/]"


def _verdicts(standing: Standing) -> list[Table]:
    """Return the shared rules once, then each agent's own."""
    if not standing.verdicts:
        return []
    shared = [v for v in standing.verdicts[0][1] if v.rule_id not in OWN_RULES]
    tables = [verdict_table(shared, title="Rules on the whole book")]
    for agent_id, verdicts in standing.verdicts:
        own: Sequence[Verdict] = [v for v in verdicts if v.rule_id in OWN_RULES]
        tables.append(verdict_table(own, title=f"Rules on {agent_id}"))
    return tables


def _document(account: str, standing: Standing) -> dict[str, object]:
    return {
        "account": account,
        "halt_file": standing.halt_file,
        "portfolio": portfolio_document(standing.portfolio),
        "agents": [
            {"agent_id": agent_id, "verdicts": verdict_documents(verdicts)}
            for agent_id, verdicts in standing.verdicts
        ],
    }
