"""The bars of several agents for one account: the range that they have in common, and their warm-up.

An agent has a range when the store holds the bar the calendar expects at its beginning and the one
at its end; holes between them are counted, not refused. Warm-up reaches back for the strategy's
look-back and for the returns that correlations are made of, as a live desk finds them in the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from ztrade_core.backtest.kernel.schedule import bar_schedule
from ztrade_core.backtest.legs import Leg
from ztrade_core.backtest.runs import Bench, load_bars
from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import from_micros, iso_z, to_micros
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.adjustments import TAKEN_OUT
from ztrade_core.ports.clock import Calendar

Range = tuple[datetime, datetime]
SPARE_DAYS = 14  # of holidays, beside two days a session


def load_legs(
    bench: Bench, agents: Sequence[AgentConfig], asked: Range
) -> tuple[tuple[Leg, ...], Range]:
    """Return every agent's bars in the order of their ids, and the range they have in common.

    Raises NoDataError, naming the agent, when one has no bars in the range asked for, or the agents
    no common range.
    """
    loaded = [
        _load(bench, agent, asked) for agent in sorted(agents, key=lambda agent: agent.agent_id)
    ]
    ranges = {leg.agent.agent_id: _covered(bench.calendar, leg, asked) for leg in loaded}
    common = (
        max(begins for begins, _ in ranges.values()),
        min(ends for _, ends in ranges.values()),
    )
    legs = [_cut(bench.calendar, leg, common) for leg in loaded]
    if any(leg.first >= len(leg.series) for leg in legs):
        raise NoDataError(_nothing_common(ranges))
    return tuple(replace(leg, source=_source(bench, leg)) for leg in legs), common


def completions(calendar: Calendar, series: BarSeries) -> IntArray:
    """Return when each bar of a series completes, in microseconds."""
    return bar_schedule(calendar, instrument_of(series.symbol).asset_class, series)[0]


def missing_in(calendar: Calendar, leg: Leg, common: Range) -> int:
    """Return how many bars the calendar expects in a range that an agent does not have."""
    (begins, ends), agent = common, leg.agent
    asset_class = agent.instrument.asset_class
    due = calendar.expected_stamps(asset_class, agent.timeframe, begins, ends)
    complete = calendar.complete_count(asset_class, agent.timeframe, due, ends)
    return int(np.count_nonzero(~np.isin(due[:complete], leg.series.timestamps)))


def _load(bench: Bench, agent: AgentConfig, asked: Range) -> Leg:
    sessions = bench.company.risk.correlation_returns + 2
    since = asked[0] - timedelta(days=2 * sessions + SPARE_DAYS)
    recent = bench.bars.read(agent.symbol, agent.timeframe, start=since, stop=asked[0])
    warm_up = max(len(recent), bench.maker_of(agent).lookback_bars(agent))
    try:
        series, first, source = load_bars(bench, agent, *asked, warm_up)
    except NoDataError as error:
        raise NoDataError(
            f"{agent.agent_id}: {error} (or choose another range, or leave this agent out)"
        ) from error
    return Leg(agent=agent, series=series, first=first, source=source)


def _covered(calendar: Calendar, leg: Leg, asked: Range) -> Range:
    """Return which part of the range an agent's bars reach over, holes within it included."""
    agent, series = leg.agent, leg.series
    asset_class = agent.instrument.asset_class
    first, last = from_micros(int(series.timestamps[leg.first])), series.last_open
    before = len(calendar.expected_stamps(asset_class, agent.timeframe, asked[0], first))
    due = calendar.expected_bar(asset_class, agent.timeframe, asked[1])
    is_whole = due is None or due <= last
    completed = calendar.completes_at(asset_class, agent.timeframe, last)
    return (first if before else asked[0]), (asked[1] if is_whole else completed)


def _cut(calendar: Calendar, leg: Leg, common: Range) -> Leg:
    """Return the agent deciding within the common range only; what lies before it is warm-up."""
    agent, stamps = leg.agent, leg.series.timestamps
    first = int(stamps.searchsorted(to_micros(common[0])))
    asset_class = agent.instrument.asset_class
    stop = calendar.complete_count(asset_class, agent.timeframe, stamps, common[1])
    return replace(leg, series=leg.series.window(0, stop), first=first)


def _source(bench: Bench, leg: Leg) -> str:
    """Return the source of a leg's last bar, marked as its loaded bars are."""
    agent, mark = leg.agent, TAKEN_OUT if leg.source.endswith(TAKEN_OUT) else ""
    return bench.bars.source_at(agent.symbol, agent.timeframe, leg.series.last_open) + mark


def _nothing_common(ranges: Mapping[str, Range]) -> str:
    said = "; ".join(f"{name} {iso_z(a)} to {iso_z(b)}" for name, (a, b) in ranges.items())
    return f"the agents' bars have no common range ({said}): choose another range, or other agents"
