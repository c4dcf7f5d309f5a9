"""Sentiment sensitivity: an agent over the same bars with its sentiment, without it, and with it late.

Late sentiment shows a too good look: what real news bring fades over hours, what a reading only seems
to have known (it was stamped too early, or scored with hindsight) is gone one bar later.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from ztrade_core.backtest.kernel.schedule import bar_schedule
from ztrade_core.backtest.runs import Bench
from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.studies import Figures, StudyKind, Trial
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, iso_z
from ztrade_core.domain.words import counted
from ztrade_core.errors import NoDataError
from ztrade_core.ports.sentiment import SentimentHistory
from ztrade_core.ports.studies import StudyStore
from ztrade_core.studies.evaluation import StudyData, load_study_data
from ztrade_core.studies.sweep import agent_of
from ztrade_core.studies.variants import (
    Variant,
    Varied,
    concluded,
    number_of,
    run_variants,
    study_of,
)

DELAYS = (("1 hour late", timedelta(hours=1)), ("1 day late", timedelta(days=1)))
WITH, WITHOUT, A_BAR_LATE = 0, 1, 2
LABELS = ("with", "without", "1 bar late")
MOST_LOST = 0.5
OLD = timedelta(days=7)


def study_sentiment(
    bench: Bench,
    studies: StudyStore,
    history: SentimentHistory | None,
    agent_id: str,
    asked: tuple[str, str],
) -> Varied:
    """Run an agent with, without and with late sentiment, and keep the study.

    `history` None is what is stored.

    Raises InputError for an unknown agent and a bad range, NoDataError without bars, and where no
    reading is known over the range.
    """
    agent = agent_of(bench, agent_id)
    history = bench.sentiment if history is None else history
    if history is None:
        raise NoDataError(_nothing_stored(agent.symbol))
    data = load_study_data(bench, agent, *asked, [])
    completed, _ = bar_schedule(bench.calendar, agent.instrument.asset_class, data.series)
    mood = _known(history, data, completed)
    variants = variants_of(bench, mood, completed, agent.timeframe)
    trials = [
        replace(trial, metrics={**trial.metrics, **_coverage(each, data, completed)})
        for trial, each in zip(run_variants(data, variants), variants, strict=True)
    ]
    labels = [each.label for each in variants]
    study = study_of(StudyKind.SENTIMENT, bench, data, asked, {"sentiment": _document(mood)})
    summary, notes = summary_of(labels, trials), _notes(agent.strategy.name, labels, trials)
    notes += _stale(mood, completed[data.first :])
    study = concluded(study, summary, labels, notes)
    studies.save(study, trials)
    return Varied(study=study, labels=tuple(labels), trials=trials, notes=tuple(notes))


def variants_of(
    bench: Bench, mood: SentimentSeries, completed: IntArray, timeframe: Timeframe
) -> list[Variant]:
    """Return the runs: with, without, and one a delay; a delay of one bar's length is left out."""
    found = [
        _variant(bench, LABELS[WITH], mood),
        _variant(bench, LABELS[WITHOUT], None),
        _variant(bench, LABELS[A_BAR_LATE], bars_late(mood, completed), bars=1),
    ]
    return found + [
        _variant(bench, label, late(mood, delay), seconds=delay.total_seconds())
        for label, delay in DELAYS
        if delay != timeframe.duration
    ]


