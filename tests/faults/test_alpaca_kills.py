"""kill -9 at Alpaca: at every checkpoint, at every request, at random moments; then start again.

The fake's own ledger is the judge: nothing twice, nothing lost, no share bare for over 30 s, no rule broken.
The exam kills 1,000 times on each database, its quick form a tenth; without it each story dies once, on one of them.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from tests.faults.alpaca_case import Case, Field, by_field, opened
from tests.faults.alpaca_jobs import Strike
from tests.faults.alpaca_stories import STORIES, AlpacaStory
from tests.faults.exam_table import FORM, IS_FULL, Area, Exam
from tests.faults.judge import Findings
from tests.faults.nursery import Nursery

KILLS = 1000 if IS_FULL else 100 if FORM else len(STORIES)
AREAS = {"sqlite": Area.KILL_ALPACA_SQLITE, "postgres": Area.KILL_ALPACA_POSTGRES}
REQUESTS = ("changed", "changing", "sent", "asking")
USUAL_SPOTS = {"sqlite": {"changed": 1}, "postgres": {"submitted": 1}}
SPOTS = {
    "price falls of TSLA": {"sqlite": {"asking": 5}, "postgres": {"asking": 9}},
    "entry ended with its bar of TSLA": {"sqlite": {"changed": 1}, "postgres": {"sent": 1}},
}
"""Where a story dies that dies only once."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill: by a strike, or (None) after a part of a run's usual time.

    What the server holds of a dead process is carried out just before another changes something when
    `rivals`, else only when everybody is done.
    """

    strike: Strike | None = None
    moment: float = 0.0
    rivals: bool = False
    look_first: bool = False

    @property
    def text(self) -> str:
        where = f"{self.moment:.2f} of a run" if self.strike is None else self.strike.text
        return where + (" for a rival" if self.rivals else "")


def share(story: AlpacaStory) -> int:
    """How often this story dies."""
    number = STORIES.index(story)
    return KILLS * (number + 1) // len(STORIES) - KILLS * number // len(STORIES)


def kills(passed: dict[str, int], seed: int) -> Iterator[Kill]:
    """Every point and every changing request first, then the questions, then random moments, endlessly."""
    generator = np.random.default_rng(seed)
    points = sorted(passed.keys() - set(REQUESTS))
    for names in (("changed",), points, ("changing", "sent"), ("asking",)):
        strikes = [Strike(where=w, number=n + 1) for w in names for n in range(passed.get(w, 0))]
        for index in generator.permutation(len(strikes)):
            look_first = bool(generator.integers(2))
            yield Kill(strike=strikes[index], look_first=look_first)
            if strikes[index].where == "sent":
                yield Kill(strike=strikes[index], rivals=True, look_first=look_first)
        if names == points:
            yield Kill(moment=float(generator.uniform()))
    while True:
        yield Kill(moment=float(generator.uniform()), look_first=bool(generator.integers(2)))


def carry_out(case: Case, kill: Kill, usual: float) -> tuple[bool, list[Findings]]:
    """Kill, start again, go on; return whether it died, and what was wrong each time."""
    server = case.field.server
    end = case.victim(kill.strike, kill_after=None if kill.strike else kill.moment * usual)
    assert end.raised is None, f"{end.raised}: {end.text}"
    server.yields_to_rivals = kill.rivals
    case.recover(look_first=kill.look_first)
    server.release()
    server.yields_to_rivals = False
    is_held = kill.strike is not None and kill.strike.where == "sent"
    restarted = case.judged(may_repeat=is_held)
    case.go_on()
    return end.was_killed, [restarted, case.judged(may_repeat=is_held)]


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, nursery: Nursery) -> Iterator[Field]:
    yield from opened(request, nursery)


@pytest.mark.parametrize(("field", "story"), by_field(everywhere=bool(FORM)), indirect=["field"])
def test_a_killed_process_starts_again_with_nothing_twice_lost_or_bare(
    field: Field, story: AlpacaStory, exam: Exam
) -> None:
    wanted, killed = share(story), 0
    found: list[Findings] = []
    wrong: list[str] = []
    passed, usual = usual_run(field, story)
    for number, kill in enumerate(kills(passed, STORIES.index(story))):
        if killed == wanted:
            break
        died, findings = carry_out(field.case(story, f"{story.text} {number}"), kill, usual)
        assert died or kill.strike is None, f"{story.text}: {kill.text} was not reached"
        killed += died
        found += findings
        wrong += [f"{story.text}: {kill.text}: {each}" for one in findings for each in one.all]
    found.append(field.judged_chain())
    exam.record(AREAS[field.name], cases=killed, findings=found)
    assert not [*wrong, *found[-1].all], "\n".join([*wrong, *found[-1].all])


def usual_run(field: Field, story: AlpacaStory) -> tuple[dict[str, int], float]:
    """Let a run live; return what it passes, and how long it takes. Not worth it for a single kill."""
    if not FORM:
        return SPOTS.get(story.text, USUAL_SPOTS)[field.name], 0.3
    case = field.case(story, f"{story.text} lives")
    started = time.perf_counter()
    end = case.victim(None)
    seconds = time.perf_counter() - started
    assert end.raised is None, f"{end.raised}: {end.text}"
    return end.returned["passed"], seconds


def test_every_moment_of_a_run_is_a_kill_of_its_own() -> None:
    passed = {"admitted": 1, "submitting": 2, "changing": 1, "changed": 1, "sent": 1, "asking": 2}
    named = list(_take(kills(passed, 7), 10))
    texts = [kill.text for kill in named if kill.strike is not None]
    assert sorted(texts) == [
        "admitted 1",
        "asking 1",
        "asking 2",
        "changed 1",
        "changing 1",
        "sent 1",
        "sent 1 for a rival",
        "submitting 1",
        "submitting 2",
    ]


def _take(endless: Iterator[Kill], count: int) -> Iterator[Kill]:
    for _ in range(count):
        yield next(endless)
