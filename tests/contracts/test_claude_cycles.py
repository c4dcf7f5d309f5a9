"""Whole cycles of agents that a model decides for: real SDK, real databases, a fake of the vendor."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.claude import (
    CANARY,
    HOLD,
    AskedOfClaude,
    ClaudeServer,
    answering,
    deciding,
    message,
    text_block,
)
from tests.fakes.claude_asking import TOLD_USD
from tests.fakes.claude_desk import (
    ClaudeKit,
    automated_company,
    claude_kit,
    everything_stored,
    kept,
)
from tests.fakes.desk import ACCOUNT, at
from tests.fakes.desk_points import Meanwhile
from tests.fakes.vendor_server import Answer
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.orders import Role
from ztrade_core.ports.mind import ModelMaker
from ztrade_core.trading.cycle import CycleResult

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}


class KilledError(Exception):
    """The process dies here."""


def killed() -> None:
    raise KilledError


def spent(kit: ClaudeKit) -> float:
    with kit.store.reading() as uow:
        return uow.answers.spent_usd(LONG_AGO)


def test_a_models_buy_is_judged_sent_protected_and_its_answer_kept(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY), deciding(HOLD)) as server:
        kit = claude_kit(engine, server)
        first, _ = kit.cycle(at(5)), kit.cycle(at(6))
        again = kit.cycle(at(6))
    assert first.validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
    by_rule = {verdict.rule_id: verdict for verdict in first.validated.verdicts}
    assert (by_rule["RULE_016"].passed, by_rule["RULE_016"].observed) == (True, TOLD_USD)
    assert again.validated.admission is not None
    assert not again.validated.admission.fresh
    assert len(server.seen) == 2, "a decided slot asks nobody"
    with kit.store.reading() as uow:
        position = uow.positions.get(ACCOUNT, 1, "agent_tsla")
        assert position is not None
        legs = uow.orders.of_position(position.position_id)
        (answer,) = uow.answers.of_slot(first.tape.key)
    stop = next(leg for leg in legs if leg.request.role is Role.STOP)
    assert stop.request.quantity == position.quantity
    record = answer.record
    assert (record.outcome, record.cost.usd) == (AnswerOutcome.ANSWERED, TOLD_USD)
    assert json.loads(json.loads(record.raw)["content"][0]["text"]) == BUY
    assert json.loads(record.question) == server.seen[0].body
    assert "it rises" in server.seen[1].text, "the second question tells the first decision"
    assert spent(kit) == TOLD_USD + TOLD_USD


FAILURES: dict[str, tuple[Callable[[Any], Answer], AnswerOutcome]] = {
    "too many requests": (answering(OVERLOADED, 429, retry_after="3600"), AnswerOutcome.FAILED),
    "overloaded": (answering(OVERLOADED, 529), AnswerOutcome.FAILED),
    "silence": (lambda _: Answer(how="silence", seconds=30.0), AnswerOutcome.TIMED_OUT),
    "prose": (answering(message(text_block("I would buy."))), AnswerOutcome.MALFORMED),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_goes_wrong_is_a_hold_with_its_record_and_cost(engine: Engine, name: str) -> None:
    answer, outcome = FAILURES[name]
    with ClaudeServer(answer) as server:
        kit = claude_kit(engine, server, of=automated_company(deadline_seconds=1.0))
        result = kit.cycle(at(5))
    (found,) = kept(kit, result.tape.key)
    assert (found.record.outcome, result.tape.proposal.action) == (outcome, Action.HOLD)
    assert result.tape.proposal.is_invalid is (outcome is AnswerOutcome.MALFORMED)
    assert found.record.problem in result.validated.reason
    assert (spent(kit) > 0.0) is (name in {"silence", "prose"})


def test_five_unusable_answers_halt_the_agent_and_nobody_is_asked_for_less(engine: Engine) -> None:
    with ClaudeServer(answering(message(text_block("no")))) as server:
        kit = claude_kit(engine, server)
        for number in range(5, 10):
            kit.cycle(at(number))
        verdicts = kit.cycle(at(10)).validated.verdicts
    assert {each.rule_id for each in verdicts if not each.passed} == {"RULE_017"}


@pytest.mark.parametrize("point", ["reserved", "answered"])
def test_a_run_killed_before_the_tape_asks_once_more_and_then_no_more(
    engine: Engine, point: str
) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server)
        dying = replace(kit, checkpoints=Meanwhile({point: killed}))
        with pytest.raises(KilledError):
            dying.cycle(at(5))
        result = kit.cycle(at(5))
    assert len(server.seen) == (2 if point == "answered" else 1)
    (answer,) = kept(kit, result.tape.key)
    assert answer.attempt == 2
    assert spent(kit) == most_of(kit) + TOLD_USD


def test_a_slot_whose_question_killed_two_runs_is_held_unasked(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server)
        for _ in range(2):
            with pytest.raises(KilledError):
                replace(kit, checkpoints=Meanwhile({"answered": killed})).cycle(at(5))
        result = kit.cycle(at(5))
    assert len(server.seen) == 2
    assert (result.tape.proposal.action, result.tape.proposal.is_unasked) == (Action.HOLD, True)
    assert "sent 2 times" in result.validated.reason


def test_a_run_killed_after_the_tape_never_asks_again(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server)
        with pytest.raises(KilledError):
            replace(kit, checkpoints=Meanwhile({"taped": killed})).cycle(at(5))
        result = kit.cycle(at(5))
    assert len(server.seen) == 1
    assert result.validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
    assert [each.attempt for each in kept(kit, result.tape.key)] == [1]


def test_a_dry_run_is_recorded_beside_the_slot(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server)
        result = kit.cycle(at(5), dry_run=True)
    (answer,) = kept(kit, result.tape.key)
    assert answer.key.slot.startswith("dry:run:")
    assert spent(kit) == TOLD_USD


def most_of(kit: ClaudeKit) -> float:
    agent = kit.company.agents[0]
    maker = kit.desk(at(5)).maker_of(agent.mode, agent)
    assert isinstance(maker, ModelMaker)
    return maker.most_usd(agent)


def test_a_budget_that_does_not_pay_is_a_hold_and_no_invalid_answer(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        most = most_of(claude_kit(engine, server))
        kit = claude_kit(engine, server, of=automated_company(most * 0.999))
        results = [kit.cycle(at(number)) for number in range(5, 12)]
    assert server.seen == []
    for result in results:
        assert "RULE_016: the answer may cost" in result.validated.reason
        assert result.tape.proposal.is_unasked
        assert not result.tape.proposal.is_invalid
        assert [each for each in result.validated.verdicts if not each.passed] == []
        (found,) = kept(kit, result.tape.key)
        assert found.record.outcome is AnswerOutcome.UNASKED
    assert spent(kit) == 0.0


def test_unasked_bars_neither_break_a_row_of_invalid_answers_nor_lengthen_it(
    engine: Engine,
) -> None:
    with ClaudeServer(answering(message(text_block("no")))) as server:
        kit = claude_kit(engine, server)
        poor = replace(kit, company=automated_company(1e-9))
        for number in (5, 6, 7, 8):
            kit.cycle(at(number))
        for number in (9, 10):
            assert poor.cycle(at(number)).tape.proposal.is_unasked
        assert not failed(kit.cycle(at(11)))
        assert failed(kit.cycle(at(12))) == {"RULE_017"}


def failed(result: CycleResult) -> set[str]:
    return {each.rule_id for each in result.validated.verdicts if not each.passed}


def test_a_decision_over_its_own_limit_is_not_asked(engine: Engine) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        kit = claude_kit(engine, server, of=automated_company(max_usd_per_decision=0.001))
        result = kit.cycle(at(5))
    assert server.seen == []
    assert "max_usd_per_decision" in result.validated.reason
    assert (result.tape.proposal.is_unasked, result.tape.proposal.is_invalid) == (True, False)
    assert spent(kit) == 0.0


def test_two_agents_never_both_spend_the_last_dollar(engine: Engine) -> None:
    """The second is asked while the first one's question is reserved and not yet answered."""
    second: list[CycleResult] = []
    with ClaudeServer(deciding(HOLD)) as server:
        most = most_of(claude_kit(engine, server))
        kit = claude_kit(engine, server, of=automated_company(most * 1.5))

        def race() -> None:
            second.append(kit.cycle(at(5), "agent_tsla", holder="run-a"))

        racing = replace(kit, checkpoints=Meanwhile({"reserved": race}))
        first = racing.cycle(at(5), "agent_iwm", holder="run-b")
        third = kit.cycle(at(6), "agent_tsla", holder="run-c")
    assert [each.tape.proposal.is_unasked for each in (first, *second, third)] == [
        False,
        True,
        False,
    ]
    assert len(server.seen) == 2
    assert spent(kit) == TOLD_USD + TOLD_USD


