"""How a run looks: what was decided, each rule's word, the order with its stop, where to find it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.decisions import ChainedDecision, Outcome, Verdict
from ztrade_core.domain.orders import Order, OrderStatus
from ztrade_pipelines.cli.decisions import (
    OUTCOME_STYLE,
    decision_document,
    decision_lines,
    fields,
    verdict_documents,
    verdict_table,
)
from ztrade_pipelines.cli.formats import ABSENT, percent, price, quantity
from ztrade_pipelines.cli.launching import Evaluation, Launched, Metadata
from ztrade_pipelines.cli.portfolio_view import order_document
from ztrade_pipelines.cli.shadows_view import shadow_documents, shadow_parts

Labelled = list[tuple[str, str | Text]]


def run_parts(workshop: Workshop, launched: Launched, agent_id: str) -> list[RenderableType]:
    """Return a finished run as panel, rules and links."""
    found = launched.materialized.get(f"{agent_id}/decision", {})
    outcome = Outcome(found.get("outcome", Outcome.HELD))
    row, order = _stored(workshop, found)
    title = f"[bold]{agent_id}[/] · bar {found.get('bar', 'unknown')}"
    return [
        Panel(
            fields(
                [
                    ("account", _whose(found)),
                    *_decided(found, row),
                    *_ordered(order, found),
                    *_recorded(found, launched),
                ]
            ),
            title=title,
            title_align="left",
            border_style=OUTCOME_STYLE[outcome],
        ),
        verdict_table(verdicts_of(launched.evaluations, agent_id)),
        *shadow_parts(launched, agent_id),
        *[Text(note, style="yellow") for note in _unheard(workshop, found)],
        *_head(found),
    ]


def _unheard(workshop: Workshop, found: Metadata) -> tuple[str, ...]:
    """Return what nobody had scored of the news that was known at the decision."""
    symbol, at = found.get("symbol"), _number(found, "as_of")
    if not symbol or at is None:
        return ()
    return workshop.sentiment.unheard(str(symbol), datetime.fromtimestamp(at, UTC))


def _whose(found: Metadata) -> str:
    if found.get("dry_run"):
        return "none: a dry run"
    return f"{found.get('account')}, epoch {found.get('account_epoch')}, {found.get('broker', '')}"


def _stored(workshop: Workshop, found: Metadata) -> tuple[ChainedDecision | None, Order | None]:
    decision_id = found.get("decision_id")
    if not decision_id:
        return None, None
    with workshop.store.reading() as uow:
        row = uow.ledger.by_id(str(decision_id))
        orders = uow.orders.of_decision(str(decision_id))
    return row, orders[-1] if orders else None


def _decided(found: Metadata, row: ChainedDecision | None) -> Labelled:
    if row is not None:
        lines = decision_lines(row.decision)
    else:
        outcome = Outcome(found.get("outcome", Outcome.HELD))
        lines = [
            ("action", f"{str(found.get('action', '')).upper()} {found.get('symbol', '')}"),
            ("outcome", Text(outcome.value.upper(), style=f"bold {OUTCOME_STYLE[outcome]}")),
        ]
    return [
        *lines,
        ("reason", str(found.get("reason", ""))),
        ("confidence", f"{percent(_number(found, 'confidence'), digits=0)}, {found.get('maker')}"),
        ("sentiment", str(found.get("sentiment_told", ABSENT))),
    ]


def _number(found: Metadata, name: str) -> float | None:
    value = found.get(name)
    return float(value) if isinstance(value, int | float) else None


def _ordered(order: Order | None, found: Metadata) -> Labelled:
    if order is None:
        text = "nothing: a dry run claims and sends nothing" if found.get("dry_run") else "nothing"
        return [("sent", text)]
    request = order.request
    filled = ""
    if order.status is OrderStatus.FILLED:
        filled = f", {quantity(order.filled_quantity)} filled"
    lines: Labelled = [
        ("sent", f"{request.role} {request.side}: {order.status.value}{filled}"),
        ("order id", request.client_order_id),
    ]
    if request.stop_price is not None:
        lines.append(("its stop", f"{price(request.stop_price)}, stands from the fill on"))
    if order.reason:
        lines.append(("note", order.reason))
    return lines


def _head(found: Metadata) -> list[RenderableType]:
    """Return the chain's head on a line of its own, to be copied into `audit verify --anchor`."""
    head = found.get("chain_head")
    return [] if not head else [Text(f"head {head}", style="dim", no_wrap=True)]


def _recorded(found: Metadata, launched: Launched) -> Labelled:
    lines: Labelled = [("run", launched.run_id), ("page", launched.page)]
    if found.get("decided_now") is False:
        lines.append(("note", "this bar was decided before: the stored decision was continued"))
    return lines


def verdicts_of(evaluations: Sequence[Evaluation], agent_id: str) -> list[Verdict]:
    """Return the rules' words as the run's asset checks recorded them."""
    return [
        Verdict(
            rule_id=str(each.metadata.get("rule", each.check)),
            name=each.check,
            passed=each.passed,
            observed=_number(each.metadata, "observed"),
            limit=_number(each.metadata, "limit"),
            message=each.description,
        )
        for each in evaluations
        if each.asset == f"{agent_id}/decision"
    ]


def run_document(workshop: Workshop, launched: Launched, agent_id: str) -> dict[str, object]:
    """Return a finished run as plain values; `decision` null on a dry run."""
    found = launched.materialized.get(f"{agent_id}/decision", {})
    row, order = _stored(workshop, found)
    return {
        "run_id": launched.run_id,
        "page": launched.page,
        "agent_id": agent_id,
        "dry_run": bool(found.get("dry_run")),
        "decided_now": found.get("decided_now"),
        "action": found.get("action"),
        "outcome": found.get("outcome"),
        "reason": found.get("reason"),
        "confidence": _number(found, "confidence"),
        "sentiment": _number(found, "sentiment"),
        "sentiment_told": found.get("sentiment_told"),
        "chain_head": found.get("chain_head"),
        "decision": None if row is None else decision_document(row),
        "verdicts": verdict_documents(verdicts_of(launched.evaluations, agent_id)),
        "order": None if order is None else order_document(order),
        "shadows": shadow_documents(launched, agent_id),
    }
