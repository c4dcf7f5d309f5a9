"""kill -9 between intent and record, then start again: nothing twice, nothing lost, never naked.

The simulated broker's own tables are the judge. The exam kills 1,000 times on each database.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, product

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import at, calm
from tests.faults.exam_stories import STORIES, Story
from tests.faults.exam_table import Area, Exam
from tests.faults.jobs import kit_for
from tests.faults.judge import Findings, judge_account
from tests.faults.nursery import End, Job, Nursery
from tests.unit.risk.builders import BTC, TSLA
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z
from ztrade_core.ports.checkpoints import CHECKPOINTS

KILLS = 200


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill: at a named point, or (`point` None) after a part of a run's usual time."""

    story: Story
    agent: AgentConfig
    point: str | None = None
    moment: float = 0.0

    @property
    def text(self) -> str:
        where = self.point or f"{self.moment:.2f} of a run"
        return f"{self.story.name} of {self.agent.symbol} at {where}"


def kills(count: int) -> Iterator[Kill]:
    """Every story at every point, a stock and a coin in turn; then at random moments, endlessly."""
    named = [
        Kill(story=story, agent=agent, point=point)
        for agent in (TSLA, BTC)
        for story in STORIES
        for point in story.points
    ]
    generator = np.random.default_rng(7)
    entries, others = named[: len(CHECKPOINTS)], named[len(CHECKPOINTS) :]
    order = generator.permutation(len(others))
    yield from [*entries, *(others[index] for index in order)][: 3 * count // 4]
    for story, agent in cycle(product(STORIES, (TSLA, BTC))):
        yield Kill(story=story, agent=agent, moment=float(generator.uniform(0.0, 1.0)))


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A database to kill on; `usual_seconds` is how long a run takes here."""

    url: str
    engine: Engine
    nursery: Nursery
    usual_seconds: float = 0.0

    def carry_out(self, kill: Kill, account: str) -> tuple[bool, list[Findings]]:
        """Kill, start again, go on; return whether it died, and what was wrong each time."""
        story, agent = kill.story, kill.agent
        spec = [self.url, account, "pair", story.lines(agent)]
        kit = kit_for(self.engine, *spec[1:])
        for number in story.before:
            kit.cycle(at(number), agent.agent_id, holder=f"before-{number}")
        if story.prepare is not None:
            story.prepare(kit)
        deadly = {} if kill.point is None else {"deadly": kill.point}
        delay = None if kill.point else kill.moment * self.usual_seconds
        died = self.run(spec, agent, story.struck, "killed", kill_after=delay, **deadly)
        self.run(spec, agent, story.struck, "restarted")
        restarted = self.judge(agent, account)
        for number in story.after:
            self.run(spec, agent, number, f"after-{number}")
        return died.was_killed, [restarted, self.judge(agent, account)]

    def warm_up(self, spec: list[object]) -> None:
        """Let the nursery compile what runs need, on an account of its own: kills get cheaper."""
        other = [self.url, "warm", *spec[2:]]
        jobs = [
            Job(name="cycle", arguments=arguments_of(other, TSLA, number, "warm"))
            for number in (10, 11, 12)
        ]
        assert [end.raised for end in self.nursery.warm(*jobs)] == [None] * len(jobs)

    def judge(self, agent: AgentConfig, account: str) -> Findings:
        fee_bps = 25.0 if agent is BTC else 0.0
        return judge_account(self.engine, account, fee_bps=fee_bps, with_chain=False)

    def run(
        self,
        spec: list[object],
        agent: AgentConfig,
        number: int,
        holder: str,
        *,
        kill_after: float | None = None,
        **deadly: str,
    ) -> End:
        arguments = arguments_of(spec, agent, number, holder)
        job = Job(name="cycle", arguments={**arguments, **deadly}, kill_after=kill_after)
        (end,) = self.nursery.run(job)
        assert end.raised is None, f"{holder}: {end.raised}: {end.text}"
        return end


def arguments_of(
    spec: list[object], agent: AgentConfig, number: int, holder: str
) -> dict[str, object]:
    """What the job `cycle` is told."""
    as_of = iso_z(at(number))
    return {"kit": spec, "as_of": as_of, "agent_id": agent.agent_id, "holder": holder}


@pytest.mark.parametrize(
    ("name", "area"),
    [
        pytest.param(name, area, marks=pytest.mark.exam(area), id=name)
        for name, area in (("sqlite", Area.KILL_SQLITE), ("postgres", Area.KILL_POSTGRES))
    ],
)
def test_a_killed_run_starts_again_with_nothing_twice_lost_or_naked(
    name: str, area: Area, request: pytest.FixtureRequest, nursery: Nursery, exam: Exam
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    run = prepared(url, request.getfixturevalue("engine_of")(url), nursery)
    wanted = request.getfixturevalue("campaign")(KILLS)
    killed, found = 0, []
    wrong: list[str] = []
    for number, kill in enumerate(kills(wanted)):
        died, findings = run.carry_out(kill, f"kill-{number}")
        assert died or kill.point is None, f"{kill.text}: the point was not reached"
        killed += died
        found += findings
        wrong += [f"{kill.text}: {text}" for each in findings for text in each.all]
        if killed == wanted:
            break
    found.append(judge_account(run.engine, "the chain"))
    exam.record(area, cases=killed, findings=found)
    assert not [*wrong, *found[-1].all], "\n".join([*wrong, *found[-1].all])


def prepared(url: str, engine: Engine, nursery: Nursery) -> Campaign:
    """Store bars and see how long a run takes."""
    kit = kit_for(engine, "usual", "pair", {})
    kit.put_bars({"TSLA": calm(40), "BTC/USD": calm(40, 20000.0)})
    trial = Campaign(url=url, engine=engine, nursery=nursery)
    story = STORIES[0]
    spec = [url, "usual", "pair", story.lines(TSLA)]
    trial.warm_up(spec)
    trial.run(spec, TSLA, story.struck, "usual")
    seconds = timed(lambda: trial.run(spec, TSLA, 11, "usual"))
    return Campaign(url=url, engine=engine, nursery=nursery, usual_seconds=seconds)


def timed(action: Callable[[], object]) -> float:
    """How long it took, as the system clock of this test says."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
