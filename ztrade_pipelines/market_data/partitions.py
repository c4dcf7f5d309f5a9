"""Daily partitions of bars, UTC days: a stock's session and its daily bar lie within one."""

import dagster as dg

from ztrade_core.domain.configuration import MarketDataConfig


def daily_partitions(config: MarketDataConfig) -> dg.DailyPartitionsDefinition:
    """Return the days from `history_start` to today, today's included."""
    return dg.DailyPartitionsDefinition(start_date=config.history_start, end_offset=1)
