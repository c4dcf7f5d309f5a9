"""What the ledger keeps of a period for a rule trial: entries that were wanted, and every answer by slot.

Only the account's newest epoch: an earlier one may have played the same days. The house's own decisions
are left out of the answers: they come about anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ztrade_core.decision_makers.recorded import Recording
from ztrade_core.domain.decisions import Action, ChainedDecision, Proposal
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.studies.rule_trial_parts import Part
from ztrade_core.trading.voters import Voters, voters_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One recorded answer, and when it was given."""

    as_of: datetime
    proposal: Proposal


@dataclass(slots=True, kw_only=True)
class Record:
    """An account's decisions of a period.

    `entries` are the rows that wanted to buy, in the ledger's order; `answers` every agent's by slot.
    `voters` are the makers of ensembles' votes. `earlier` counts decisions of earlier epochs, which are left out.
    """

    epoch: int = 0
    entries: list[ChainedDecision] = field(default_factory=list)
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    voters: dict[str, Voters] = field(default_factory=dict)
    decisions: int = 0
    exits: int = 0
    earlier: int = 0

    def recording(self, agent_id: str, part: Part | None = None) -> Recording:
        """Return an agent's answers, of a part where one is given, to be repeated."""
        entries = {
            slot: one.proposal
            for slot, one in self.answers.get(agent_id, {}).items()
            if part is None or part.holds(one.as_of)
        }
        return Recording(
            agent_id=agent_id,
            source=f"ledger, epoch {self.epoch}",
            entries=entries,
            voters=self.voters.get(agent_id, {}),
        )

    @property
    def holds(self) -> int:
        """How many decisions wanted nothing."""
        return self.decisions - self.exits - len(self.entries)

    @property
    def first(self) -> datetime | None:
        """When the first decision was made; None without one."""
        times = (one.as_of for answers in self.answers.values() for one in answers.values())
        return min(times, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose decisions of which period: `start <= as_of < stop`; no agents named: all."""

    account: str
    start: datetime
    stop: datetime
    agents: tuple[str, ...] = ()

    def holds(self, row: ChainedDecision) -> bool:
        """Return whether a decision is one of them."""
        decision = row.decision
        return (
            decision.key.account == self.account
            and self.start <= decision.as_of < self.stop
            and (not self.agents or decision.key.agent_id in self.agents)
        )


def record_of(uow: UnitOfWork, wanted: Wanted) -> Record:
    """Read the ledger once; LedgerBrokenError at a row that cannot be read."""
    found = gathered(row for row in uow.ledger.rows() if wanted.holds(row))
    for agent_id in found.answers:
        found.voters[agent_id] = voters_of(uow, wanted.account, found.epoch, agent_id)
    return found


def gathered(rows: Iterable[ChainedDecision]) -> Record:
    """Gather the rows of the newest epoch among those given."""
    found = Record()
    for row in rows:
        epoch = row.decision.key.account_epoch
        if epoch > found.epoch:
            found = Record(epoch=epoch, earlier=found.earlier + found.decisions)
        if epoch < found.epoch:
            found.earlier += 1
            continue
        _add(found, row)
    return found


def _add(found: Record, row: ChainedDecision) -> None:
    decision = row.decision
    found.decisions += 1
    action = decision.proposal.action
    if action is Action.BUY:
        found.entries.append(row)
    found.exits += action is Action.SELL
    if not decision.proposal.is_of_house:
        answers = found.answers.setdefault(decision.key.agent_id, {})
        answers[decision.key.slot] = Answer(as_of=decision.as_of, proposal=decision.proposal)
