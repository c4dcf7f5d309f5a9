"""Where a recording is read from: an account's decisions in the ledger, or a file of JSON lines."""

from dataclasses import replace
from pathlib import Path

from ztrade_core.assembly.workshop import ACCOUNTS, PAPER
from ztrade_core.backtest.decided_by import is_ledger
from ztrade_core.decision_makers.recorded import (
    Recording,
    recording_of_file,
    recording_of_ledger,
)
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.errors import InputError
from ztrade_core.ports.store import Store
from ztrade_core.trading.voters import voters_of


def recording_for(store: Store, agent: AgentConfig, asked: str) -> Recording:
    """Read `ledger` (account paper), `ledger:ACCOUNT`, or a file; InputError when there is none."""
    if not is_ledger(asked):
        return recording_of_file(Path(asked), agent.agent_id)
    account = asked.partition(":")[2] or PAPER
    if account not in ACCOUNTS:
        raise InputError(f"no account {account!r} to repeat; there are: {', '.join(ACCOUNTS)}")
    with store.reading() as uow:
        found = recording_of_ledger(uow.ledger.rows(), account=account, agent_id=agent.agent_id)
        [newest] = uow.ledger.recent(account=account, agent_id=agent.agent_id, limit=1)
        epoch = newest.decision.key.account_epoch
        return replace(found, voters=voters_of(uow, account, epoch, agent.agent_id))
