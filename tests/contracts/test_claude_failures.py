"""The real SDK before a local server that fails: bounded time, a hold, the cost counted or assumed."""

import json
import time

import pytest

from tests.fakes.claude import (
    CANARY,
    HOLD,
    AskedOfClaude,
    Bench,
    ClaudeServer,
    answering,
    contract,
    deciding,
    message,
    text_block,
)
from tests.fakes.claude_asking import (
    BUY,
    TEXT,
    asked,
    most,
    record_of,
    require_hold,
)
from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.vendor_server import Answer
from ztrade_core.decision_makers.automated.maker import ASSUMED, MOST_RAW_BYTES
from ztrade_core.domain.answers import AnswerOutcome


def test_too_many_requests_are_asked_again_after_the_vendors_wish() -> None:
    error = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    busy = answering(error, 429, retry_after="2")
    paid, server, bench = asked(busy, busy, deciding(HOLD), deadline_seconds=60.0)
    assert record_of(paid).outcome is AnswerOutcome.ANSWERED
    assert (bench.waits, len(server.seen)) == ([2.0, 2.0], 3)
    assert record_of(paid).cost.seconds == 4.0


@pytest.mark.parametrize("wish", ["3600", "99999999999", "-5", "nan", "Wed, 21 Oct 2099 07:28:00"])
def test_a_wish_to_wait_is_capped_and_retries_end(wish: str) -> None:
    error = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    paid, server, bench = asked(answering(error, 429, retry_after=wish), deadline_seconds=60.0)
    require_hold(paid, AnswerOutcome.FAILED, "HTTP 429 rate_limit_error: slow down")
    assert len(server.seen) == 3
    assert all(0.0 < each <= 10.0 for each in bench.waits)
    assert paid.cost_usd == 0.0


def test_retries_end_with_the_deadline() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    paid, server, bench = asked(
        answering(error, 529, retry_after="4"), deadline_seconds=5.0, retries=5
    )
    require_hold(paid, AnswerOutcome.FAILED, "HTTP 529 overloaded_error: Overloaded")
    assert (bench.waits, len(server.seen)) == ([4.0], 2)


@pytest.mark.parametrize(
    ("status", "calls", "has_cost"),
    [
        (400, 1, False),
        (401, 1, False),
        (403, 1, False),
        (404, 1, False),
        (413, 1, False),
        (408, 1, True),
        (409, 1, True),
        (500, 3, False),
        (502, 1, True),
        (503, 3, False),
        (504, 1, True),
        (529, 3, False),
    ],
)
def test_what_may_have_been_paid_and_what_no_repeat_can_mend_is_asked_once(
    status: int, calls: int, *, has_cost: bool
) -> None:
    error = {"type": "error", "error": {"type": "some_error", "message": f"key {CANARY} is bad"}}
    paid, server, _ = asked(answering(error, status, x_should_retry="true"), deadline_seconds=60.0)
    record = require_hold(paid, AnswerOutcome.FAILED, f"HTTP {status} some_error: key [key] is bad")
    assert len(server.seen) == calls
    assert (paid.cost_usd > 0.0, ASSUMED in record.problem) == (has_cost, has_cost)


def test_errors_in_any_shape_are_holds() -> None:
    for body in (b"", b"<html>", b"[]", b'{"error": 5}', b'{"error": {"type": [], "message": {}}}'):
        paid, _, _ = asked(answering(body, 400))
        require_hold(paid, AnswerOutcome.FAILED, "HTTP 400")


def test_the_reported_errors_of_the_vendor() -> None:
    for error in contract("reported-errors.json")["errors"]:
        headers = {
            name.replace("-", "_"): value for name, value in error.get("headers", {}).items()
        }
        paid, server, _ = asked(answering(error["body"], error["status"], **headers), retries=1)
        record = require_hold(paid, AnswerOutcome.FAILED, f"HTTP {error['status']}")
        capped = "details" in error["body"]["error"]
        assert ("spend limit is reached" in record.problem) == capped
        is_asked_again = (
            error["status"] == 529
        )  # the reported 429 wants a longer wait than there is
        assert len(server.seen) == (2 if is_asked_again else 1)
        assert paid.cost_usd == 0.0


def test_two_recorded_refusals_for_load_and_then_an_answer() -> None:
    found = contract("structured-output-429-429-200.json")
    turns = [answering(each["response"]["body"], 429, x_should_retry="true") for each in found[:2]]
    paid, server, bench = asked(*turns, deciding(HOLD), deadline_seconds=60.0)
    assert record_of(paid).outcome is AnswerOutcome.ANSWERED
    assert (bench.waits, len(server.seen)) == ([0.5, 1.0], 3)


