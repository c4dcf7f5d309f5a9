"""`ztrade data import`: files of bars into the store.

Exit codes: 0 every bar that the files should bring is in the store; 3 some are in quarantine.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from ztrade_core.domain.time import from_micros
from ztrade_core.market_data.admission import held_notes
from ztrade_core.market_data.imports import ImportDesk, ImportReport, import_files
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.data_backfill import INCOMPLETE
from ztrade_pipelines.cli.formats import count, moment
from ztrade_pipelines.cli.mirror import mirrored
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table

FIRST = 5


@click.command("import", cls=ZtradeCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Let these files win over bars of other sources.")
@json_option
def import_(paths: Sequence[Path], *, replace: bool, as_json: bool) -> int:
    """Import files, folders or patterns of bars.

    One row that cannot be a bar refuses everything. Bars that are defective beside their neighbours
    (a spike, an unadjusted split) go to the quarantine: exit code 3 while one of these files waits there.
    """
    here = office()
    reports = import_files(paths, _desk(here), replace=replace)
    mirrored(lambda: _record(here, reports))
    if as_json:
        emit_json({"series": [_report_document(report) for report in reports]})
    else:
        _show(reports)
    return INCOMPLETE if any(report.waiting for report in reports) else 0


def _desk(here: Office) -> ImportDesk:
    workshop = here.workshop
    return ImportDesk(
        store=workshop.bars,
        calendar=workshop.calendar,
        clock=workshop.clock,
        quarantine=workshop.quarantine,
        splits=workshop.splits,
    )


def _show(reports: Sequence[ImportReport]) -> None:
    made = table("Imported", "file", "=series", ">rows", ">new", ">changed", ">conflicts", ">held")
    cells = [
        (
            report.file,
            f"{report.symbol} {report.timeframe}",
            count(report.rows),
            count(report.upsert.inserted),
            count(report.upsert.updated),
            count(report.upsert.conflicts),
            f"[red]{count(report.waiting)}[/]" if report.waiting else "0",
        )
        for report in reports
    ]
    show(
        rows(made, cells),
        *[_conflict(report) for report in reports if report.upsert.conflicts],
        *[line for report in reports if report.waiting for line in _apart(report)],
        *[line for report in reports for line in _told(report)],
    )


def _apart(report: ImportReport) -> list[str]:
    """Return what is kept apart, why, and what a person may do about it."""
    name = f"{report.symbol} {report.timeframe}"
    lines = [f"[red]{name}, {report.file}: {line}[/]" for line in held_notes(report.held)]
    if report.former:
        lines.append(
            f"[red]{name}, {report.file}: {count(report.former)} are in quarantine since before[/]"
        )
    return [
        *lines,
        f"  `ztrade data quarantine show {name}` shows them; release or drop them there",
    ]


def _told(report: ImportReport) -> list[str]:
    """Return what is odd about bars that were taken all the same."""
    told = [one for one in report.findings if not one.quarantines]
    name = f"{report.symbol} {report.timeframe}, {report.file}"
    lines = [f"[dim]{name}: {one.check}: {one.sentence()}[/]" for one in told[:FIRST]]
    more = len(told) - FIRST
    return [*lines, f"[dim]{name}: and {count(more)} more[/]"] if more > 0 else lines


def _record(here: Office, reports: Sequence[ImportReport]) -> None:
    """Show the import on the page."""
    from ztrade_pipelines.cli.recording import record_import  # noqa: PLC0415 - Dagster

    record_import(here.settings, reports)


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
        "quarantined": report.waiting,
        "quarantined_now": [
            {"timestamp": from_micros(one.bar.timestamp), "check": one.check, "reason": one.reason}
            for one in report.held
        ],
        "findings": [
            {
                "check": one.check,
                "first": from_micros(one.first),
                "bars": one.count,
                "text": one.text,
            }
            for one in report.findings
            if not one.quarantines
        ],
    }
