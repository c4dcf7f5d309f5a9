"""Decision by decision, in figures: what a proposal denies, allows and resizes, and what that was worth.

The worth of an entry is what its position really came to, net of all costs, wherever it closed; it belongs to
the part of the period in which the entry was decided. A denied loss is saved, a denied gain is forgone; an
entry of another size counts in proportion, an entry that was never filled is worth nothing. What a newly
allowed entry would have earned nobody knows here.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.studies.rule_trial_entries import Change, Rejudged, Unjudged, rejudge
from ztrade_core.studies.rule_trial_limits import Proposed
from ztrade_core.studies.rule_trial_parts import Part, Parts
from ztrade_core.studies.rule_trial_record import Record
from ztrade_core.studies.rule_trial_results import Book, EntryResult, book_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry under the proposed limits, and what its position really came to (None: never filled)."""

    judged: Rejudged
    result: EntryResult | None

    @property
    def effect_usd(self) -> float | None:
        """What the proposal would have changed of its result; None where that is not known."""
        found = self.result
        if self.judged.change is Change.UNCHANGED or found is None:
            return 0.0
        if self.judged.change is Change.NEWLY_ALLOWED or found.pnl_usd is None:
            return None
        return (self._filled_anew(found) / found.filled - 1.0) * found.pnl_usd

    @property
    def is_larger(self) -> bool:
        """Whether the proposal would have made the order larger."""
        return self.judged.quantity > self.judged.row.decision.quantity

    def _filled_anew(self, found: EntryResult) -> float:
        """Return how much would have been filled: more than was, only where all of the order was."""
        asked = self.judged.row.decision.quantity
        if self.is_larger:
            return self.judged.quantity if found.filled >= asked else found.filled
        return min(found.filled, self.judged.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What the proposal changes in a part, entry by entry.

    `filled` are those entries that were really filled. `saved_usd` and `forgone_usd` are of closed positions
    that were denied or would have been smaller, `larger_usd` what closed ones would have earned more (or
    lost: below 0) by being larger. `open_usd` is the same of positions that are open still, at their mark;
    `unmarked` are those without one.
    """

    part: Part
    entries: int
    filled: int
    changes: Mapping[Change, int]
    denied_by: Mapping[str, int]
    allowed_by: Mapping[str, int]
    saved_usd: float
    forgone_usd: float
    larger_usd: float
    open_usd: float
    unmarked: int

    @property
    def net_usd(self) -> float:
        """What closed positions would have come to more; below 0: less."""
        return self.saved_usd - self.forgone_usd + self.larger_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """The view: every entry that could be judged again, what is left out, and the sums by part."""

    entries: tuple[Entry, ...]
    left_out: tuple[Unjudged, ...]
    consequences: tuple[Consequence, ...]
    open_before: int

    @property
    def changed(self) -> tuple[Entry, ...]:
        """The entries of which the proposal makes something else."""
        return tuple(one for one in self.entries if one.judged.change is not Change.UNCHANGED)

    @property
    def of_another_configuration(self) -> int:
        """How many judged entries were decided under another configuration that says the same of them."""
        return sum(not one.judged.is_own for one in self.entries)

    def of(self, part: Part | None) -> Consequence | None:
        """Return the sums of a part; None for one that the period has not."""
        return next((one for one in self.consequences if one.part == part), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """What open positions are marked with."""

    bars: BarStore
    calendar: Calendar


def decision_view(
    uow: UnitOfWork,
    proposed: Proposed,
    record: Record,
    *,
    account: str,
    parts: Parts,
    marking: Marking,
) -> DecisionView:
    """Judge every recorded entry again and add up; reads the store, writes nothing."""
    book = book_of(uow, account, record.epoch, bars=marking.bars, calendar=marking.calendar)
    entries, left_out = list[Entry](), list[Unjudged]()
    for row in record.entries:
        judged = rejudge(uow, proposed, row)
        if isinstance(judged, Unjudged):
            left_out.append(judged)
        else:
            entries.append(_entry(uow, book, judged))
    return DecisionView(
        entries=tuple(entries),
        left_out=tuple(left_out),
        consequences=tuple(consequence(entries, part) for part in parts.all),
        open_before=book.open_at(parts.whole.start),
    )


def _entry(uow: UnitOfWork, book: Book, judged: Rejudged) -> Entry:
    return Entry(judged=judged, result=book.result_of(uow, judged.row.decision.decision_id))


def consequence(entries: Iterable[Entry], part: Part) -> Consequence:
    """Add up the entries that were decided in a part."""
    own = [one for one in entries if part.holds(one.judged.row.decision.as_of)]
    closed = [one for one in own if one.result is not None and not one.result.is_open]
    still_open = [one for one in own if one.result is not None and one.result.is_open]
    cut = [_known(one) for one in closed if not one.is_larger]
    return Consequence(
        part=part,
        entries=len(own),
        filled=len(closed) + len(still_open),
        changes=dict(Counter(one.judged.change for one in own)),
        denied_by=_rules(own, Change.NEWLY_DENIED),
        allowed_by=_rules(own, Change.NEWLY_ALLOWED),
        saved_usd=math.fsum(effect for effect in cut if effect > 0.0),
        forgone_usd=math.fsum(-effect for effect in cut if effect < 0.0),
        larger_usd=math.fsum(_known(one) for one in closed if one.is_larger),
        open_usd=math.fsum(_known(one) for one in still_open),
        unmarked=sum(one.effect_usd is None for one in still_open),
    )


def _known(one: Entry) -> float:
    return one.effect_usd or 0.0


def _rules(entries: Sequence[Entry], change: Change) -> dict[str, int]:
    found = Counter(
        rule for one in entries if one.judged.change is change for rule in one.judged.rules
    )
    return dict(sorted(found.items()))