def test_many_at_once_spend_no_more_than_there_is(engine: Engine) -> None:
    """Twelve dry runs at once on a budget for three questions, none answered before all are reserved."""
    runs, held = 12, threading.Event()
    refused: list[bool] = []

    def answer_late(asked: AskedOfClaude) -> Answer:
        held.wait(20.0)
        return deciding(HOLD)(asked)

    with ClaudeServer(answer_late) as server:
        most = most_of(claude_kit(engine, server))
        kit = claude_kit(
            engine, server, of=automated_company(most * 3.0, deadline_seconds=30.0, retries=0)
        )

        def run(number: int) -> None:
            result = kit.cycle(at(5), holder=f"run-{number}", dry_run=True)
            refused.append(result.tape.proposal.is_unasked)
            if len(refused) == runs - 3:
                held.set()

        threads = [threading.Thread(target=run, args=(number,)) for number in range(runs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(refused) == [False] * 3 + [True] * 9
    assert len(server.seen) == 3
    assert spent(kit) == TOLD_USD + TOLD_USD + TOLD_USD


def obeying(asked: AskedOfClaude) -> Answer:
    """Buy a billion with a stop at a cent, or sell it all: whatever was told."""
    wild = {"action": "buy", "confidence": 1.0, "quantity": 1e9, "rationale": CANARY}
    said = {**HOLD, **wild, "stop_price": 0.01, "target_price": 1e6}
    if len(asked.text) % 3 == 0:
        said = {**HOLD, "action": "sell", "confidence": 1.0}
    return Answer(body=json.dumps(message(text_block(json.dumps(said)))).encode())


def test_the_key_stands_in_no_table_and_no_log(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with ClaudeServer(obeying, answering({"error": {"message": CANARY}}, 401)) as server:
        kit = claude_kit(engine, server)
        for number in range(5, 8):
            kit.cycle(at(number))
    assert server.seen[0].headers["x-api-key"] == CANARY, "it was sent"
    assert CANARY not in everything_stored(engine)
    assert CANARY not in caplog.text
