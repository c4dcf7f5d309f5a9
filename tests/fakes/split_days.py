"""Two sessions with a split between them: Wednesday 2022-12-28, and Thursday 2022-12-29, its ex-date.

`on(0, 3)` is when bar 3 of the first session opens, `after(1, 0)` when bar 0 of the second is complete.
Bars are put as a vendor of raw prices tells them (`stub:raw`), as one that has taken the split out since
(`stub:split`, ingested later), or of a source that does not say (`file`).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from tests.fakes.desk import SESSION_OPENS, STEP, DeskKit
from tests.fakes.series import series_of_closes
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, new_york_midnight

EX_DATE = date(2022, 12, 29)
MIDNIGHT = new_york_midnight(EX_DATE)
LATER = datetime(2023, 1, 5, tzinfo=UTC)
WICK = 0.001


def split(ratio: float = 3.0, symbol: str = "TSLA", ex_date: date = EX_DATE) -> Split:
    return Split(symbol=symbol, ex_date=ex_date, ratio=ratio, source="by hand")


def on(day: int, number: int) -> datetime:
    """When bar `number` of a day opens."""
    return SESSION_OPENS + timedelta(days=day) + number * STEP


def after(day: int, number: int) -> datetime:
    """When bar `number` of a day is complete."""
    return on(day, number) + STEP


def put_days(
    kit: DeskKit,
    first: Sequence[float],
    second: Sequence[float],
    *,
    source: str = "stub:raw",
    ingested_at: datetime | None = None,
) -> None:
    """Store closes of TSLA from bar 0 of either day on; each day opens at its first close."""
    for day, closes in enumerate((first, second)):
        if not closes:
            continue
        opened = [on(day, number) for number in range(len(closes))]
        many = [1e6] * len(closes)
        bars = series_of_closes("TSLA", Timeframe.M5, opened, closes, volumes=many, wick=WICK)
        at = opened[-1] + STEP if ingested_at is None else ingested_at
        kit.bars.upsert([bars], source=source, ingested_at=at)
