"""A person in a mind's place, in the cycle: bound to the slot, taped with its record, looked at first."""

from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

from tests.fakes.answer_rows import answer
from tests.fakes.by_hand import Said
from tests.fakes.desk import DeskKit, at
from tests.unit.trading.builders import BUY, TSLA, at_bar, kit
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import PaidAnswer
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.looking import look, observe_or_show, would_come_to

RECORD = answer().record


@dataclass(frozen=True)
class Recorded(Said):
    """Says it with a record, for one slot; `waits`: says nothing yet."""

    only: str | None = None
    waits: bool = False

    @property
    @override
    def slot(self) -> str | None:
        return self.only

    @property
    @override
    def is_waiting(self) -> bool:
        return self.waits

    @override
    def answer(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        if self.waits:
            raise InputError("nobody has answered")
        return PaidAnswer(proposal=self.proposal, cost_usd=0.0, record=RECORD)


def asked(writer: Said, **more: object) -> CycleRequest:
    return replace(
        CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="run", writer=writer), **more
    )


def ran(desk_kit: DeskKit, writer: Said, **more: object) -> CycleResult:
    return run_cycle(desk_kit.desk(at(0)), asked(writer, **more))


def test_an_answer_by_hand_is_kept_beside_its_tape() -> None:
    desk_kit = kit()
    result = ran(desk_kit, Recorded(BUY))
    with desk_kit.store.reading() as uow:
        [kept] = uow.answers.of_slot(result.observed.key)
    assert (result.tape.mode, kept.attempt, kept.run_id) == ("manual", 1, "run")
    assert kept.record == RECORD


def test_a_dry_run_keeps_it_beside_its_own_tape() -> None:
    desk_kit = kit()
    result = ran(desk_kit, Recorded(BUY), dry_run=True)
    with desk_kit.store.reading() as uow:
        assert uow.answers.of_slot(result.observed.key) == []
        assert len(uow.answers.of_slot(result.tape.key)) == 1
        assert uow.tapes.get(result.observed.key) is None


@pytest.mark.parametrize("is_decided", [False, True])
def test_an_answer_for_another_slot_is_refused_before_anything_is_taped(
    *, is_decided: bool
) -> None:
    desk_kit = kit()
    if is_decided:
        desk_kit.cycle(at(0))
    with desk_kit.store.reading() as uow:
        before = list(uow.ledger.rows())
    with pytest.raises(InputError, match="written for slot 2022-12-27T20:00:00Z"):
        ran(desk_kit, Recorded(BUY, only="2022-12-27T20:00:00Z"))
    with desk_kit.store.reading() as uow:
        assert list(uow.ledger.rows()) == before


def test_an_answer_for_the_slot_that_is_decided_stands() -> None:
    result = ran(kit(), Recorded(BUY, only="2022-12-28T14:30:00Z"))
    assert result.tape.proposal.action is Action.BUY


def test_a_look_claims_nothing_and_moves_no_account() -> None:
    desk_kit = kit()
    desk = desk_kit.desk(at(0))
    before = desk.broker.account_time()
    observed, waits = observe_or_show(desk, asked(Recorded(BUY, waits=True)))
    assert waits
    meant, judged = would_come_to(desk, observed, BUY)
    assert (meant, judged.outcome) == (BUY, Outcome.APPROVED)
    assert desk.broker.account_time() == before
    with desk_kit.store.reading() as uow:
        assert list(uow.ledger.rows()) == []
        assert uow.tapes.get(observed.key) is None
        assert uow.ledger.snapshot(observed.snapshot_hash) == observed.snapshot


def test_a_look_tells_what_the_rules_would_deny() -> None:
    desk = kit().desk(at(0))
    seen = look(desk, asked(Recorded(BUY, waits=True)))
    _, judged = would_come_to(desk, seen.observed, replace(BUY, confidence=0.01))
    assert judged.outcome is Outcome.DENIED
    assert [each.rule_id for each in judged.verdicts if not each.passed] == ["RULE_021"]


def test_a_decided_slot_asks_nobody_and_the_run_continues_it() -> None:
    desk_kit = kit({at_bar(0): BUY})
    first = desk_kit.cycle(at(0))
    waiting = asked(Recorded(BUY, waits=True))
    seen = look(desk_kit.desk(at(0)), waiting)
    assert "is decided already" in seen.unasked
    observed, waits = observe_or_show(desk_kit.desk(at(0)), waiting)
    assert (waits, observed.resumed) == (False, True)
    again = run_cycle(desk_kit.desk(at(0)), waiting)
    assert again.tape == first.tape


def test_a_dry_run_of_a_decided_slot_asks_again() -> None:
    desk_kit = kit({at_bar(0): BUY})
    desk_kit.cycle(at(0))
    assert look(desk_kit.desk(at(0)), asked(Recorded(BUY, waits=True), dry_run=True)).waits


def test_who_waits_for_a_person_and_is_run_all_the_same_decides_nothing() -> None:
    desk_kit = kit()
    with pytest.raises(InputError, match="nobody has answered"):
        ran(desk_kit, Recorded(BUY, waits=True))
    with desk_kit.store.reading() as uow:
        assert list(uow.ledger.rows()) == []


def test_a_mode_without_an_answer_says_what_to_give() -> None:
    with pytest.raises(InputError, match="is decided by hand: give an answer"):
        run_cycle(kit().desk(at(0)), replace(asked(Recorded(BUY)), writer=None, mode=Mode.MANUAL))
