"""The room of decisions: append-only, chained, with the inputs that each one saw."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.chain import Anchor, ChainHead
from ztrade_core.domain.decisions import ChainedDecision, Decision, SlotKey, Verdict
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.decided import DecidedAnswers


class Ledger(DecidedAnswers, Protocol):
    """Decisions, append-only and chained, with the inputs they saw."""

    def find(self, key: SlotKey) -> ChainedDecision | None:
        """Return the decision of a slot, or None when it is unclaimed."""
        ...

    def by_id(self, decision_id: str) -> ChainedDecision | None:
        """Return a decision by its id; LedgerBrokenError for a row that cannot be read."""
        ...

    def head(self) -> ChainHead:
        """Return the last row; EMPTY_HEAD when there is none."""
        ...

    def append(
        self, decision: Decision, verdicts: tuple[Verdict, ...], order_digest: str
    ) -> ChainedDecision:
        """Chain a decision after the head. Raises StoreError when its slot is claimed."""
        ...

    def rows(self, *, after: int = 0) -> Iterator[ChainedDecision]:
        """Yield the chain in order of sequence, from the first row after `after`."""
        ...

    def rows_between(self, start: datetime, stop: datetime) -> Iterator[ChainedDecision]:
        """Yield the decisions with `start <= as_of < stop` in order of sequence.

        LedgerBrokenError at one that cannot be read; other times' rows are not looked at.
        """
        ...

    def recent(
        self, *, account: str, agent_id: str | None = None, limit: int = 20, but: str | None = None
    ) -> list[ChainedDecision]:
        """Return the newest decisions of an account, newest first; none by the maker `but`."""
        ...

    def news_slot_since(self, key: SlotKey, since: datetime) -> str | None:
        """Return the slot of the first decision on news with `as_of >= since`, of `key` but its slot."""
        ...

    def put_anchor(self, anchor: Anchor) -> None:
        """Remember that a head was shown outside."""
        ...

    def last_anchor(self) -> Anchor | None:
        """Return the newest anchor by sequence."""
        ...

    def put_snapshot(self, snapshot: MarketSnapshot) -> str:
        """Keep a frozen moment (compressed) under its content hash; return the hash."""
        ...

    def snapshot(self, snapshot_hash: str) -> MarketSnapshot | None:
        """Return a frozen moment, equal to the one that was put, to the last bit."""
        ...