SLOW = [
    Answer(how="silence", seconds=30.0),
    Answer(body=json.dumps(message(text_block(TEXT))).encode(), how="drip", seconds=0.2),
]


@pytest.mark.parametrize("answer", SLOW, ids=lambda answer: answer.how)
def test_a_vendor_that_does_not_end_is_given_up_and_the_most_is_assumed(answer: Answer) -> None:
    began = time.monotonic()
    paid, server, bench = asked(lambda _: answer, deadline_seconds=0.6)
    record = require_hold(paid, AnswerOutcome.TIMED_OUT, "no whole answer within 0.6 s")
    assert time.monotonic() - began < 10.0
    assert ASSUMED in record.problem
    assert 0.0 < paid.cost_usd <= most(bench)
    assert len(server.seen) == 1, "it may have been paid, so it is not asked again"


BROKEN_WIRES = [
    (Answer(how="reset"), "exchange broke"),
    (Answer(how="flood", flood_bytes=8 * 1024 * 1024), "above 4194304 bytes"),
    (Answer(body=b'{"a": 1}' * 50, how="truncate"), "exchange broke"),
    (Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}), "redirects are not followed"),
    (Answer(status=307, headers={"Location": "/v1/other"}), "redirects are not followed"),
    (Answer(headers={"Content-Encoding": "gzip"}), "compressed"),
]


@pytest.mark.parametrize(("answer", "word"), BROKEN_WIRES, ids=range(len(BROKEN_WIRES)))
def test_an_exchange_that_breaks_is_a_hold_asked_once_and_the_most_is_assumed(
    answer: Answer, word: str
) -> None:
    paid, server, _ = asked(lambda _: answer)
    record = require_hold(paid, AnswerOutcome.FAILED, word)
    assert ASSUMED in record.problem
    assert len(server.seen) == 1


def test_a_vendor_that_is_not_there_costs_nothing_and_is_tried_again() -> None:
    with ClaudeServer(deciding(HOLD)) as server:
        address = server.url
    bench = Bench(address, deadline_seconds=60.0)
    paid = bench.maker.ask(tsla_moment(), tsla_agent())
    require_hold(paid, AnswerOutcome.FAILED, "not reached")
    assert (paid.cost_usd, bench.waits) == (0.0, [0.5, 1.0])


def test_a_question_dearer_than_a_decision_may_be_is_not_asked() -> None:
    paid, server, _ = asked(deciding(BUY), max_usd_per_decision=0.01)
    require_hold(paid, AnswerOutcome.UNASKED, "above max_usd_per_decision 0.01")
    assert (paid.cost_usd, server.seen) == (0.0, [])


def test_the_most_is_above_what_a_moment_costs() -> None:
    paid, server, bench = asked(deciding(HOLD))
    body = server.seen[0].text
    assert most(bench) > (len(body.encode()) * 2.5 + 2_000 * 10.0) / 1e6
    assert most(bench) > paid.cost_usd


def test_a_raw_answer_is_kept_up_to_its_bound_and_without_nul() -> None:
    paid, _, _ = asked(answering(message(text_block("é\\u0000" * 100_000 + "\x00"))))
    record = require_hold(paid, AnswerOutcome.MALFORMED, "characters, above")
    assert MOST_RAW_BYTES - 3 <= len(record.raw.encode()) <= MOST_RAW_BYTES
    raw, _, _ = asked(answering(b"\x00\x00 nothing"))
    assert record_of(raw).raw == "\ufffd\ufffd nothing"


def test_a_long_answer_needs_no_stream() -> None:
    paid, _, _ = asked(deciding(HOLD), max_tokens=32_000, max_usd_per_decision=1.0)
    assert record_of(paid).outcome is AnswerOutcome.ANSWERED


def echo(asked_of: AskedOfClaude) -> Answer:
    """Tell the key back, as an answer and an error might."""
    told = json.dumps(message(text_block(f"your key is {asked_of.headers['x-api-key']}")))
    return Answer(body=told.encode())


def test_a_key_that_a_vendor_tells_back_is_struck_out() -> None:
    paid, _, _ = asked(echo)
    record = require_hold(paid, AnswerOutcome.MALFORMED, "nothing may stand before")
    assert "your key is [key]" in record.raw
