"""The audit: does the ledger's chain verify, from its first row to its head and past its newest anchor?

An anchor is a head that was shown outside the database (`SEQUENCE:DIGEST`, as a decision's metadata
in Dagster shows it). Against one, a cut or rewritten tail is found too.
"""

from dataclasses import dataclass

from ztrade_core.domain.chain import (
    EMPTY_HEAD,
    ChainFault,
    ChainHead,
    first_fault,
    order_digest,
)
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.errors import InputError, StoreError
from ztrade_core.ports.store import Store, UnitOfWork

DIGEST_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found. `fault` None: every row up to `head` is as it was written."""

    head: ChainHead
    rows: int
    anchor: ChainHead | None
    fault: ChainFault | None


def parse_anchor(text: str | None) -> ChainHead | None:
    """Return the head written as `SEQUENCE:DIGEST`; None for no text. Raises InputError."""
    if text is None or not text.strip():
        return None
    sequence, _, digest = text.strip().partition(":")
    if not sequence.isdigit() or len(digest) != DIGEST_DIGITS:
        raise InputError(
            f"anchor {text!r}: write SEQUENCE:DIGEST as a decision's metadata shows it, the digest"
            f" with its {DIGEST_DIGITS} hexadecimal digits"
        )
    return ChainHead(sequence=int(sequence), digest=digest.lower())


def anchor_text(head: ChainHead) -> str:
    """Return a head as `parse_anchor` reads it."""
    return f"{head.sequence}:{head.digest}"


def verify_ledger(store: Store, anchor: ChainHead | None = None) -> Audit:
    """Verify the whole chain, what its rows stand for, and the anchors.

    Against the newest anchor of the database and against `anchor`. Then what the chained digests
    stand for: the inputs that each decision saw, and the order that it asked for.
    """
    with store.reading() as uow:
        last = uow.ledger.last_anchor()
        own = None if last is None else ChainHead(sequence=last.sequence, digest=last.digest)
        fault = first_fault(uow.ledger.rows(), after=EMPTY_HEAD, until=own)
        if fault is None and anchor is not None:
            fault = first_fault(uow.ledger.rows(), after=EMPTY_HEAD, until=anchor)
        if fault is None:
            faults = (_content_fault(uow, row) for row in uow.ledger.rows())
            fault = next((found for found in faults if found is not None), None)
        head = uow.ledger.head()
    return Audit(head=head, rows=head.sequence, anchor=anchor or own, fault=fault)


def _content_fault(uow: UnitOfWork, row: ChainedDecision) -> ChainFault | None:
    problem = _inputs_problem(uow, row) or _order_problem(uow, row)
    if problem is None:
        return None
    return ChainFault(sequence=row.sequence, decision_id=row.decision.decision_id, problem=problem)


def _inputs_problem(uow: UnitOfWork, row: ChainedDecision) -> str | None:
    try:
        kept = uow.ledger.snapshot(row.decision.snapshot_hash)
    except StoreError as error:
        return f"the inputs it saw were edited: {error}"
    return "the inputs it saw are gone: deleted" if kept is None else None


def _order_problem(uow: UnitOfWork, row: ChainedDecision) -> str | None:
    order_id = row.decision.client_order_id
    if order_id is None:
        return None
    order = uow.orders.get(order_id)
    if order is None:
        return f"the order it asked for ({order_id}) is gone: deleted"
    if order_digest(order.request) != row.order_digest:
        return f"the order it asked for ({order_id}) was edited"
    return None
