"""The ledger's hash chain: what is hashed, and how a chain is verified.

digest(n) = SHA-256(digest(n-1) | canonical text of sequence, decision, verdicts, order digest).
The first row chains to `GENESIS`. A head kept outside (an anchor) shows a cut tail.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.decisions import ChainedDecision, Decision, Verdict
from ztrade_core.domain.orders import OrderRequest

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last row of the chain: its sequence (0 when empty) and digest."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A head that was shown outside the database, e.g. in Dagster's event log."""

    sequence: int
    digest: str
    anchored_at: datetime
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """What is wrong with the chain, and at which row."""

    sequence: int
    decision_id: str | None
    problem: str


EMPTY_HEAD = ChainHead(sequence=0, digest=GENESIS)


def order_digest(request: OrderRequest | None) -> str:
    """Return the digest of the order a decision asked for; empty text when it asked for none."""
    return "" if request is None else sha256_hex(canonical_json(request))


def chain_digest(
    previous_digest: str,
    sequence: int,
    decision: Decision,
    verdicts: tuple[Verdict, ...],
    digest_of_order: str,
) -> str:
    """Return the digest of one row."""
    body = {
        "sequence": sequence,
        "decision": decision,
        "verdicts": verdicts,
        "order": digest_of_order,
    }
    return sha256_hex(previous_digest + "|" + canonical_json(body))


def link(
    head: ChainHead, decision: Decision, verdicts: tuple[Verdict, ...], digest_of_order: str
) -> ChainedDecision:
    """Return the decision chained after `head`."""
    sequence = head.sequence + 1
    digest = chain_digest(head.digest, sequence, decision, verdicts, digest_of_order)
    return ChainedDecision(
        sequence=sequence,
        decision=decision,
        verdicts=verdicts,
        order_digest=digest_of_order,
        previous_digest=head.digest,
        digest=digest,
    )


def first_fault(
    rows: Iterable[ChainedDecision], *, after: ChainHead, until: ChainHead | None = None
) -> ChainFault | None:
    """Return the first fault in `rows`, which must continue `after` without a gap, or None.

    `until` is an anchor kept outside: the chain must reach its sequence and show its digest there.
    """
    head = after
    until_seen = until is None or until.sequence <= after.sequence
    for row in rows:
        fault = _row_fault(row, head)
        if fault is not None:
            return fault
        head = ChainHead(sequence=row.sequence, digest=row.digest)
        if until is not None and row.sequence == until.sequence:
            until_seen = True
            if row.digest != until.digest:
                return _fault(row, "its digest is not the anchored one: the history was rewritten")
    if until is not None and not until_seen:
        return ChainFault(
            sequence=head.sequence + 1,
            decision_id=None,
            problem=f"the chain ends at row {head.sequence}, but row {until.sequence} was anchored:"
            " its tail was cut",
        )
    return None


def _row_fault(row: ChainedDecision, head: ChainHead) -> ChainFault | None:
    if row.sequence != head.sequence + 1:
        return _fault(row, f"row {head.sequence + 1} is missing: deleted or reordered")
    if row.previous_digest != head.digest:
        return _fault(row, "it does not chain to the row before it: deleted, reordered or replaced")
    digest = chain_digest(head.digest, row.sequence, row.decision, row.verdicts, row.order_digest)
    if digest != row.digest:
        return _fault(row, "its content does not match its digest: edited")
    return None


def _fault(row: ChainedDecision, problem: str) -> ChainFault:
    return ChainFault(sequence=row.sequence, decision_id=row.decision.decision_id, problem=problem)
