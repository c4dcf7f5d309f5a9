"""The last bar that the calendar expects by now is there: nights, weekends and holidays are no staleness."""

from collections.abc import Iterator

from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.quality.facts import CalendarFacts, Context
from ztrade_core.market_data.quality.findings import Finding, Severity
from ztrade_core.market_data.soundness import stamp_text

NAME = "freshness"
HOUR_MICROS = 3_600_000_000.0


def check_freshness(bars: BarSeries, facts: CalendarFacts, _context: Context) -> Iterator[Finding]:
    """Yield one finding when the newest bar is older than the newest expected one; hours."""
    if facts.newest is None:
        return
    newest = int(bars.timestamps.max()) if len(bars) else None
    if newest is not None and newest >= facts.newest:
        return
    behind = float("nan") if newest is None else (facts.newest - newest) / HOUR_MICROS
    last = "there is none" if newest is None else f"the last one is {stamp_text(newest)}"
    yield Finding(
        check=NAME,
        severity=Severity.WARN,
        rows=(),
        first=facts.newest,
        last=facts.newest,
        count=1,
        observed=behind,
        limit=0.0,
        text=f"the newest expected bar is missing; {last}",
    )
