"""The one way of a provider's bars into the store: judged bar by bar, defective ones kept apart.

The sound bars are written; what a check keeps out goes to the quarantine with its reason, and blocks
entries on the series until a person releases it. The bar that is still running is left out. A held bar
that comes again unchanged stays held; one that a person released enters, or stays out, as decided. A
stored bar that only the new ones show to be a spike is moved to the quarantine too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, iso_z, to_micros
from ztrade_core.errors import InputError, NoDataError, UnsoundDataError
from ztrade_core.market_data.quality.facts import (
    EARLIEST,
    CalendarFacts,
    Context,
    facts_of,
    joined,
)
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.quality.inspection import inspect
from ztrade_core.market_data.quality.spike import check_spike
from ztrade_core.market_data.quarantine import Mask, as_decided, held_bars
from ztrade_core.market_data.vendors.shaping import picked
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.providers import FetchedBars
from ztrade_core.ports.quarantine import Quarantine, QuarantinedBar

BARS_BEFORE = {
    Timeframe.M1: 3000,
    Timeframe.M5: 1700,
    Timeframe.M15: 600,
    Timeframe.H1: 400,
    Timeframe.D1: 300,
}
"""How many stored bars before the judged ones are looked at: at least 7 sessions of a stock."""
REACH_AFTER = timedelta(days=5)
LATEST = to_micros(datetime.fromisoformat("2200-01-01T00:00:00Z"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What became of an answer: `rows` were judged, `written` changed the store, `held` are kept apart.

    `findings` are of this answer; `notes` say in plain lines what was kept out, and why.
    """

    rows: int
    written: int
    held: int
    source: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def admit_bars(
    fetched: FetchedBars,
    *,
    store: BarStore,
    quarantine: Quarantine,
    calendar: Calendar,
    known_at: datetime,
) -> Admitted:
    """Judge an answer, keep its defective bars apart, write the rest.

    Raises:
        NoDataError: it holds only what was held or dropped before, or the running bar.
        UnsoundDataError: none of its bars may enter (they are held all the same), its stamps are
            outside the calendar's years, or the store refuses it.
    """
    source = fetched.source
    bars, running = _without_running(_in_time(fetched), calendar, known_at)
    decided = as_decided(quarantine, bars, source)
    bars, trusted = picked(bars, ~decided.stays_out), decided.enters[~decided.stays_out]
    notes = (*running, *decided.notes)
    if not len(bars):
        raise NoDataError("; ".join(notes) or "has no bar")
    context = context_of(store, bars, source)
    facts = _facts(calendar, bars, context, known_at)
    seen = inspect(bars, facts, context)
    enters = trusted.copy()
    enters[seen.sound] = True
    sound = picked(bars, enters)
    held = held_bars(bars, seen.findings, ~enters, source, known_at)
    held += _in_hindsight(sound, facts, context, store=store, quarantine=quarantine)
    quarantine.hold(held)
    notes += _notes(held)
    return Admitted(
        rows=len(bars),
        written=_write(sound, source, store, known_at, notes),
        held=len(held),
        source=source,
        findings=tuple(one for one in seen.findings if not _all_in(one, trusted)),
        notes=notes,
    )


def _write(
    sound: BarSeries, source: str, store: BarStore, at: datetime, notes: tuple[str, ...]
) -> int:
    """Return how many rows changed in the store."""
    if not len(sound):
        raise UnsoundDataError("; ".join(notes))
    done = store.upsert([sound], source=source, ingested_at=at)[0]
    return done.inserted + done.updated


def _in_time(fetched: FetchedBars) -> BarSeries:
    bars = fetched.series
    if len(bars) and (bars.timestamps.min() < EARLIEST or bars.timestamps.max() > LATEST):
        raise UnsoundDataError(
            f"{fetched.source}: stamps of {bars.symbol} {bars.timeframe} are no times of 1990 to 2200"
        )
    return bars


def _facts(
    calendar: Calendar, bars: BarSeries, context: Context, known_at: datetime
) -> CalendarFacts:
    try:
        return facts_of(calendar, joined(bars, context).bars, known_at)
    except InputError as error:
        raise UnsoundDataError(f"{context.source}: {error}") from error


def _in_hindsight(
    sound: BarSeries,
    facts: CalendarFacts,
    context: Context,
    *,
    store: BarStore,
    quarantine: Quarantine,
) -> list[QuarantinedBar]:
    """Return the last stored bar when the new ones show that it came straight back."""
    size = len(context.before)
    if size < 2 or not len(sound):  # noqa: PLR2004 - itself, and one before it
        return []
    last = context.before.window(size - 1, size)
    source = store.source_at(last.symbol, last.timeframe, last.last_open)
    around = replace(context, before=context.before.window(0, size - 1), after=sound)
    if as_decided(quarantine, last, source).enters.any():
        return []
    seen = list(check_spike(last, facts, around))
    return held_bars(last, seen, np.array([True]), source, from_micros(facts.known_at))


def context_of(store: BarStore, bars: BarSeries, source: str) -> Context:
    """Return what the store holds before, beside and after some bars; there is at least one."""
    symbol, timeframe = bars.symbol, bars.timeframe
    first = from_micros(int(bars.timestamps.min()))
    beyond = from_micros(int(bars.timestamps.max())) + MICROSECOND
    reach = REACH_AFTER if timeframe.is_intraday else 12 * REACH_AFTER
    return Context(
        before=store.read(symbol, timeframe, stop=first, last=BARS_BEFORE[timeframe]),
        overlap=store.read(symbol, timeframe, start=first, stop=beyond),
        after=store.read(symbol, timeframe, start=beyond, stop=beyond + reach),
        source=source,
    )


def _without_running(
    bars: BarSeries, calendar: Calendar, known_at: datetime
) -> tuple[BarSeries, tuple[str, ...]]:
    """Leave out the bar that has begun and is not complete, wherever it stands."""
    asset_class = instrument_of(bars.symbol).asset_class
    now = to_micros(known_at)
    begun = [opened for opened in set(bars.timestamps.tolist()) if opened <= now]
    recent = [from_micros(opened) for opened in begun if opened > now - 2 * bars.timeframe.micros]
    running = [
        to_micros(opened)
        for opened in recent
        if calendar.expected_bars(asset_class, bars.timeframe, opened, opened + MICROSECOND)
        and calendar.completes_at(asset_class, bars.timeframe, opened) > known_at
    ]
    if not running:
        return bars, ()
    return picked(bars, ~np.isin(bars.timestamps, running)), ("the running bar was left out",)


def _all_in(finding: Finding, trusted: Mask) -> bool:
    return bool(finding.rows) and bool(trusted[list(finding.rows)].all())


def _notes(held: Sequence[QuarantinedBar]) -> tuple[str, ...]:
    if not held:
        return ()
    first, word = held[0], "bar is" if len(held) == 1 else "bars are"
    opened = iso_z(from_micros(first.bar.timestamp))
    return (f"{len(held)} {word} in quarantine, first {opened}: {first.check}: {first.reason}",)
