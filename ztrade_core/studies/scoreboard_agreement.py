"""Agreement of two minds on the same moments, and of one mind with itself when it is asked again.

Only usable answers count. Agreement is the share of moments with the same action; kappa is that above what
two minds of these habits would agree on by chance: (observed - by chance) / (1 - by chance), None where
chance alone makes them agree always. Repeatability is the mean, over moments that were answered at least
twice, of the share of pairs of samples with the same action; a strategy's is 1 by construction.

Source: Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological
Measurement 20.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ztrade_core.domain.decisions import Action
from ztrade_core.studies.scoreboard_answers import Answer, Answers

TWICE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often two minds said the same. `moments` are those both answered; None of none."""

    moments: int
    share: float | None
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatability:
    """How alike a mind's samples are. `spread` is the mean of the widest gap of their confidences, 0..1."""

    moments: int
    share: float | None
    spread: float | None


def agreement(one: Answers, other: Answers) -> Agreement:
    """Return how two minds agree on the moments that both answered."""
    pairs = [
        (one[slot].proposal.action, other[slot].proposal.action)
        for slot in one.keys() & other.keys()
        if one[slot].is_usable and other[slot].is_usable
    ]
    count = len(pairs)
    if not count:
        return Agreement(moments=0, share=None, kappa=None)
    same = sum(first is second for first, second in pairs)
    said, others = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = sum(said[action] * others[action] for action in Action)  # of count * count
    whole = count * count
    kappa = None if chance == whole else (same * count - chance) / (whole - chance)
    return Agreement(moments=count, share=same / count, kappa=kappa)


def repeatability(samples: Mapping[int, Answers]) -> Repeatability:
    """Return how alike a mind's samples are, over the moments that have at least two."""
    asked: dict[str, list[Answer]] = {}
    for answers in samples.values():
        for slot, answer in answers.items():
            if answer.is_usable:
                asked.setdefault(slot, []).append(answer)
    several = [found for found in asked.values() if len(found) >= TWICE]
    if not several:
        return Repeatability(moments=0, share=None, spread=None)
    shares = [_same_pairs(found) for found in several]
    gaps = [_gap(found) for found in several]
    return Repeatability(
        moments=len(several),
        share=math.fsum(shares) / len(several),
        spread=math.fsum(gaps) / len(several),
    )


def _same_pairs(answers: list[Answer]) -> float:
    counts = Counter(answer.proposal.action for answer in answers)
    same = sum(math.comb(count, 2) for count in counts.values())
    return same / math.comb(len(answers), 2)


def _gap(answers: list[Answer]) -> float:
    confidences = [answer.proposal.confidence for answer in answers]
    return max(confidences) - min(confidences)
