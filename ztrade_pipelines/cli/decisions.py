"""How a decision and its verdicts look: one panel, one table, one JSON document."""

from collections.abc import Sequence

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ztrade_core.domain.decisions import ChainedDecision, Decision, Outcome, Verdict
from ztrade_core.domain.voting import votes_of
from ztrade_pipelines.cli.formats import ABSENT, moment, percent, price, quantity, usable, usd
from ztrade_pipelines.cli.output import console, table

OUTCOME_STYLE = {
    Outcome.APPROVED: "green",
    Outcome.RESIZED: "green",
    Outcome.DENIED: "red",
    Outcome.HELD: "yellow",
}
WIDE = 100


def verdict_table(verdicts: Sequence[Verdict], title: str = "Rules") -> Table:
    """Return one row a rule, green when it passed; numbers only where there is room."""
    wide = console().width >= WIDE
    numbers = (">observed", ">limit") if wide else ()
    made = table(title, "=rule", "=passed", *numbers, "what it found")
    for verdict in verdicts:
        mark = "[green]yes[/]" if verdict.passed else "[red bold]NO[/]"
        figures = (_figure(verdict.observed), _figure(verdict.limit)) if wide else ()
        style = "" if verdict.passed else "red"
        made.add_row(verdict.rule_id, mark, *figures, Text(verdict.message, style=style))
    return made


def _figure(value: float | None) -> str:
    number = usable(value)
    if number is None:
        return ABSENT
    return f"{number:,.0f}" if number == int(number) else f"{number:,.4f}"


def decision_panel(row: ChainedDecision) -> Panel:
    """Return a decision of the ledger in full."""
    decision = row.decision
    lines = [
        *decision_lines(decision),
        ("reason", decision.reason),
        ("confidence", percent(decision.proposal.confidence, digits=0)),
        ("maker", decision.proposal.maker),
        ("as of", moment(decision.as_of)),
        ("account", f"{decision.key.account}, epoch {decision.key.account_epoch}"),
        ("ledger", f"row {row.sequence}, digest {row.digest[:16]}"),
    ]
    style = OUTCOME_STYLE[decision.outcome]
    title = f"{decision.key.agent_id} · {decision.key.slot} · {decision.decision_id}"
    return Panel(fields(lines), title=title, title_align="left", border_style=style)


def decision_lines(decision: Decision) -> list[tuple[str, str | Text]]:
    """Return what was asked and what came of it, as labelled lines."""
    outcome = Text(decision.outcome.value.upper(), style=f"bold {OUTCOME_STYLE[decision.outcome]}")
    lines: list[tuple[str, str | Text]] = [
        ("action", f"{decision.proposal.action.value.upper()} {decision.symbol}"),
        ("outcome", outcome),
    ]
    if decision.quantity > 0.0:
        lines.append(("order", order_text(decision)))
    if decision.stop_price is not None:
        lines.append(("stop", price(decision.stop_price)))
    if decision.target_price is not None:
        lines.append(("target", price(decision.target_price)))
    votes = votes_of(decision.proposal)
    if votes:
        lines.append(("votes", "\n".join(f"{name}: {said}" for name, said in votes)))
    return lines


def order_text(decision: Decision) -> str:
    """Return the order a decision asked for, in a few words."""
    wanted = usable(decision.wanted_quantity)
    text = f"{quantity(decision.quantity)} {decision.symbol}"
    if decision.limit_price is not None:
        total = decision.quantity * decision.limit_price
        text += f" at most {price(decision.limit_price)} = {usd(total)}"
    if wanted is not None and decision.outcome is Outcome.RESIZED:
        text += f" (wanted {quantity(wanted)})"
    return text


def fields(lines: Sequence[tuple[str, str | Text]]) -> Table:
    """Return labelled lines: dim labels, plain values."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in lines:
        grid.add_row(label, Text(value) if isinstance(value, str) else value)
    return grid


def decision_document(row: ChainedDecision) -> dict[str, object]:
    """Return a decision of the ledger as plain values, its book left out."""
    decision = row.decision
    return {
        "sequence": row.sequence,
        "digest": row.digest,
        "decision_id": decision.decision_id,
        "account": decision.key.account,
        "account_epoch": decision.key.account_epoch,
        "agent_id": decision.key.agent_id,
        "symbol": decision.symbol,
        "slot": decision.key.slot,
        "as_of": decision.as_of,
        "decided_at": decision.decided_at,
        "action": decision.proposal.action,
        "confidence": decision.proposal.confidence,
        "rationale": decision.proposal.rationale,
        "maker": decision.proposal.maker,
        "votes": dict(votes_of(decision.proposal)),
        "outcome": decision.outcome,
        "reason": decision.reason,
        "wanted_quantity": decision.wanted_quantity,
        "quantity": decision.quantity,
        "limit_price": decision.limit_price,
        "stop_price": decision.stop_price,
        "target_price": decision.target_price,
        "client_order_id": decision.client_order_id,
        "verdicts": verdict_documents(row.verdicts),
    }


def verdict_documents(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """Return verdicts as plain values."""
    return [
        {
            "rule_id": verdict.rule_id,
            "name": verdict.name,
            "passed": verdict.passed,
            "observed": verdict.observed,
            "limit": verdict.limit,
            "message": verdict.message,
        }
        for verdict in verdicts
    ]
