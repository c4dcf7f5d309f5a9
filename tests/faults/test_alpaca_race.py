"""Many processes at one account at Alpaca: a race for capital, halts from beside, and runs that come back.

A zombie is stopped (SIGSTOP) at each of its moments, another run does its work, and it wakes up again
beside a third: one entry, one exit, whoever it was.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.alpaca_kit import ledger_at
from tests.fakes.desk import at, bar
from tests.faults.alpaca_case import PERFORM, Case, Field, by_field, opened
from tests.faults.alpaca_jobs import Deed, Place, Strike, arguments_of
from tests.faults.alpaca_judge import judge_alpaca
from tests.faults.alpaca_rows import Terms
from tests.faults.alpaca_stories import STORIES, Act, AlpacaStory
from tests.faults.exam_table import FORM, IS_FULL, Area, Exam, counted
from tests.faults.jobs import RACE_PRICE, RACERS, ROOM_FOR, racers
from tests.faults.nursery import End, Job, Nursery
from ztrade_core.domain.time import iso_z
from ztrade_core.trading.watch import watch

ROUNDS = 20 if IS_FULL else 2 if FORM else 1
MOMENTS = 12 if IS_FULL else 3
"""At about how many moments of a story a process stands still."""
SPOTS = {"price falls of TSLA": Strike(where="asking", number=5, by=signal.SIGSTOP)}
AGENTS = racers().agents
LINES = {f"{agent.agent_id} {iso_z(bar(10))}": "buy" for agent in AGENTS}
SECONDS = 60.0


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, nursery: Nursery) -> Iterator[Field]:
    yield from opened(request, nursery)


@pytest.mark.parametrize("field", ["sqlite", "postgres"], indirect=True)
def test_twenty_processes_race_for_four_places_at_alpaca(field: Field, exam: Exam) -> None:
    for number in range(ROUNDS):
        outcomes, place = race(field, f"race-{number}")
        terms = Terms(company=racers())
        findings = judge_alpaca(field.engine, field.server, place.account, terms=terms)
        admitted = outcomes.count("approved")
        found = counted([findings]) + Counter(rule_breaks=max(0, admitted - ROOM_FOR))
        exam.record(Area.RACE, cases=1, findings=found)
        assert (admitted, outcomes.count("denied")) == (ROOM_FOR, RACERS - ROOM_FOR)
        assert findings.all == []
        assert len([held for held in field.server.ledger.held.values() if held]) == ROOM_FOR


def race(field: Field, account: str) -> tuple[list[str], Place]:
    """Run every agent's cycle at once, each in its own process; then look once."""
    ledger = ledger_at(at(10))
    field.server.start_anew(ledger)
    for agent in AGENTS:
        ledger.price(agent.symbol, str(RACE_PRICE), str(RACE_PRICE))
    place = field.place(account, "racers", LINES)
    deeds = [
        Deed(what="cycle", at=iso_z(at(10)), agent_id=each.agent_id, holder=each.agent_id)
        for each in AGENTS
    ]
    jobs = [Job(name=PERFORM, arguments=arguments_of(place, deed)) for deed in deeds]
    ends = field.nursery.run(*jobs)
    assert [(end.raised, end.text) for end in ends if end.raised] == []
    for seconds in (10, 20):
        ledger.now = moment = at(10) + timedelta(seconds=seconds)
        watch(place.kit(field.engine).desk(moment), moment, holder="watch")
    return [end.returned["said"]["outcome"] for end in ends], place


class Stopped:
    """The struck deed of a case in a process of its own, which stands still at a moment of it."""

    def __init__(self, case: Case, strike: Strike, folder: Path) -> None:
        self._case = case
        self._file = folder / "pid"
        self._file.unlink(missing_ok=True)
        case.field.nursery.start(case.job(case.struck(), strike, pid_file=str(self._file)))
        self._pid = self._stands_still()

    def _stands_still(self) -> int:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            text = self._file.read_text() if self._file.exists() else ""
            if text.endswith("\n") and state_of(int(text)) == "T":
                return int(text)
            time.sleep(0.005)  # noqa: TID251 - waiting for another process
        raise AssertionError(f"{self._case.story.text}: the process did not stop")

    def wakes(self) -> None:
        os.kill(self._pid, signal.SIGCONT)

    def ends(self) -> End:
        (end,) = self._case.field.nursery.ends()
        return end


