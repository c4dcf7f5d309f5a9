"""The audit: does the ledger's chain verify, from its first row to its head and past its newest anchor?

An anchor is a head that was shown outside the database (`SEQUENCE:DIGEST`, as a decision's metadata
in Dagster shows it). Against one, a cut or rewritten tail is found too.
"""

from dataclasses import dataclass

from ztrade_core.domain.chain import EMPTY_HEAD, ChainFault, ChainHead, first_fault
from ztrade_core.errors import InputError
from ztrade_core.ports.store import Store

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
    """Verify the whole chain, against the newest anchor of the database and against `anchor`."""
    with store.reading() as uow:
        last = uow.ledger.last_anchor()
        own = None if last is None else ChainHead(sequence=last.sequence, digest=last.digest)
        fault = first_fault(uow.ledger.rows(), after=EMPTY_HEAD, until=own)
        if fault is None and anchor is not None:
            fault = first_fault(uow.ledger.rows(), after=EMPTY_HEAD, until=anchor)
        head = uow.ledger.head()
    return Audit(head=head, rows=head.sequence, anchor=anchor or own, fault=fault)
