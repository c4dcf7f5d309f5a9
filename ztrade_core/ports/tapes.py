"""The room of a mind's answers in the store, seen from trading."""

from typing import Protocol

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.decisions import SlotKey, Verdict


class Tapes(Protocol):
    """Answers of minds: taped on arrival; and proposals that claim nothing."""

    def get(self, key: SlotKey) -> Tape | None:
        """Return the taped answer of a slot."""
        ...

    def put_first(self, tape: Tape) -> Tape:
        """Tape an answer unless the slot has one; return the one that stands."""
        ...

    def put_proposal(self, tape: Tape, verdicts: tuple[Verdict, ...], outcome: str) -> None:
        """Record a dry run: it claims nothing and may repeat."""
        ...
