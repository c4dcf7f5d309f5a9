"""kill -9 between the answers of an ensemble's members: each is asked once, and paid once."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.claude import HOLD, ClaudeServer, deciding
from tests.fakes.claude_asking import TOLD_USD
from tests.fakes.claude_desk import ClaudeKit
from tests.fakes.claude_votes import NAMES, claude_votes
from tests.fakes.desk import ACCOUNT, at, bar
from tests.faults.nursery import Job, Nursery
from ztrade_core.decision_makers.ensemble import PaidEnsembleMaker
from ztrade_core.domain.orders import Role
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.time import iso_z

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
VOTE = "tests.faults.ensemble_jobs:vote_on"


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as made:
        made.warm(Job(name="tests.faults.ensemble_jobs:loaded", arguments={}))
        yield made


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize(
    ("deadly", "count", "asked_before", "asked_in_all"),
    [
        ("voted", 1, 1, 3),
        ("voted", 2, 2, 3),
        ("voted", 3, 3, 3),
        ("taped", 1, 3, 3),
        ("reserved", 2, 1, 3),  # it died before its question was sent
        ("answered", 2, 2, 4),  # its answer was lost with it: asked once more
    ],
)
def test_a_killed_vote_goes_on_where_it_died(
    engine: Engine, nursery: Nursery, deadly: str, count: int, asked_before: int, asked_in_all: int
) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        where = {"url": url_of(engine), "server": server.url}
        [died] = nursery.run(
            Job(name=VOTE, arguments={**where, "holder": "a", "deadly": deadly, "count": count})
        )
        assert died.was_killed
        assert len(server.seen) == asked_before
        [ended] = nursery.run(Job(name=VOTE, arguments={**where, "holder": "b"}))
        [again] = nursery.run(Job(name=VOTE, arguments={**where, "holder": "c"}))
        assert (ended.status, again.status) == (0, 0), (ended, again)
        assert ended.returned["outcome"] in {"approved", "resized"}
        assert len(server.seen) == asked_in_all
        kit = claude_votes(engine, server.url)
    with kit.store.reading() as uow:
        rows = list(uow.ledger.rows())
        orders = [each for each in uow.orders.recent(ACCOUNT, 1) if each.request.role is Role.ENTRY]
        key = rows[0].decision.key
        tapes = uow.tapes.beside(ACCOUNT, 1, key.agent_id)
        spent = uow.answers.spent_usd(LONG_AGO)
    assert (len(rows), len(orders)) == (1, 1)
    assert sorted(tape.key.slot for tape in tapes) == [
        member_slot(name, iso_z(bar(5))) for name in NAMES
    ]
    lost = asked_in_all - 3 + (deadly == "reserved")
    assert spent == pytest.approx(3 * TOLD_USD + lost * most_usd(kit))


def most_usd(kit: ClaudeKit) -> float:
    agent = kit.company.agents[0]
    maker = kit.desk(at(5)).maker_of(agent.mode, agent)
    assert isinstance(maker, PaidEnsembleMaker)
    return maker.most_usd(agent) / len(NAMES)
