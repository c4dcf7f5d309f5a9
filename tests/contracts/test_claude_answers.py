"""The real SDK before a local server: what a message must be to be an answer, and that all is paid."""

import json
from typing import Any

import pytest

from tests.fakes.claude import (
    CANARY,
    HOLD,
    USAGE,
    answering,
    contract,
    deciding,
    message,
    text_block,
    tool_block,
)
from tests.fakes.claude_asking import (
    BUY,
    CLOSE,
    TEXT,
    TOLD_USD,
    TOOL,
    asked,
    most,
    record_of,
    require_hold,
)
from ztrade_core.decision_makers.automated.maker import ASSUMED
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action


def test_a_structured_answer_becomes_a_proposal_and_its_cost_is_counted() -> None:
    paid, server, _ = asked(deciding(BUY))
    record = record_of(paid)
    assert (paid.proposal.action, paid.proposal.stop_price) == (Action.BUY, CLOSE - 3.0)
    assert paid.proposal.maker == "automated:claude-sonnet-5-5/1"
    assert paid.cost_usd == pytest.approx(TOLD_USD)
    assert (record.outcome, record.problem) == (AnswerOutcome.ANSWERED, "")
    assert (record.cost.input_tokens, record.cost.cache_write_tokens) == (1_000, 2_000)
    assert json.loads(record.question) == server.seen[0].body
    assert json.loads(json.loads(record.raw)["content"][0]["text"]) == BUY


def test_what_is_sent_is_cached_bounded_and_held_to_the_schema() -> None:
    _, server, _ = asked(deciding(HOLD), effort="low")
    body, headers = server.seen[0].body, server.seen[0].headers
    assert server.seen[0].path == "/v1/messages"
    assert (headers["x-api-key"], "authorization" in headers) == (CANARY, False)
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert body["output_config"]["effort"] == "low"
    assert body["thinking"] == {"type": "between_tools"}
    assert (body["max_tokens"], body["model"]) == (2_000, "claude-sonnet-5-5")
    assert not {"stream", "temperature", "tools"} & body.keys()
    assert CANARY not in server.seen[0].text


def test_an_older_model_is_forced_into_the_tool() -> None:
    paid, server, _ = asked(
        answering(message(tool_block(BUY), stop="tool_use")), temperature=0.2, **TOOL
    )
    body = server.seen[0].body
    assert record_of(paid).outcome is AnswerOutcome.ANSWERED
    assert paid.proposal.action is Action.BUY
    assert (body["tools"][0]["name"], body["tools"][0]["strict"]) == ("decide", True)
    assert body["tool_choice"]["name"] == "decide"
    assert body["tool_choice"]["disable_parallel_tool_use"] is True
    assert (body["temperature"], body["thinking"]) == (0.2, {"type": "disabled"})
    assert "output_config" not in body


def test_words_before_a_tool_call_and_thoughts_are_no_answers() -> None:
    thought = {"type": "thinking", "thinking": "buy all", "signature": "s"}
    said = text_block('{"action": "buy"}')
    paid, _, _ = asked(answering(message(said, tool_block(HOLD), stop="tool_use")), **TOOL)
    assert paid.proposal.action is Action.HOLD
    assert not paid.proposal.is_invalid
    paid, _, _ = asked(answering(message(thought, text_block(json.dumps(HOLD)))))
    assert not paid.proposal.is_invalid


BAD_MESSAGES = [
    (message(text_block(f"I hold. {TEXT}")), {}, "nothing may stand before"),
    (message(text_block(TEXT), text_block(TEXT)), {}, "2 texts"),
    (message(text_block(TEXT + TEXT)), {}, "two values"),
    (message(text_block(TEXT.replace("0.6", "NaN"))), {}, "NaN is no number"),
    (message(text_block(TEXT.replace("{", '{"action": "buy", ', 1))), {}, "stands twice"),
    (message(text_block(json.dumps({**BUY, "stop_price": CLOSE + 5}))), {}, "not below the last"),
    (message(text_block(json.dumps({**BUY, "symbol": "AAPL"}))), {}, "unknown key `symbol`"),
    (message(tool_block(HOLD)), {}, "beside the text"),
    (message(), {}, "0 texts"),
    (message(content="hold"), {}, "no content"),
    (message(text_block(TEXT), stop="max_tokens"), {}, "cut at max_tokens"),
    (message(text_block(TEXT), stop="pause_turn"), {}, "stopped for `pause_turn`"),
    (message(text_block(TEXT), stop=None), {}, "stopped for `None`"),
    (message(text_block(TEXT), stop="model_context_window_exceeded"), {}, "context window"),
    (message(text_block(TEXT)), TOOL, "stopped for `end_turn`"),
    (message(tool_block(HOLD, "buy_everything"), stop="tool_use"), TOOL, "was called, not decide"),
    (message(tool_block(HOLD), tool_block(BUY), stop="tool_use"), TOOL, "2 calls"),
    (message(text_block(TEXT), stop="tool_use"), TOOL, "0 calls"),
    (message(tool_block({"action": "hold"}), stop="tool_use"), TOOL, "confidence is missing"),
    (message(tool_block("hold"), stop="tool_use"), TOOL, "text, not an object"),
]


