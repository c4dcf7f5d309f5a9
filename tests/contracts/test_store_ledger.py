"""The ledger, in every store: what is read back is what was chained."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.store_rows import (
    AGENT,
    NOON,
    decision,
    minutes,
    proposal,
    slot_key,
    snapshot,
    tape,
    verdict,
)
from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, ChainHead, first_fault
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store


def test_an_empty_ledger_stands_at_the_empty_head(store: Store) -> None:
    with store.reading() as unit:
        assert unit.ledger.head() == EMPTY_HEAD
        assert list(unit.ledger.rows()) == []
        assert unit.ledger.find(slot_key()) is None
        assert unit.ledger.by_id("decision-1") is None
        assert unit.ledger.last_anchor() is None
        assert unit.ledger.snapshot("ab") is None


def test_a_decision_comes_back_as_it_was_chained(store: Store) -> None:
    verdicts = (verdict(), verdict("RULE_008", None, passed=False), verdict("RULE_002", 2.0 / 3))
    with store.locked() as unit:
        chained = unit.ledger.append(decision(), verdicts, "digest of the order")
    with store.reading() as unit:
        assert unit.ledger.find(slot_key()) == chained
        assert unit.ledger.by_id("decision-1") == chained
        assert list(unit.ledger.rows()) == [chained]
        assert unit.ledger.head() == ChainHead(sequence=1, digest=chained.digest)
    assert chained.decision == decision()
    assert chained.verdicts == verdicts


def test_a_chain_of_odd_values_verifies_after_reading_back(store: Store) -> None:
    """Whole numbers, minus zero, NaN, NUL and lone surrogates all hash the same when read back."""
    odd = (
        decision(1, quantity=16, wanted_quantity=-0.0, limit_price=float("inf")),
        decision(2, proposal=proposal(confidence=math.nan, rationale="a\x00b\ud800 ü 😀")),
        decision(3, reason="5e-324 \x00", stop_price=5e-324, target_price=1.7976931348623157e308),
    )
    with store.locked() as unit:
        for one in odd:
            unit.ledger.append(
                one, (verdict(observed=math.nan), verdict(observed=3, limit=-0.0)), ""
            )
    with store.reading() as unit:
        rows = list(unit.ledger.rows())
    assert first_fault(rows, after=EMPTY_HEAD) is None
    assert [row.sequence for row in rows] == [1, 2, 3]


def test_a_slot_is_claimed_once(store: Store) -> None:
    with store.locked() as unit:
        unit.ledger.append(decision(1), (), "")
    with (
        store.locked() as unit,
        pytest.raises(StoreError, match=r"slot-1 .* claimed by decision-1"),
    ):
        unit.ledger.append(decision(2, key=slot_key(1)), (), "")
    with store.locked() as unit:
        assert unit.ledger.append(decision(3), (), "").sequence == 2


def test_another_epoch_or_account_has_its_own_slots(store: Store) -> None:
    with store.locked() as unit:
        unit.ledger.append(decision(1), (), "")
        other = decision(2, key=slot_key(1, account="paper"))
        assert unit.ledger.append(other, (), "").sequence == 2
        assert unit.ledger.find(slot_key(1, account="paper")) is not None


def test_rows_continue_after_a_sequence_in_chunks(store: Store) -> None:
    with store.locked() as unit:
        for number in range(1, 604):
            unit.ledger.append(decision(number), (verdict(),), "")
    with store.reading() as unit:
        rows = list(unit.ledger.rows(after=2))
        assert [row.sequence for row in rows] == list(range(3, 604))
        second = unit.ledger.by_id("decision-2")
    assert second is not None
    after = ChainHead(sequence=2, digest=second.digest)
    assert (
        first_fault(rows, after=after, until=ChainHead(sequence=603, digest=rows[-1].digest))
        is None
    )


def test_the_decisions_between_two_moments_come_in_order_of_the_ledger(store: Store) -> None:
    """600 rows, every third of another hour: more than one chunk, and none of the others."""
    hour = timedelta(hours=1)
    with store.locked() as unit:
        for number in range(1, 1801):
            as_of = NOON + hour * (number % 3)
            unit.ledger.append(decision(number, as_of=as_of), (verdict(),), "")
    with store.reading() as unit:
        found = list(unit.ledger.rows_between(NOON + hour, NOON + 2 * hour))
        assert [row.sequence for row in found] == list(range(1, 1801, 3))
        assert found == [row for row in unit.ledger.rows() if row.decision.as_of == NOON + hour]
        assert list(unit.ledger.rows_between(NOON + 3 * hour, NOON + 9 * hour)) == []
        assert len(list(unit.ledger.rows_between(NOON, NOON + 2 * hour))) == 1200


def test_recent_decisions_come_newest_first(store: Store) -> None:
    with store.locked() as unit:
        for number, agent_id in enumerate((AGENT, "agent_btc", AGENT), start=1):
            unit.ledger.append(decision(number, key=slot_key(number, agent_id=agent_id)), (), "")
    with store.reading() as unit:
        newest = unit.ledger.recent(account="rehearsal", limit=2)
        assert [row.sequence for row in newest] == [3, 2]
        own = unit.ledger.recent(account="rehearsal", agent_id=AGENT)
        assert [row.sequence for row in own] == [3, 1]
        assert unit.ledger.recent(account="paper") == []


def test_recent_decisions_may_leave_one_makers_out(store: Store) -> None:
    asleep = replace(proposal(), maker="asleep/1")
    with store.locked() as unit:
        for number in range(1, 7):
            made = asleep if number % 2 else proposal()
            unit.ledger.append(decision(number, proposal=made), (), "")
    with store.reading() as unit:
        awake = unit.ledger.recent(account="rehearsal", agent_id=AGENT, limit=2, but="asleep/1")
        assert [row.sequence for row in awake] == [6, 4]
        assert len(unit.ledger.recent(account="rehearsal", but="nobody")) == 6


def test_the_newest_anchor_is_the_one_of_the_highest_sequence(store: Store) -> None:
    def anchor(sequence: int, digest: str, place: str = "dagster") -> Anchor:
        return Anchor(sequence=sequence, digest=digest, anchored_at=minutes(sequence), place=place)

    with store.locked() as unit:
        unit.ledger.put_anchor(anchor(7, "seven"))
        unit.ledger.put_anchor(anchor(3, "three"))
        unit.ledger.put_anchor(anchor(7, "rewritten"))
    with store.reading() as unit:
        assert unit.ledger.last_anchor() == anchor(7, "seven")


@pytest.mark.parametrize("full", [True, False])
def test_a_snapshot_comes_back_to_the_last_bit(store: Store, full: bool) -> None:  # noqa: FBT001
    frozen = snapshot(full=full)
    with store.locked() as unit:
        snapshot_hash = unit.ledger.put_snapshot(frozen)
        assert unit.ledger.put_snapshot(frozen) == snapshot_hash
    with store.reading() as unit:
        thawed = unit.ledger.snapshot(snapshot_hash)
    assert thawed is not None
    assert thawed.content_hash() == snapshot_hash == frozen.content_hash()
    assert thawed.bars.closes.tobytes() == frozen.bars.closes.tobytes()
    assert repr(thawed.header()) == repr(frozen.header())


def test_the_first_tape_of_a_slot_stands(store: Store) -> None:
    with store.locked() as unit:
        assert unit.tapes.get(slot_key()) is None
        assert unit.tapes.put_first(tape(rationale="first")) == tape(rationale="first")
    with store.locked() as unit:
        assert unit.tapes.put_first(tape(rationale="second")) == tape(rationale="first")
        assert unit.tapes.get(slot_key()) == tape(rationale="first")


def test_a_proposal_claims_nothing_and_may_repeat(store: Store) -> None:
    with store.locked() as unit:
        for _ in range(2):
            unit.tapes.put_proposal(tape(), (verdict(observed=math.nan),), "approved")
        assert unit.tapes.get(slot_key()) is None
        assert unit.ledger.find(slot_key()) is None


def test_the_first_slot_on_news_since_a_moment_is_found(store: Store) -> None:
    """Of the same agent, account and epoch; bars' slots and earlier ones are passed over."""
    slots = ["news:a", "2022-12-28T14:55:00Z", "news:b", "news:c", "newsy"]
    with store.locked() as unit:
        for number, slot in enumerate(slots):
            key = replace(slot_key(), slot=slot)
            unit.ledger.append(decision(number, key=key, as_of=minutes(number)), (), "")
    with store.reading() as unit:
        found = [unit.ledger.news_slot_since(slot_key(), minutes(n)) for n in range(5)]
        other = replace(slot_key(), agent_id="agent_other")
        epoch = replace(slot_key(), account_epoch=7)
        assert unit.ledger.news_slot_since(other, minutes(0)) is None
        assert unit.ledger.news_slot_since(epoch, minutes(0)) is None
    assert found == ["news:a", "news:b", "news:b", "news:c", None]


def test_a_news_slot_that_was_rolled_back_is_free_again(store: Store) -> None:
    key = replace(slot_key(), slot="news:a")

    def written_and_lost() -> None:
        with store.locked() as unit:
            unit.ledger.append(decision(1, key=key), (), "")
            raise LookupError

    with pytest.raises(LookupError):
        written_and_lost()
    with store.reading() as unit:
        assert unit.ledger.news_slot_since(key, decision(1).as_of) is None
