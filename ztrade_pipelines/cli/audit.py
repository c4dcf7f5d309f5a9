"""`ztrade audit`: the decision ledger, verified and shown.

The chain inside the database proves that rows fit together; only a head that was kept outside (a
decision's metadata in Dagster, a note on paper) proves that none was cut off or all rewritten.
"""

import re

import click
from rich.table import Table

from ztrade_core.domain.chain import ChainFault, ChainHead
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.errors import InputError
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.trading.audit import anchor_text, parse_anchor, verify_ledger
from ztrade_pipelines.cli.commands import LEDGER_BROKEN, ZtradeCommand
from ztrade_pipelines.cli.decisions import decision_document, decision_panel, verdict_table
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

_DIGEST = re.compile(r"[0-9a-f]{64}")


@click.command(cls=ZtradeCommand)
@click.option(
    "--anchor",
    metavar="[SEQUENCE:]DIGEST",
    help="A head that was kept outside the database, e.g. `17:ab12...` or its digest alone.",
)
@json_option
@click.pass_context
def verify(context: click.Context, /, *, anchor: str | None, as_json: bool) -> None:
    """Verify the chain row by row. Exit code 3 when it is broken; the row is named."""
    store = office().workshop.store
    until = None if anchor is None else _anchor_of(store, anchor)
    if isinstance(until, ChainFault):
        fault: ChainFault | None = until
        with store.reading() as uow:
            head = uow.ledger.head()
    else:
        found = verify_ledger(store, until)
        head, fault = found.head, found.fault
    if as_json:
        emit_json({"intact": fault is None, "head": head, "fault": fault, "anchor": anchor})
    elif fault is None:
        show(*_intact(head, anchored=anchor is not None))
    else:
        which = f" ({fault.decision_id})" if fault.decision_id else ""
        show(f"[red bold]broken[/] at row {fault.sequence}{which}: {fault.problem}")
    if fault is not None:
        context.exit(LEDGER_BROKEN)


def _intact(head: ChainHead, *, anchored: bool) -> list[str]:
    if head.sequence == 0:
        return ["[green]intact[/]: the ledger is empty"]
    word = "row" if head.sequence == 1 else "rows"
    lines = [f"[green]intact[/]: {head.sequence} {word}", f"head {anchor_text(head)}"]
    if not anchored:
        lines.append(
            "[dim]keep the head outside, and give it back with --anchor: only then is a"
            " cut or a rewritten ledger seen[/]"
        )
    return lines


def _anchor_of(store: Store, text: str) -> ChainHead | ChainFault | None:
    """Read `SEQUENCE:DIGEST`; for a digest alone find the row that shows it."""
    digest = text.strip().lower()
    if _DIGEST.fullmatch(digest) is None:
        return parse_anchor(text)
    with store.reading() as uow:
        for row in uow.ledger.rows():
            if row.digest == digest:
                return ChainHead(sequence=row.sequence, digest=digest)
        beyond = uow.ledger.head().sequence + 1
    return ChainFault(
        sequence=beyond,
        decision_id=None,
        problem="no row shows the anchored digest: the history was rewritten, or its tail was cut",
    )


@click.command("show", cls=ZtradeCommand)
@click.argument("which", required=False, metavar="[ROW|DECISION]")
@account_option
@click.option("--agent", "agent_id", help="Only this agent's.")
@click.option("--last", "limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def show_decisions(
    which: str | None, *, account: str, agent_id: str | None, limit: int, as_json: bool
) -> None:
    """Show the newest decisions, or one of them in full by its row number or id."""
    with office().workshop.store.reading() as uow:
        if which is not None:
            _show_one(_row_of(uow, which), as_json=as_json)
            return
        found = uow.ledger.recent(account=account, agent_id=agent_id, limit=limit)
    if as_json:
        emit_json({"decisions": [decision_document(row) for row in found]})
    elif found:
        show(_listing(found, account))
    else:
        show(nothing(f"no decisions of the {account} account"))


def _row_of(uow: UnitOfWork, which: str) -> ChainedDecision:
    if which.isdecimal():
        row = next(uow.ledger.rows(after=int(which) - 1), None) if int(which) else None
        if row is not None and row.sequence == int(which):
            return row
    elif (found := uow.ledger.by_id(which)) is not None:
        return found
    raise InputError(f"no decision {which} in the ledger; `ztrade audit show` lists the newest")


def _show_one(row: ChainedDecision, *, as_json: bool) -> None:
    if as_json:
        emit_json(decision_document(row))
    else:
        show(decision_panel(row), verdict_table(row.verdicts))


def _listing(found: list[ChainedDecision], account: str) -> Table:
    made = table(
        f"Decisions, {account} account",
        ">row",
        "=bar",
        "=agent",
        "=action",
        "=outcome",
        "reason",
    )
    return rows(
        made,
        [
            (
                str(row.sequence),
                row.decision.key.slot.removesuffix(":00Z").replace("T", " "),
                row.decision.key.agent_id,
                row.decision.proposal.action.value,
                row.decision.outcome.value,
                row.decision.reason,
            )
            for row in found
        ],
    )
