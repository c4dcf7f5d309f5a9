"""One case of the exam at Alpaca: a story is told up to the deed that is struck, and is judged after it.

Only the victim is a process of its own. Whoever comes after it works in this process on a desk of its
own with a broker of its own, which shares nothing with it but the database and the fake.
"""

import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.alpaca_kit import EPOCH, PATIENT
from tests.fakes.desk import DeskKit, calm, kit_on
from tests.faults.alpaca_jobs import Deed, Place, Strike, arguments_of, done
from tests.faults.alpaca_judge import judge_alpaca
from tests.faults.alpaca_rows import Terms
from tests.faults.alpaca_stories import LOOK, STORIES, Act, AlpacaStory, ExamServer, Stage
from tests.faults.exam_table import FORM, IS_FULL
from tests.faults.jobs import RACE_PRICE, pair, racers
from tests.faults.judge import Findings, chain_faults
from tests.faults.nursery import End, Job, Nursery
from ztrade_core.domain.orders import OrderStatus
from ztrade_core.store.engine import make_engine
from ztrade_core.store.transactions import reading
from ztrade_core.wires.bounded import WireLimits

BARS = 20
PERFORM = "tests.faults.alpaca_jobs:perform"


@dataclass(frozen=True, kw_only=True)
class Field:
    """A database with bars, a fake, and a nursery: what many cases share."""

    name: str
    url: str
    engine: Engine
    server: ExamServer
    nursery: Nursery

    def judged_chain(self) -> Findings:
        """Look at the whole chain, which all accounts of the database share."""
        with reading(self.engine) as connection:
            return Findings(wrong=chain_faults(connection))

    def place(self, account: str, company: str, lines: dict[str, str]) -> Place:
        """Return an account of its own at the fake, in this database."""
        return Place(
            database_url=self.url,
            server_url=self.server.url,
            account=account,
            company=company,
            lines=lines,
        )

    def case(self, story: AlpacaStory, account: str) -> "Case":
        """Begin a story on an account of its own, up to the deed that is to be struck."""
        place = self.place(account, "pair", story.lines())
        case = Case(field=self, story=story, place=place, stage=story.stage(self.server))
        for number, act in enumerate(story.before):
            case.act(act, f"before-{number}")
        case.stage.advance(case.struck().moment)
        if story.turn is not None:
            story.turn(case.stage)
        return case


@dataclass(kw_only=True)
class Case:
    """A story under way."""

    field: Field
    story: AlpacaStory
    place: Place
    stage: Stage
    limits: WireLimits = PATIENT
    said: list[Any] = dataclasses.field(default_factory=list)

    @property
    def kit(self) -> DeskKit:
        return self.place.kit(self.field.engine, limits=self.limits)

    @property
    def waits(self) -> bool:
        """Whether our book has an order of which it does not know if it was sent."""
        with self.kit.store.reading() as uow:
            working = uow.orders.working(self.place.account, EPOCH)
        return any(order.status is OrderStatus.UNKNOWN for order in working)

    def struck(self, holder: str = "struck", *, later: float = 0.0) -> Deed:
        return self.story.struck.deed(self.story.agent, holder, later=later)

    def act(self, act: Act, holder: str, *, later: float = 0.0) -> None:
        self.perform(act.deed(self.story.agent, holder, later=later))

    def perform(self, deed: Deed) -> None:
        """Do a deed here, at its moment."""
        self.stage.advance(deed.moment)
        self.said.append(done(self.kit, deed))

    def job(self, deed: Deed, strike: Strike | None = None, **more: Any) -> Job:
        self.stage.advance(deed.moment)
        arguments = {**arguments_of(self.place, deed, strike), **more}
        return Job(name=PERFORM, arguments=arguments)

    def warm_up(self) -> None:
        """Let the nursery compile what runs need: children are cheaper then."""
        (end,) = self.field.nursery.warm(self.job(self.struck()))
        assert end.raised is None, f"{end.raised}: {end.text}"

    def victim(self, strike: Strike | None, *, kill_after: float | None = None) -> End:
        """Do the struck deed in a process of its own; return how it ended."""
        made = self.job(self.struck(), strike)
        (end,) = self.field.nursery.run(
            Job(name=made.name, arguments=made.arguments, kill_after=kill_after)
        )
        return end

    def recover(self, *, look_first: bool = False, again: bool = True) -> None:
        """Start the struck deed again 10 s later (unless told not to), between looks 10 s apart."""
        step = LOOK.total_seconds()
        if look_first:
            self.look(step)
        if again:
            self.perform(self.struck("again", later=step * (1 + look_first)))
        else:
            self.look(step * (1 + look_first))
        if self.story.calm is not None:
            self.story.calm(self.stage)
        for number in (2, 3):
            self.look(step * (number + look_first))

    def look(self, later: float) -> None:
        """Let the watch look, so long after the struck deed."""
        deed = self.struck("watch", later=later)
        self.perform(Deed(what="watch", at=deed.at, agent_id=deed.agent_id, holder="watch"))

    def go_on(self) -> None:
        """Run the next bars, each with a look after it."""
        for number in self.story.after:
            self.act(Act(what="cycle", number=number), f"after-{number}")
            self.act(Act(what="watch", number=number, seconds=10), "watch")

    def judged(self, **terms: Any) -> Findings:
        given = Terms(**{"company": pair(), "with_chain": False, **terms})
        return judge_alpaca(self.field.engine, self.field.server, self.place.account, terms=given)


def by_field(
    stories: Sequence[AlpacaStory] = STORIES, *, one_in: int = 1, everywhere: bool = IS_FULL
) -> list[Any]:
    """Return parameters `field` and `story`: each story on both databases `everywhere`, else on one.

    Outside of an exam one in so many is tried.
    """
    tried = stories if FORM else stories[::one_in]
    return [
        pytest.param(name, story, id=f"{name}-{story.text}")
        for index, name in enumerate(("sqlite", "postgres"))
        for number, story in enumerate(tried)
        if everywhere or number % 2 == index
    ]


def opened(request: pytest.FixtureRequest, nursery: Nursery) -> Iterator[Field]:
    """Open the field of a module's tests: a database of the kind `request.param`, with bars."""
    with database(request) as url, ExamServer() as server:
        engine = make_engine(url)
        sow(engine)
        made = Field(name=request.param, url=url, engine=engine, server=server, nursery=nursery)
        made.case(STORIES[0], "warm").warm_up()
        yield made
        engine.dispose()


@contextmanager
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Copy a migrated database, for as long as a module's tests run."""
    if request.param == "sqlite":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("field")
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), folder)}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database(template=request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop_database(name)


def sow(engine: Engine) -> None:
    """Store the bars that every case of a database decides on."""
    closes = {"TSLA": calm(BARS), "BTC/USD": calm(BARS, 20000.0)}
    kit_on(engine).put_bars(
        {**closes, **{each.symbol: calm(BARS, RACE_PRICE) for each in racers().agents}}
    )
