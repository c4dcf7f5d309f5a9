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
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.market_data.vendors.shaping import picked
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.providers import FetchedBars
from ztrade_core.ports.quarantine import Quarantine, QuarantinedBar
from ztrade_core.ports.splits import SplitStore

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """An answer before anything of it is written: `sound` may enter, `held` is to be kept apart.

    `former` bars of it are held since before and are in neither; `rows` were judged now.
    """

    sound: BarSeries
    held: tuple[QuarantinedBar, ...]
    rows: int
    former: int
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
    splits: SplitStore | None = None,
) -> Admitted:
    """Judge an answer, keep its defective bars apart, write the rest.

    Raises:
        NoDataError: it holds only what was held or dropped before, or the running bar.
        UnsoundDataError: none of its bars may enter (they are held all the same), its stamps are
            outside the calendar's years, or the store refuses it.
    """
    judged = judge_bars(
        fetched,
        store=store,
        quarantine=quarantine,
        calendar=calendar,
        known_at=known_at,
        splits=splits,
    )
    if not judged.rows:
        raise NoDataError("; ".join(judged.notes) or "has no bar")
    quarantine.hold(judged.held)
    notes = (*judged.notes, *held_notes(judged.held))
    return Admitted(
        rows=judged.rows,
        written=_write(judged.sound, judged.source, store, known_at, notes),
        held=len(judged.held),
        source=judged.source,
        findings=judged.findings,
        notes=notes,
    )


def judge_bars(
    fetched: FetchedBars,
    *,
    store: BarStore,
    quarantine: Quarantine,
    calendar: Calendar,
    known_at: datetime,
    splits: SplitStore | None = None,
) -> Judged:
    """Judge an answer beside what is stored, in the units of `known_at`; nothing is written.

    Raises:
        UnsoundDataError: its stamps are outside the calendar's years.
    """
    source = fetched.source
    bars, running = _without_running(_in_time(fetched), calendar, known_at)
    decided = as_decided(quarantine, bars, source)
    bars, trusted = picked(bars, ~decided.stays_out), decided.enters[~decided.stays_out]
    judged = Judged(
        sound=bars,
        held=(),
        rows=len(bars),
        former=decided.held,
        source=source,
        findings=(),
        notes=(*running, *decided.notes),
    )
    if not len(bars):
        return judged
    shelf = SplitAwareBars(store, splits)
    shown = shelf.arriving(bars, source, known_at).as_of(known_at)
    context = context_of(shelf, bars, source, known_at)
    facts = _facts(calendar, shown, context, known_at)
    seen, enters = inspect(shown, facts, context), trusted.copy()
    enters[seen.sound] = True
    held = held_bars(bars, seen.findings, ~enters, source, known_at)
    fresh = picked(shown, enters)
    held += _in_hindsight(fresh, facts, context, store=store, quarantine=quarantine)
    told = tuple(one for one in seen.findings if not _all_in(one, trusted))
    return replace(judged, sound=picked(bars, enters), held=tuple(held), findings=told)


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
    """Return the last stored bar, as stored, when the new ones show that it came straight back."""
    size = len(context.before)
    if size < 2 or not len(sound):  # noqa: PLR2004 - itself, and one before it
        return []
    last = context.before.window(size - 1, size)
    source = store.source_at(last.symbol, last.timeframe, last.last_open)
    around = replace(context, before=context.before.window(0, size - 1), after=sound)
    opened = last.last_open
    stored = store.read(last.symbol, last.timeframe, start=opened, stop=opened + MICROSECOND)
    if as_decided(quarantine, stored, source).enters.any():
        return []
    seen = list(check_spike(last, facts, around))
    return held_bars(stored, seen, np.array([True]), source, from_micros(facts.known_at))


def context_of(shelf: SplitAwareBars, bars: BarSeries, source: str, at: datetime) -> Context:
    """Return what the store holds before, beside and after some bars; there is at least one.

    In the units of `at`.
    """
    symbol, timeframe = bars.symbol, bars.timeframe
    first = from_micros(int(bars.timestamps.min()))
    beyond = from_micros(int(bars.timestamps.max())) + MICROSECOND
    reach = REACH_AFTER if timeframe.is_intraday else 12 * REACH_AFTER
    return Context(
        before=shelf.read(symbol, timeframe, stop=first, last=BARS_BEFORE[timeframe]).as_of(at),
        overlap=shelf.read(symbol, timeframe, start=first, stop=beyond).as_of(at),
        after=shelf.read(symbol, timeframe, start=beyond, stop=beyond + reach).as_of(at),
        source=source,
        splits=shelf.splits_of(symbol),
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


def held_notes(held: Sequence[QuarantinedBar]) -> tuple[str, ...]:
    """Return one line about bars that are kept apart, with the first one's reason; none for none."""
    if not held:
        return ()
    first, word = held[0], "bar is" if len(held) == 1 else "bars are"
    opened = iso_z(from_micros(first.bar.timestamp))
    return (f"{len(held)} {word} in quarantine, first {opened}: {first.check}: {first.reason}",)
