"""Recorded intents as agents of one account: their bars, the moments at which each is asked, its answers.

Each agent decides over its own stored bars of the period, as its record answers; a bar without an answer is a
hold. A recorded decision on news is asked at its own moment, between bars. Agents that the configuration has
not, or whose bars the store has not, are left out and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from typing_extensions import override

from ztrade_core.backtest.legs import Leg
from ztrade_core.backtest.news_ticks import NewsTick
from ztrade_core.backtest.portfolio_data import Range, load_legs, missing_in
from ztrade_core.backtest.runs import Bench
from ztrade_core.decision_makers.recorded import NAME, RecordedMaker, Recording
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import (
    NEWS_PREFIX,
    Action,
    Proposal,
    bar_of_slot,
    is_news_slot,
    news_slot,
)
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import from_micros, iso_z, new_york_date
from ztrade_core.errors import NoDataError
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.studies.rule_trial_limits import Proposed
from ztrade_core.studies.rule_trial_parts import Part
from ztrade_core.studies.rule_trial_record import Answer, Record

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    """Agents with their bars and answers, ready to be played.

    `left_out` says why by agent; `missing_bars` counts what the calendar expects and the store has not;
    `unasked` counts recorded buys and sells that no stored bar asks for. `splits` are those inside the
    period by symbol: what a mind named before one (stops, quantities) is in older units.
    """

    legs: tuple[Leg, ...]
    maker: DecisionMaker
    left_out: Mapping[str, str]
    missing_bars: Mapping[str, int]
    unasked: Mapping[str, int]
    splits: Mapping[str, tuple[date, ...]]


class RecordedTogether(DecisionMaker):
    """Answers each agent's question from its own recording."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._makers = {each.agent_id: RecordedMaker(each) for each in recordings}

    @property
    @override
    def name(self) -> str:
        return NAME

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self._makers[agent.agent_id].lookback_bars(agent)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self._makers[agent.agent_id].propose(snapshot, agent)


def intents_of(bench: Bench, proposed: Proposed, record: Record, part: Part) -> Intents:
    """Gather the intents of a part from the record and the store's bars; writes nothing."""
    recordings, legs = list[Recording](), list[Leg]()
    left_out, missing, unasked = dict[str, str](), dict[str, int](), dict[str, int]()
    for agent_id in sorted(record.answers):
        answers = {
            slot: one for slot, one in record.answers[agent_id].items() if part.holds(one.as_of)
        }
        agent = proposed.company.agent(agent_id)
        if agent is None:
            left_out[agent_id] = "the configuration of now has no such agent"
            continue
        if not answers:
            continue
        recording = record.recording(agent_id, part)
        try:
            leg, asked = _leg(bench, proposed, agent, recording, _range(answers, part))
        except NoDataError as error:
            left_out[agent_id] = str(error)
            continue
        leg = replace(leg, news=_news(bench.calendar, leg, answers))
        recordings.append(recording)
        legs.append(leg)
        missing[agent_id] = missing_in(bench.calendar, leg, asked)
        unasked[agent_id] = _unasked(leg, answers)
    return Intents(
        legs=tuple(legs),
        maker=RecordedTogether(recordings),
        left_out=left_out,
        missing_bars={name: count for name, count in missing.items() if count},
        unasked={name: count for name, count in unasked.items() if count},
        splits=_splits(bench, legs, part),
    )


def _splits(bench: Bench, legs: Sequence[Leg], part: Part) -> dict[str, tuple[date, ...]]:
    if bench.splits is None:
        return {}
    first, last = new_york_date(part.start), new_york_date(part.last)
    found = {
        leg.agent.symbol: tuple(
            split.ex_date
            for split in bench.splits.of(leg.agent.symbol, until=last)
            if split.ex_date > first
        )
        for leg in legs
    }
    return {symbol: days for symbol, days in found.items() if days}


def _range(answers: Answers, part: Part) -> Range:
    """Return the part, begun earlier where the bar of its first decisions opened earlier."""
    opened = filter(None, map(bar_of_slot, answers))
    return min([part.start, *opened]), part.stop


def _leg(
    bench: Bench, proposed: Proposed, agent: AgentConfig, recording: Recording, asked: Range
) -> tuple[Leg, Range]:
    """Load an agent's bars, with a warm-up for whichever limits correlate over more returns."""
    risk, other = proposed.company.risk, proposed.risk
    reach = max(risk.correlation_returns, other.correlation_returns)
    maker = RecordedMaker(recording)
    loading = replace(
        bench,
        company=replace(proposed.company, risk=replace(risk, correlation_returns=reach)),
        maker_of=lambda _: maker,
    )
    answering = replace(agent, mode=Mode.RECORDED, wake=None, breaking_news=False)
    (leg,), _ = load_legs(loading, [answering], asked)
    return leg, asked


def _news(calendar: Calendar, leg: Leg, answers: Answers) -> tuple[NewsTick, ...]:
    """Return the recorded decisions on news that lie between an agent's first decision and its last."""
    begins, ends = (_completes(calendar, leg, place) for place in (leg.first, -1))
    ticks = [
        NewsTick(at=one.as_of, news_id=slot.removeprefix(NEWS_PREFIX), known_at=one.as_of)
        for slot, one in answers.items()
        if is_news_slot(slot) and begins < one.as_of < ends
    ]
    return tuple(sorted(ticks, key=lambda tick: tick.at))


def _completes(calendar: Calendar, leg: Leg, place: int) -> datetime:
    opened = from_micros(int(leg.series.timestamps[place]))
    return calendar.completes_at(leg.agent.instrument.asset_class, leg.agent.timeframe, opened)


def _unasked(leg: Leg, answers: Answers) -> int:
    asked = {iso_z(from_micros(stamp)) for stamp in leg.series.timestamps[leg.first :].tolist()}
    asked |= {news_slot(tick.news_id) for tick in leg.news}
    return sum(
        slot not in asked and one.proposal.action is not Action.HOLD
        for slot, one in answers.items()
    )
