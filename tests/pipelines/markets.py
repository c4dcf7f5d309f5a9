"""Flat hand-made markets for every agent that is shipped, each on its own timeframe."""

from datetime import UTC, datetime

from tests.fakes.series import series_of_closes
from ztrade_core.assembly.workshop import Workshop

BEGINS, ENDS = datetime(2022, 12, 20, tzinfo=UTC), datetime(2022, 12, 30, tzinfo=UTC)


def fill_all(workshop: Workshop) -> None:
    """Put bars of every agent's symbol into the store."""
    for agent in workshop.settings.company.agents:
        opened = workshop.calendar.expected_bars(
            agent.instrument.asset_class, agent.timeframe, BEGINS, ENDS
        )
        closes = [100.0 + 0.01 * (index % 3) for index in range(len(opened))]
        bars = series_of_closes(
            agent.symbol,
            agent.timeframe,
            opened,
            closes,
            volumes=[1e6] * len(opened),
            wick=0.001,
        )
        workshop.bars.upsert([bars], source="hand-made", ingested_at=workshop.clock.now())
