"""Trades made in the test's own process on a house's account, before or beside its processes."""

from dataclasses import replace
from datetime import timedelta

from tests.fakes.by_hand import said
from tests.faults.daemon_records import Records
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.clocks.system import SystemClock
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest

BAR = timedelta(minutes=1)
HOLDER = "the test"


def trade(
    workshop: Workshop,
    agent_id: str,
    action: str,
    *,
    ago: timedelta | None = None,
    dry_run: bool = False,
) -> CycleResult:
    """Run an agent's cycle with a person's answer, now or as it would have run `ago`."""
    at = SystemClock().now() - (ago or timedelta(0))
    request = CycleRequest(
        agent_id=agent_id,
        as_of=at,
        holder=HOLDER,
        dry_run=dry_run,
        writer=said(action),
    )
    then = replace(workshop, clock=SimulatedClock(at))
    return run_cycle(then.live_desk(), request)


def hold_positions(records: Records, *agent_ids: str) -> None:
    """Let agents buy three bars ago and be filled one bar ago: each holds a position with its stop."""
    for agent_id in agent_ids:
        trade(records.workshop, agent_id, "buy", ago=3 * BAR)
    trade(records.workshop, agent_ids[0], "hold", ago=BAR)
