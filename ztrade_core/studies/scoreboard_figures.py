"""The scoreboard's figures as values, and how one mind's part of them is counted.

A part is all of a mind's moments, or for a mind with a model those that it may have KNOWN and those that are
CLEAN: whose bar opens (news: whose moment lies) after the training cutoff's day in New York, answered by the
models that the agent's file names today. Of an unknown cutoff nothing is clean. Every rate is None where
there is nothing to divide by, never 0.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ztrade_core.domain.answers import AnswerFigures, AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.time import from_micros
from ztrade_core.studies.scoreboard_agreement import Agreement, Repeatability
from ztrade_core.studies.scoreboard_answers import Answer, Answers, Given, Mind
from ztrade_core.studies.scoreboard_following import Followed
from ztrade_core.studies.scoreboard_hits import HitRate


class Part(StrEnum):
    """Which of a mind's moments."""

    ALL = "all"
    KNOWN = "may have known"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """How many slots a mind was due in, `on_news` of them stories; shares of `count`.

    `answered` by the mind itself: `held` of those ask for nothing. For the rest a hold stands in.
    """

    count: int
    on_news: int
    answered: int
    held: int
    invalid: int
    unasked: int
    unanswered: int
    asleep: int
    held_share: float | None
    invalid_share: float | None
    unasked_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What questions took, all samples and attempts together. A question without any answer is not in it.

    `came` of the `asked` could be used. USD and seconds of each are over those that came: what failed is
    paid too. `tokens` are all that the vendor counted.
    """

    asked: int
    came: int
    came_share: float | None
    usd: float
    usd_each: float | None
    tokens: int
    tokens_each: float | None
    seconds: float
    seconds_each: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScore:
    """One part of one mind. `own_hits` is the agent's own record on the moments that both answered.

    It is None, and so is `followed.own_return`, where the agent's model may have known some of them only.

    `cost` None: nobody outside this process answers. `agreement` is with the agent's own decisions, None
    for these themselves.
    """

    part: Part
    moments: Moments
    hits: HitRate
    own_hits: HitRate | None
    followed: Followed | None
    cost: Cost | None
    agreement: Agreement | None
    repeatability: Repeatability


@dataclass(frozen=True, slots=True, kw_only=True)
class MindScore:
    """One mind's record. `makers` counts who gave its answers; `models` is empty where none is a model."""

    name: str
    role: str
    label: str
    samples: int
    models: tuple[str, ...]
    training_cutoff: date | None
    clean_from: datetime | None
    makers: dict[str, int]
    parts: tuple[PartScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScore:
    """How two minds agree, by part: clean where both are."""

    one: str
    other: str
    parts: dict[str, Agreement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """One agent's minds over `begins <= as_of < ends`; no bar that is complete after `ends` is looked at.

    `minds` is empty where the window has no decision. `common` counts the moments that every mind
    answered. `cost_fraction` is what one side of a trade costs. `notes` are what a person must know.
    """

    agent_id: str
    symbol: str
    timeframe: str
    account: str
    account_epoch: int | None
    begins: datetime
    ends: datetime
    horizon_bars: int
    bars: int
    missing_bars: int
    cost_fraction: float
    common: int
    minds: tuple[MindScore, ...]
    pairs: tuple[PairScore, ...]
    notes: tuple[str, ...]


def parts_of(mind: Mind) -> dict[Part, frozenset[str]]:
    """Return a mind's slots by part; both parts of a model's stand, also an empty one."""
    slots = frozenset(slot for answers in mind.samples.values() for slot in answers)
    if mind.cutoff is None:
        return {Part.ALL: slots}
    clean = frozenset(slot for slot in slots if _is_clean(mind, slot))
    return {Part.KNOWN: slots - clean, Part.CLEAN: clean}


def _is_clean(mind: Mind, slot: str) -> bool:
    found = [answers[slot] for answers in mind.samples.values() if slot in answers]
    return all(_was_clean(mind, answer) for answer in found)


def _was_clean(mind: Mind, answer: Answer) -> bool:
    cutoff = mind.cutoff
    if cutoff is None or cutoff.clean_from is None or not set(answer.models) <= set(cutoff.models):
        return False
    return moment_of(answer) >= cutoff.clean_from


def moment_of(answer: Answer) -> datetime:
    """Return what an answer is clean by: its bar's open; on news, when it was decided."""
    return answer.at if answer.opened is None else from_micros(answer.opened)


def within(answers: Answers, slots: frozenset[str]) -> dict[str, Answer]:
    """Return the answers to some slots."""
    return {slot: answer for slot, answer in answers.items() if slot in slots}


def moments_of(answers: Answers) -> Moments:
    """Count what a mind gave."""
    every = list(answers.values())
    given = {kind: sum(each.given is kind for each in every) for kind in Given}
    held = sum(each.is_usable and each.proposal.action is Action.HOLD for each in every)
    return Moments(
        count=len(every),
        on_news=sum(each.opened is None for each in every),
        answered=given[Given.USABLE],
        held=held,
        invalid=given[Given.INVALID],
        unasked=given[Given.UNASKED],
        unanswered=given[Given.UNANSWERED],
        asleep=given[Given.ASLEEP],
        held_share=share(held, len(every)),
        invalid_share=share(given[Given.INVALID], len(every)),
        unasked_share=share(given[Given.UNASKED], len(every)),
    )


def cost_of(costs: Mapping[str, list[AnswerFigures]], slots: frozenset[str]) -> Cost:
    """Return what the answers to some slots took."""
    every = [each for slot in sorted(slots & costs.keys()) for each in costs[slot]]
    asked = [each for each in every if each.outcome is not AnswerOutcome.UNASKED]
    came = sum(each.outcome is AnswerOutcome.ANSWERED for each in asked)
    usd = math.fsum(each.cost.usd for each in every)
    seconds = math.fsum(each.cost.seconds for each in every)
    tokens = sum(_tokens(each) for each in every)
    return Cost(
        asked=len(asked),
        came=came,
        came_share=share(came, len(asked)),
        usd=usd,
        usd_each=share(usd, came),
        tokens=tokens,
        tokens_each=share(tokens, came),
        seconds=seconds,
        seconds_each=share(seconds, came),
    )


def _tokens(each: AnswerFigures) -> int:
    cost = each.cost
    read = cost.input_tokens + cost.cache_read_tokens + cost.cache_write_tokens
    return read + cost.output_tokens


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole; None of nothing."""
    return part / whole if whole else None
