"""A look before a person decides: the moment they are shown, and what their answer would come to.

Nothing is claimed, no account is moved, and nothing is recorded but the frozen moment itself.
"""

from dataclasses import dataclass, replace

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.decisions import Proposal, SlotKey
from ztrade_core.domain.time import iso_z
from ztrade_core.trading.deciding import TARGET_PASSED, settled, target_passed
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.gateway import judged_now
from ztrade_core.trading.judging import Judged
from ztrade_core.trading.observation import Observed, observe


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a person is shown. `unasked` says why nobody is asked at that moment; empty: they are.

    `note` tells of what the run itself will see otherwise.
    """

    observed: Observed
    unasked: str
    note: str

    @property
    def waits(self) -> bool:
        """Whether the decision waits for a person."""
        return not self.unasked


def look(desk: TradingDesk, request: CycleRequest) -> Look:
    """Freeze the moment for a person to see, as a dry run does; InputError as observing has it."""
    observed = observe(desk, replace(request, dry_run=True))
    agent, unasked = desk.agent(request.agent_id), ""
    if not request.dry_run and _is_answered(desk, observed.key):
        unasked = f"slot {observed.key.slot} of {agent.agent_id} is decided already"
    elif target_passed(observed.snapshot, agent):
        unasked = f"nobody is asked: {TARGET_PASSED}"
    return Look(observed=observed, unasked=unasked, note=_note(desk, observed))


def observe_or_show(desk: TradingDesk, request: CycleRequest) -> tuple[Observed, bool]:
    """Observe a request; the bool says that it waits for a person, and was looked at only."""
    if request.writer is None or not request.writer.is_waiting:
        return observe(desk, request), False
    seen = look(desk, request)
    return (seen.observed, True) if seen.waits else (observe(desk, request), False)


def would_come_to(
    desk: TradingDesk, observed: Observed, proposal: Proposal
) -> tuple[Proposal, Judged]:
    """Return what would be put under the rules for an answer, and their word on it now; writes nothing."""
    snapshot = observed.snapshot
    meant = settled(proposal, snapshot, desk.agent(snapshot.key.agent_id))
    tape = Tape(
        key=observed.key,
        snapshot_hash=observed.snapshot_hash,
        proposal=meant,
        mode=Mode.MANUAL.value,
        run_id="",
        taped_at=desk.clock.now(),
    )
    return meant, judged_now(desk, snapshot, tape)


def _is_answered(desk: TradingDesk, key: SlotKey) -> bool:
    with desk.store.reading() as uow:
        return uow.tapes.get(key) is not None


def _note(desk: TradingDesk, observed: Observed) -> str:
    """Say that an account is played on before the run decides, where that may change what it holds."""
    snapshot, stands_at = observed.snapshot, desk.broker.account_time()
    if stands_at is None or not stands_at < snapshot.as_of:
        return ""
    if snapshot.position is None and not snapshot.entry_pending:
        return ""
    return (
        f"account {desk.account} was last played to {iso_z(stands_at)}: what fills until"
        f" {iso_z(snapshot.as_of)} is not shown here, and the run sees it"
    )
