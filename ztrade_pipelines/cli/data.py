"""`ztrade data import`: files of bars into the store."""

from collections.abc import Sequence
from pathlib import Path

import click

from ztrade_core.market_data.imports import ImportReport, import_files
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import count, moment
from ztrade_pipelines.cli.office import Office, note, office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table


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
