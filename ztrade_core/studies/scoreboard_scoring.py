"""Scores the minds of one window: reads its bars once, then takes each mind's parts in turn."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from ztrade_core.backtest.runs import Bench, gaps_in
from ztrade_core.domain.time import MICROSECOND, from_micros, to_micros
from ztrade_core.market_data.soundness import refuse_unsound
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.studies.scoreboard_agreement import agreement, repeatability
from ztrade_core.studies.scoreboard_answers import OWN, Mind, Told, Window
from ztrade_core.studies.scoreboard_figures import (
    MindScore,
    PairScore,
    Part,
    PartScore,
    Scoreboard,
    cost_of,
    moment_of,
    moments_of,
    parts_of,
    within,
)
from ztrade_core.studies.scoreboard_following import Bars, Followed, Follower
from ztrade_core.studies.scoreboard_hits import Judge, cost_fraction
from ztrade_core.studies.scoreboard_notes import notes_of


class Scoring:
    """One window's answers over its bars. The first of `told.minds` is the agent's own."""

    def __init__(self, bench: Bench, window: Window, told: Told, horizon_bars: int) -> None:
        self._bench, self._window, self._told = bench, window, told
        self._own = told.minds[0]
        self._parts = {mind.label: parts_of(mind) for mind in told.minds}
        self._bars = self._stored()
        asset_class = window.agent.instrument.asset_class
        self._judge = Judge(
            series=self._bars.series,
            horizon_bars=horizon_bars,
            cost_fraction=cost_fraction(bench.company.broker.costs, asset_class),
        )
        self._follower = Follower(self._busy(), window.agent, self._bars, self._own.answers)

    def board(self) -> Scoreboard:
        """Return everything that is known of the minds."""
        window, told, series = self._window, self._told, self._bars.series
        minds = tuple(self._mind(mind) for mind in told.minds)
        return Scoreboard(
            agent_id=window.agent.agent_id,
            symbol=window.agent.symbol,
            timeframe=window.agent.timeframe.value,
            account=window.account,
            account_epoch=told.account_epoch,
            begins=window.begins,
            ends=window.ends,
            horizon_bars=self._judge.horizon_bars,
            bars=len(series),
            missing_bars=self._missing(),
            cost_fraction=self._judge.cost_fraction,
            common=self._common(),
            minds=minds,
            pairs=tuple(self._pair(one, other) for one, other in combinations(told.minds, 2)),
            notes=notes_of(window, told, minds),
        )

    def _stored(self) -> Bars:
        """Read the bars from the first that was decided on to the last that is complete."""
        agent, ends = self._window.agent, self._window.ends
        reader = SplitAwareBars(self._bench.bars, self._bench.splits)
        known = reader.read(agent.symbol, agent.timeframe, start=self._first_bar(), stop=ends)
        series = known.as_of(ends - MICROSECOND)
        complete = self._bench.calendar.complete_count(
            agent.instrument.asset_class, agent.timeframe, series.timestamps, ends
        )
        series = series.window(0, complete)
        refuse_unsound(series, origin="the store's bars")
        return Bars(known=known, series=series, ends=ends)

    def _first_bar(self) -> datetime:
        opened = [
            answer.opened
            for mind in self._told.minds
            for answers in mind.samples.values()
            for answer in answers.values()
            if answer.opened is not None
        ]
        begins = self._window.begins
        return min(begins, from_micros(min(opened))) if opened else begins

    def _missing(self) -> int:
        series = self._bars.series
        if not len(series):
            return 0
        return gaps_in(self._bench, self._window.agent, series)["missing_bars"]

    def _busy(self) -> Bench:
        """Return the bench, on which compiling pays sooner: the same bars are run many times."""
        runs = 0
        for mind in self._told.minds:
            beside = 0 if mind.role == OWN else 1
            runs += len(self._parts[mind.label]) * (len(mind.samples) + beside)
        return replace(self._bench, worth_bars=self._bench.worth_bars // max(1, runs))

    def _common(self) -> int:
        """Count the moments that every mind answered which answered any."""
        answered = [
            {slot for slot, answer in mind.answers.items() if answer.is_usable}
            for mind in self._told.minds
        ]
        return len(set.intersection(*filter(None, answered))) if any(answered) else 0

    def _mind(self, mind: Mind) -> MindScore:
        cutoff = mind.cutoff
        makers = Counter(answer.proposal.maker for answer in mind.answers.values())
        return MindScore(
            name=mind.name,
            role=mind.role,
            label=mind.label,
            samples=len(mind.samples),
            models=() if cutoff is None else cutoff.models,
            training_cutoff=None if cutoff is None else cutoff.day,
            clean_from=None if cutoff is None else cutoff.clean_from,
            makers=dict(sorted(makers.items())),
            parts=tuple(
                self._part(mind, part, slots) for part, slots in self._parts[mind.label].items()
            ),
        )

    def _part(self, mind: Mind, part: Part, slots: frozenset[str]) -> PartScore:
        is_own = mind.role == OWN
        samples = {number: within(each, slots) for number, each in mind.samples.items()}
        answers, own = within(mind.answers, slots), within(self._own.answers, slots)
        both = {slot for slot in answers.keys() & own.keys() if answers[slot].is_usable}
        followed = self._follower.follow(samples, self._until(mind, part, slots), is_own=is_own)
        is_told = not is_own and self._is_alike(part, slots | self._own_slots(followed))
        if followed is not None and not is_told:
            followed = replace(followed, own_return=None)
        return PartScore(
            part=part,
            moments=moments_of(answers),
            hits=self._judge.hits(answers.values()),
            own_hits=self._judge.hits(own[slot] for slot in both) if is_told else None,
            followed=followed,
            cost=None if mind.cutoff is None else cost_of(mind.costs, slots),
            agreement=None if is_own else agreement(answers, own),
            repeatability=repeatability(samples),
        )

    def _own_slots(self, followed: Followed | None) -> frozenset[str]:
        """Return the bars that the agent itself answered while a mind is followed."""
        if followed is None:
            return frozenset()
        begins, ends = to_micros(followed.begins), to_micros(followed.ends)
        return frozenset(
            slot
            for slot, answer in self._own.answers.items()
            if answer.opened is not None and begins <= answer.opened < ends
        )

    def _is_alike(self, part: Part, slots: frozenset[str]) -> bool:
        """Return whether the agent's own figures over slots do not mix known with clean ones.

        Beside a clean part nothing may stand that the agent's model may have known; a part that is not
        split has all or none of it.
        """
        own = self._parts[self._own.label]
        if Part.ALL in own or part is Part.KNOWN:
            return True
        return not slots & own[Part.KNOWN] or (part is Part.ALL and not slots & own[Part.CLEAN])

    def _until(self, mind: Mind, part: Part, slots: frozenset[str]) -> datetime | None:
        """Return where a part's run ends: what a mind may have known, at its cutoff.

        Unless other models' answers are told apart from there on.
        """
        begins = None if mind.cutoff is None else mind.cutoff.clean_from
        if part is not Part.KNOWN or begins is None:
            return None
        later = any(moment_of(mind.answers[slot]) >= begins for slot in slots & mind.answers.keys())
        return None if later else begins

    def _pair(self, one: Mind, other: Mind) -> PairScore:
        first, second = self._parts[one.label], self._parts[other.label]
        if Part.ALL in first and Part.ALL in second:
            parts = {Part.ALL.value: agreement(one.answers, other.answers)}
        else:
            clean = _clean(first) & _clean(second)
            known = frozenset(one.answers) - clean
            parts = {
                Part.KNOWN.value: agreement(within(one.answers, known), other.answers),
                Part.CLEAN.value: agreement(within(one.answers, clean), other.answers),
            }
        return PairScore(one=one.label, other=other.label, parts=parts)


def _clean(parts: dict[Part, frozenset[str]]) -> frozenset[str]:
    """Return the slots of which a mind knew nothing; all of a mind without a model."""
    return parts[Part.ALL] if Part.ALL in parts else parts[Part.CLEAN]
