"""How a backfill looks on the page: what was planned, what was sent, why it stopped."""

from ztrade_core.domain.time import iso_z
from ztrade_core.market_data.windows import WindowReport
from ztrade_core.ports.market import RefreshReport
from ztrade_pipelines import ui

VENDOR_COLUMNS = ("vendor", "requests", "left_today", "days")


def backfill_metadata(report: WindowReport) -> ui.Metadata:
    """Describe the asking behind a window."""
    plan = report.plan
    missing = sum(each.missing for each in plan.series) if plan else 0
    vendors = plan.vendors if plan else ()
    return {
        "missing_before": missing,
        "requests_sent": report.requests,
        "requests_planned": sum(each.requests for each in vendors),
        "plan": ui.table(
            VENDOR_COLUMNS,
            [(each.vendor, each.requests, each.left_today, each.days) for each in vendors],
        ),
    }


def stopped_metadata(report: WindowReport) -> ui.Metadata:
    """Describe a window that a limit or a failure ended before it was whole."""
    window = report.window
    return {
        **backfill_metadata(report),
        "window": f"{iso_z(window.start)} to {iso_z(window.stop)}",
        "rows_written": report.written,
        "missing_rows": len(report.missing),
        "first_missing": ui.moment(report.missing[0] if report.missing else None),
        "notes": ui.lines(report.notes),
    }


def refresh_metadata(report: RefreshReport) -> ui.Metadata:
    """Describe a refresh."""
    return {
        "rows_written": report.written,
        "source": report.source or ui.ABSENT,
        "notes": ui.lines(report.notes),
    }
