"""The room of a mind's answers in the store, seen from trading."""

from datetime import datetime
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

    def beside(
        self, account: str, account_epoch: int, agent_id: str, *, since: datetime | None = None
    ) -> list[Tape]:
        """Return what an agent's shadows and its ensemble's members answered, oldest first.

        Their slots are those of `domain.side_slots`; `since`: taped at or after it. Order: taped_at, slot.
        """
        ...

    def put_proposal(self, tape: Tape, verdicts: tuple[Verdict, ...], outcome: str) -> None:
        """Record a dry run: it claims nothing and may repeat."""
        ...
