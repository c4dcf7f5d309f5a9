"""How the votes of an ensemble look on the page: one row a member."""

from dataclasses import replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import answer_behind, usd_of
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.voting import votes_of
from ztrade_core.ports.store import UnitOfWork
from ztrade_pipelines import ui

COLUMNS = ("member", "said", "mode", "model", "answer", "attempts", "usd", "seconds", "rationale")


def votes_metadata(uow: UnitOfWork, tape: Tape) -> ui.Metadata:
    """Describe who voted for a taped answer, and what all of them cost; nothing where nobody voted."""
    rows, usd = [], 0.0
    for name, said in votes_of(tape.proposal):
        key = replace(tape.key, slot=member_slot(name, tape.key.slot))
        own, answers = uow.tapes.get(key), uow.answers.of_slot(key)
        cost = usd_of(answers)
        usd += cost
        behind = None if own is None else answer_behind(answers, own.run_id)
        last = None if behind is None else behind.record
        rows.append(
            (
                name,
                said,
                None if own is None else own.mode,
                None if last is None else last.model,
                None if last is None else last.outcome.value,
                len(answers),
                cost,
                None if last is None else last.cost.seconds,
                None if own is None else own.proposal.rationale,
            )
        )
    if not rows:
        return {}
    return {"votes": ui.table(COLUMNS, rows), "votes_usd": ui.number(usd)}
