"""How a decision, an order and a frozen moment look on the page. Ids and verdicts, no secrets."""

from collections.abc import Sequence

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import KeptAnswer, answer_behind, usd_of
from ztrade_core.domain.chain import ChainHead
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.orders import Order
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z
from ztrade_core.trading.cycle import Execution, Validated
from ztrade_core.trading.observation import Observed
from ztrade_core.trading.shadows import ShadowAnswer, Shadows
from ztrade_pipelines import ui
from ztrade_pipelines.sentiment.reading_view import reading_metadata
from ztrade_pipelines.sentiment.strangers import told_lines

SHADOW_COLUMNS = (
    "shadow",
    "sample",
    "action",
    "confidence",
    "agrees",
    "outcome",
    "USD",
    "seconds",
    "answer",
    "reason",
)
VERDICT_COLUMNS = ("rule", "name", "passed", "observed", "limit", "message")


def observed_metadata(observed: Observed, place: BrokerPlace, *, company: Company) -> ui.Metadata:
    """Describe the moment that was frozen."""
    snapshot = observed.snapshot
    bars = snapshot.bars
    return {
        "slot": observed.key.slot,
        "account": f"{observed.key.account}, epoch {observed.key.account_epoch}, {place.text}",
        "snapshot": observed.snapshot_hash,
        "continues_a_claimed_slot": observed.resumed,
        "bars": len(bars),
        "last_bar": ui.moment(bars.last_open if len(bars) else None),
        "last_close": ui.number(float(bars.closes[-1]) if len(bars) else None),
        "bar_source": snapshot.bar_source or ui.ABSENT,
        "fresh": snapshot.is_fresh,
        "session_open": snapshot.session_open,
        **reading_metadata(snapshot.sentiment, company),
        "notes": told_lines(observed.notes),
    }


def tape_metadata(tape: Tape) -> ui.Metadata:
    """Describe the answer that was taped."""
    proposal = tape.proposal
    return {
        "maker": proposal.maker,
        "mode": tape.mode,
        "action": proposal.action.value,
        "confidence": ui.number(proposal.confidence),
        "rationale": proposal.rationale,
        "taped_at": ui.moment(tape.taped_at),
        "taped_by_run": tape.run_id,
    }


def answer_metadata(answers: Sequence[KeptAnswer], run_id: str) -> ui.Metadata:
    """Describe what a mind outside this process was asked for a slot that a run taped, and what it cost."""
    behind = answer_behind(answers, run_id)
    if behind is None:
        return {}
    record = behind.record
    cost = record.cost
    return {
        "model": record.model,
        "model_outcome": record.outcome.value,
        "model_problem": record.problem or ui.ABSENT,
        "model_attempts": len(answers),
        "model_usd": usd_of(answers),
        "model_seconds": cost.seconds,
        "model_input_tokens": cost.input_tokens,
        "model_output_tokens": cost.output_tokens,
        "model_cache_read_tokens": cost.cache_read_tokens,
        "model_cache_write_tokens": cost.cache_write_tokens,
        "prompt_version": record.prompt_digest or ui.ABSENT,
    }


def decision_metadata(
    validated: Validated,
    tape: Tape,
    snapshot: MarketSnapshot,
    head: ChainHead | None,
    place: BrokerPlace,
    *,
    company: Company,
) -> ui.Metadata:
    """Describe a decision; `head` None on a dry run, which is not in the ledger."""
    proposal, key = tape.proposal, snapshot.key
    return {
        "action": proposal.action.value,
        "outcome": validated.outcome.value,
        "reason": validated.reason,
        "confidence": ui.number(proposal.confidence),
        "maker": proposal.maker,
        "factors": ui.table(("factor", "value"), [list(pair) for pair in proposal.factors]),
        "bar": key.slot,
        "as_of": ui.moment(snapshot.as_of),
        "account": key.account,
        "account_epoch": key.account_epoch,
        "broker": place.text,
        "symbol": snapshot.symbol,
        "snapshot": tape.snapshot_hash,
        "dry_run": validated.admission is None,
        **reading_metadata(snapshot.sentiment, company),
        "verdicts": verdict_table(validated.verdicts),
        **_ledger_metadata(validated, head),
    }


