"""A model's agent where something around it is broken or late: no crash, no needless question."""

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from tests.contracts.test_store_tampering import as_a_vandal
from tests.fakes.claude import CANARY, HOLD, ClaudeServer, deciding
from tests.fakes.claude_desk import claude_kit, kept
from tests.fakes.desk import at
from ztrade_core.assembly.minds import Minds
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.errors import InputError
from ztrade_core.logs import configure_logging
from ztrade_core.ports.mind import ModelMaker
from ztrade_core.settings.load import load_settings
from ztrade_core.store.memory import MemoryStore
from ztrade_core.trading.asking import ask, keep
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.observation import observe

AGENT_ID = "agent_tsla"
BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
SELL = {**HOLD, "action": "sell", "confidence": 0.9, "rationale": "it fell"}


def test_over_an_unreadable_ledger_a_mind_still_sells_and_buys_nothing(engine: Engine) -> None:
    configure_logging()  # another test's command may have silenced warnings
    answers = [deciding(each) for each in (BUY, HOLD, SELL, BUY)]
    with ClaudeServer(*answers) as server, capture_logs() as logged:
        kit = claude_kit(engine, server)
        kit.cycle(at(5))
        kit.cycle(at(6))
        as_a_vandal(engine, "UPDATE decisions SET action = 'steal' WHERE sequence = 2")
        leaving = kit.cycle(at(7))
        entry = kit.cycle(at(8)).validated
    assert leaving.validated.outcome.value == "approved"
    assert entry.outcome.value == "denied"
    assert "RULE_007" in entry.reason
    assert "it rises" not in server.seen[2].text, "what cannot be read is not told"
    assert "earlier_decisions_unreadable" in {each["event"] for each in logged}


def test_a_slot_that_was_taped_meanwhile_costs_no_second_question(engine: Engine) -> None:
    with ClaudeServer(deciding(HOLD)) as server:
        kit = claude_kit(engine, server)
        desk = kit.desk(at(5))
        late = CycleRequest(agent_id=AGENT_ID, as_of=at(5), holder="late")
        snapshot = observe(desk, late).snapshot
        first = kit.cycle(at(5), AGENT_ID, holder="first")
        agent = desk.agent(AGENT_ID)
        maker = desk.maker_of(agent.mode, agent)
        assert isinstance(maker, ModelMaker)
        answered = ask(desk, maker, snapshot, agent, key=snapshot.key, holder="late")
    assert len(server.seen) == 1
    assert answered.proposal.is_unasked
    with kit.store.locked() as uow:
        keep(uow, answered)
        standing = uow.tapes.get(snapshot.key)
    assert standing == first.tape
    told = [each.record.outcome for each in kept(kit, snapshot.key)]
    assert told == [AnswerOutcome.ANSWERED, AnswerOutcome.UNASKED]


def test_without_the_vendors_package_a_decision_is_a_hold_that_says_so(engine: Engine) -> None:
    root = Path(__file__).parents[2]
    settings = load_settings(root, {"ANTHROPIC_API_KEY": CANARY})
    minds = Minds(
        settings=settings, store=MemoryStore(), clock=SystemClock(), sdk="a_package_not_there"
    )
    agent = settings.company.agents[0]
    maker = minds.automated(agent)
    assert isinstance(maker, ModelMaker)
    assert maker.most_usd(agent) == 0.0
    with ClaudeServer(deciding(HOLD)) as server:
        kit = claude_kit(engine, server)
        request = CycleRequest(agent_id=AGENT_ID, as_of=at(5), holder="run")
        paid = maker.ask(observe(kit.desk(at(5)), request).snapshot, agent)
    assert (paid.proposal.action, paid.proposal.is_unasked) == (Action.HOLD, True)
    assert "the package anthropic is not installed" in paid.proposal.rationale
    assert server.seen == []
    with pytest.raises(InputError, match="anthropic is not installed"):
        minds.for_backtests(agent)
