"""How a window of bars looks on the page."""

from collections import Counter
from collections.abc import Sequence

from ztrade_core.domain.bars import Bar, BarSeries
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.quality.freshness import NAME as FRESHNESS
from ztrade_core.market_data.review import QualityReview
from ztrade_core.market_data.soundness import stamp_text
from ztrade_core.market_data.windows import WindowReport
from ztrade_core.ports.quarantine import QuarantinedBar
from ztrade_pipelines import ui
from ztrade_pipelines.pictures import line_picture

COLUMNS = ("open_time", "open", "high", "low", "close", "volume")
LAST_BARS = 10
DIGITS = 10  # of a price or a volume; a table's own six would cut them
FIRST_GAPS = 10


def window_metadata(report: WindowReport) -> ui.Metadata:
    """Describe what the store now holds of the window."""
    bars, window = report.bars, report.window
    first = from_micros(int(bars.timestamps[0])) if len(bars) else None
    return {
        "rows": len(bars),
        "rows_written": report.written,
        "window": f"{iso_z(window.start)} to {iso_z(window.stop)}",
        "first_bar": ui.moment(first),
        "last_bar": ui.moment(bars.last_open if len(bars) else None),
        "source": report.source or ui.ABSENT,
        "expected_rows": report.expected,
        "missing_rows": len(report.missing),
        "first_missing": ui.lines([iso_z(opened) for opened in report.missing[:FIRST_GAPS]]),
        "notes": ui.lines(report.notes),
        "last_bars": ui.table(COLUMNS, _rows(bars)),
        "closes": ui.picture(_closes_png(bars), f"closes of {window.symbol} {window.timeframe}"),
    }


def rows_of_days(bars: BarSeries, days: Sequence[str]) -> dict[str, int]:
    """Return how many bars opened on each of these UTC days."""
    counts = Counter(from_micros(int(stamp)).date().isoformat() for stamp in bars.timestamps)
    return {day: counts[day] for day in days}


def review_metadata(review: QualityReview, held_in_all: int) -> ui.Metadata:
    """Describe what the quality checks found and keep apart of the window; age is no defect of it.

    `held_in_all`: bars of the whole series that wait in quarantine, those of other days too.
    """
    return {
        "quality_findings": sum(found.check != FRESHNESS for found in review.findings),
        "quarantined_rows": len(review.held),
        "quarantined_rows_of_all_days": held_in_all,
        "moved_to_quarantine": review.moved,
    }


def finding_rows(found: Sequence[Finding]) -> list[tuple[ui.Cell, ...]]:
    """Return findings as rows: first, last, bars, observed, limit, what."""
    return [
        (
            stamp_text(one.first),
            stamp_text(one.last),
            one.count,
            float(one.observed),
            float(one.limit),
            one.text,
        )
        for one in found
    ]


def held_rows(held: Sequence[QuarantinedBar]) -> list[tuple[ui.Cell, ...]]:
    """Return held bars as rows: open, source, the five numbers, why."""
    return [
        (
            stamp_text(one.bar.timestamp),
            one.source,
            *_numbers(one.bar),
            one.reason,
        )
        for one in held
    ]


def _rows(bars: BarSeries) -> list[tuple[ui.Cell, ...]]:
    rows: list[tuple[ui.Cell, ...]] = []
    for index in range(max(0, len(bars) - LAST_BARS), len(bars)):
        bar = bars.bar(index)
        rows.append((iso_z(from_micros(bar.timestamp)), *_numbers(bar)))
    return rows


def _numbers(bar: Bar) -> list[str]:
    numbers = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    return [f"{number:,.{DIGITS}g}" for number in numbers]


def _closes_png(bars: BarSeries) -> bytes:
    return line_picture(
        [from_micros(int(stamp)) for stamp in bars.timestamps],
        bars.closes.tolist(),
        title=f"{bars.symbol} {bars.timeframe}, closes",
        unit="USD",
    )
