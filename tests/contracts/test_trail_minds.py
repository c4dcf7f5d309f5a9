"""A trail leads on to the question and the raw answer, of the decision's mind and of an ensemble's members."""

import json
from dataclasses import replace

import pytest
from sqlalchemy.engine import Engine

from tests.contracts.test_claude_cycles import BUY, KilledError, killed
from tests.contracts.test_store_tampering import as_a_vandal
from tests.contracts.test_trail import rooms, shown
from tests.fakes.answer_rows import answer
from tests.fakes.claude import ClaudeServer, answering, deciding, message, text_block
from tests.fakes.claude_asking import TOLD_USD
from tests.fakes.claude_desk import claude_kit
from tests.fakes.desk import at
from tests.fakes.desk_points import Meanwhile
from tests.fakes.store_rows import decision, proposal, slot_key, tape
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.voting import MEMBER_FACTOR
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.trail import trail_of

PROSE = "I would \x1b[2J[bold red]buy[/] it.\n" * 9


def id_of(result: CycleResult) -> str:
    admission = result.validated.admission
    assert admission is not None
    return admission.row.decision.decision_id


def test_a_models_question_and_raw_answer_are_on_the_trail(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        result = claude_kit(engine, server).cycle(at(5))
    trail = trail_of(rooms(engine), id_of(result))
    [kept] = trail.mind.answers
    assert json.loads(kept.record.question) == server.seen[0].body
    assert '"model": "claude-sonnet-5-5"' in kept.record.raw
    assert (kept.record.outcome, kept.record.cost.usd) == (AnswerOutcome.ANSWERED, TOLD_USD)
    assert (trail.mind.lost, trail.mind.problem, trail.members) == (0, "", ())
    text = shown(trail)
    assert "attempt 1: claude-sonnet-5-5, answered" in text
    assert "1,000 tokens in, 400 from the cache, 2,000 into it, 100 out; 0.008040 USD" in text
    assert f"`ztrade why {id_of(result)} --prompt` shows it" in text


def test_an_unusable_answer_is_shown_in_few_lines_without_its_escapes(engine: Engine) -> None:
    with ClaudeServer(answering(message(text_block(PROSE)))) as server:
        result = claude_kit(engine, server).cycle(at(5))
    text = shown(trail_of(rooms(engine), id_of(result)))
    assert "claude-sonnet-5-5, malformed" in text
    assert "problem: it begins with" in text
    assert "[bold red]buy[/]" in text
    assert "\x1b" not in text
    assert text.count("raw answer: ") == 1


def test_a_question_whose_run_died_is_told_beside_the_one_that_was_answered(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server)
        with pytest.raises(KilledError):
            replace(kit, checkpoints=Meanwhile({"answered": killed})).cycle(at(5))
        result = kit.cycle(at(5))
    trail = trail_of(rooms(engine), id_of(result))
    assert [each.attempt for each in trail.mind.answers] == [2]
    assert trail.mind.lost == 1
    assert "1 question more without an answer: the run died of it" in shown(trail)


def test_a_question_that_was_never_sent_is_no_lost_one(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server)
        for _ in range(2):
            with pytest.raises(KilledError):
                replace(kit, checkpoints=Meanwhile({"answered": killed})).cycle(at(5))
        result = kit.cycle(at(5))
    trail = trail_of(rooms(engine), id_of(result))
    assert [each.record.outcome for each in trail.mind.answers] == [AnswerOutcome.UNASKED]
    assert trail.mind.lost == 2


def member_key(name: str) -> SlotKey:
    return replace(slot_key(), slot=member_slot(name, slot_key().slot))


def member_tape(name: str, rationale: str) -> Tape:
    return replace(tape(rationale=rationale), key=member_key(name), mode="automated")


def decide_together(engine: Engine, *names: str) -> str:
    """Store an ensemble's decision; `fast` and `slow` answered, `fast` at a price."""
    said = replace(
        proposal(),
        maker="ensemble:majority/1",
        factors=tuple((MEMBER_FACTOR + name, "buy 0.60") for name in names),
    )
    with SqlStore(engine).locked() as uow:
        uow.ledger.append(decision(proposal=said), (), "")
        uow.tapes.put_first(replace(tape(), proposal=said, mode="ensemble"))
        for name in ("fast", "slow"):
            uow.tapes.put_first(member_tape(name, f"as {name} sees it"))
        uow.answers.put(replace(answer(), key=member_key("fast")))
    return "decision-1"


def test_an_ensembles_members_are_on_the_trail_each_with_its_answers(engine: Engine) -> None:
    trail = trail_of(rooms(engine), decide_together(engine, "fast", "slow", "gone"))
    assert [member.name for member in trail.members] == ["fast", "slow", "gone"]
    fast, slow, gone = trail.members
    assert fast.tape == member_tape("fast", "as fast sees it")
    assert [each.record for each in fast.answers] == [answer().record]
    assert (slow.answers, slow.problem) == ((), "")
    assert (gone.tape, gone.problem) == (None, "its tape is gone: deleted")
    text = shown(trail)
    for words in ("member fast", "because: as slow sees it", "m, malformed", "problem: no JSON"):
        assert words in text, words


def test_a_tape_that_cannot_be_read_is_said_and_the_rest_is_shown(engine: Engine) -> None:
    decision_id = decide_together(engine, "fast", "slow")
    slot = member_key("fast").slot
    as_a_vandal(engine, f"UPDATE tapes SET factors = '{{' WHERE slot = '{slot}'")  # noqa: S608 - ours
    trail = trail_of(rooms(engine), decision_id)
    fast, slow = trail.members
    assert fast.tape is None
    assert "cannot be read: edited" in fast.problem
    assert slow.tape is not None
    assert "cannot be read: edited" in shown(trail)


def test_an_answer_that_cannot_be_read_is_said_beside_its_tape(engine: Engine) -> None:
    decision_id = decide_together(engine, "fast")
    as_a_vandal(engine, "UPDATE model_answers SET outcome = 'bought'")
    [fast] = trail_of(rooms(engine), decision_id).members
    assert fast.tape is not None
    assert (fast.answers, "cannot be read: edited" in fast.problem) == ((), True)
