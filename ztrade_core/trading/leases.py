"""Who may write for an agent: the run that touched it last.

A later run takes the lease over at once and gets a larger token; the earlier one is fenced: what it
still learns from the broker it may not write. That is safe because order ids are derived, so two
runs of one slot can only ever send the same order; and it is needed, because a position may not
wait for a dead run's lease to end. While a lease stands, reconciliation leaves its agent's unsent
intents alone. Leases run on the world's clock, in rehearsals too.
"""

from collections.abc import Iterable

from ztrade_core.domain.accounts import Lease, StoredPosition
from ztrade_core.errors import LeaseLostError, StoreError
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import TradingDesk


def take_lease(desk: TradingDesk, uow: UnitOfWork, agent_id: str, holder: str) -> Lease:
    """Take the agent's lease for `holder`, from another run if need be; or renew it."""
    standing = uow.accounts.lease(desk.account, agent_id)
    if standing is not None and standing.holder != holder:
        uow.accounts.release_lease(desk.account, agent_id, standing.holder)
    lease = uow.accounts.acquire_lease(
        desk.account, agent_id, holder, now=desk.lease_now(), seconds=desk.lease_seconds
    )
    if lease is None:
        raise StoreError(f"the lease on {agent_id} was given back and could not be taken")
    return lease


def require_lease(desk: TradingDesk, uow: UnitOfWork, agent_id: str, holder: str) -> None:
    """Raise LeaseLostError when another run took the agent over meanwhile."""
    standing = uow.accounts.lease(desk.account, agent_id)
    if standing is None or standing.holder != holder:
        other = "nobody" if standing is None else standing.holder or "nobody"
        raise LeaseLostError(f"{agent_id} is held by {other} now; {holder} leaves it alone")


def someone_is_at_work(desk: TradingDesk, uow: UnitOfWork, agent_id: str) -> bool:
    """Return whether a run that may still send holds the agent."""
    standing = uow.accounts.lease(desk.account, agent_id)
    return standing is not None and standing.expires_at > desk.lease_now()


def release_leases(desk: TradingDesk, *, holder: str) -> None:
    """Give back every lease that a run took, its work done."""
    with desk.store.locked() as uow:
        for agent in desk.company.agents:
            uow.accounts.release_lease(desk.account, agent.agent_id, holder)


def release_strangers(
    desk: TradingDesk, positions: Iterable[StoredPosition], *, holder: str
) -> None:
    """Give back the leases of agents that hold a position and are in no configuration any more."""
    known = {agent.agent_id for agent in desk.company.agents}
    strangers = {position.agent_id for position in positions} - known
    if not strangers:
        return
    with desk.store.locked() as uow:
        for agent_id in sorted(strangers):
            uow.accounts.release_lease(desk.account, agent_id, holder)
