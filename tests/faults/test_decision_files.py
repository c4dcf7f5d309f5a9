"""kill -9 of a run that asked by file: started again, it asks no more than it must, and trades once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.answerer import answering
from tests.fakes.desk import at, calm
from tests.fakes.desk_book import at_broker, decisions
from tests.faults.file_jobs import ASKING, WAITING, FileKit, file_kit
from tests.faults.judge import judge_account
from tests.faults.nursery import End, Job, Nursery
from ztrade_core.domain.answers import KeptAnswer
from ztrade_core.domain.decisions import Action, SlotKey
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import iso_z
from ztrade_core.trading.failures import failures_in_a_row

JOB = "tests.faults.file_jobs:asking"
ACCOUNT = "files"
QUESTIONS = {WAITING: 2, "reserved": 1, "answered": 2, "taped": 1, "admitting": 1, "admitted": 1}
"""How often is asked in all, by where the run was killed: once more where no answer was taped yet."""


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
@pytest.mark.parametrize("point", QUESTIONS)
def test_a_run_killed_around_its_answer_is_gone_on_with(
    point: str,
    name: str,
    request: pytest.FixtureRequest,
    engine_of: Callable[[str], Engine],
    nursery: Nursery,
    tmp_path: Path,
) -> None:
    url, data = request.getfixturevalue(f"{name}_url"), tmp_path / "data"
    kit = file_kit(engine_of(url), ACCOUNT, str(data))
    kit.put_bars({"TSLA": calm(40)})
    arguments = {"url": url, "account": ACCOUNT, "data": str(data), "as_of": iso_z(at(10))}

    def run(holder: str, **deadly: str) -> End:
        job = Job(name=JOB, arguments={**arguments, "holder": holder, **deadly})
        (end,) = nursery.run(job)
        assert end.raised is None, f"{holder}: {end.raised}: {end.text}"
        return end

    if point == WAITING:  # nobody answers, so it has to wait, and dies of that
        assert run("killed", deadly=point).was_killed
    with answering(data, "buy") as answerer:
        if point != WAITING:
            assert run("killed", deadly=point).was_killed
        restarted, again = run("restarted"), run("again")
        asked = answerer.dealt_with(QUESTIONS[point])
    assert restarted.returned["outcome"] == again.returned["outcome"] == "approved"
    assert len(asked) == len(set(asked)) == QUESTIONS[point]
    (decision,) = [row.decision for row in decisions(kit)]
    assert decision.proposal.action is Action.BUY
    assert len(at_broker(kit, Role.ENTRY)) == 1
    assert [each.record.outcome.value for each in answers(kit, decision.key)] == ["answered"]
    with kit.store.reading() as uow:
        assert failures_in_a_row(uow, ACCOUNT, 1, ASKING.agent_id) == 0
    assert judge_account(engine_of(url), ACCOUNT).all == []


def answers(kit: FileKit, key: SlotKey) -> list[KeptAnswer]:
    with kit.store.reading() as uow:
        return uow.answers.of_slot(key)
