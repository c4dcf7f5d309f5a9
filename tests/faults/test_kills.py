"""kill -9 between intent and record, then start again: nothing twice, nothing lost, never naked.

The simulated broker's own tables are the judge. `ZTRADE_EXAM=full` kills 200 times on each database.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
from ztrade_core.store.engine import make_engine

KILLS = 200
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


def kills(count: int) -> list[Kill]:
    """Every story at every point, a stock and a coin in turn; the rest at random moments."""
    named = [
        Kill(story=story, agent=agent, point=point)
        for agent in (TSLA, BTC)
        for story in STORIES
        for point in story.points
    ]
    entries, others = named[: len(CHECKPOINTS)], named[len(CHECKPOINTS) :]
    generator = np.random.default_rng(7)
    generator.shuffle(others)  # type: ignore[arg-type]
    chosen = [*entries, *others][: max(len(CHECKPOINTS), 3 * count // 4)]
    moments = [
        Kill(
            story=STORIES[number % len(STORIES)],
            agent=(TSLA, BTC)[number % 2],
            moment=float(generator.uniform(0.0, 1.1)),
        )
        for number in range(count - len(chosen))
    ]
    return [*chosen, *moments]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A database to kill on; `usual_seconds` is how long a run takes here."""

    url: str
    engine: Engine
    nursery: Nursery
    usual_seconds: float = 0.0

    def carry_out(self, kill: Kill, account: str) -> tuple[bool, Findings]:
        """Kill, start again, go on; return whether it died, and what was wrong after."""
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
        restarted = judge_account(self.engine, account, fee_bps=fee_bps_of(agent))
        for number in story.after:
            self.run(spec, agent, number, f"after-{number}")
        finally_ = judge_account(self.engine, account, fee_bps=fee_bps_of(agent))
        restarted.wrong += finally_.all
        return died.was_killed, restarted

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


def fee_bps_of(agent: AgentConfig) -> float:
    return 25.0 if agent is BTC else 0.0


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_a_killed_run_starts_again_with_nothing_twice_lost_or_naked(
    name: str,
    request: pytest.FixtureRequest,
    nursery: Nursery,
    campaign: Callable[[int], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    run = prepared(url, make_engine(url), nursery)
    count = campaign(KILLS)
    died, duplicated, lost, unprotected, wrong = 0, 0, 0, 0, []
    for number, kill in enumerate(kills(count)):
        killed, findings = run.carry_out(kill, f"kill-{number}")
        assert killed or kill.point is None, f"{kill.text}: the point was not reached"
        died += killed
        duplicated += len(findings.duplicated)
        lost += len(findings.lost)
        unprotected += len(findings.unprotected)
        wrong += [f"{kill.text}: {text}" for text in findings.all]
    run.engine.dispose()
    summary = f"{died} killed of {count} runs on {name}"
    with capsys.disabled():
        print(f"\n{summary}: {duplicated} duplicated, {lost} lost, {unprotected} unprotected")  # noqa: T201
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
    import time  # noqa: PLC0415

    started = time.perf_counter()
    action()
    return time.perf_counter() - started
