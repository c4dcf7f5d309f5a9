"""The cycle's stages by ids, for runs whose steps share nothing but the store.

observe -> (snapshot hash) -> decide -> (slot key) -> validate -> (decision id) -> execute.
"""

from datetime import datetime

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.errors import StoreError
from ztrade_core.trading.cycle import Execution, Validated, execute, validate
from ztrade_core.trading.deciding import decide
from ztrade_core.trading.desk import CycleRequest, TradingDesk, stored_snapshot
from ztrade_core.trading.gateway import Admission


def decide_stage(desk: TradingDesk, request: CycleRequest, snapshot_hash: str) -> Tape:
    """Answer a stored moment; the tape's key names the answer."""
    return decide(desk, request, stored_snapshot(desk, snapshot_hash))


def validate_stage(desk: TradingDesk, request: CycleRequest, tape_key: SlotKey) -> Validated:
    """Put a taped answer under the rules."""
    tape = stored_tape(desk, tape_key)
    return validate(desk, request, stored_snapshot(desk, tape.snapshot_hash), tape)


def execute_stage(desk: TradingDesk, decision_id: str, *, holder: str, at: datetime) -> Execution:
    """Send what a stored decision asked for, and protect."""
    return execute(desk, stored_admission(desk, decision_id), holder=holder, at=at)


def stored_admission(desk: TradingDesk, decision_id: str) -> Admission:
    """Return a stored decision with its newest order; StoreError when it is not there."""
    with desk.store.reading() as uow:
        row = uow.ledger.by_id(decision_id)
        if row is None:
            raise StoreError(f"no decision {decision_id} in the ledger")
        orders = uow.orders.of_decision(decision_id)
    return Admission(row=row, order=orders[-1] if orders else None, fresh=False)


def stored_tape(desk: TradingDesk, key: SlotKey) -> Tape:
    """Return the taped answer of a slot; StoreError when there is none."""
    with desk.store.reading() as uow:
        tape = uow.tapes.get(key)
    if tape is None:
        raise StoreError(f"no taped answer for {key.agent_id} at {key.slot}")
    return tape
