"""What `ztrade data backfill` shows: the plan before, progress meanwhile, what became of it after."""

from collections.abc import Sequence
from datetime import datetime

import click
from rich.console import RenderableType
from rich.markup import escape

from ztrade_core.domain.time import iso_z
from ztrade_core.market_data.backfill_plan import BackfillPlan
from ztrade_core.market_data.backfill_report import Progress, SeriesReport
from ztrade_pipelines.cli.formats import ABSENT, count, moment
from ztrade_pipelines.cli.output import rows, table

FIRST_GAPS = 3


def plan_parts(plan: BackfillPlan) -> list[RenderableType]:
    """Return the plan as tables."""
    series = table(
        "Plan", "=series", ">expected", ">missing", ">months", "=from", ">requests", "notes"
    )
    vendors = table("Estimate", "=vendor", ">requests", ">left today", ">days it takes")
    cells = [
        (
            each.window.name,
            count(each.expected),
            count(each.missing),
            count(each.months),
            each.vendor or ABSENT,
            count(each.requests),
            escape("\n".join(each.notes)),
        )
        for each in plan.series
    ]
    needed = [
        (
            each.vendor,
            count(each.requests),
            "no limit" if each.left_today is None else count(each.left_today),
            count(each.days),
        )
        for each in plan.vendors
    ]
    shown: list[RenderableType] = [rows(series, cells)]
    if needed:
        shown.append(rows(vendors, needed))
    else:
        shown.append("[dim]no vendor need be asked[/]")
    return shown


def tell_progress(told: Progress) -> None:
    """Say that a month of a series is done, on standard error."""
    text = (
        f"{told.window.name} {told.month.start:%Y-%m-%d} to {told.month.stop:%Y-%m-%d}"
        f" ({told.done} of {told.of}): {count(told.written)} written, {count(told.missing)} missing"
    )
    click.echo(click.style(text, dim=True), err=True)


def report_parts(reports: Sequence[SeriesReport]) -> list[RenderableType]:
    """Return the closing table, why what is missing is missing, and what else there is to know."""
    made = table(
        "Backfill", "=series", ">asked", ">written", ">missing", "first missing", "~source"
    )
    cells = [
        (
            each.window.name,
            count(each.requests),
            count(each.written),
            f"[yellow]{count(len(each.missing))}[/]" if each.missing else "[green]0[/]",
            gaps_text(each.gaps),
            "\n".join(each.sources),
        )
        for each in reports
    ]
    why = [f"[yellow]{escape(line)}[/]" for each in reports for line in why_lines(each)]
    return [rows(made, cells), *why]


def gaps_text(gaps: Sequence[tuple[datetime, int]]) -> str:
    """Return the first runs of missing bars, one a line."""
    lines = [f"{moment(first)} x {count(length)}" for first, length in gaps[:FIRST_GAPS]]
    more = len(gaps) - FIRST_GAPS
    return "\n".join([*lines, f"and {count(more)} more"] if more > 0 else lines) or ABSENT


def why_lines(report: SeriesReport) -> list[str]:
    """Return why a series lacks bars, when the same command goes on, and what was noted on the way.

    Of a series that lacks none and has no note: nothing.
    """
    name, missing = report.window.name, count(len(report.missing))
    if not report.missing:
        head = f"{name}: no bar is missing; noted on the way"
        return [head, *(f"  {each}" for each in report.notes)] if report.notes else []
    if report.until is not None:
        head = f"{name}: {missing} missing; the same command goes on after {iso_z(report.until)}"
    elif report.failed:
        head = f"{name}: {missing} missing; a vendor failed, the same command asks it again"
    else:
        head = f"{name}: {missing} missing, and nobody who was asked has them"
    return [head, *(f"  {each}" for each in report.notes)]


def plan_document(plan: BackfillPlan) -> dict[str, object]:
    """Return the plan for programs."""
    return {
        "series": [
            {
                "symbol": each.window.symbol,
                "timeframe": each.window.timeframe,
                "start": each.window.start,
                "stop": each.window.stop,
                "expected": each.expected,
                "missing": each.missing,
                "months": each.months,
                "vendor": each.vendor or None,
                "requests": each.requests,
                "notes": each.notes,
            }
            for each in plan.series
        ],
        "vendors": plan.vendors,
    }


def backfill_document(plan: BackfillPlan, reports: Sequence[SeriesReport]) -> dict[str, object]:
    """Return everything for programs."""
    return {
        "plan": plan_document(plan),
        "complete": not any(each.missing for each in reports),
        "series": [
            {
                "symbol": each.window.symbol,
                "timeframe": each.window.timeframe,
                "expected": each.expected,
                "missing": len(each.missing),
                "gaps": [{"first": first, "bars": length} for first, length in each.gaps],
                "requests": each.requests,
                "written": each.written,
                "sources": each.sources,
                "until": each.until,
                "failed": each.failed,
                "notes": each.notes,
            }
            for each in reports
        ],
    }
