"""An agent that sleeps between wakes, and one that is being asked already, as Dagster runs them."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.claude import CANARY, HOLD, ClaudeServer, deciding
from tests.pipelines.conftest import (
    AGENT,
    AS_OF,
    NEXT_BAR,
    House,
    fill_store,
    house_of,
    settings_of,
)
from ztrade_core.domain.answers import AskedQuestion
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.time import parse_instant
from ztrade_core.trading.replay import ReplayRange, ReplayRoom, replay_range

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
THIRD_BAR, FOURTH_BAR = "2022-12-28T15:10:00Z", "2022-12-28T15:15:00Z"
ENSEMBLE = (
    "ensemble: {vote: majority, members: [{name: sonnet, mode: automated},"
    " {name: own, mode: strategy}]}\n"
)
MODES = {"automated": "", "ensemble": ENSEMBLE}


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(deciding(HOLD)) as made:
        yield made


@pytest.fixture(params=MODES)
def sleeper(
    request: pytest.FixtureRequest,
    config_copy: Path,
    tmp_path: Path,
    sqlite_url: str,
    instance: dg.DagsterInstance,
    server: ClaudeServer,
) -> Iterator[House]:
    """A house whose TSLA wakes every second bar, in each mode."""
    path = config_copy / "agents" / f"{AGENT}.yaml"
    text = path.read_text().replace("mode: strategy", f"mode: {request.param}")
    path.write_text(text + MODES[request.param] + "wake: {every_bars: 2}\n")
    environ = {
        "ZTRADE_CONFIG_DIR": str(config_copy),
        "ANTHROPIC_API_KEY": CANARY,
        "ANTHROPIC_BASE_URL": server.url,
    }
    made = house_of(settings_of(tmp_path, sqlite_url, **environ), instance)
    fill_store(made.workshop)
    yield made
    made.workshop.engine.dispose()


def test_a_bar_between_wakes_is_held_unless_the_mode_is_named_and_replays_to_the_byte(
    sleeper: House, server: ClaudeServer
) -> None:
    first = sleeper.run(AGENT, {"as_of": AS_OF})
    second = sleeper.run(AGENT, {"as_of": NEXT_BAR})
    assert (first.success, second.success) == (True, True)
    assert len(server.seen) == 1
    metadata = sleeper.decision_metadata(second)
    assert (metadata["maker"], metadata["outcome"]) == ("asleep/1", "held")
    assert metadata["reason"] == "asleep: wakes every 2 bars"
    assert len(sleeper.evaluations(second)) == 21, "the rules judge the standing book all the same"
    assert (
        sleeper.decision_metadata(sleeper.run(AGENT, {"as_of": THIRD_BAR}))["maker"] != "asleep/1"
    )
    assert len(server.seen) == 2
    mode = sleeper.settings.company.agents
    own = next(each.mode.value for each in mode if each.agent_id == AGENT)
    named = sleeper.run(AGENT, {"as_of": FOURTH_BAR, "mode": own})
    assert sleeper.decision_metadata(named)["maker"] != "asleep/1"
    assert len(server.seen) == 3
    workshop = sleeper.workshop
    room = ReplayRoom(
        store=workshop.store, company=sleeper.settings.company, makers=workshop.makers
    )
    day = ReplayRange(start=parse_instant(AS_OF), stop=parse_instant("2022-12-29T00:00:00Z"))
    found = replay_range(room, day)
    assert (found.decisions, found.all_equal) == (4, True)


def test_a_run_ends_where_two_others_may_still_be_answered(
    sleeper: House, server: ClaudeServer
) -> None:
    voting = any(each.ensemble is not None for each in sleeper.settings.company.agents)
    slot = "2022-12-28T14:55:00Z"
    key = SlotKey(
        account="rehearsal",
        account_epoch=1,
        agent_id=AGENT,
        slot=f"member:sonnet:{slot}" if voting else slot,
    )
    store = sleeper.workshop.store
    with store.locked() as uow:
        for attempt in (1, 2):
            question = AskedQuestion(
                key=key,
                attempt=attempt,
                run_id=f"run-{attempt}",
                most_usd=0.01,
                asked_at=sleeper.workshop.clock.now(),
            )
            uow.answers.reserve(question)
    result = sleeper.run(AGENT, {"as_of": AS_OF})
    assert not result.success
    (failure,) = sleeper.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert f"{AGENT} is being asked about {key.slot} already: run run-1 may have" in str(failure)
    assert server.seen == []
    with store.reading() as uow:
        assert uow.tapes.get(key) is None
        assert uow.ledger.head().sequence == 0
