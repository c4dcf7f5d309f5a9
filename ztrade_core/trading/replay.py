"""Replay: a stored decision is decided and validated again, from what the store keeps and nothing else.

Offline and at no cost: no broker, vendor, clock or model is asked. A strategy is run again on the frozen
snapshot; any other mind's taped answer stands and is settled again. Then every rule judges the stored
book. The row that comes of it must equal the ledger's to the byte: its canonical text, its verdicts, the
order it asked for, and the digest that chains it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.chain import chain_digest, order_digest
from ztrade_core.domain.configuration import AgentConfig, Company, Mode
from ztrade_core.domain.decisions import ChainedDecision, Decision, Verdict
from ztrade_core.domain.orders import OrderRequest
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_decision, storable_verdicts
from ztrade_core.errors import InputError, StoreError
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.trading.gateway import decision_of, order_asked_for
from ztrade_core.trading.judging import rule_on
from ztrade_core.trading.replay_deciding import decided_again
from ztrade_core.trading.replay_differences import Difference, differences
from ztrade_core.trading.replay_evidence import evidence_of


class Replayed(StrEnum):
    """What a replay came to. Only EQUAL proves the row."""

    EQUAL = "equal"
    DIFFERENT = "different"
    OTHER_CONFIGURATION = "other_configuration"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One decision replayed. `differences` are from the stored row; `note` says what a person must know.

    With OTHER_CONFIGURATION they are what today's rules say else of the same moment. `ran_strategy` says
    whether a strategy answered again; False: the taped answer stood.
    """

    row: ChainedDecision
    outcome: Replayed
    ran_strategy: bool = False
    differences: tuple[Difference, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRoom:
    """What replays are made of: the store, today's configuration, and the strategies."""

    store: Store
    company: Company
    makers: Mapping[Mode, DecisionMaker]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRange:
    """Which decisions: those with `start <= as_of < stop`; None: of every agent, of every account."""

    start: datetime
    stop: datetime
    agent_id: str | None = None
    account: str | None = None

    def holds(self, decision: Decision) -> bool:
        """Return whether a decision is one of them."""
        key = decision.key
        return (
            self.start <= decision.as_of < self.stop
            and self.agent_id in (None, key.agent_id)
            and self.account in (None, key.account)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeReplay:
    """A range replayed: how many came to what, and the replays that are not equal, oldest first."""

    counts: Mapping[Replayed, int]
    unequal: tuple[Replay, ...] = field(default=())

    @property
    def decisions(self) -> int:
        """How many were replayed."""
        return sum(self.counts.values())

    @property
    def all_equal(self) -> bool:
        """Whether every one is equal to the byte."""
        return not self.unequal


def replay_decision(room: ReplayRoom, decision_id: str) -> Replay:
    """Replay one decision; InputError for an id that the ledger does not know."""
    with room.store.reading() as uow:
        row = uow.ledger.by_id(decision_id)
        if row is None:
            raise InputError(
                f"no decision {decision_id!r} in the ledger; `ztrade audit show` lists the newest"
                " (a dry run is not in it)"
            )
        return _replay(room, uow, row)


def replay_range(room: ReplayRoom, wanted: ReplayRange) -> RangeReplay:
    """Replay every decision of a range, in order of the ledger; LedgerBrokenError at an unreadable row."""
    counts: Counter[Replayed] = Counter()
    unequal = []
    for replayed in replays(room, wanted):
        counts[replayed.outcome] += 1
        if replayed.outcome is not Replayed.EQUAL:
            unequal.append(replayed)
    return RangeReplay(counts=dict(counts), unequal=tuple(unequal))


def replays(room: ReplayRoom, wanted: ReplayRange) -> Iterator[Replay]:
    """Yield the replays of a range, one at a time."""
    with room.store.reading() as uow:
        for row in uow.ledger.rows_between(wanted.start, wanted.stop):
            if wanted.holds(row.decision):
                yield _replay(room, uow, row)


def _replay(room: ReplayRoom, uow: UnitOfWork, row: ChainedDecision) -> Replay:
    try:
        moment = (_agent(room, row.decision), *_kept(uow, row.decision))
        return _compared(room, uow, row, moment)
    except StoreError as error:
        return Replay(row=row, outcome=Replayed.IMPOSSIBLE, note=str(error))


def _compared(
    room: ReplayRoom,
    uow: UnitOfWork,
    row: ChainedDecision,
    moment: tuple[AgentConfig, MarketSnapshot, Tape],
) -> Replay:
    decision, (agent, snapshot, tape) = row.decision, moment
    is_own = room.company.digest == decision.config_digest
    company = room.company if is_own else replace(room.company, digest=decision.config_digest)
    decided = decided_again(uow, room.makers, agent, snapshot, tape)
    answered = replace(tape, proposal=decided.proposal)
    again = _Again.of(company, agent, snapshot, answered, decision.book)
    found = (
        *decided.differences,
        *differences(row, (again.decision, again.verdicts)),
        *_order_differences(uow, decision, again.request),
        *_tape_differences(decision, tape),
    )
    if is_own:
        found = found or tuple(_chain_differences(row, again))
        outcome, note = (Replayed.DIFFERENT if found else Replayed.EQUAL), ""
    else:
        outcome, note = Replayed.OTHER_CONFIGURATION, _other(decision, same=not found)
    return Replay(
        row=row,
        outcome=outcome,
        ran_strategy=decided.ran_strategy,
        differences=found,
        note=note,
    )


def _agent(room: ReplayRoom, decision: Decision) -> AgentConfig:
    agent = room.company.agent(decision.key.agent_id)
    if agent is None:
        raise StoreError(
            f"the configuration of now has no agent {decision.key.agent_id}; {_with_its_own(decision)}"
        )
    return agent


def _kept(uow: UnitOfWork, decision: Decision) -> tuple[MarketSnapshot, Tape]:
    snapshot = uow.ledger.snapshot(decision.snapshot_hash)
    if snapshot is None:
        raise StoreError(f"the inputs it saw ({decision.snapshot_hash}) are gone: deleted")
    tape = uow.tapes.get(decision.key)
    if tape is None:
        raise StoreError("the tape of its answer is gone: deleted")
    return snapshot, tape


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """What deciding and judging again came to, in the form the store keeps."""

    decision: Decision
    verdicts: tuple[Verdict, ...]
    request: OrderRequest | None

    @classmethod
    def of(
        cls,
        company: Company,
        agent: AgentConfig,
        snapshot: MarketSnapshot,
        tape: Tape,
        book: str,
    ) -> "_Again":
        judged = rule_on(company, agent, snapshot, tape.proposal, evidence_of(book))
        request = order_asked_for(agent, snapshot, judged)
        decision = decision_of(company.digest, snapshot, tape, judged, request)
        return cls(
            decision=storable_decision(decision),
            verdicts=storable_verdicts(judged.verdicts),
            request=request,
        )


def _order_differences(
    uow: UnitOfWork, decision: Decision, request: OrderRequest | None
) -> Iterator[Difference]:
    stored = uow.orders.of_decision(decision.decision_id)
    first = stored[0].request if stored else None
    if first is None and request is None:
        return
    if first is None or request is None:
        texts = ["none" if one is None else one.client_order_id for one in (first, request)]
        yield Difference(field="order", stored=texts[0], replayed=texts[1])
        return
    yield from Difference.between("order", first, request)


def _tape_differences(decision: Decision, tape: Tape) -> Iterator[Difference]:
    """Yield where the tape says something else than the row; the row must repeat it."""
    for found in Difference.between("tape", decision.proposal, tape.proposal):
        yield replace(found, stored=f"{found.stored} (row)", replayed=f"{found.replayed} (tape)")


def _chain_differences(row: ChainedDecision, again: _Again) -> Iterator[Difference]:
    """Yield the digests that the replayed row does not give, when all that they cover is equal."""
    of_order = order_digest(again.request)
    digest = chain_digest(
        row.previous_digest, row.sequence, again.decision, again.verdicts, of_order
    )
    for name, stored, replayed in (
        ("order_digest", row.order_digest, of_order),
        ("digest", row.digest, digest),
    ):
        if stored != replayed:
            yield Difference(field=name, stored=stored, replayed=replayed)


def _other(decision: Decision, *, same: bool) -> str:
    now = "the same" if same else "otherwise"
    return (
        f"decided under another configuration ({decision.config_digest[:12]}); the rules and strategies of"
        f" now say {now}; {_with_its_own(decision)}"
    )


def _with_its_own(decision: Decision) -> str:
    return (
        "to replay it under its own, set ZTRADE_CONFIG_DIR to a folder with the files of then (digest"
        f" {decision.config_digest[:12]})"
    )
