"""Who gave an ensemble's votes: its decision names no model, its members' tapes do."""

from collections.abc import Iterable, Mapping

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.side_slots import MEMBER, side_slot_of
from ztrade_core.ports.store import UnitOfWork

Voters = Mapping[str, tuple[str, ...]]
"""The makers of the members' answers by the slot that was voted on."""


def voters_in(tapes: Iterable[Tape]) -> dict[str, tuple[str, ...]]:
    """Return who voted, by slot, among tapes that lie beside decisions."""
    found: dict[str, tuple[str, ...]] = {}
    for tape in tapes:
        side = side_slot_of(tape.key.slot)
        if side is not None and side.kind == MEMBER:
            found[side.slot] = (*found.get(side.slot, ()), tape.proposal.maker)
    return found


def voters_of(
    uow: UnitOfWork, account: str, account_epoch: int, agent_id: str
) -> dict[str, tuple[str, ...]]:
    """Return who voted for an agent on an epoch of an account, by slot."""
    return voters_in(uow.tapes.beside(account, account_epoch, agent_id))
