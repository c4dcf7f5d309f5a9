"""Answers by file: what is taken, what is moved aside, what ends the question, and when it is over."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import ANSWER, Desk, nothing, outcome, put, render
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.automated.prompt import Prompt
from ztrade_core.decision_makers.files.maker import FileMaker
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.errors import ConfigError, InputError
from ztrade_core.ports.mind import ModelMaker


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def test_an_answer_becomes_a_proposal_and_costs_nothing(desk: Desk) -> None:
    wishes = {"stop_price": 80.0, "quantity": 3.0}
    paid = desk.ask(nothing, lambda: desk.answer(json.dumps(ANSWER | wishes)))
    proposal, record = paid.proposal, paid.record
    assert (proposal.action, proposal.confidence, proposal.stop_price, proposal.quantity) == (
        Action.BUY,
        0.8,
        80.0,
        3.0,
    )
    assert (proposal.maker, paid.cost_usd) == ("subagent/1", 0.0)
    assert record is not None
    assert (record.outcome, record.problem) == (AnswerOutcome.ANSWERED, "")
    assert (record.raw, record.prompt_digest) == (json.dumps(ANSWER | wishes), "d" * 64)
    assert (record.cost.usd, record.cost.seconds) == (0.0, 2.0)
    [request] = desk.told
    assert (desk.names("requests"), desk.names("responses")) == ([], [])
    kept = request["request_id"]
    assert desk.names("answered") == [
        f"{kept}{end}" for end in (".answer.json", ".json", ".outcome.json", ".txt")
    ]


def test_the_request_tells_all_and_the_record_keeps_all_but_the_nonce(desk: Desk) -> None:
    paid = desk.ask(desk.answer)
    [request] = desk.told
    assert request["form"] == "ztrade-request/1"
    assert request["deadline"] == "2026-03-02T15:00:10Z"
    assert (request["symbol"], request["moment"]) == ("TSLA", "2022-12-28T17:30:02Z")
    assert request["agent"]["limits"]["min_confidence"] == 0.65
    snapshot = request["snapshot"]
    rows = snapshot["bars"]["rows"]
    assert len(rows) == snapshot["bars"]["of"] == 270
    assert rows[-1][0] == "2022-12-28T17:25:00Z"
    assert snapshot["technicals"]["return_1"] == rows[-1][4] / rows[-2][4] - 1.0
    assert len(snapshot["sentiment"]["headlines_written_by_strangers"]) == 4
    assert paid.record is not None
    assert request["nonce"] not in paid.record.question
    assert request["request_id"] in paid.record.question
    assert request["nonce"] not in str(paid.proposal)
    twin = (desk.place / "answered" / f"{request['request_id']}.txt").read_text()
    for told in ("You decide.", "It is now.", request["answer_file"], '"confidence"'):
        assert told in twin


def test_no_answer_is_a_hold_when_the_time_is_over(desk: Desk) -> None:
    paid = desk.ask(desk.request, timeout_seconds=60.0)
    assert outcome(paid) == (AnswerOutcome.TIMED_OUT, "nothing came within 60 s")
    assert paid.proposal.action is Action.HOLD
    assert not paid.proposal.is_invalid
    [request] = desk.told
    assert desk.names("requests") == []
    assert f"{request['request_id']}.json" in desk.names("expired")


def test_a_clock_that_stands_still_does_not_make_it_wait_forever(desk: Desk) -> None:
    naps: list[float] = []
    clock = SimulatedClock(desk.begins)
    maker = FileMaker(desk.oversight, render, clock=clock, sleep=naps.append)
    assert outcome(maker.ask(tsla_moment(), tsla_agent()))[0] is AnswerOutcome.TIMED_OUT
    assert naps == [0.2] * 301


def half(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def test_a_half_written_answer_is_waited_for(desk: Desk) -> None:
    first, second = half(json.dumps(ANSWER | {"rationale": 'a brace } and a quote " within'}))

    def begin() -> None:
        desk.answer_path().write_text(first)
        desk.answer_path().chmod(0o600)

    def finish() -> None:
        with desk.answer_path().open("a") as file:
            file.write(second)

    paid = desk.ask(begin, nothing, nothing, finish)
    assert outcome(paid) == (AnswerOutcome.ANSWERED, "")
    assert paid.proposal.rationale == 'a brace } and a quote " within'


@pytest.mark.parametrize("cut", [0, 1, 10, 30, 50, len(json.dumps(ANSWER)) - 1])
def test_an_answer_that_was_never_finished_is_never_parsed(desk: Desk, cut: int) -> None:
    paid = desk.ask(lambda: desk.answer(json.dumps(ANSWER)[:cut]))
    told = "nothing came within 10 s; a file was refused: it was begun and not finished in time"
    assert outcome(paid) == (AnswerOutcome.TIMED_OUT, told)
    assert desk.refusals() == ["it was begun and not finished in time"]


def test_a_growing_file_is_not_judged_before_it_stands_still(desk: Desk) -> None:
    """A malformed text that becomes whole in place: the first look must not end the question."""

    def begin() -> None:
        desk.answer_path().write_text("\n \nhold\n")
        desk.answer_path().chmod(0o600)

    paid = desk.ask(begin, desk.answer)
    assert outcome(paid) == (AnswerOutcome.ANSWERED, "")


BAD = {
    "prose": ("I would buy here: {}", "it begins with `I would buy here: {}`"),
    "two": (json.dumps(ANSWER) * 2, "there are two values"),
    "after": (json.dumps(ANSWER) + " good luck", "stands after it"),
    "duplicate": (
        '{"action":"hold","action":"buy","confidence":1,"rationale":"x"}',
        "stands twice",
    ),
    "nan": ('{"action":"buy","confidence":NaN,"rationale":"x"}', "NaN is no number"),
    "unknown": (json.dumps(ANSWER | {"symbol": "GME"}), "unknown key `symbol`"),
    "words": (json.dumps(ANSWER | {"confidence": "0.8"}), "confidence is text, not a number"),
    "stop": (json.dumps(ANSWER | {"stop_price": 9e6}), "is not below the last close"),
    "utf": (b'{"action": "\xff"}', "it is no UTF-8 at byte 13"),
    "long": ("[" + " " * 20_000 + "]", "it has 20002 characters, above 16384"),
    "nul": ("\x00\x00\x00", "which is no JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_answer_ends_the_question_at_once(desk: Desk, name: str) -> None:
    content, told = BAD[name]
    paid = desk.ask(lambda: desk.answer(content), timeout_seconds=3600.0)
    found, problem = outcome(paid)
    assert found is AnswerOutcome.MALFORMED
    assert told in problem
    assert (paid.proposal.action, paid.proposal.is_invalid) == (Action.HOLD, True)
    assert paid.record is not None
    assert paid.record.cost.seconds <= 3.0
    assert paid.record.raw
    assert "\x00" not in paid.record.raw
    assert len(desk.names("answered")) == 4


def test_a_stale_nonce_is_refused_and_waiting_goes_on(desk: Desk) -> None:
    def stale() -> None:
        request_id = desk.request()["request_id"]
        put(desk.place / "responses" / f"{request_id}.{'0' * 32}.json", json.dumps(ANSWER))

    paid = desk.ask(stale, desk.answer)
    assert outcome(paid) == (AnswerOutcome.ANSWERED, "")
    assert desk.refusals() == ["it has the request's id, but not its nonce"]


def test_a_second_answer_never_counts(desk: Desk) -> None:
    paid = desk.ask(desk.answer)
    [request] = desk.told
    other = json.dumps(ANSWER | {"action": "sell"})
    put(desk.place / "responses" / request["answer_file"], other)
    again = desk.ask(desk.answer)
    assert (paid.proposal.action, again.proposal.action) == (Action.BUY, Action.BUY)
    assert desk.refusals() == ["a second answer: the first one was taken"]
    kept = desk.place / "answered" / f"{request['request_id']}.answer.json"
    assert json.loads(kept.read_text()) == ANSWER


def test_every_question_has_a_name_and_a_nonce_of_its_own(desk: Desk) -> None:
    for _ in range(20):
        desk.ask(desk.request, timeout_seconds=1.0)
    for key in ("request_id", "nonce", "answer_file"):
        assert len({request[key] for request in desk.told}) == 20


def test_a_run_that_is_stopped_while_it_waits_leaves_no_request(desk: Desk) -> None:
    def stop() -> None:
        desk.request()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.ask(stop)
    assert desk.names("requests") == []
    assert desk.names("expired") == [
        f"{desk.told[0]['request_id']}{end}" for end in (".json", ".txt")
    ]


def test_a_moment_that_cannot_be_told_is_not_asked(desk: Desk) -> None:
    def refuse(*_: object) -> Prompt:
        raise InputError("the moment is too long")

    clock = SimulatedClock(desk.begins)
    maker = FileMaker(desk.oversight, refuse, clock=clock, sleep=lambda _: None)
    paid = maker.ask(tsla_moment(), tsla_agent())
    assert outcome(paid) == (
        AnswerOutcome.UNASKED,
        "not asked by file: the moment is too long",
    )
    assert not desk.place.exists()


def test_a_disk_that_refuses_is_a_hold(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder would be")
    paid = Desk(tmp_path / "data").ask()
    found, problem = outcome(paid)
    assert found is AnswerOutcome.UNASKED
    assert problem.startswith("not asked by file: ")


def test_it_is_a_model_maker_that_costs_nothing(desk: Desk) -> None:
    maker = desk.maker(desk.answer)
    assert isinstance(maker, ModelMaker)
    assert (maker.most_usd(tsla_agent()), maker.training_cutoff) == (0.0, None)
    assert maker.propose(tsla_moment(), tsla_agent()).action is Action.BUY


@pytest.mark.parametrize(
    "bounds",
    [
        {"timeout_seconds": 0.0},
        {"timeout_seconds": float("nan")},
        {"timeout_seconds": 3601.0},
        {"poll_seconds": 0.0},
        {"poll_seconds": 61.0},
    ],
)
def test_absurd_bounds_are_refused(bounds: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="write a number"):
        SubagentConfig(**bounds)
