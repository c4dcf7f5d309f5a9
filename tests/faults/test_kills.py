"""kill -9 between intent and record, then start again: nothing twice, nothing lost, never naked.

The simulated broker's own tables are the judge. `ZTRADE_EXAM=full` kills 200 times on each database.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, product

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import DAY_OPENS, DeskKit, at, bar, calm
from tests.faults.jobs import kit_for
from tests.faults.judge import Findings, judge_account
from tests.faults.nursery import End, Job, Nursery
from tests.unit.risk.builders import BTC, TSLA
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.orders import Role
from ztrade_core.domain.time import iso_z
from ztrade_core.ports.checkpoints import CHECKPOINTS

KILLS = 200
KINDS = ("duplicated", "lost", "unprotected", "wrong")
NEVER_SENDS = tuple(n for n in CHECKPOINTS if n not in {"submitting", "submitted", "acknowledged"})


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens around a kill: bars decided before, the bar whose run dies, and bars after."""

    name: str
    killed: int
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    sells_at: int | None = None
    prepare: Callable[[DeskKit], None] | None = None
    points: tuple[str, ...] = CHECKPOINTS

    def lines(self, agent: AgentConfig) -> dict[str, str]:
        """The script: buy on bar 10, sell where the story says."""
        lines = {f"{agent.agent_id} {iso_z(bar(10))}": "buy"}
        if self.sells_at is not None:
            lines[f"{agent.agent_id} {iso_z(bar(self.sells_at))}"] = "sell"
        return lines


def cancel_the_stop(kit: DeskKit) -> None:
    broker = kit.broker()
    for order in broker.open_orders():
        if order.request.role is Role.STOP:
            broker.cancel(order.request.client_order_id)


def start_anew(kit: DeskKit) -> None:
    kit.broker().reset(DAY_OPENS)


STORIES = (
    Story(name="entry", killed=10, after=(11, 12)),
    Story(name="exit", before=(10, 11), killed=12, after=(13,), sells_at=12),
    Story(name="rearm", before=(10, 11), killed=12, after=(13,), prepare=cancel_the_stop),
    Story(name="reset", before=(10, 11), killed=10, after=(11, 12), prepare=start_anew),
    Story(name="fill", before=(10,), killed=11, after=(12,), points=NEVER_SENDS),
)


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
        died = self.run(spec, agent, story.killed, "killed", kill_after=delay, **deadly)
        self.run(spec, agent, story.killed, "restarted")
        restarted = self.judge(agent, account)
        for number in story.after:
            self.run(spec, agent, number, f"after-{number}")
        return died.was_killed, [restarted, self.judge(agent, account)]

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
        arguments = {
            "kit": spec,
            "as_of": iso_z(at(number)),
            "agent_id": agent.agent_id,
            "holder": holder,
            **deadly,
        }
        (end,) = self.nursery.run(Job(name="cycle", arguments=arguments, kill_after=kill_after))
        assert end.raised is None, f"{holder}: {end.raised}: {end.text}"
        return end


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_a_killed_run_starts_again_with_nothing_twice_lost_or_naked(
    name: str,
    request: pytest.FixtureRequest,
    nursery: Nursery,
    engine_of: Callable[[str], Engine],
    record_property: Callable[[str, object], None],
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    run = prepared(url, engine_of(url), nursery)
    wanted = request.getfixturevalue("campaign")(KILLS)
    found: Counter[str] = Counter()
    wrong: list[str] = []
    for number, kill in enumerate(kills(wanted)):
        died, findings = run.carry_out(kill, f"kill-{number}")
        assert died or kill.point is None, f"{kill.text}: the point was not reached"
        found["killed"] += died
        for each in findings:
            found.update({kind: len(getattr(each, kind)) for kind in KINDS})
            wrong += [f"{kill.text}: {text}" for text in each.all]
        if found["killed"] == wanted:
            break
    wrong += judge_account(run.engine, "the chain").all
    counts = ", ".join(f"{found[kind]} {kind}" for kind in ("killed", *KINDS))
    record_property("campaign", f"kill -9 on {name}: {counts}")
    assert not wrong, "\n".join(wrong)


def prepared(url: str, engine: Engine, nursery: Nursery) -> Campaign:
    """Store bars and see how long a run takes."""
    kit = kit_for(engine, "usual", "pair", {})
    kit.put_bars({"TSLA": calm(40), "BTC/USD": calm(40, 20000.0)})
    trial = Campaign(url=url, engine=engine, nursery=nursery)
    story = STORIES[0]
    spec = [url, "usual", "pair", story.lines(TSLA)]
    trial.run(spec, TSLA, story.killed, "usual")
    seconds = timed(lambda: trial.run(spec, TSLA, 11, "usual"))
    return Campaign(url=url, engine=engine, nursery=nursery, usual_seconds=seconds)


def timed(action: Callable[[], object]) -> float:
    """How long it took, as the system clock of this test says."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
