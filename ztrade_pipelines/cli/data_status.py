"""`ztrade data status`: every stored series at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import click
from rich.table import Table

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.errors import InputError
from ztrade_core.market_data.adjustments import adjustment_of
from ztrade_core.market_data.coverage import COMPLETE, Coverage, coverage_of, expected_opens
from ztrade_core.ports.bars import SeriesStatus
from ztrade_core.ports.quarantine import HeldSeries
from ztrade_core.store.quarantine import SqlQuarantine
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import ABSENT, count, moment
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

_A_DAY = timedelta(days=1)
_KEYS = (
    *("symbol", "timeframe", "rows", "first_open", "last_open", "sources", "adjustments"),
    *("expected_open", "fresh", "missing", "gaps", "longest_gap_bars", "longest_gap_from"),
    "quarantined",
)
_EMPTY = (
    "no bars in the store: `ztrade data backfill --symbols TSLA --timeframes 5m --days 60` fetches"
    " some, `ztrade data import PATH...` reads files"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """A series beside its calendar: the last bar that should be there now, and whether it is."""

    expected: datetime | None
    fresh: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """One series with everything that is shown of it. No `coverage`: outside the calendar's years."""

    series: SeriesStatus
    freshness: Freshness
    coverage: Coverage | None
    held: int
    adjustments: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """Symbol and timeframe."""
        return f"{self.series.symbol} {self.series.timeframe.value}"


@click.command(cls=ZtradeCommand)
@click.option("--symbol", help="One symbol only, e.g. TSLA.")
@json_option
def status(*, symbol: str | None, as_json: bool) -> None:
    """Show every stored series: rows, range, gaps, freshness, quarantine, sources, adjustment.

    Gaps are the calendar's bars that are missing between the first and the last one, with the longest.
    """
    workshop = office().workshop
    held = [one for one in SqlQuarantine(workshop.engine).series() if one.held]
    views = [
        view_of(workshop, series, held)
        for series in workshop.bars.status()
        if symbol in (None, series.symbol)
    ]
    apart = [one for one in held if symbol in (None, one.symbol) and not _is_shown(one, views)]
    if symbol is not None and not views and not apart:
        raise InputError(f"no bars of {symbol!r} in the store; `ztrade data status` lists what is")
    if as_json:
        documents = [*map(_held_document, apart), *map(_document, views)]
        emit_json({"series": sorted(documents, key=lambda one: (one["symbol"], one["timeframe"]))})
        return
    lines = [
        f"[yellow]{one.symbol} {one.timeframe}: all {count(one.held)} bars are in quarantine[/]"
        for one in apart
    ]
    show(*([_table(views)] if views else [nothing(_EMPTY)]), *lines)


def view_of(workshop: Workshop, series: SeriesStatus, held: Sequence[HeldSeries]) -> SeriesView:
    """Compare a series with its calendar and the quarantine."""
    words = {adjustment_of(source) for source in series.sources} - {""}
    key = (series.symbol, series.timeframe)
    return SeriesView(
        series=series,
        freshness=freshness_of(workshop, series),
        coverage=_coverage(workshop, series),
        held=sum(one.held for one in held if (one.symbol, one.timeframe) == key),
        adjustments=tuple(sorted(words)),
    )


def freshness_of(workshop: Workshop, series: SeriesStatus) -> Freshness:
    """Compare a series' last bar with the one its calendar expects by now."""
    now = workshop.clock.now()
    asset_class = instrument_of(series.symbol).asset_class
    expected = workshop.calendar.expected_bar(asset_class, series.timeframe, now)
    if expected is None:
        return Freshness(expected=None, fresh=True, text="no bar is expected")
    behind = expected - series.last_open
    if behind <= timedelta(0):
        return Freshness(expected=expected, fresh=True, text="yes")
    if behind < _A_DAY:
        return Freshness(expected=expected, fresh=False, text=f"{behind} old")
    return Freshness(expected=expected, fresh=False, text=f"{count(behind.days)} days old")


def _coverage(workshop: Workshop, series: SeriesStatus) -> Coverage | None:
    """Read the stored opens only where the count says that some are missing."""
    asset_class = instrument_of(series.symbol).asset_class
    try:
        expected = expected_opens(
            workshop.calendar, asset_class, series.timeframe, series.first_open, series.last_open
        )
    except InputError:
        return None
    if len(expected) == series.rows:  # the store's door lets no bar in that is off the grid
        return COMPLETE
    return coverage_of(workshop.bars.opens(series.symbol, series.timeframe), expected)


def _is_shown(held: HeldSeries, views: Sequence[SeriesView]) -> bool:
    return any(
        (view.series.symbol, view.series.timeframe) == (held.symbol, held.timeframe)
        for view in views
    )


def _table(views: Sequence[SeriesView]) -> Table:
    made = table(
        "Bars in the store", "=series", ">rows", "range", "gaps", "fresh", ">held", "sources"
    )
    return rows(made, [_cells(view) for view in views])


def _cells(view: SeriesView) -> tuple[str, ...]:
    series, fresh = view.series, view.freshness
    tone = "green" if fresh.fresh else "yellow"
    last = _day(series.last_open)
    if series.timeframe.is_intraday:
        last = moment(series.last_open)
    return (
        view.name,
        count(series.rows),
        f"{_day(series.first_open)} to {last}",
        _gaps(view.coverage),
        f"[{tone}]{fresh.text}[/]",
        f"[red]{count(view.held)}[/]" if view.held else "0",
        "\n".join(series.sources)
        + (f"\n({', '.join(view.adjustments)})" if view.adjustments else ""),
    )


def _gaps(coverage: Coverage | None) -> str:
    if coverage is None:
        return ABSENT
    if not coverage.missing:
        return "[green]none[/]"
    longest = f"{count(coverage.longest_bars)} from {moment(coverage.longest_from)}"
    return f"[yellow]{count(coverage.missing)} bars in {count(coverage.gaps)}[/]\nlongest {longest}"


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"


def _held_document(held: HeldSeries) -> dict[str, Any]:
    """Return the document of a series of which every bar is in quarantine."""
    return dict.fromkeys(_KEYS) | {
        "symbol": held.symbol,
        "timeframe": held.timeframe,
        "rows": 0,
        "sources": [],
        "adjustments": [],
        "fresh": False,
        "quarantined": held.held,
    }


def _document(view: SeriesView) -> dict[str, Any]:
    series, coverage = view.series, view.coverage
    return {
        "symbol": series.symbol,
        "timeframe": series.timeframe,
        "rows": series.rows,
        "first_open": series.first_open,
        "last_open": series.last_open,
        "sources": series.sources,
        "adjustments": view.adjustments,
        "expected_open": view.freshness.expected,
        "fresh": view.freshness.fresh,
        "missing": None if coverage is None else coverage.missing,
        "gaps": None if coverage is None else coverage.gaps,
        "longest_gap_bars": None if coverage is None else coverage.longest_bars,
        "longest_gap_from": None if coverage is None else coverage.longest_from,
        "quarantined": view.held,
    }
