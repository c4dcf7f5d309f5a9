"""The arithmetic of leases, the same for every store. The token only ever grows."""

from datetime import datetime, timedelta

from ztrade_core.domain.accounts import Lease
from ztrade_core.domain.time import EPOCH

NOBODY = ""


def next_lease(
    standing: Lease | None, *, wanted: tuple[str, str, str], now: datetime, seconds: int
) -> Lease | None:
    """Return the lease for `wanted` (account, agent, holder), None while another's stands.

    A renewal by the same holder keeps its token; every new holder gets the next one.
    """
    account, agent_id, holder = wanted
    renewed = standing is not None and standing.holder == holder
    if standing is not None and not renewed and standing.expires_at > now:
        return None
    token = 1 if standing is None else standing.token + (0 if renewed else 1)
    return Lease(
        account=account,
        agent_id=agent_id,
        holder=holder,
        token=token,
        expires_at=now + timedelta(seconds=seconds),
    )


def given_back(lease: Lease) -> Lease:
    """Return the lease as nobody's, its token remembered."""
    return Lease(
        account=lease.account,
        agent_id=lease.agent_id,
        holder=NOBODY,
        token=lease.token,
        expires_at=EPOCH,
    )
