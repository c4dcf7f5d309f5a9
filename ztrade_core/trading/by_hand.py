"""A person in a mind's place: what was written is for one slot, and it is kept like any answer.

It reads what was written through the port. What does not belong here: what an answer must look like.
"""

from ztrade_core.domain.answers import KeptAnswer
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError
from ztrade_core.trading.asking import Answered
from ztrade_core.trading.desk import CycleRequest


def refuse_moved_on(request: CycleRequest, key: SlotKey) -> None:
    """Refuse a slot that what was written is not for; InputError names both. Nothing is taped by then."""
    writer = request.writer
    if writer is None or writer.slot in (None, key.slot):
        return
    raise InputError(
        f"the answer was written for slot {writer.slot}, and {key.agent_id} decides on {key.slot} by now:"
        " look at that moment, and answer anew"
    )


def answered_by_hand(
    request: CycleRequest, snapshot: MarketSnapshot, agent: AgentConfig, *, key: SlotKey
) -> Answered:
    """Return what a person wrote, to be kept under `key`; InputError where nothing usable was written."""
    if request.writer is None:
        raise InputError(
            f"{agent.agent_id} is decided by hand: give an answer (manual_answer, or manual_action and"
            " its reason)"
        )
    paid = request.writer.answer(snapshot, agent)
    if paid.record is None:
        return Answered(proposal=paid.proposal)
    kept = KeptAnswer(key=key, attempt=0, run_id=request.holder, record=paid.record)
    return Answered(proposal=paid.proposal, kept=kept)


def mode_of(request: CycleRequest, agent: AgentConfig) -> Mode:
    """Return who decides a request: a person who wrote does, whatever the agent's mode."""
    if request.writer is not None:
        return Mode.MANUAL
    return request.mode or agent.mode