def state_of(pid: int) -> str:
    """Return the letter that Linux has for a process's state; nothing when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[0]


def strikes_of(case: Case, usual: Strike, kinds: set[str]) -> list[Strike]:
    """Return moments to stop at: a share of those the struck deed passes, questions last."""
    if not FORM:
        return [SPOTS.get(case.story.text, usual)]
    end = case.victim(None)
    assert end.raised is None, f"{end.raised}: {end.text}"
    every = [
        Strike(where=where, number=number + 1, by=signal.SIGSTOP)
        for where in sorted(end.returned["passed"], key=lambda name: (name == "asking", name))
        for number in range(end.returned["passed"][where])
        if where not in {"sent"} | kinds
    ]
    return every[:: max(1, len(every) // MOMENTS)]


def settled(case: Case, exam: Exam, since: float) -> list[str]:
    """Look twice, go on, and record what the judge finds."""
    for number in (1, 2):
        case.look(since + 10.0 * number)
    looked = case.judged(may_repeat=True)
    case.go_on()
    findings = [looked, case.judged(may_repeat=True)]
    exam.record(Area.RACE, cases=1, findings=findings)
    return [text for each in findings for text in each.all]


ENTRIES = tuple(story for story in STORIES if story.name.startswith("entry") and not story.before)


@pytest.mark.parametrize(("field", "story"), by_field(ENTRIES, one_in=3), indirect=["field"])
def test_a_halt_from_beside_leaves_no_open_entry_and_lets_nothing_new_out(
    field: Field, story: AlpacaStory, exam: Exam, tmp_path: Path
) -> None:
    plain = field.case(story, f"{story.text} without a halt")
    strikes = strikes_of(plain, Strike(where="submitting", by=signal.SIGSTOP), {"asking"})
    for number, strike in enumerate(strikes):
        case = field.case(story, f"{story.text} halted {number}")
        ledger = case.stage.ledger
        zombie = Stopped(case, strike, tmp_path)
        case.act(Act(what="halt", seconds=5), "ada")
        before = set(ledger.posted)
        zombie.wakes()
        end = zombie.ends()
        assert end.raised is None, f"{strike.text}: {end.raised}: {end.text}"
        assert settled(case, exam, since=10.0) == [], strike.text
        entries = {order.client_order_id for order in ledger.all_orders() if order.side == "buy"}
        assert not any(ledger.by_client_id(each).is_open for each in entries), strike.text
        if strike.where != "changing":  # that request was on its way
            assert entries <= before, f"{strike.text}: an entry was sent after the halt"


@pytest.mark.parametrize(("field", "story"), by_field(one_in=6), indirect=["field"])
def test_a_zombie_that_wakes_beside_a_retry_changes_nothing(
    field: Field, story: AlpacaStory, exam: Exam, tmp_path: Path
) -> None:
    usual = field.case(story, f"{story.text} without a zombie")
    for number, strike in enumerate(
        strikes_of(usual, Strike(where="changing", by=signal.SIGSTOP), set())
    ):
        case = field.case(story, f"{story.text} zombie {number}")
        zombie = Stopped(case, strike, tmp_path)
        case.perform(case.struck("another", later=10))
        zombie.wakes()
        case.perform(case.struck("a retry", later=20))
        end = zombie.ends()
        assert end.raised in {None, "LeaseLostError"}, f"{strike.text}: {end.raised}: {end.text}"
        if story.calm is not None:
            story.calm(case.stage)
        assert settled(case, exam, since=20.0) == [], strike.text