def _ledger_metadata(validated: Validated, head: ChainHead | None) -> ui.Metadata:
    admission = validated.admission
    if admission is None:
        return {}
    decision = admission.row.decision
    return {
        "decision_id": decision.decision_id,
        "why": f"ztrade why {decision.decision_id} --prompt",
        "decided_now": admission.fresh,
        "wanted_quantity": ui.number(decision.wanted_quantity),
        "quantity": ui.number(decision.quantity),
        "limit_price": ui.number(decision.limit_price),
        "stop_price": ui.number(decision.stop_price),
        "target_price": ui.number(decision.target_price),
        "client_order_id": decision.client_order_id or ui.ABSENT,
        "ledger_sequence": admission.row.sequence,
        "ledger_digest": admission.row.digest,
        "chain_head": ui.ABSENT if head is None else f"{head.sequence}:{head.digest}",
        "halts_set": ui.lines([halt.why for halt in admission.halted]),
    }


def verdict_table(verdicts: Sequence[Verdict]) -> object:
    """Return the verdicts as a table, in the order of the rules."""
    return ui.table(
        VERDICT_COLUMNS,
        [(v.rule_id, v.name, v.passed, v.observed, v.limit, v.message) for v in verdicts],
    )


def order_metadata(order: Order, execution: Execution) -> ui.Metadata:
    """Describe an order after it was sent, and what protects the position."""
    request, protection = order.request, execution.protection
    return {
        "status": order.status.value,
        "note": execution.note,
        "sent_by_this_run": execution.submission is not None and execution.submission.sent,
        "side": request.side.value,
        "role": request.role.value,
        "type": request.type.value,
        "symbol": request.symbol,
        "quantity": ui.number(float(request.quantity)),
        "filled_quantity": ui.number(float(order.filled_quantity)),
        "limit_price": _price(request.limit_price),
        "stop_price": _price(request.stop_price),
        "target_price": _price(request.target_price),
        "reserved_usd": ui.number(order.reserved_usd),
        "client_order_id": request.client_order_id,
        "broker_order_id": order.broker_order_id or ui.ABSENT,
        "decision_id": order.decision_id or ui.ABSENT,
        "decided_bar": iso_z(request.decided_bar),
        "account": order.account,
        "positions_checked": protection.checked,
        "stops_armed": ui.lines(protection.armed),
        "flattened": ui.lines(protection.flattened),
        "not_protected": ui.lines(protection.failed),
    }


def _price(price: object) -> object:
    return ui.number(None if price is None else float(str(price)))


def shadow_metadata(shadows: Shadows) -> ui.Metadata:
    """Describe what the shadows of an agent answered; `outcome` is what the rules would have said."""
    answers, usd = shadows.answers, 0.0
    for each in answers:
        usd += each.usd
    return {
        "shadows": ui.table(SHADOW_COLUMNS, [_shadow_row(each) for each in answers]),
        "answers": len(answers),
        "asked_by_this_run": sum(each.fresh for each in answers),
        "agreeing_fraction": ui.number(sum(each.agrees for each in answers) / len(answers)),
        "usd": ui.number(usd),
        "bar": shadows.slot,
        "snapshot": answers[0].tape.snapshot_hash,
        "problem": shadows.problem or ui.ABSENT,
    }


def _shadow_row(answer: ShadowAnswer) -> tuple[ui.Cell, ...]:
    proposal = answer.tape.proposal
    return (
        answer.name,
        answer.sample,
        proposal.action.value,
        proposal.confidence,
        answer.agrees,
        answer.outcome.value,
        answer.usd,
        answer.seconds,
        answer.answer.value,
        answer.reason,
    )
