"""`ztrade data`: bars into the store, and what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.market_data.imports import ImportReport, import_files
from ztrade_core.ports.bars import SeriesStatus
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import count, moment
from ztrade_pipelines.cli.office import Office, note, office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

_A_DAY = timedelta(days=1)


@click.command("import", cls=ZtradeCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Let these files win over bars of other sources.")
@json_option
def import_(paths: Sequence[Path], *, replace: bool, as_json: bool) -> None:
    """Import files, folders or patterns of bars. One unsound row refuses everything."""
    here = office()
    workshop = here.workshop
    reports = import_files(paths, workshop.bars, workshop.calendar, workshop.clock, replace=replace)
    _record(here, reports)
    if as_json:
        emit_json({"series": [_report_document(report) for report in reports]})
        return
    made = table("Imported", "file", "=series", ">rows", ">new", ">changed", ">conflicts")
    cells = [
        (
            report.file,
            f"{report.symbol} {report.timeframe}",
            count(report.rows),
            count(report.upsert.inserted),
            count(report.upsert.updated),
            count(report.upsert.conflicts),
        )
        for report in reports
    ]
    show(rows(made, cells), *[_conflict(report) for report in reports if report.upsert.conflicts])


def _record(here: Office, reports: Sequence[ImportReport]) -> None:
    """Show the import on the page; the bars are in the store whether that works or not."""
    try:
        from ztrade_pipelines.cli.recording import record_import  # noqa: PLC0415 - Dagster

        record_import(here.settings, reports)
    except Exception as error:  # noqa: BLE001 - the import is done; the page is only its mirror
        note(f"not shown on the page: {' '.join(str(error).split())[:200]}")


def _conflict(report: ImportReport) -> str:
    upsert = report.upsert
    word = "bar" if upsert.conflicts == 1 else "bars"
    return (
        f"[yellow]{report.symbol} {report.timeframe}: {count(upsert.conflicts)} {word} of"
        f" {report.file} differ from what {upsert.first_conflict_source} brought first, from"
        f" {moment(upsert.first_conflict)} on; those stand (--replace overrules)[/]"
    )


def _report_document(report: ImportReport) -> dict[str, object]:
    upsert = report.upsert
    return {
        "file": report.file,
        "source": report.source,
        "symbol": report.symbol,
        "timeframe": report.timeframe,
        "rows": report.rows,
        "inserted": upsert.inserted,
        "updated": upsert.updated,
        "unchanged": upsert.unchanged,
        "conflicts": upsert.conflicts,
        "first_conflict": upsert.first_conflict,
        "first_conflict_source": upsert.first_conflict_source or None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """A series beside its calendar: the last bar that should be there now, and whether it is."""

    expected: datetime | None
    fresh: bool
    text: str


@click.command(cls=ZtradeCommand)
@json_option
def status(*, as_json: bool) -> None:
    """Show every stored series: rows, range, sources, freshness."""
    workshop = office().workshop
    found = [(series, freshness_of(workshop, series)) for series in workshop.bars.status()]
    if as_json:
        emit_json({"series": [_series_document(series, fresh) for series, fresh in found]})
        return
    if not found:
        show(nothing("no bars in the store; `ztrade data import PATH...` brings some"))
        return
    made = table("Bars in the store", "=series", ">rows", "=first", "=last", "=fresh", "~sources")
    cells = [
        (
            f"{series.symbol} {series.timeframe}",
            count(series.rows),
            _day(series.first_open),
            moment(series.last_open) if series.timeframe.is_intraday else _day(series.last_open),
            f"[green]{fresh.text}[/]" if fresh.fresh else f"[yellow]{fresh.text}[/]",
            "\n".join(series.sources),
        )
        for series, fresh in found
    ]
    show(rows(made, cells))


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"


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


def _series_document(series: SeriesStatus, fresh: Freshness) -> dict[str, object]:
    return {
        "symbol": series.symbol,
        "timeframe": series.timeframe,
        "rows": series.rows,
        "first_open": series.first_open,
        "last_open": series.last_open,
        "sources": series.sources,
        "expected_open": fresh.expected,
        "fresh": fresh.fresh,
    }
