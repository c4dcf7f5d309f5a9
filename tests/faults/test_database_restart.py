"""PostgreSQL goes away and comes back: stale connections are replaced, and nothing is wrong after."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice, product

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import DeskKit, at, bar, calm
from tests.fakes.desk_points import Meanwhile
from tests.fakes.postgres import EmbeddedPostgres, PostgresMissingError
from tests.faults.exam_cuts import untold
from tests.faults.exam_table import Area, Exam
from tests.faults.jobs import kit_for
from tests.faults.judge import Findings, judge_account
from tests.faults.nursery import Job, Nursery
from tests.unit.risk.builders import BTC, TSLA
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import StoreError
from ztrade_core.ports.checkpoints import CHECKPOINTS
from ztrade_core.store.migrations import upgrade

pytestmark = pytest.mark.exam(Area.DATABASE)
RESTARTS = 100
MODES = ("fast", "immediate")
LINES = {
    f"{agent.agent_id} {iso_z(bar(number))}": action
    for agent in (TSLA, BTC)
    for number, action in ((10, "buy"), (12, "sell"))
}
BARS = (10, 11, 12, 13)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A server of these tests' own: nobody else is in the way when it goes down."""
    try:
        server = EmbeddedPostgres(durable=True)
    except PostgresMissingError as error:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {error}")
    with server:
        yield server


@pytest.fixture
def url(server: EmbeddedPostgres, engine_of: Callable[[str], Engine]) -> str:
    """A migrated database with bars."""
    url = server.url(server.create_database())
    upgrade(url)
    kit = kit_for(engine_of(url), "any", "pair", {})
    kit.put_bars({"TSLA": calm(40), "BTC/USD": calm(40, 20000.0)})
    return url


def run_on(kit: DeskKit) -> None:
    for number in BARS:
        kit.cycle(at(number))


@pytest.mark.parametrize("mode", MODES)
def test_a_restart_between_cycles_is_not_noticed(
    server: EmbeddedPostgres, url: str, engine_of: Callable[[str], Engine], mode: str
) -> None:
    engine = engine_of(url)
    kit = kit_for(engine, "between", "pair", LINES)
    for number in BARS:
        kit.cycle(at(number))
        server.restart(mode)
    assert judge_account(engine, "between").all == []


@pytest.mark.parametrize("point", CHECKPOINTS)
def test_a_restart_between_stages_is_not_noticed(
    server: EmbeddedPostgres, url: str, engine_of: Callable[[str], Engine], point: str
) -> None:
    engine = engine_of(url)
    kit = kit_for(engine, "stages", "pair", LINES)
    replace(kit, checkpoints=Meanwhile({point: lambda: server.restart("immediate")})).cycle(at(10))
    for number in BARS[1:]:
        kit.cycle(at(number))
    assert judge_account(engine, "stages").all == []


def test_while_the_server_is_down_a_run_says_so_and_the_next_one_goes_on(
    server: EmbeddedPostgres, url: str, engine_of: Callable[[str], Engine]
) -> None:
    engine = engine_of(url)
    kit = kit_for(engine, "down", "pair", LINES)
    kit.cycle(at(10))
    server.down()
    try:
        for fresh in (kit, kit_for(engine_of(url), "down", "pair", LINES)):
            with pytest.raises(StoreError, match="the connection failed") as caught:
                fresh.cycle(at(11))
            assert untold(str(caught.value)) == []
    finally:
        server.up()
    run_on(kit)
    assert judge_account(engine, "down").all == []


def test_restarts_at_random_moments_of_cycles_in_other_processes_leave_nothing_wrong(
    server: EmbeddedPostgres,
    url: str,
    engine_of: Callable[[str], Engine],
    nursery: Nursery,
    request: pytest.FixtureRequest,
) -> None:
    engine = engine_of(url)
    nursery.warm(job(url, "warm", TSLA.agent_id))
    started = time.perf_counter()
    assert nursery.run(job(url, "usual", TSLA.agent_id))[0].raised is None
    usual = time.perf_counter() - started
    found: list[Findings] = []
    wanted = request.getfixturevalue("campaign")(RESTARTS)
    generator = np.random.default_rng(11)
    kinds = islice(cycle(product(MODES, (TSLA, BTC))), wanted)
    for number, (mode, agent) in enumerate(kinds):
        account = f"restart-{number}"
        nursery.start(job(url, account, agent.agent_id))
        time.sleep(float(generator.uniform(0.0, usual)))  # noqa: TID251 - strikes another process
        server.restart(mode)
        (end,) = nursery.ends()
        assert end.raised is None, f"{end.raised}: {end.text}"
        wrong = [text for said in end.returned["said"] for text in untold(said)]
        fee_bps = 25.0 if agent is BTC else 0.0
        found.append(judge_account(engine, account, fee_bps=fee_bps, with_chain=False))
        found[-1].wrong.extend(wrong)
    found.append(judge_account(engine, "the chain"))
    exam: Exam = request.getfixturevalue("exam")
    exam.record(Area.DATABASE, cases=wanted, findings=found)
    assert [text for each in found for text in each.all] == []


def job(url: str, account: str, agent_id: str) -> Job:
    """Buy, fill and sell in one process, whatever the server does."""
    arguments = {
        "kit": [url, account, "pair", LINES],
        "bars": [iso_z(at(number)) for number in BARS],
        "agent_id": agent_id,
        "patience": 30.0,
    }
    return Job(name="persevering", arguments=arguments)
