"""Twenty processes race for room for four positions: four get in, whoever they are."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import DeskKit, at, bar, calm
from tests.fakes.desk_book import decisions, our_orders
from tests.faults.exam_table import Area, Exam, counted
from tests.faults.jobs import RACE_PRICE, RACE_ROOM_USD, RACERS, ROOM_FOR, kit_for, racers
from tests.faults.judge import judge_account
from tests.faults.nursery import Job, Nursery
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.domain.time import iso_z
from ztrade_core.trading.portfolio import portfolio_of

ROUNDS = 20
AGENTS = racers().agents
LINES = {f"{agent.agent_id} {iso_z(bar(10))}": "buy" for agent in AGENTS}


@pytest.mark.exam(Area.RACE)
@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_twenty_processes_race_for_four_places_and_four_get_in(
    name: str,
    request: pytest.FixtureRequest,
    engine_of: Callable[[str], Engine],
    nursery: Nursery,
    exam: Exam,
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    engine = engine_of(url)
    bars = {agent.symbol: calm(14, RACE_PRICE) for agent in AGENTS}
    kit_for(engine, "any", "racers", LINES).put_bars(bars)
    rounds = request.getfixturevalue("campaign")(ROUNDS)
    for number in range(rounds):
        account = f"race-{number}"
        outcomes = race(nursery, [url, account, "racers", LINES])
        findings = judge_account(engine, account)
        admitted = outcomes.count("approved")
        breaks = max(0, admitted - ROOM_FOR)
        found = counted([findings]) + Counter(rule_breaks=breaks)
        exam.record(Area.RACE, cases=1, findings=found)
        assert (admitted, outcomes.count("denied")) == (ROOM_FOR, RACERS - ROOM_FOR)
        assert findings.all == []
        check_book(kit_for(engine, account, "racers", LINES))


def race(nursery: Nursery, spec: list[object]) -> list[str]:
    """Run every agent's cycle at once, each in its own process; return the outcomes."""
    common = {"kit": spec, "as_of": iso_z(at(10))}
    jobs = [
        Job(name="cycle", arguments={**common, "agent_id": each.agent_id, "holder": each.agent_id})
        for each in AGENTS
    ]
    ends = nursery.run(*jobs)
    assert [end.raised for end in ends] == [None] * RACERS
    return [end.returned["outcome"] for end in ends]


def check_book(made: DeskKit) -> None:
    """Four entries work, together within the limit, and everybody was decided once."""
    entries = portfolio_of(made.desk(at(10)), at(10)).book.open_entries
    reserved = 0.0
    for entry in entries:
        reserved = reserved + entry.reserved_usd
    assert len(entries) == ROOM_FOR
    assert reserved <= RACE_ROOM_USD
    working = [o for o in our_orders(made, Role.ENTRY) if o.status is OrderStatus.ACCEPTED]
    assert len(working) == ROOM_FOR
    assert len(decisions(made)) == RACERS
