"""Whole cycles of an agent that several minds decide for: each is asked once, taped, and never again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.contracts.test_store_tampering import as_a_vandal
from tests.fakes.desk import at, bar, calm, kit_on
from tests.fakes.desk_makers import proposal
from tests.fakes.desk_points import Meanwhile
from tests.fakes.ensembles import (
    CROSSING,
    VotingKit,
    member_tape,
    model_saying,
    voting_company,
    voting_kit,
)
from tests.fakes.models import ScriptedModel
from ztrade_core.domain.configuration import Vote
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.waking import ASLEEP_MAKER, WakeConditions
from ztrade_core.ports.checkpoints import Checkpoints
from ztrade_core.settings.company import with_digest
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.replay import (
    Replayed,
    ReplayRange,
    ReplayRoom,
    replay_decision,
    replay_range,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COST, MOST = 0.03, 0.05
NAMES = ("ada", "bob", "cid")


class KilledError(Exception):
    """The process dies here."""


class DyingAt(Checkpoints):
    """Dies when a point is passed the `count`-th time."""

    def __init__(self, point: str, count: int) -> None:
        self._point = point
        self._left = count

    @override
    def reach(self, name: str) -> None:
        self._left -= name == self._point
        if name == self._point and self._left == 0:
            raise KilledError


def three(*said: str) -> dict[str, ScriptedModel]:
    """Three models and what each says on bar 5."""
    return {name: model_saying(b5=answer) for name, answer in zip(NAMES, said, strict=True)}


def ready(engine: Engine, makers: Mapping[str, ScriptedModel], **parts: object) -> VotingKit:
    made = voting_kit(kit_on(engine), makers, **parts)
    made.put_bars({"TSLA": calm(30)})
    return made


def spent(kit: VotingKit) -> float:
    with kit.store.reading() as uow:
        return uow.answers.spent_usd(LONG_AGO)


def factors(result: CycleResult) -> dict[str, object]:
    return dict(result.tape.proposal.factors)


def test_a_majority_buys_and_every_vote_is_on_the_record(engine: Engine) -> None:
    makers = three("buy", "hold", "buy")
    kit = ready(engine, makers)
    result, again = kit.cycle(at(5)), kit.cycle(at(5))
    assert result.validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
    assert (result.tape.mode, result.tape.proposal.maker) == ("ensemble", "ensemble:majority/1")
    assert again.tape == result.tape
    assert [maker.asked for maker in makers.values()] == [[iso_z(bar(5))]] * 3
    for name, said in zip(NAMES, ("buy", "hold", "buy"), strict=True):
        assert factors(result)[f"member/{name}"] == f"{said} 0.90"
        tape = member_tape(kit, result.tape.key, name)
        assert tape is not None
        assert (tape.proposal, tape.mode) == (proposal(said), "automated")
        assert tape.snapshot_hash == result.observed.snapshot_hash
    assert spent(kit) == pytest.approx(3 * COST)
    admission = result.validated.admission
    assert admission is not None
    with kit.store.reading() as uow:
        row = uow.ledger.by_id(admission.row.decision.decision_id)
        keys = {
            each.key.slot for each in uow.answers.of_agent(kit.account, 1, "agent_tsla", limit=9)
        }
    assert row is not None
    assert row.decision.proposal == result.tape.proposal
    assert keys == {member_slot(name, iso_z(bar(5))) for name in NAMES}


def test_without_a_majority_it_holds(engine: Engine) -> None:
    result = ready(engine, three("buy", "hold", "sell")).cycle(at(5))
    assert (result.tape.proposal.action, result.validated.outcome) == (Action.HOLD, Outcome.HELD)
    assert "no majority for an order" in result.validated.reason


@pytest.mark.parametrize("dead_after", [1, 2, 3])
def test_a_run_killed_between_two_answers_asks_only_those_that_are_left(
    engine: Engine, dead_after: int
) -> None:
    makers = three("buy", "buy", "hold")
    kit = ready(engine, makers)
    with pytest.raises(KilledError):
        replace(kit, checkpoints=DyingAt("voted", dead_after)).cycle(at(5), holder="first")
    asked = [len(maker.asked) for maker in makers.values()]
    assert asked == [1] * dead_after + [0] * (3 - dead_after)
    result = kit.cycle(at(5), holder="second")
    assert [len(maker.asked) for maker in makers.values()] == [1, 1, 1]
    assert result.validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
    assert spent(kit) == pytest.approx(3 * COST)


@pytest.mark.parametrize("point", ["reserved", "answered"])
def test_a_run_killed_while_a_member_was_asked_asks_that_one_once_more(
    engine: Engine, point: str
) -> None:
    makers = three("buy", "buy", "hold")
    kit = ready(engine, makers)
    with pytest.raises(KilledError):
        replace(kit, checkpoints=DyingAt(point, 2)).cycle(at(5), holder="first")
    result = kit.cycle(at(5), holder="second")
    assert [len(maker.asked) for maker in makers.values()] == [1, 1 + (point == "answered"), 1]
    assert result.tape.proposal.action is Action.BUY
    assert spent(kit) == pytest.approx(3 * COST + MOST), "the lost question counts at its most"


def test_all_members_answer_the_moment_that_the_first_was_shown(engine: Engine) -> None:
    makers = three("buy", "buy", "buy")
    kit = ready(engine, makers)
    with pytest.raises(KilledError):
        replace(kit, checkpoints=DyingAt("voted", 1)).cycle(at(5))
    later = kit.cycle(at(5) + timedelta(minutes=1), holder="second")
    tapes = [member_tape(kit, later.tape.key, name) for name in NAMES]
    assert {tape.snapshot_hash for tape in tapes if tape} == {later.tape.snapshot_hash}
    assert later.tape.snapshot_hash != later.observed.snapshot_hash
    with kit.store.reading() as uow:
        shown = uow.ledger.snapshot(later.tape.snapshot_hash)
    assert shown is not None
    assert shown.as_of == at(5)


def test_two_runs_at_once_make_one_decision_of_the_answers_that_came_first(engine: Engine) -> None:
    makers = three("buy", "buy", "hold")
    kit = ready(engine, makers)
    other: list[CycleResult] = []
    meanwhile = Meanwhile({"answered": lambda: other.append(kit.cycle(at(5), holder="other"))})
    mine = replace(kit, checkpoints=meanwhile).cycle(at(5), holder="mine")
    assert mine.tape == other[0].tape
    assert [len(maker.asked) for maker in makers.values()] == [2, 1, 1]
    tape = member_tape(kit, mine.tape.key, "ada")
    assert tape is not None
    assert tape.run_id == "other"


def test_a_member_that_the_budget_does_not_pay_holds_and_says_so(engine: Engine) -> None:
    makers = three("buy", "hold", "buy")
    rich = COST + COST + MOST * 0.99
    kit = ready(engine, makers, company=voting_company(makers, budget=rich))
    result = kit.cycle(at(5))
    assert len(makers["cid"].asked) == 0
    assert result.tape.proposal.action is Action.HOLD
    assert str(factors(result)["member/cid"]).startswith("not asked: RULE_016: ")
    assert "cid not asked" in result.validated.reason
    assert not result.tape.proposal.is_unasked, "the others were asked"


def test_an_ensemble_of_which_nobody_may_be_asked_is_unasked(engine: Engine) -> None:
    makers = three("buy", "buy", "buy")
    kit = ready(engine, makers, company=voting_company(makers, budget=MOST * 0.5))
    result = kit.cycle(at(5))
    assert result.tape.proposal.is_unasked
    assert not result.tape.proposal.is_invalid
    assert [each.message for each in result.validated.verdicts if not each.passed] == []


def test_an_answer_with_no_number_never_wins_and_is_kept_as_a_hold(engine: Engine) -> None:
    nan = replace(proposal("buy"), confidence=float("nan"))
    makers = {"ada": model_saying(b5="buy"), "bob": model_saying(b5=nan)}
    kit = ready(engine, makers, company=voting_company(makers, Vote.CONFIDENCE))
    result = kit.cycle(at(5))
    assert result.tape.proposal.action is Action.HOLD
    tape = member_tape(kit, result.tape.key, "bob")
    assert tape is not None
    assert tape.proposal.is_invalid


def test_a_dry_run_tapes_its_members_beside_its_own_slot(engine: Engine) -> None:
    makers = three("buy", "buy", "buy")
    kit = ready(engine, makers)
    result = kit.cycle(at(5), dry_run=True)
    assert result.tape.key.slot == f"dry:run:{iso_z(bar(5))}"
    assert member_tape(kit, result.tape.key, "cid") is not None
    wet = kit.cycle(at(5))
    assert [len(maker.asked) for maker in makers.values()] == [2, 2, 2]
    assert wet.tape.proposal == result.tape.proposal


def decided(engine: Engine) -> tuple[VotingKit, str, ReplayRoom]:
    """A stored decision of two models and a strategy, and what replays need."""
    makers = {"ada": model_saying(b5="buy"), "bob": model_saying(b5="buy"), "sma": CROSSING}
    kit = ready(engine, makers)
    admission = kit.cycle(at(5)).validated.admission
    assert admission is not None
    room = ReplayRoom(store=SqlStore(engine), company=kit.company, makers=kit.desk(at(5)).makers)
    return kit, admission.row.decision.decision_id, room


def test_a_stored_vote_is_counted_again_and_is_byte_equal(engine: Engine) -> None:
    kit, decision_id, room = decided(engine)
    asked = [len(maker.asked) for maker in kit.voters.values() if isinstance(maker, ScriptedModel)]
    replayed = replay_decision(room, decision_id)
    assert (replayed.outcome, replayed.differences) == (Replayed.EQUAL, ())
    assert replayed.ran_strategy
    assert asked == [1, 1], "no model is asked"


EDITS = {
    "UPDATE tapes SET action = 'hold' WHERE slot = 'member:ada:{slot}'": "decision.proposal.rationale",
    "UPDATE tapes SET rationale = 'x' WHERE slot = 'member:bob:{slot}'": "decision.proposal.factors",
    "UPDATE tapes SET rationale = 'x' WHERE slot = 'member:sma:{slot}'": "member.sma.rationale",
    "UPDATE tapes SET snapshot_hash = 'x' WHERE slot = 'member:bob:{slot}'": "decision.proposal.factors",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_tape_of_a_member_is_found(engine: Engine, edit: str) -> None:
    _, decision_id, room = decided(engine)
    as_a_vandal(engine, edit.format(slot=iso_z(bar(5))))
    replayed = replay_decision(room, decision_id)
    assert replayed.outcome is Replayed.DIFFERENT
    assert any(one.field.startswith(EDITS[edit]) for one in replayed.differences)


def test_a_deleted_tape_of_a_member_is_said(engine: Engine) -> None:
    _, decision_id, room = decided(engine)
    deleted = "DELETE FROM tapes WHERE slot = 'member:bob:{slot}'"
    as_a_vandal(engine, deleted.format(slot=iso_z(bar(5))))
    replayed = replay_decision(room, decision_id)
    assert replayed.outcome is Replayed.IMPOSSIBLE
    assert "the tape of its member bob is gone" in replayed.note


def test_a_member_that_was_named_later_is_no_deleted_tape(engine: Engine) -> None:
    kit, decision_id, room = decided(engine)
    (agent,) = kit.company.agents
    assert agent.ensemble is not None
    ada, *others = agent.ensemble.members
    named = replace(agent.ensemble, members=(replace(ada, name="eve"), *others))
    company = replace(kit.company, agents=(replace(agent, ensemble=named),), digest="of now")
    replayed = replay_decision(replace(room, company=company), decision_id)
    assert replayed.outcome is Replayed.IMPOSSIBLE
    assert replayed.note == "the configuration of now has a member eve, who did not vote"


def test_a_breaking_story_is_voted_on_once_beside_its_bar(engine: Engine) -> None:
    makers, story = three("hold", "hold", "hold"), "a" * 32
    heard = at(5) + timedelta(minutes=1)
    kit = ready(engine, makers, stories=lambda _id, _symbol: heard)
    kit.cycle(at(5))
    results = [kit.cycle(heard, story=story) for _ in range(2)]
    assert [maker.asked for maker in makers.values()] == [[iso_z(bar(5)), f"news:{story}"]] * 3
    tape = member_tape(kit, results[1].tape.key, "cid")
    assert tape is not None
    assert tape.key.slot == f"member:cid:news:{story}"


def test_an_ensemble_that_sleeps_asks_no_member_and_replays(engine: Engine) -> None:
    makers = three("hold", "hold", "hold")
    house = voting_company(makers)
    wake = WakeConditions(every_bars=3)
    sleepy = with_digest(replace(house, agents=(replace(house.agents[0], wake=wake),)))
    kit = ready(engine, makers, company=sleepy)
    results = [kit.cycle(at(number)) for number in range(5, 9)]
    assert [len(maker.asked) for maker in makers.values()] == [2, 2, 2]
    asleep = results[1].validated.admission
    assert asleep is not None
    assert asleep.row.decision.proposal.maker == ASLEEP_MAKER
    room = ReplayRoom(store=SqlStore(engine), company=sleepy, makers=kit.desk(at(5)).makers)
    whole = ReplayRange(start=at(0), stop=at(20))
    assert replay_range(room, whole).counts == {Replayed.EQUAL: 4}
