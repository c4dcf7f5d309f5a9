"""Questions to a model and its answers, for tests of stores."""

from dataclasses import replace
from typing import Any

from tests.fakes.store_rows import minutes, slot_key
from ztrade_core.domain.answers import (
    AnswerCost,
    AnswerOutcome,
    AnswerRecord,
    AskedQuestion,
    KeptAnswer,
)

MOST_USD = 0.25


def question(number: int = 1, attempt: int = 1, **changes: Any) -> AskedQuestion:
    """A question of slot `number`, asked so many minutes after noon."""
    whole = AskedQuestion(
        key=slot_key(number),
        attempt=attempt,
        run_id="run-1",
        most_usd=MOST_USD,
        asked_at=minutes(number),
    )
    return replace(whole, **changes)


def answer(
    number: int = 1, attempt: int = 1, *, usd: float = 0.01, run_id: str = "run-1", **changes: Any
) -> KeptAnswer:
    """What became of it, for so many USD."""
    record = AnswerRecord(
        maker="automated:m/1",
        model="m",
        prompt_digest="d",
        settings="{}",
        question='{"messages":"\u00fc"}',
        raw="{",
        outcome=AnswerOutcome.MALFORMED,
        problem="no JSON",
        cost=AnswerCost(
            input_tokens=10**9,
            output_tokens=2,
            cache_read_tokens=3,
            cache_write_tokens=4,
            usd=usd,
            seconds=1.0 / 3.0,
        ),
        asked_at=minutes(number),
    )
    return KeptAnswer(
        key=slot_key(number), attempt=attempt, run_id=run_id, record=replace(record, **changes)
    )
