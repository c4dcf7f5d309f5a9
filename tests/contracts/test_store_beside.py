"""Answers beside a decision's own, in every store: whose, since when, in which order; and nobody else's."""

from dataclasses import replace
from datetime import datetime

from tests.fakes.store_rows import ACCOUNT, AGENT, decision, minutes, slot_key, tape
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.decisions import news_slot
from ztrade_core.domain.side_slots import member_slot, shadow_slot, side_slot_of
from ztrade_core.ports.store import Store

BAR = "2022-12-28T14:55:00Z"
MANY = 600


def taped(
    slot: str, at: datetime, *, account: str = ACCOUNT, epoch: int = 1, agent_id: str = AGENT
) -> Tape:
    key = replace(slot_key(account=account, agent_id=agent_id), account_epoch=epoch, slot=slot)
    return replace(tape(), key=key, taped_at=at)


def put(store: Store, *tapes: Tape) -> None:
    with store.locked() as unit:
        for each in tapes:
            unit.tapes.put_first(each)


def beside(store: Store, agent_id: str = AGENT, *, since: datetime | None = None) -> list[str]:
    with store.reading() as unit:
        return [each.key.slot for each in unit.tapes.beside(ACCOUNT, 1, agent_id, since=since)]


def test_members_and_shadows_come_back_whole_oldest_first_then_by_slot(store: Store) -> None:
    tapes = [
        taped(shadow_slot("b", 2, BAR), minutes(2)),
        taped(shadow_slot("b", 1, BAR), minutes(2)),
        taped(member_slot("z", BAR), minutes(1)),
        taped(shadow_slot("b", 10, BAR), minutes(2)),
        taped(BAR, minutes(0)),
    ]
    put(store, *tapes)
    with store.reading() as unit:
        found = unit.tapes.beside(ACCOUNT, 1, AGENT)
    assert found == [tapes[2], tapes[3], tapes[1], tapes[0]], "as text: 10 before 1:"


def test_since_is_from_its_very_moment_on(store: Store) -> None:
    put(store, *(taped(shadow_slot("b", number, BAR), minutes(number)) for number in range(1, 5)))
    assert beside(store, since=minutes(3)) == [shadow_slot("b", 3, BAR), shadow_slot("b", 4, BAR)]
    assert beside(store, since=minutes(4.001)) == []


def test_decisions_dry_runs_and_what_only_looks_alike_are_not_among_them(store: Store) -> None:
    plain = (
        BAR,
        news_slot("a" * 32),
        f"dry:run:{BAR}",
        f"dry:{shadow_slot('b', 1, BAR)}",
        f"SHADOW:b:1:{BAR}",
        f"shadows:b:1:{BAR}",
        f"xmember:b:{BAR}",
    )
    put(store, *(taped(slot, minutes(1)) for slot in plain))
    assert beside(store) == []


def test_a_story_is_shadowed_under_its_own_slot(store: Store) -> None:
    slot = shadow_slot("b", 1, news_slot("a" * 32))
    put(store, taped(slot, minutes(1)))
    assert beside(store) == [slot]
    found = side_slot_of(slot)
    assert found is not None
    assert (found.name, found.sample, found.slot) == ("b", 1, news_slot("a" * 32))


def test_no_letter_stands_for_another(store: Store) -> None:
    """`_` and `%` are letters here: in agents' names, in shadows' names."""
    slot = shadow_slot("a_b", 1, BAR)
    put(store, taped(slot, minutes(1), agent_id="agent_a_b"))
    others = ("agent_axb", "agent_a__b", "agent_%", "agent_a_bc", "AGENT_A_B")
    put(store, *(taped(shadow_slot("axb", 1, BAR), minutes(1), agent_id=each) for each in others))
    assert beside(store, "agent_a_b") == [slot]
    assert beside(store, "agent_%") == [shadow_slot("axb", 1, BAR)]
    assert beside(store, "agent_") == []


def test_another_accounts_or_epochs_answers_are_its_own(store: Store) -> None:
    slot = shadow_slot("b", 1, BAR)
    put(store, taped(slot, minutes(1), account="paper"), taped(slot, minutes(1), epoch=2))
    assert beside(store) == []


def test_many_come_back_all_in_order(store: Store) -> None:
    slots = [shadow_slot("b", 1 + number % 3, f"bar-{number:04}") for number in range(MANY)]
    put(store, *(taped(slot, minutes(number)) for number, slot in reversed([*enumerate(slots)])))
    assert beside(store) == slots
    assert beside(store, since=minutes(MANY - 2)) == slots[-2:]


def test_the_first_answer_of_a_shadow_stands(store: Store) -> None:
    slot = shadow_slot("b", 1, BAR)
    put(store, taped(slot, minutes(1)), taped(slot, minutes(2)))
    with store.reading() as unit:
        (found,) = unit.tapes.beside(ACCOUNT, 1, AGENT)
    assert found.taped_at == minutes(1)


def test_the_ledger_knows_nothing_of_them(store: Store) -> None:
    """What reads decisions (recordings, status, replays) reads the ledger."""
    with store.locked() as unit:
        unit.ledger.append(decision(), (), "")
    before = rows(store)
    put(store, taped(shadow_slot("b", 1, slot_key().slot), minutes(1)))
    assert rows(store) == before
    with store.reading() as unit:
        assert unit.tapes.get(slot_key()) is None, "a decision's own tape is another's slot"
        assert len(unit.ledger.recent(account=ACCOUNT, agent_id=AGENT)) == 1


def rows(store: Store) -> list[str]:
    with store.reading() as unit:
        return [each.digest for each in unit.ledger.rows()]
