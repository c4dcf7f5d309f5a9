"""A person in a mind's place: what they are shown, and what they wrote, read like anybody's answer.

Contract: what is shown is the request that a model sees at that moment, and what is written is the one
answer schema, whole and alone. What cannot be used is an InputError of one line and becomes no decision:
a person can be asked again. The record keeps what was shown and what was written, word by word.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from typing_extensions import override

from ztrade_core.decision_makers.answer_schema import (
    Answer,
    Problem,
    as_proposal,
    json_schema,
    parse_answer,
)
from ztrade_core.decision_makers.automated.prompt import Prompt
from ztrade_core.domain.answers import AnswerCost, AnswerOutcome, AnswerRecord
from ztrade_core.domain.canonical import canonical_json
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import INVALID_ANSWER, Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import AnswerWriter, PaidAnswer

MAKER = "manual"
MODEL = "person"
FORM = "ztrade-by-hand/1"
HELD_BY_HAND = "a person holds"
UNWRITTEN = (
    "nobody has answered yet: write manual_answer, a JSON object of the schema that is shown"
)
MOST_SECONDS = 30 * 24 * 3600.0
Render = Callable[[MarketSnapshot, AgentConfig], Prompt]
Stored = Callable[[str], MarketSnapshot | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An answer as a person wrote it, and what it was written for.

    `slot` None: the last complete bar's. `shown` is the hash of the moment that was shown, None: the one
    that is decided. `seconds` is how long it took since then, 0 where nobody measured.
    """

    text: str
    slot: str | None = None
    shown: str | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raises InputError for a text that is no answer, whatever the moment."""
        _require_form(self.text)
        if not 0.0 <= self.seconds <= MOST_SECONDS:
            raise InputError(
                f"manual_seconds {self.seconds}: write a number from 0 to {MOST_SECONDS:g}, or leave it out"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desktop:
    """What a person's answers are read with. `clock` is the world's; `stored` knows frozen moments.

    `lookback_bars` is how many bars must be shown to an agent's person.
    """

    render: Render
    stored: Stored
    clock: Clock
    lookback_bars: Callable[[AgentConfig], int]


class HandWriter(AnswerWriter):
    """Holds what a person wrote until its moment is frozen; `written` None: nobody has answered yet."""

    def __init__(self, written: Written | None, desktop: Desktop) -> None:
        self._written = written
        self._desktop = desktop

    @property
    @override
    def slot(self) -> str | None:
        return None if self._written is None else self._written.slot

    @property
    @override
    def is_waiting(self) -> bool:
        return self._written is None

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self._desktop.lookback_bars(agent)

    @override
    def answer(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        if self._written is None:
            raise InputError(UNWRITTEN)
        proposal = read_answer(self._written.text, snapshot, agent)
        shown = self._shown(self._written, snapshot)
        prompt = self._desktop.render(shown, agent)
        asked_at = self._desktop.clock.now() - timedelta(seconds=self._written.seconds)
        record = AnswerRecord(
            maker=MAKER,
            model=MODEL,
            prompt_digest=prompt.digest,
            settings=canonical_json({"form": FORM}),
            question=question_of(shown, agent, prompt),
            raw=self._written.text.replace("\x00", "\ufffd"),
            outcome=AnswerOutcome.ANSWERED,
            problem="",
            cost=AnswerCost(seconds=self._written.seconds),
            asked_at=asked_at,
        )
        return PaidAnswer(proposal=proposal, cost_usd=0.0, record=record)

    def _shown(self, written: Written, snapshot: MarketSnapshot) -> MarketSnapshot:
        if written.shown is None:
            return snapshot
        found = self._desktop.stored(written.shown)
        if found is None or found.key != snapshot.key:
            raise InputError(
                f"manual_shown {written.shown!r} is no moment that was shown for {snapshot.key.agent_id} at"
                f" {snapshot.key.slot}: write the one that stands in the request, or leave it out"
            )
        return found


def read_answer(text: str, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
    """Return what a person's text proposes at a moment; InputError says in one line what is wrong."""
    answer = _require_form(text)
    proposal = as_proposal(answer, snapshot, agent, maker=MAKER)
    if proposal.is_invalid:
        reason = dict(proposal.factors)[INVALID_ANSWER]
        raise InputError(f"this answer cannot be used: {reason}")
    return proposal


