"""A slot's question that two runs asked: no third run buries an answer that may still arrive."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.claude import HOLD, ClaudeServer, deciding
from tests.fakes.claude_desk import ClaudeKit, claude_kit, kept
from tests.fakes.desk import ACCOUNT, at, bar
from tests.fakes.desk_points import Meanwhile
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.decisions import Action, SlotKey
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import BeingAskedError
from ztrade_core.trading.asking import GRACE_SECONDS
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
KEY = SlotKey(account=ACCOUNT, account_epoch=1, agent_id="agent_tsla", slot=iso_z(bar(5)))
DEADLINE_SECONDS = 5.0  # of the agents of `automated_company`


class KilledError(Exception):
    """The process dies here."""


def killed() -> None:
    raise KilledError


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    """A fake of the vendor whose answer is a buy."""
    with ClaudeServer(deciding(BUY)) as made:
        yield made


def twice_killed(kit: ClaudeKit) -> None:
    for number in (1, 2):
        dying = replace(kit, checkpoints=Meanwhile({"answered": killed}))
        with pytest.raises(KilledError):
            dying.cycle(at(5), holder=f"run-{number}")


def third(kit: ClaudeKit, *, after: float) -> CycleResult:
    """The third run, so many seconds of the world's time later."""
    now = SystemClock().now() + timedelta(seconds=after)
    desk = replace(kit.desk(at(5)), lease_clock=SimulatedClock(now))
    return run_cycle(desk, CycleRequest(agent_id="agent_tsla", as_of=at(5), holder="run-3"))


def test_a_third_run_ends_while_two_may_still_be_answered_and_the_first_answer_stands(
    engine: Engine, server: ClaudeServer
) -> None:
    kit = claude_kit(engine, server)

    def come_third() -> None:
        with pytest.raises(BeingAskedError, match=r"asked about .* already: run run-1 may have"):
            kit.cycle(at(5), holder="run-3")

    def come_second() -> None:
        racing = replace(kit, checkpoints=Meanwhile({"reserved": come_third}))
        second.append(racing.cycle(at(5), holder="run-2"))

    second: list[CycleResult] = []
    racing = replace(kit, checkpoints=Meanwhile({"reserved": come_second}))
    first = racing.cycle(at(5), holder="run-1")
    again = kit.cycle(at(5), holder="run-3")

    results = (first, *second, again)
    assert [each.tape.proposal.action for each in results] == [Action.BUY] * 3
    assert {each.tape.run_id for each in results} == {"run-2"}
    assert len(server.seen) == 2
    assert [each.attempt for each in kept(kit, first.tape.key)] == [1, 2], (
        "both were paid and are kept"
    )


def test_a_third_run_that_ends_early_tapes_and_claims_nothing(
    engine: Engine, server: ClaudeServer
) -> None:
    kit = claude_kit(engine, server)
    twice_killed(kit)
    with pytest.raises(BeingAskedError, match="nothing was decided or claimed here"):
        third(kit, after=DEADLINE_SECONDS + GRACE_SECONDS - 10.0)
    with kit.store.reading() as uow:
        assert uow.ledger.head().sequence == 0
        assert uow.answers.reserved(KEY) == 2
        assert uow.tapes.get(KEY) is None


def test_a_third_run_after_the_deadline_holds_unasked(engine: Engine, server: ClaudeServer) -> None:
    kit = claude_kit(engine, server)
    twice_killed(kit)
    result = third(kit, after=DEADLINE_SECONDS + GRACE_SECONDS + 1.0)
    assert (result.tape.proposal.action, result.tape.proposal.is_unasked) == (Action.HOLD, True)
    assert "sent 2 times and no answer arrived" in result.validated.reason
    assert len(server.seen) == 2


def test_a_run_that_asked_twice_itself_waits_for_nobody(
    engine: Engine, server: ClaudeServer
) -> None:
    kit = claude_kit(engine, server)
    for _ in range(2):
        with pytest.raises(KilledError):
            replace(kit, checkpoints=Meanwhile({"answered": killed})).cycle(at(5), holder="run-3")
    assert third(kit, after=0.0).tape.proposal.is_unasked
