"""What a walk-forward's month says: the chosen candidate in sample and out of it, beside two others.

Pure arithmetic on trials. A figure that does not exist is None, and a note says why. Not here: which
bars were seen (`walk_forward`), the months together (`walk_forward_whole`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ztrade_core.backtest.overfit import IDENTITY
from ztrade_core.domain.studies import OUT_OF_SAMPLE_PREFIX, Figures, Parameters, StudyPlan, Trial
from ztrade_core.studies.candidates import LOWER_IS_BETTER, metric

IN_SAMPLE = "in_sample_"
OUT_OF_SAMPLE = OUT_OF_SAMPLE_PREFIX
CONFIGURED = "configured_"
HELD = "buy_and_hold_"
SHOWN = ("total_return", "sharpe", "max_drawdown", "trades", "days")
KEPT = (*IDENTITY, "trades", "win_rate", "profit_factor")
HELD_SHOWN = ("total_return", "sharpe", "max_drawdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A month's trials: every candidate in sample and out of it in one order, and the configured.

    `chosen` is the number of the candidate that was the best in sample.
    """

    in_sample: tuple[Trial, ...]
    out_of_sample: tuple[Trial, ...]
    configured: Trial
    chosen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Where the chosen one came among the candidates out of sample; 1 is the best.

    Candidates without the figure (a Sharpe ratio needs trades) have no place. Equals share the
    better place. All None without the chosen one's own figure; `below_median` is strict.
    """

    place: int | None
    among: int
    below_median: bool | None


def month_figures(judged: Judged, plan: StudyPlan, dropped: int) -> Figures:
    """Return a month's figures by name.

    `degradation_per_day` is the chosen one's mean return a day out of sample less that in sample,
    `sharpe_kept` its Sharpe ratio out of sample over that in sample.
    """
    chosen, judged_on = judged.in_sample[judged.chosen], judged.out_of_sample[judged.chosen]
    rank = rank_of(judged.out_of_sample, judged.chosen, plan.rank_by)
    inside, outside = return_per_day(chosen), return_per_day(judged_on)
    return {
        "trials": len(judged.in_sample),
        "dropped": dropped,
        "rank_by": plan.rank_by,
        "best": metric(chosen, plan.rank_by),
        "chosen": parameters_text(chosen.parameters),
        **_prefixed(IN_SAMPLE, chosen, SHOWN),
        IN_SAMPLE + "return_per_day": inside,
        **_prefixed(OUT_OF_SAMPLE, judged_on, SHOWN),
        OUT_OF_SAMPLE + "return_per_day": outside,
        **_prefixed(CONFIGURED, judged.configured, SHOWN),
        **{HELD + name: metric(judged_on, HELD + name) for name in HELD_SHOWN},
        "degradation_per_day": None if inside is None or outside is None else outside - inside,
        "sharpe_kept": _kept(metric(chosen, "sharpe"), metric(judged_on, "sharpe")),
        "rank": rank.place,
        "ranked": rank.among,
        "below_median": None if rank.below_median is None else int(rank.below_median),
    }


def rank_of(trials: Sequence[Trial], chosen: int, rank_by: str) -> Rank:
    """Return where trial number `chosen` came by a metric."""
    sign = -1.0 if rank_by in LOWER_IS_BETTER else 1.0
    found = {trial.number: metric(trial, rank_by) for trial in trials}
    scores = sorted(sign * value for value in found.values() if value is not None)
    own = found[chosen]
    if own is None:
        return Rank(place=None, among=len(scores), below_median=None)
    place = 1 + sum(1 for score in scores if score > sign * own)
    half = len(scores) // 2
    median = scores[half] if len(scores) % 2 else (scores[half - 1] + scores[half]) / 2.0
    return Rank(place=place, among=len(scores), below_median=sign * own < median)


def return_per_day(trial: Trial) -> float | None:
    """Return the mean return a day that compounds to the trial's total return, as a fraction.

    None without a day, and when everything was lost.
    """
    total, days = metric(trial, "total_return"), metric(trial, "days")
    if total is None or not days or not total > -1.0:
        return None
    return math.expm1(math.log1p(total) / days)


def notes_of(figures: Figures, plan: StudyPlan) -> list[str]:
    """Say in words which figures do not exist and why, and what weakens the others."""
    notes = []
    inside, outside = figures[IN_SAMPLE + "sharpe"], figures[OUT_OF_SAMPLE + "sharpe"]
    if figures["degradation_per_day"] is None:
        notes.append("no degradation: a sample without a day's return, or with everything lost")
    if outside is None:
        notes.append("sharpe_kept: no Sharpe ratio out of sample (its days returned all the same)")
    elif not isinstance(inside, float) or inside <= 0.0:
        notes.append("sharpe_kept: a share of a Sharpe ratio in sample that is not above 0 is none")
    if figures["rank"] is None:
        notes.append(f"no rank: the chosen candidate has no {plan.rank_by} out of sample")
    if not figures[OUT_OF_SAMPLE + "trades"]:
        notes.append("the chosen candidate closed no trade out of sample")
    return notes


def trials_to_keep(judged: Judged, rank_by: str) -> list[Trial]:
    """Return the trials in sample, each with the figures that count it as a trial out of sample beside.

    Of their figures those are kept that rank them, count them as trials and show them: a month has
    thousands of trials, and all figures of each would be megabytes a month.
    """
    return [
        replace(
            trial,
            metrics={
                **{name: trial.metrics.get(name) for name in dict.fromkeys((rank_by, *KEPT))},
                **_prefixed(OUT_OF_SAMPLE, outside, IDENTITY),
            },
        )
        for trial, outside in zip(judged.in_sample, judged.out_of_sample, strict=True)
    ]


def parameters_text(parameters: Parameters) -> str:
    """Return parameters as a person writes them: `fast=20, slow=100`."""
    return ", ".join(f"{name}={value:g}" for name, value in parameters)


def _prefixed(prefix: str, trial: Trial, names: Sequence[str]) -> Figures:
    metrics = trial.metrics
    return {prefix + name: None if metric(trial, name) is None else metrics[name] for name in names}


def _kept(inside: float | None, outside: float | None) -> float | None:
    if inside is None or outside is None or inside <= 0.0:
        return None
    return outside / inside
