"""Prices are adjusted for splits: no overnight step by a simple ratio with the volume to match.

A split changes the unit, not the market: share volume goes by the ratio, the ranges of the bars stay.
A crash by half, or a takeover, does neither: more dollars are traded than before, and bars widen. Both
are compared with the same part of up to 20 sessions before. Bars from the step on are found: they do not
connect to what is stored. A raw source's splits, and a step that neither history nor volume tells from
one, are told only. Splits that are known are taken out of what is looked at here, so that a step that is
left at one by its ratio is sure: the prices are said to be adjusted, and are not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np

from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import from_micros, new_york_date
from ztrade_core.market_data.quality.facts import CalendarFacts, Context, joined
from ztrade_core.market_data.quality.findings import Finding, Seen, Severity, found

NAME = "split"
RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
LOGS = np.array([log(ratio) for ratio in RATIOS])
LONGEST_CLOSED = 10 * 86_400_000_000  # microseconds; over holidays it is under 5 days
NEAR = 0.08  # how far an overnight move may take the step off the ratio, as a logarithm
SESSIONS_BEFORE, SESSIONS_AFTER, FEWEST_SESSIONS = 20, 5, 5
HALF = 0.5
BUSIER = log(2.5)
WIDER = 3.0


@dataclass(frozen=True, slots=True)
class _Evidence:
    """After against before: logarithms of share volume on the first day and over some, and ranges."""

    first_volume: float
    volume: float
    wider: float

    def is_the_market(self, step: float) -> bool:
        """Return whether the market itself moved: bars wider, or more dollars traded, than before."""
        is_wide = self.wider > max(WIDER, exp(abs(step)))
        return is_wide or self.first_volume - step > BUSIER

    def is_split(self, step: float) -> bool:
        """Return whether share volume went by the ratio."""
        return _sign(step) * self.volume >= HALF * abs(step)


def _sign(step: float) -> float:
    return 1.0 if step > 0.0 else -1.0


def check_split(bars: BarSeries, facts: CalendarFacts, context: Context) -> Iterator[Finding]:
    """Yield the first step that looks like a split (stocks only)."""
    if not facts.is_stock:
        return
    whole = joined(bars, context)
    starts = np.flatnonzero(np.diff(facts.sessions(whole.bars.timestamps))) + 1
    if not len(starts):
        return
    steps = np.log(whole.bars.closes[starts - 1] / whole.bars.opens[starts])
    first = len(context.before) == 0  # then a step to the stored bars after is these bars' own
    for place in np.flatnonzero(np.abs(steps) > LOGS[0] - NEAR):
        start, step = int(starts[place]), float(steps[place])
        if not whole.start <= start < whole.stop + first:
            continue
        rows = range(start - whole.start, len(bars)) or range(len(bars))
        known = _known(whole.bars, start, step, context.splits)
        if known is not None:
            yield found(bars, rows, _seen_known(step, known, sure=not context.is_raw))
            return
        ratio = None if _is_torn(whole.bars, start) else _ratio(step)
        if ratio is None:
            continue
        evidence = _evidence(whole.bars, np.concatenate(([0], starts)), int(place) + 1)
        if evidence is None or not evidence.is_the_market(step):
            sure = evidence is not None and evidence.is_split(step) and not context.is_raw
            seen = _seen(step, ratio, sure=sure)
            yield found(bars, rows, _advising(seen, whole.bars, start) if context.is_raw else seen)
            return


def _is_torn(bars: BarSeries, start: int) -> bool:
    """Return whether more days are missing before a step than a market is ever closed: prices drift."""
    return int(bars.timestamps[start] - bars.timestamps[start - 1]) > LONGEST_CLOSED


def _ratio(step: float) -> float | None:
    place = int(np.abs(LOGS - abs(step)).argmin())
    return RATIOS[place] if abs(float(LOGS[place]) - abs(step)) <= NEAR else None


def _known(bars: BarSeries, start: int, step: float, splits: Iterable[Split]) -> Split | None:
    """Return the known split on whose day the step is, by its ratio in either direction."""
    after, day = (
        new_york_date(from_micros(int(bars.timestamps[row]))) for row in (start - 1, start)
    )
    for split in splits:
        fits = abs(abs(step) - abs(log(split.ratio))) <= NEAR
        if fits and after < split.ex_date <= day:
            return split
    return None


def _seen_known(step: float, split: Split, *, sure: bool) -> Seen:
    told = f"the price steps by {exp(abs(step)):.3f} overnight"
    if _sign(step) == _sign(log(split.ratio)):
        why = f"the split of {split.ex_date} by {split.ratio:g} is known, and not taken out of these bars"
    else:
        why = (
            f"the split of {split.ex_date} by {split.ratio:g} was taken out, and these bars had none:"
            f" see `ztrade data splits list {split.symbol}`"
        )
    return Seen(
        check=NAME,
        severity=Severity.QUARANTINE if sure else Severity.WARN,
        observed=exp(abs(step)),
        limit=RATIOS[0],
        text=f"{told}: {why}",
    )


def _advising(seen: Seen, bars: BarSeries, start: int) -> Seen:
    """Return what was seen in a raw series, with what makes the split known."""
    day = new_york_date(from_micros(int(bars.timestamps[start])))
    add = f"`ztrade data splits add {bars.symbol} {day} RATIO --why ...`"
    return replace(
        seen, text=f"{seen.text}, and no split of that day is known: {add} if it was one"
    )


def _seen(step: float, ratio: float, *, sure: bool) -> Seen:
    kind = f"{ratio:g}:1 split" if step > 0.0 else f"1:{ratio:g} reverse split"
    return Seen(
        check=NAME,
        severity=Severity.QUARANTINE if sure else Severity.WARN,
        observed=exp(abs(step)),
        limit=RATIOS[0],
        text=f"the price steps by {exp(abs(step)):.3f} overnight as an unadjusted {kind} does",
    )


def _evidence(bars: BarSeries, starts: IntArray, place: int) -> _Evidence | None:
    """Compare the session `starts[place]` and those after with the ones before; None: too few."""
    ends = np.concatenate((starts[1:], [len(bars)]))
    count = int(ends[place] - starts[place])
    before = range(max(0, place - SESSIONS_BEFORE), place)
    volumes, ranges = _parts(bars, starts, ends, before, count)
    if len(volumes) < FEWEST_SESSIONS:
        return None
    later = range(place, min(len(starts), place + SESSIONS_AFTER))
    new_volumes, new_ranges = _parts(bars, starts, ends, later, count)
    usual, range_before = float(np.median(volumes)), float(np.median(ranges))
    if min(usual, float(new_volumes.min()), range_before) <= 0.0:
        return None
    return _Evidence(
        first_volume=log(float(new_volumes[0]) / usual),
        volume=log(float(np.median(new_volumes)) / usual),
        wider=float(new_ranges[0]) / range_before,
    )


def _parts(
    bars: BarSeries, starts: IntArray, ends: IntArray, places: range, count: int
) -> tuple[FloatArray, FloatArray]:
    """Return volume and mean range of the first `count` bars of the sessions that have as many."""
    volumes, ranges = [], []
    for place in places:
        first = int(starts[place])
        if ends[place] - first >= count:
            part = slice(first, first + count)
            volumes.append(float(bars.volumes[part].sum()))
            ranges.append(float(np.log(bars.highs[part] / bars.lows[part]).mean()))
    return np.array(volumes), np.array(ranges)
