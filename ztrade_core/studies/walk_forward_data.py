"""The bars of a walk-forward: which months the store allows, what a sample saw, what it lacked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.backtest.news_ticks import told_left_out
from ztrade_core.backtest.runs import Bench, gaps_in, series_digest
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.studies import Parameters, StudyPlan
from ztrade_core.domain.time import from_micros, iso_z, new_york_date
from ztrade_core.domain.words import are, counted
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.market_data.adjustments import TAKEN_OUT
from ztrade_core.ports.bars import SeriesStatus
from ztrade_core.ports.studies import StudyStore
from ztrade_core.studies.evaluation import StudyData, load_study_data
from ztrade_core.studies.walk_forward_months import Month, month_at, month_of, months_from

MONTH_LETTERS = 7
AS_CONFIGURED: Parameters = ()
Told = Callable[[str, int, int], None]
"""Told what is done (`in sample`, `out of sample`), candidates done, candidates in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What an agent's walk-forward is made with."""

    bench: Bench
    studies: StudyStore
    agent: AgentConfig
    plan: StudyPlan


def walk_of(bench: Bench, studies: StudyStore, plan: StudyPlan) -> Walk:
    """Return the walk-forward of a plan's agent; InputError when the company has no such agent."""
    agent = bench.company.agent(plan.agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in bench.company.agents) or "none"
        raise InputError(f"no agent {plan.agent_id!r} in config/agents; there are: {known}")
    return Walk(bench=bench, studies=studies, agent=agent, plan=plan)


def possible_months(walk: Walk) -> list[Month]:
    """Return the months that stored bars cover, with history before them, complete by now; ascending.

    A month whose bars end a day or more too soon is not among them; who asks for it gets it, with a
    note. Raises NoDataError when the store has no bars of the agent's series.
    """
    stored = _stored(walk)
    first = month_at(stored.first_open).later(walk.plan.in_sample_months)
    months = months_from(max(first, earliest_month(walk)), month_at(stored.last_open))
    if months and _missing_history(walk, months[0], stored) is not None:
        months = months[1:]
    if months and _is_cut_short(walk, months[-1], stored):
        months = months[:-1]
    now = walk.bench.clock.now()
    return [month for month in months if month.ends <= now]


def require_judgeable(walk: Walk, month: Month) -> None:
    """Raise InputError for a month that still runs, NoDataError for one without enough history."""
    require_complete(walk, month)
    stored = _stored(walk)
    missing = _missing_history(walk, month, stored)
    if missing is not None:
        raise NoDataError(
            f"{month.text}: too early: {counted(walk.plan.in_sample_months, 'month')} in sample before it"
            f" would begin with the bar of {iso_z(missing)}, the store's {walk.agent.symbol}"
            f" {walk.agent.timeframe} begins with {iso_z(stored.first_open)}"
        )


def require_complete(walk: Walk, month: Month) -> None:
    """Raise InputError for a month that still runs, or has not begun."""
    now = walk.bench.clock.now()
    if month.ends > now:
        raise InputError(
            f"{month.text}: runs until {iso_z(month.ends)} and it is {iso_z(now)}: only a complete"
            " month is judged"
        )


def earliest_month(walk: Walk) -> Month:
    """Return the month that config/market_data.yaml lets history begin with."""
    return month_of(walk.bench.company.market_data.history_start[:MONTH_LETTERS])


def in_sample_begin(walk: Walk, month: Month) -> datetime:
    """Return the first instant of a month's sample; the sample ends where the month begins."""
    return month.later(-walk.plan.in_sample_months).begins


def sample_data(
    walk: Walk, month: Month, span: tuple[datetime, datetime], candidates: Sequence[Parameters]
) -> StudyData:
    """Read the bars that open from the span's begin on and are complete by its end, and a warm-up.

    No bar after the span is read. Raises NoDataError, naming the month, without bars.
    """
    begins, ends = (iso_z(instant) for instant in span)
    tried = [*candidates, AS_CONFIGURED]
    try:
        return load_study_data(walk.bench, walk.agent, begins, ends, tried)
    except NoDataError as error:
        raise NoDataError(f"{month.text}: {error}") from error


def sample_document(data: StudyData) -> dict[str, object]:
    """Return what tells whether two samples saw the same: bars with their warm-up, and sentiment."""
    decided = _decided(data)
    return {
        "first_bar": from_micros(int(decided.timestamps[0])),
        "last_bar": decided.last_open,
        "bars": len(decided),
        "warm_up_bars": data.first,
        "source": data.source,
        "digest": series_digest(data.series),
        **data.mood.entry,
    }


def data_notes(
    walk: Walk, data: StudyData, span: tuple[datetime, datetime], name: str
) -> list[str]:
    """Say what a sample's bars have against it; `name` is what the sample is called."""
    decided, notes = _decided(data), []
    missing = gaps_in(walk.bench, walk.agent, decided)["missing_bars"] + _cut_off(
        walk, decided, span
    )
    if missing:
        told = counted(missing, "bar")
        notes.append(f"{name}: {told} that the calendar expects {are(missing)} missing")
    if data.first < data.lookback:
        notes.append(
            f"{name}: {data.first} of {counted(data.lookback, 'bar')} of warm-up before it"
        )
    if data.source.endswith(TAKEN_OUT):
        notes.append(f"{name}: prices and volumes are in the shares of its last day (splits)")
    if data.source.startswith("synthetic"):
        notes.append(f"{name}: the bars are invented (synthetic)")
    if data.mood.left_out:
        notes.append(f"{name}: {told_left_out(data.mood.left_out)}")
    return notes


def _cut_off(walk: Walk, decided: BarSeries, span: tuple[datetime, datetime]) -> int:
    """Return how many expected bars lie before the first one and after the last one."""
    calendar, timeframe = walk.bench.calendar, walk.agent.timeframe
    asset_class = walk.agent.instrument.asset_class
    first, last = from_micros(int(decided.timestamps[0])), decided.last_open
    before = calendar.expected_bars(asset_class, timeframe, span[0], first)
    after = calendar.expected_bars(asset_class, timeframe, last, span[1])
    late = [
        opened
        for opened in after
        if opened > last and calendar.completes_at(asset_class, timeframe, opened) <= span[1]
    ]
    return len(before) + len(late)


def _decided(data: StudyData) -> BarSeries:
    return data.series.window(data.first, len(data.series))


def _missing_history(walk: Walk, month: Month, stored: SeriesStatus) -> datetime | None:
    """Return the first bar that a month's sample lacks when the store begins on a later day."""
    begins = in_sample_begin(walk, month)
    expected = walk.bench.calendar.expected_bars(
        walk.agent.instrument.asset_class, walk.agent.timeframe, begins, month.begins
    )
    first = expected[0] if expected else begins
    return first if new_york_date(stored.first_open) > new_york_date(first) else None


def _is_cut_short(walk: Walk, month: Month, stored: SeriesStatus) -> bool:
    """Return whether the store ends on a day before the month's last one with a bar."""
    expected = walk.bench.calendar.expected_bars(
        walk.agent.instrument.asset_class, walk.agent.timeframe, stored.last_open, month.ends
    )
    return bool(expected) and new_york_date(expected[-1]) > new_york_date(stored.last_open)


def _stored(walk: Walk) -> SeriesStatus:
    series = (walk.agent.symbol, walk.agent.timeframe)
    for status in walk.bench.bars.status():
        if (status.symbol, status.timeframe) == series:
            return status
    raise NoDataError(
        f"no bars of {walk.agent.symbol} {walk.agent.timeframe} in the store; `ztrade data import"
        " PATH...` brings some"
    )
