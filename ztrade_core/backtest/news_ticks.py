"""Breaking news in a backtest: the moments between bars at which live trading would run an agent.

The stories, the limits and the one story a bar are those of the live sensor; a moment is when a story
became known, or the next session's open. Only the event loop decides between bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.domain.words import counted
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.sentiment import BreakingNews
from ztrade_core.trading.running_bar import acts_at, running_bar


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsTick:
    """A story that runs an agent at a moment between its bars."""

    at: datetime
    news_id: str
    known_at: datetime


def news_ticks(
    news: BreakingNews | None,
    calendar: Calendar,
    agent: AgentConfig,
    series: BarSeries,
    *,
    first: int,
) -> tuple[NewsTick, ...]:
    """Return when news runs an agent between its first decision, on bar `first`, and its last.

    Ascending, at most one a bar: of a bar's stories the one that was known first. None of an agent that
    does not listen.
    """
    if news is None or not agent.breaking_news:
        return ()
    begins, ends = (
        calendar.completes_at(agent.instrument.asset_class, agent.timeframe, opened)
        for opened in (from_micros(int(series.timestamps[first])), series.last_open)
    )
    ticks: list[NewsTick] = []
    taken: datetime | None = None
    for story in news.breaking(agent.symbol, since=begins, until=ends):
        at = acts_at(calendar, agent, story.known_at)
        running = None if at is None else running_bar(calendar, agent, at)
        if at is None or running is None or at >= ends:
            continue
        if story.known_at > running.since and running.since != taken:
            taken = running.since
            ticks.append(NewsTick(at=at, news_id=story.news_id, known_at=story.known_at))
    return tuple(ticks)


def why_loop(agent: AgentConfig, ticks: Sequence[NewsTick]) -> str:
    """Return why an agent that news runs between its bars is not run compiled."""
    stories = counted(len(ticks), "breaking story", "breaking stories")
    return (
        f"{stories} (the first at {iso_z(ticks[0].at)}) run {agent.agent_id} between its bars, which only"
        " the event loop does"
    )


def news_entry(ticks: Sequence[NewsTick], left_out: int = 0) -> dict[str, object]:
    """Return what a run keeps of the news that ran it, or would have: nothing where none did."""
    if left_out:
        return {"breaking_news": {"left_out": left_out}}
    if not ticks:
        return {}
    moments = [iso_z(tick.at) for tick in (ticks[0], ticks[-1])]
    return {"breaking_news": {"decisions": len(ticks), "first": moments[0], "last": moments[1]}}


def told_left_out(times: int) -> str:
    """Say that breaking news would have run the agent, and did not."""
    stories = counted(times, "breaking story", "breaking stories")
    return f"{stories} would have run it between its bars: studies decide on bars only"
