"""kill -9 between a decision and its shadows, and between their samples: each is asked once, all is sent once."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import at
from tests.fakes.desk_book import at_broker, decisions
from tests.faults.judge import judge_account
from tests.faults.nursery import End, Job, Nursery
from tests.faults.shadow_jobs import STRUCK, house
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import iso_z
from ztrade_core.store.tables.ledger import PROPOSALS

ONCE = {"bull": 3, "other": 1}
POINTS = [
    ("taped", 1, ONCE),
    ("submitted", 1, ONCE),
    ("protected", 1, ONCE),
    ("recorded", 1, ONCE),
    ("reserved", 1, ONCE),  # reserved and not asked: asked with its second attempt
    (
        "answered",
        1,
        {"bull": 4, "other": 1},
    ),  # the answer died with the process: asked twice, no more
    ("answered", 3, {"bull": 4, "other": 1}),
    ("shadowed", 1, ONCE),
    ("shadowed", 2, ONCE),
    ("shadowed", 4, ONCE),
]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_killed_run_asks_only_the_shadows_that_did_not_answer(
    database: str, request: pytest.FixtureRequest, nursery: Nursery, tmp_path: Path
) -> None:
    url = request.getfixturevalue(f"{database}_url")
    engine = request.getfixturevalue("engine_of")(url)
    nursery.warm(job(url, "warm", tmp_path / "warm"))
    for number, (point, times, wanted) in enumerate(POINTS):
        account, asked = f"kill-{number}", tmp_path / f"asked-{number}"
        killed = run(nursery, url, account, asked, deadly=point, times=times)
        assert killed.was_killed, f"{point}: the point was not reached: {killed}"
        (again, third) = (run(nursery, url, account, asked) for _ in range(2))
        assert [each.raised for each in (again, third)] == [None, None], f"{point}: {again.text}"
        assert third.returned == {"fresh": 0}
        assert Counter(asked.read_text(encoding="utf-8").split()) == wanted, f"{point} {times}"
        judge(engine, account, asked)


def run(
    nursery: Nursery, url: str, account: str, asked: Path, *, deadly: str = "", times: int = 1
) -> End:
    (end,) = nursery.run(job(url, account, asked, deadly=deadly, times=times))
    return end


def job(url: str, account: str, asked: Path, *, deadly: str = "", times: int = 1) -> Job:
    arguments = {
        "url": url,
        "account": account,
        "asked": str(asked),
        "as_of": iso_z(at(STRUCK)),
        "deadly": deadly,
        "times": times,
    }
    return Job(name="tests.faults.shadow_jobs:cycle", arguments=arguments)


def judge(engine: Engine, account: str, asked: Path) -> None:
    """One decision, one entry; one tape and one proposal for each sample."""
    made = house(engine, account, str(asked))
    assert len(decisions(made)) == 1
    assert len(at_broker(made, Role.ENTRY)) == 1
    with made.store.reading() as uow:
        tapes = uow.tapes.beside(account, 1, TSLA.agent_id)
    with engine.connect() as connection:
        found = connection.execute(PROPOSALS.select().where(PROPOSALS.c.account == account)).all()
    assert sorted(row.slot for row in found) == sorted(tape.key.slot for tape in tapes)
    assert len(tapes) == sum(ONCE.values())
    assert judge_account(engine, account, with_chain=False).all == []