def late(mood: SentimentSeries, delay: timedelta) -> SentimentSeries:
    """Return the readings as if each became known so much later."""
    return replace(mood, known_at=mood.known_at + delay // MICROSECOND, readings=None)


def bars_late(mood: SentimentSeries, completed: IntArray, bars: int = 1) -> SentimentSeries:
    """Return the readings as if each were first seen so many bars later than it was.

    `completed` is when each bar completes. Of readings that one bar saw first only the last remains.
    """
    places = completed.searchsorted(mood.known_at) + bars
    is_seen = places < len(completed)
    is_last = np.append(places[1:] != places[:-1], True)[: len(places)]
    kept = is_seen & is_last
    return replace(
        mood,
        readings=None,
        known_at=completed[places[kept]],
        scores=mood.scores[kept],
        confidences=mood.confidences[kept],
    )


def differences(trial: Trial, other: Trial) -> Figures:
    """Return by how much each figure of a trial is above another's; None where either has none."""
    found: Figures = {}
    for name in trial.metrics:
        one, two = number_of(trial.metrics, name), number_of(other.metrics, name)
        found[name] = None if one is None or two is None else one - two
    return found


def summary_of(labels: Sequence[str], trials: Sequence[Trial]) -> Figures:
    """Return each run's return, what sentiment adds to it, and how much of that being late leaves.

    The share that remains is None where sentiment adds nothing.
    """
    returns = [number_of(trial.metrics, "total_return") or 0.0 for trial in trials]
    added = returns[WITH] - returns[WITHOUT]
    summary: Figures = {
        "return_with": returns[WITH],
        "return_without": returns[WITHOUT],
        "added_return": added,
        "bars_with_sentiment": trials[WITH].metrics["bars_with_sentiment"],
        "bars": trials[WITH].metrics["bars"],
        "trials": len(trials),
    }
    for label, value in zip(labels[A_BAR_LATE:], returns[A_BAR_LATE:], strict=True):
        name = label.replace(" ", "_")
        summary[f"return_{name}"] = value
        kept = (value - returns[WITHOUT]) / added if added > 0.0 else None
        summary[f"kept_share_{name}"] = kept
    return summary


def _variant(
    bench: Bench, label: str, mood: SentimentSeries | None, *, bars: int = 0, seconds: float = 0.0
) -> Variant:
    changed = (
        ("delay_bars", float(bars)),
        ("delay_seconds", seconds),
        ("sentiment", 0.0 if mood is None else 1.0),
    )
    return Variant(label=label, parameters=changed, bench=bench, sentiment=mood)


def _known(history: SentimentHistory, data: StudyData, completed: IntArray) -> SentimentSeries:
    """Return what was known at each bar, and so much earlier as those know it who learn it late."""
    symbol = data.agent.symbol
    begins = from_micros(int(data.series.timestamps[data.first]))
    ends = from_micros(int(completed[-1]))
    decided = completed[data.first :]
    delays = [np.int64(delay // MICROSECOND) for _, delay in DELAYS]
    moments = np.unique(np.concatenate([decided, *(decided - delay for delay in delays)]))
    mood = history.series(symbol, moments)
    if mood is None:
        raise NoDataError(_nothing_stored(symbol))
    scores, _ = mood.at_each(decided)
    if np.isnan(scores).all():
        raise NoDataError(
            f"{mood.scorer} knows no sentiment of {symbol} from {iso_z(begins)} to {iso_z(ends)}:"
            " choose a range that its readings cover"
        )
    return mood


def _nothing_stored(symbol: str) -> str:
    return (
        f"no sentiment of {symbol} is stored: `ztrade news import PATH...` brings stories and `ztrade"
        " sentiment score-stored` scores them; or give a file of readings: `--readings FILE`, CSV with"
        " known_at,score,confidence"
    )


def _coverage(variant: Variant, data: StudyData, completed: IntArray) -> Figures:
    if variant.sentiment is None:
        return {"bars_with_sentiment": 0}
    scores, _ = variant.sentiment.at_each(completed[data.first :])
    return {"bars_with_sentiment": int(np.count_nonzero(~np.isnan(scores)))}


def _document(mood: SentimentSeries) -> dict[str, object]:
    arrays = (mood.known_at, mood.scores, mood.confidences)
    return {
        "scorer": mood.scorer,
        "readings": len(mood),
        "first_known": from_micros(int(mood.known_at[0])),
        "last_known": from_micros(int(mood.known_at[-1])),
        "digest": sha256_hex("|".join(array.tobytes().hex() for array in arrays)),
    }


def _notes(strategy: str, labels: Sequence[str], trials: Sequence[Trial]) -> list[str]:
    notes = []
    seen, bars = (trials[WITH].metrics[name] for name in ("bars_with_sentiment", "bars"))
    if seen != bars:
        notes.append(
            f"{seen} of {counted(int(bars or 0), 'bar')} had sentiment: the others decided without"
        )
    figures = [dict(trial.metrics, bars_with_sentiment=None) for trial in trials]
    if all(each == figures[WITHOUT] for each in figures):
        notes.append(f"no figure differs: {strategy} made nothing of the sentiment")
        return notes
    return notes + _faded(labels, trials)


def _stale(mood: SentimentSeries, completed: IntArray) -> list[str]:
    """Warn where a bar was decided on a reading that had become very old: it is taken for today's mood."""
    places = mood.known_at.searchsorted(completed, side="right") - 1
    is_read = (places >= 0) & ~np.isnan(mood.scores[places])
    ages = np.where(is_read, completed - mood.known_at[places], 0)
    worst = int(np.argmax(ages))
    oldest = timedelta(microseconds=int(ages[worst]))
    if oldest <= OLD:
        return []
    old = int(np.count_nonzero(ages > OLD // MICROSECOND))
    note = (
        f"{counted(old, 'bar')} had only a reading of more than {OLD.days} days before: the oldest was"
        f" {oldest.days} days old, at {iso_z(from_micros(int(completed[worst])))}"
    )
    return [note]


def _faded(labels: Sequence[str], trials: Sequence[Trial]) -> list[str]:
    """Warn of the first delay that leaves less than half of what sentiment adds."""
    returns = [number_of(trial.metrics, "total_return") or 0.0 for trial in trials]
    added = returns[WITH] - returns[WITHOUT]
    for label, value in zip(labels[A_BAR_LATE:], returns[A_BAR_LATE:], strict=True):
        if added > 0.0 and returns[WITH] - value > MOST_LOST * added:
            gone = f"{(returns[WITH] - value) / added:.0%}"
            why = (
                "it fades that fast, or the readings are stamped too early or scored with hindsight"
            )
            return [f"{label}, {gone} of what sentiment adds is gone: {why}"]
    return []
