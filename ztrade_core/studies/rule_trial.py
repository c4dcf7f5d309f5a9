"""Rule trial: what other risk limits would have made of a period's recorded decisions.

Two views, told apart: each recorded entry by itself, on its own evidence (`rule_trial_decisions`, exact), and
all intents played anew as one account (`rule_trial_path`, a simulation). Both are split in time, because limits
that were written after looking at a period fit that period. Nothing is stored, no limit is put in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.backtest.decided_by import cutoff_of_recording
from ztrade_core.backtest.ranges import parse_range
from ztrade_core.backtest.runs import Bench
from ztrade_core.domain.book import Halt
from ztrade_core.domain.configuration import RiskLimits
from ztrade_core.domain.cutoffs import Cutoff, together
from ztrade_core.domain.time import iso_z, new_york_date, new_york_midnight
from ztrade_core.errors import InputError
from ztrade_core.ports.store import Store, UnitOfWork
from ztrade_core.studies.rule_trial_decisions import DecisionView, Marking, decision_view
from ztrade_core.studies.rule_trial_limits import LimitChange, Proposed, changes_of
from ztrade_core.studies.rule_trial_parts import Parts, parts_of, require_holdout
from ztrade_core.studies.rule_trial_path import PathView, Progress, path_view
from ztrade_core.studies.rule_trial_record import Record, Wanted, record_of

DEFAULT_DAYS, DEFAULT_HOLDOUT = 30, 0.3
MOST_DAYS = 3660
Range = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """What is tried on what: the proposed limits, whose decisions, of when.

    `first` and `last` are a range as a backtest takes it; without them the newest `days` New York days, up to
    today for a `live` account, else up to its newest decision, and begun with the first decision in them.
    `holdout` is the share of the days held out. No agents named: all.
    """

    risk: RiskLimits
    account: str
    live: bool
    days: int = DEFAULT_DAYS
    first: str | None = None
    last: str | None = None
    holdout: float = DEFAULT_HOLDOUT
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRoom:
    """What a trial reads: the ledger, and a backtest's bench (bars, calendar, clock, the company of now)."""

    store: Store
    bench: Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrial:
    """A finished trial. `halts` stood in the period; `newest` is the account's newest decision of all."""

    account: str
    parts: Parts
    changes: tuple[LimitChange, ...]
    record: Record
    newest: datetime | None
    halts: tuple[Halt, ...]
    cutoff: Cutoff | None
    decisions: DecisionView
    path: PathView


def run_rule_trial(
    room: TrialRoom, asked: TrialRequest, progress: Progress | None = None
) -> RuleTrial:
    """Try limits on recorded decisions; reads, and writes nothing.

    Raises InputError for a period or an agent that cannot be, LedgerBrokenError for an unreadable ledger.
    """
    require_holdout(asked.holdout)
    company = room.bench.company
    proposed = Proposed(company=company, risk=asked.risk)
    with room.store.reading() as uow:
        newest = _newest(uow, asked.account)
        start, stop = _period(room, asked, newest)
        wanted = Wanted(account=asked.account, start=start, stop=stop, agents=asked.agents)
        record = record_of(uow, wanted)
        _require_known(proposed, asked, record)
        if asked.first is None and asked.last is None and record.first is not None:
            start = max(start, new_york_midnight(new_york_date(record.first)))
        cutoff = _cutoff(proposed, record)
        parts = parts_of(start, stop, asked.holdout, cutoff)
        marking = Marking(bars=room.bench.bars, calendar=room.bench.calendar)
        decisions = decision_view(
            uow, proposed, record, account=asked.account, parts=parts, marking=marking
        )
        halts = _halts(uow, asked.account, (start, stop))
    return RuleTrial(
        account=asked.account,
        parts=parts,
        changes=changes_of(company.risk, asked.risk),
        record=record,
        newest=newest,
        halts=halts,
        cutoff=cutoff,
        decisions=decisions,
        path=path_view(room.bench, proposed, record, parts, progress),
    )


def _cutoff(proposed: Proposed, record: Record) -> Cutoff | None:
    """Return the latest cutoff of the models that gave the recorded answers; None without any."""
    return together(
        cutoff_of_recording(record.recording(agent.agent_id), agent)
        for agent in proposed.company.agents
        if agent.agent_id in record.answers
    )


def _newest(uow: UnitOfWork, account: str) -> datetime | None:
    found = uow.ledger.recent(account=account, limit=1)
    return found[0].decision.as_of if found else None


def _period(room: TrialRoom, asked: TrialRequest, newest: datetime | None) -> Range:
    now = room.bench.clock.now()
    if asked.first is not None or asked.last is not None:
        if asked.first is None or asked.last is None:
            raise InputError("name both ends of a period (--from and --to), or --days")
        start, stop = parse_range(asked.first, asked.last)
        if start >= now:
            raise InputError(f"the period begins at {iso_z(start)}, which lies in the future")
        return start, min(stop, now)
    if not 1 <= asked.days <= MOST_DAYS:
        raise InputError(f"days {asked.days}: write a number from 1 to {MOST_DAYS}")
    last = new_york_date(now if asked.live or newest is None else newest)
    start = new_york_midnight(last - timedelta(days=asked.days - 1))
    return start, min(new_york_midnight(last + timedelta(days=1)), now)


def _require_known(proposed: Proposed, asked: TrialRequest, record: Record) -> None:
    """Refuse an agent that neither the configuration nor the record knows."""
    known = {agent.agent_id for agent in proposed.company.agents} | set(record.answers)
    for agent_id in asked.agents:
        if agent_id not in known:
            there = ", ".join(sorted(known)) or "none"
            raise InputError(
                f"no agent {agent_id!r} in config/agents, nor a decision of it in the period; there"
                f" are: {there}"
            )


def _halts(uow: UnitOfWork, account: str, period: Range) -> tuple[Halt, ...]:
    """Return the halts that stood at some moment of a period, oldest first."""
    start, stop = period
    found: Sequence[tuple[Halt, datetime | None, str, str]] = uow.halts.history(account)
    return tuple(
        halt
        for halt, lifted, _, _ in found
        if halt.since < stop and (lifted is None or lifted > start)
    )