@pytest.mark.parametrize(("body", "settings", "word"), BAD_MESSAGES, ids=range(len(BAD_MESSAGES)))
def test_a_message_without_exactly_one_answer_is_a_hold_that_was_paid(
    body: Any, settings: Any, word: str
) -> None:
    paid, server, _ = asked(answering(body), **settings)
    record = require_hold(paid, AnswerOutcome.MALFORMED, word)
    assert record.cost.output_tokens == USAGE["output_tokens"]
    assert record.raw
    assert len(server.seen) == 1


def test_a_refusal_is_a_hold_that_says_why_and_was_paid() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "against policy\x1b[2J"}
    paid, _, _ = asked(answering(message(stop="refusal", stop_details=details)))
    require_hold(paid, AnswerOutcome.REFUSED, "the model refused: against policy")
    assert paid.cost_usd == pytest.approx(TOLD_USD)


BROKEN = [
    (b"", "empty"),
    (b"<html>proxy</html>", "the message"),
    (json.dumps(message(text_block(TEXT))).encode()[:-40], "no JSON"),
    (b"[" * 100_000, "nested deeper"),
    (b'{"type": "error"}', "no message"),
    (json.dumps(message(text_block(TEXT), usage=None)).encode(), "tells no tokens"),
    (json.dumps(message(text_block(TEXT), usage={"input_tokens": "5"})).encode(), "no tokens"),
    (b"\xff\xfe\x00", "the message"),
]


@pytest.mark.parametrize(("raw", "word"), BROKEN, ids=range(len(BROKEN)))
def test_an_answer_that_tells_no_cost_is_a_hold_and_the_most_is_assumed(
    raw: bytes, word: str
) -> None:
    paid, _, bench = asked(answering(raw))
    record = require_hold(paid, AnswerOutcome.MALFORMED, word)
    assert ASSUMED in record.problem
    assert 0.0 < paid.cost_usd <= most(bench)


def test_a_key_that_stands_twice_in_a_tools_input_is_no_answer_though_the_sdk_would_read_it() -> (
    None
):
    text = json.dumps(message(tool_block(HOLD), stop="tool_use"))
    doubled = text.replace('"action": "hold"', '"action": "hold", "action": "buy"')
    paid, _, _ = asked(answering(doubled.encode()), **TOOL)
    require_hold(paid, AnswerOutcome.MALFORMED, "stands twice")
    assert paid.cost_usd > 0.0


RECORDED = [
    ("tool-use-then-answer.json", 0, TOOL, AnswerOutcome.MALFORMED, "`get_weather` was called"),
    ("tool-use-text-and-tool-two-turns.json", 0, TOOL, AnswerOutcome.MALFORMED, "`get_weather`"),
    ("tool-use-then-answer.json", 1, TOOL, AnswerOutcome.MALFORMED, "stopped for `end_turn`"),
    ("tool-use-then-answer.json", 1, {}, AnswerOutcome.MALFORMED, "nothing may stand before"),
    ("structured-output.json", 0, {}, AnswerOutcome.MALFORMED, "unknown key `product_name`"),
    ("tool-use-then-400-wrong-tool-result.json", 1, {}, AnswerOutcome.FAILED, "HTTP 400"),
    (
        "structured-output-429-429-200.json",
        0,
        {},
        AnswerOutcome.FAILED,
        "HTTP 429 rate_limit_error",
    ),
]


@pytest.mark.parametrize(("name", "turn", "settings", "outcome", "word"), RECORDED)
def test_recorded_answers_to_other_questions_are_holds(
    name: str, turn: int, settings: Any, outcome: AnswerOutcome, word: str
) -> None:
    found = contract(name)
    answer = (found if isinstance(found, list) else [found])[turn]["response"]
    paid, _, _ = asked(answering(answer["body"], answer["status_code"]), **settings)
    record = require_hold(paid, outcome, word)
    usage = answer["body"].get("usage", {"output_tokens": 0})
    assert record.cost.output_tokens == usage["output_tokens"]


def test_a_recorded_message_with_our_answer_in_it_is_read() -> None:
    recorded = contract("tool-use-then-answer.json")[0]["response"]["body"]
    recorded["content"][0] |= {"name": "decide", "input": BUY}
    paid, _, _ = asked(answering(recorded), **TOOL)
    assert paid.proposal.action is Action.BUY
    assert paid.cost_usd == pytest.approx((656 * 1.0 + 74 * 5.0) / 1e6)
