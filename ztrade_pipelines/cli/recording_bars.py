"""Bars that the terminal brought, shown on the page: days that are whole turn green, as after a run.

A day of a series is recorded as materialized when the store holds every bar that the calendar expects of
it by now, weekends included; a day that lacks bars is not. No run is launched, so that nothing is asked
twice and no check is evaluated: materializing the day on the page does that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import dagster as dg
import numpy as np

from ztrade_core.domain.time import from_micros
from ztrade_core.market_data.backfill_report import SeriesReport
from ztrade_core.market_data.chain import SeriesWindow
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.market import RefreshReport
from ztrade_core.settings.load import Settings
from ztrade_pipelines import keys, ui
from ztrade_pipelines.cli.instance import dagster_instance

if TYPE_CHECKING:
    from dagster import DagsterInstance

_DAY, _NOON = timedelta(days=1), time(12)
LAUNCHED_BY = "launched_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A series after a backfill, and the months of it that wrote bars."""

    report: SeriesReport
    written: Sequence[SeriesWindow]


def record_backfill(
    settings: Settings, store: BarStore, brought: Sequence[Brought], now: datetime
) -> int:
    """Record the whole days of the series that agents trade; return how many days were recorded.

    A day that is green already is recorded again only where bars of its month were written.
    """
    assets = {(a.symbol, a.timeframe): keys.bars_key(a) for a in settings.company.agents}
    wanted = [
        one for one in brought if (one.report.window.symbol, one.report.window.timeframe) in assets
    ]
    if not wanted:
        return 0
    first = date.fromisoformat(settings.company.market_data.history_start)
    recorded = 0
    with dagster_instance(settings) as instance:
        for one in wanted:
            window = one.report.window
            key = assets[window.symbol, window.timeframe]
            known = instance.get_materialized_partitions(key)
            days = [
                day
                for day in whole_days(one.report, first, now)
                if day.isoformat() not in known or _is_within(day, one.written)
            ]
            recorded += _materialized(instance, key, one.report, _counts(store, window), days)
    return recorded


def record_refresh(settings: Settings, reports: Sequence[RefreshReport]) -> None:
    """Record refreshes that wrote bars, as observations: what the job of the series does too."""
    assets = {(a.symbol, a.timeframe): keys.bars_key(a) for a in settings.company.agents}
    wanted = [one for one in reports if one.written and (one.symbol, one.timeframe) in assets]
    if not wanted:
        return
    with dagster_instance(settings) as instance:
        for one in wanted:
            instance.report_runless_asset_event(
                dg.AssetObservation(
                    asset_key=assets[one.symbol, one.timeframe],
                    description=f"refreshed: {one.written} bars from {one.source}",
                    metadata={
                        "rows_written": one.written,
                        "source": one.source,
                        "notes": ui.lines(one.notes),
                        LAUNCHED_BY: "ztrade data refresh",
                    },
                )
            )


def whole_days(report: SeriesReport, first: date, now: datetime) -> Iterator[date]:
    """Yield the days of a window, from `first` to today, that lack no bar.

    Partitions are UTC days; a stock's session lies within the one of its date, and windows are whole
    days of New York's or UTC's: one that holds a day's noon holds its bars.
    """
    window = report.window
    lacking = {opened.date() for opened in report.missing}
    day, last = max(window.start.date(), first), min(window.stop, now).date()
    while day <= last:
        if window.start <= datetime.combine(day, _NOON, UTC) < window.stop and day not in lacking:
            yield day
        day += _DAY


def _is_within(day: date, months: Sequence[SeriesWindow]) -> bool:
    return any(month.start.date() <= day <= month.stop.date() for month in months)


def _counts(store: BarStore, window: SeriesWindow) -> dict[date, int]:
    """Return how many bars each UTC day of a window holds."""
    bars = store.read(window.symbol, window.timeframe, start=window.start, stop=window.stop)
    day_micros = _DAY // timedelta(microseconds=1)
    numbers, counts = np.unique(bars.timestamps // day_micros, return_counts=True)
    return {
        from_micros(int(number) * day_micros).date(): int(count)
        for number, count in zip(numbers, counts, strict=True)
    }


def _materialized(
    instance: "DagsterInstance",
    key: dg.AssetKey,
    report: SeriesReport,
    counts: dict[date, int],
    days: Sequence[date],
) -> int:
    for day in days:
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                asset_key=key,
                partition=day.isoformat(),
                description="loaded at the terminal",
                metadata={
                    "dagster/row_count": counts.get(day, 0),
                    "source": ui.lines(report.sources),
                    "notes": ui.lines(report.notes),
                    LAUNCHED_BY: "ztrade data backfill",
                },
            )
        )
    return len(days)