def _require_form(text: str) -> Answer:
    answer = parse_answer(text)
    if isinstance(answer, Problem):
        raise InputError(f"this answer cannot be used: {answer.reason}")
    return answer


def text_of(
    action: str,
    *,
    confidence: float | None = None,
    rationale: str | None = None,
    stop_price: float | None = None,
    target_price: float | None = None,
    quantity: float | None = None,
) -> str:
    """Return fields that were written one by one as an answer's text; a hold may say nothing more.

    What is no JSON number is written as a text, which no answer takes: it is refused by its name.
    """
    is_hold = action.strip().lower() == Action.HOLD.value
    fields = {
        "rationale": (rationale or "").strip() or (HELD_BY_HAND if is_hold else None),
        "action": action.strip().lower(),
        "confidence": 1.0 if is_hold and confidence is None else confidence,
        "stop_price": stop_price,
        "target_price": target_price,
        "quantity": quantity,
    }
    return json.dumps(
        {name: _told(value) for name, value in fields.items() if value is not None},
        ensure_ascii=False,
    )


def _told(value: str | float) -> str | float:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def question_of(shown: MarketSnapshot, agent: AgentConfig, prompt: Prompt) -> str:
    """Return what is kept of what a person was shown."""
    return json.dumps(shown_document(shown, agent, prompt), sort_keys=True, separators=(",", ":"))


def shown_document(shown: MarketSnapshot, agent: AgentConfig, prompt: Prompt) -> dict[str, Any]:
    """Return the request as JSON types: the moment, its hash, what a model is told, the answer's schema."""
    return {
        "form": FORM,
        "agent_id": agent.agent_id,
        "account": shown.key.account,
        "account_epoch": shown.key.account_epoch,
        "slot": shown.key.slot,
        "shown": shown.content_hash(),
        "symbol": shown.symbol,
        "moment": iso_z(shown.as_of),
        "last_close": last_close(shown),
        "prompt": {"system": prompt.system, "moment": prompt.moment, "digest": prompt.digest},
        "answer_schema": json_schema(),
    }


def request_text(shown: MarketSnapshot, agent: AgentConfig, prompt: Prompt) -> str:
    """Return the request for a reader: what a model is told, then how to answer."""
    close = last_close(shown)
    return f"""REQUEST to decide by hand
agent {agent.agent_id}, {agent.symbol} on {agent.timeframe.value} bars; account {shown.key.account}, epoch {shown.key.account_epoch}
slot {shown.key.slot}; last close {"unknown: there are no bars" if close is None else f"{close:g}"}
moment {shown.content_hash()}

======== WHO YOU ARE ========

{prompt.system.strip()}

======== THE MOMENT ========

{prompt.moment.strip()}

======== YOUR ANSWER ========

One JSON object of these fields, and nothing beside it:

{_fields_told()}

For example:

{json.dumps(example())}
"""


def example() -> dict[str, Any]:
    """Return an answer of the right form that moves nothing."""
    wishes = dict.fromkeys(json_schema()["properties"])
    said = {"rationale": "which figures and stories decided", "action": "hold", "confidence": 0.6}
    return wishes | said


def last_close(snapshot: MarketSnapshot) -> float | None:
    """Return the last close that is shown; None without bars."""
    return float(snapshot.bars.closes[-1]) if len(snapshot.bars) else None


def _fields_told() -> str:
    fields = json_schema()["properties"]
    return "\n".join(f"- {name}: {field['description']}" for name, field in fields.items())
