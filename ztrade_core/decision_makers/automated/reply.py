"""Reading a model's reply: the raw text of a message to an answer, or to what kept it from being one.

The SDK reads JSON as leniently as Python does (a key that stands twice, NaN), so the raw text is read here
again, strictly. Tokens are counted from whatever could be read: an answer that cannot be used was paid too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ztrade_core.decision_makers.answer_schema import Answer, Problem, answer_of, parse_answer
from ztrade_core.decision_makers.automated.client import TOOL
from ztrade_core.decision_makers.automated.pricing import TokenUse, use_told
from ztrade_core.decision_makers.automated.wire import MOST_BODY_BYTES
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.model_config import AnswerForm
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.strict_json import StrictJsonError, quoted, strict_json

_SILENT = frozenset({"thinking", "redacted_thinking"})
_CUT = {
    "max_tokens": "it was cut at max_tokens; raise it in the model's configuration",
    "model_context_window_exceeded": "it was cut at the end of the model's context window",
}
_ENDS = {AnswerForm.STRUCTURED: "end_turn", AnswerForm.TOOL: "tool_use"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reply came to. `use` None: it told no tokens that can be believed."""

    answer: Answer | Problem
    outcome: AnswerOutcome
    use: TokenUse | None


def read_reply(body: str, form: AnswerForm) -> Read:
    """Return what a message's text says. Whatever is not exactly one answer is a problem."""
    try:
        message = strict_json(body, MOST_BODY_BYTES)
    except StrictJsonError as error:
        return _malformed(f"the message: {error}", _use_in(body))
    if not isinstance(message, dict) or message.get("type") != "message":
        return _malformed("the vendor's answer is no message", None)
    use = use_told(message.get("usage"))
    if message.get("stop_reason") == "refusal":
        why = _why_refused(message.get("stop_details"))
        return Read(answer=Problem(reason=why), outcome=AnswerOutcome.REFUSED, use=use)
    if use is None:
        return _malformed("the message tells no tokens, so nobody knows what it cost", None)
    found = _of_message(message, form)
    if isinstance(found, Problem):
        return _malformed(found.reason, use)
    return Read(answer=found, outcome=AnswerOutcome.ANSWERED, use=use)


def _of_message(message: Mapping[str, Any], form: AnswerForm) -> Answer | Problem:
    stop = message.get("stop_reason")
    if isinstance(stop, str) and stop in _CUT:
        return Problem(reason=_CUT[stop])
    if stop != _ENDS[form]:
        return Problem(reason=f"the model stopped for {quoted(stop)}, not {_ENDS[form]}")
    return _answer(message.get("content"), form)


def _answer(content: object, form: AnswerForm) -> Answer | Problem:
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        return Problem(reason="the message has no content")
    blocks = [each for each in content if each.get("type") not in _SILENT]
    if form is AnswerForm.STRUCTURED:
        return _from_text(blocks)
    return _from_tool([each for each in blocks if each.get("type") != "text"])


def _from_text(blocks: list[dict[str, Any]]) -> Answer | Problem:
    texts = [each.get("text") for each in blocks if each.get("type") == "text"]
    if len(texts) != len(blocks):
        return Problem(reason="there is something beside the text of the answer")
    if len(texts) != 1 or not isinstance(texts[0], str):
        return Problem(reason=f"there are {len(texts)} texts; one answer is asked for")
    return parse_answer(texts[0])


def _from_tool(blocks: list[dict[str, Any]]) -> Answer | Problem:
    if len(blocks) != 1:
        return Problem(reason=f"there are {len(blocks)} calls; one call of {TOOL} is asked for")
    call = blocks[0]
    if call.get("type") != "tool_use" or call.get("name") != TOOL:
        return Problem(reason=f"{quoted(call.get('name'))} was called, not {TOOL}")
    return answer_of(call.get("input"))


def _why_refused(details: object) -> str:
    words = details.get("explanation") if isinstance(details, Mapping) else None
    told = visible_line(words, 200) if isinstance(words, str) else ""
    return f"the model refused: {told}" if told else "the model refused"


def _malformed(problem: str, use: TokenUse | None) -> Read:
    return Read(answer=Problem(reason=problem), outcome=AnswerOutcome.MALFORMED, use=use)


def _use_in(body: str) -> TokenUse | None:
    """Return the tokens of a message that is JSON, though not as strict as ours."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return use_told(message.get("usage")) if isinstance(message, dict) else None
