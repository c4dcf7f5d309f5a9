"""What a mind outside this process was asked and answered, kept beside the decision it led to."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ztrade_core.domain.decisions import SlotKey


class AnswerOutcome(StrEnum):
    """What became of a question. All but ANSWERED lead to a HOLD."""

    ANSWERED = "answered"
    MALFORMED = "malformed"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCost:
    """What an answer took: tokens as the vendor counted them, USD by our price table, seconds waited."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecord:
    """One question to one mind and its answer, word by word.

    `question` is all that was sent (without keys), `raw` all that came back, cut where it was endless;
    `problem` says in one line why it could not be used (empty: it was). `prompt_digest` names the version
    of the prompt's files, `settings` the model's parameters. No secret is in any of them.
    """

    maker: str
    model: str
    prompt_digest: str
    settings: str
    question: str
    raw: str
    outcome: AnswerOutcome
    problem: str
    cost: AnswerCost
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """What became of a question and what it took, without its words."""

    key: SlotKey
    attempt: int
    model: str
    outcome: AnswerOutcome
    cost: AnswerCost


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySpending:
    """What a day's questions cost in USD: the answered ones, and at most the unanswered ones."""

    answered_usd: float
    reserved_usd: float
    unanswered: int

    @property
    def spent_usd(self) -> float:
        """What counts as spent: an unanswered question may be billed."""
        return self.answered_usd + self.reserved_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question that is about to be asked, and the most it may cost: reserved before it is sent.

    `attempt` counts a slot's questions from 1; `asked_at` is the world's time, also of a rehearsal.
    """

    key: SlotKey
    attempt: int
    run_id: str
    most_usd: float
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What became of a slot's question, as the store keeps it."""

    key: SlotKey
    attempt: int
    run_id: str
    record: AnswerRecord


def usd_of(answers: Iterable[KeptAnswer]) -> float:
    """Return what answers cost together, in USD."""
    return math.fsum(each.record.cost.usd for each in answers)


def answer_behind(answers: Sequence[KeptAnswer], run_id: str) -> KeptAnswer | None:
    """Return the answer that the tape of a run rests on; the newest where none is that run's.

    Another run that lost the slot may have left a newer one, which decided nothing.
    """
    own = [each for each in answers if each.run_id == run_id]
    return next(reversed(own or answers), None)
