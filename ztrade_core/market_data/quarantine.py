"""Bars on their way into the quarantine, and out of it by a person's hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import MICROSECOND, from_micros, iso_z
from ztrade_core.errors import InputError
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.soundness import check_series
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.quarantine import (
    HeldRange,
    Outcome,
    Quarantine,
    QuarantinedBar,
    Release,
    same_values,
)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """Rows of an answer that came before: `enters` was released as it is, `stays_out` was not.

    `held` of those that stay out wait for a person still; the others were dropped.
    """

    enters: Mask
    stays_out: Mask
    notes: tuple[str, ...]
    held: int = 0


def as_decided(quarantine: Quarantine, bars: BarSeries, source: str) -> Decided:
    """Return which bars of an answer are in the quarantine already, with the same values."""
    enters, stays_out = np.zeros((2, len(bars)), dtype=np.bool_)
    if not len(bars):
        return Decided(enters=enters, stays_out=stays_out, notes=())
    wanted = replace(range_of(bars), source=source)
    released = quarantine.bars(wanted, released=True)
    entered = [one for one in released if _outcome(one) is Outcome.AS_IS]
    enters[_rows_of(bars, entered)] = True
    dropped = _rows_of(bars, [one for one in released if _outcome(one) is Outcome.DROP])
    held = _rows_of(bars, quarantine.bars(wanted, released=False))
    stays_out[[*dropped, *held]] = True
    told = ((held, "in quarantine already"), (dropped, "dropped by hand before"))
    notes = tuple(f"of the answer {len(rows)} bars are {text}" for rows, text in told if rows)
    return Decided(enters=enters, stays_out=stays_out, notes=notes, held=len(held))


def _outcome(held: QuarantinedBar) -> Outcome | None:
    return None if held.release is None else held.release.outcome


def _rows_of(bars: BarSeries, former: Sequence[QuarantinedBar]) -> list[int]:
    """Return the rows that equal a former bar in time and values."""
    by_stamp = {one.bar.timestamp: one.bar for one in former}
    rows = np.flatnonzero(np.isin(bars.timestamps, list(by_stamp))).tolist() if by_stamp else []
    return [row for row in rows if same_values(by_stamp[int(bars.timestamps[row])], bars.bar(row))]


def range_of(bars: BarSeries) -> HeldRange:
    """Return the range from the first to the last of some bars."""
    return HeldRange(
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        start=from_micros(int(bars.timestamps.min())),
        stop=from_micros(int(bars.timestamps.max())) + MICROSECOND,
    )


def held_bars(
    bars: BarSeries, findings: Sequence[Finding], out: Mask, source: str, at: datetime
) -> list[QuarantinedBar]:
    """Return the bars that findings keep out, of those that `out` says, with all their reasons."""
    reasons: dict[int, Finding] = {}
    for finding in findings:
        if finding.quarantines:
            for row in finding.rows:
                reasons.setdefault(row, finding)
    return [
        QuarantinedBar(
            symbol=bars.symbol,
            timeframe=bars.timeframe,
            bar=bars.bar(row),
            source=source,
            ingested_at=at,
            check=finding.check,
            reason=finding.text,
        )
        for row, finding in sorted(reasons.items())
        if out[row]
    ]


def standing_issues(quarantine: Quarantine, wanted: HeldRange) -> tuple[str, ...]:
    """Return what speaks against an entry on a series whose window holds quarantined bars."""
    held = quarantine.bars(wanted, released=False)
    if not held:
        return ()
    first = held[0]
    series = f"{wanted.symbol} {wanted.timeframe}"
    opened = iso_z(from_micros(first.bar.timestamp))
    return (
        (
            f"quarantined bars: {len(held)} of {series}, first {opened} ({first.check}:"
            f" {first.reason}); see `ztrade data quarantine show {series}`"
        ),
    )


def release_bars(
    wanted: HeldRange,
    release: Release,
    *,
    store: BarStore,
    quarantine: Quarantine,
    calendar: Calendar,
) -> list[QuarantinedBar]:
    """Let a range of held bars into the store as they are, or drop them for good; return them.

    A bar that is released as it is wins over a stored one of its time.

    Raises:
        InputError: the same time is held twice, from two sources: which one is meant?
        UnsoundDataError: a bar can never enter as it is; nothing was released.
    """
    held = quarantine.bars(wanted, released=False)
    if release.outcome is Outcome.AS_IS and held:
        _enter(held, release.at, store, calendar)
    quarantine.settle(wanted, release)
    return [replace(bar, release=release) for bar in held]


def _enter(
    held: Sequence[QuarantinedBar], at: datetime, store: BarStore, calendar: Calendar
) -> None:
    stamps = [bar.bar.timestamp for bar in held]  # ordered by time
    for stamp, following in pairwise(stamps):
        if stamp == following:
            raise InputError(
                f"the bar of {iso_z(from_micros(stamp))} is held from several sources: name one"
                " with --source, drop the others"
            )
    by_origin = sorted(held, key=lambda bar: (*_origin(bar), bar.bar.timestamp))
    groups = [(origin, _series_of(list(bars))) for origin, bars in groupby(by_origin, _origin)]
    for (source, _), bars in groups:
        check_series(bars, origin=f"quarantine ({source})", calendar=calendar, known_at=at)
    for (source, came), bars in groups:
        store.upsert([bars], source=source, ingested_at=came, replace=True)


def _origin(held: QuarantinedBar) -> tuple[str, datetime]:
    """Return a bar's source and arrival, which tell whether a split has been taken out of it."""
    return held.source, held.ingested_at


def _series_of(held: Sequence[QuarantinedBar]) -> BarSeries:
    names = ("open", "high", "low", "close", "volume")
    columns = [np.array([getattr(one.bar, name) for one in held], dtype=float) for name in names]
    return BarSeries(
        symbol=held[0].symbol,
        timeframe=held[0].timeframe,
        timestamps=np.array([one.bar.timestamp for one in held], dtype=np.int64),
        opens=columns[0],
        highs=columns[1],
        lows=columns[2],
        closes=columns[3],
        volumes=columns[4],
    )
