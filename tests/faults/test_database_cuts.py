"""The database is cut at every statement and commit of a cycle; then a fresh process goes on.

The simulated broker keeps its books in the same database, so its statements are cut too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import DeskKit, at, calm
from tests.faults.exam_cuts import Cut, Cutter, Witness, untold
from tests.faults.exam_stories import ENTRY, EXIT, FILL, REARM, Story
from tests.faults.exam_table import IS_FULL, Area, Exam
from tests.faults.jobs import kit_for
from tests.faults.judge import Findings, judge_account
from tests.unit.risk.builders import TSLA
from ztrade_core.errors import StoreError

pytestmark = pytest.mark.exam(Area.DATABASE)
EVERY = 1 if IS_FULL else 37
FAILURES = (
    ("statement", "before", True),
    ("statement", "after", False),
    ("commit", "before", True),
    ("commit", "after", False),
)


def cuts(counts: dict[str, int]) -> Iterator[Cut]:
    """Every statement and commit; in the quick selection some of them.

    The two ways of cutting a statement take turns (its transaction is lost in both); a commit is cut
    in both, because only one of them keeps the transaction.
    """
    for offset, (what, when, lasting) in enumerate(FAILURES):
        first = 1 + (offset if IS_FULL and what == "statement" else 0 if IS_FULL else 7 * offset)
        step = EVERY * (2 if what == "statement" else 1)
        for number in range(first, counts[what] + 1, step):
            yield Cut(what=what, number=number, when=when, lasting=lasting)


@dataclass(kw_only=True)
class Theatre:
    """Where a story is played: `victim` is the engine that is cut, `sound` one that is not."""

    sound: Engine
    victim: Engine
    story: Story
    cutter: Cutter = field(init=False)
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.cutter, self.witness = Cutter(self.victim), Witness(self.sound)

    def kit(self, engine: Engine, account: str) -> DeskKit:
        return kit_for(engine, account, "pair", self.story.lines(TSLA))

    def begin(self, account: str) -> None:
        """Play the bars before."""
        kit = self.kit(self.sound, account)
        for number in self.story.before:
            kit.cycle(at(number), holder=f"before-{number}")
        if self.story.prepare is not None:
            self.story.prepare(kit)

    def count(self) -> dict[str, int]:
        """Return how many statements and commits the struck bar takes."""
        self.begin("counted")
        with self.victim.connect():
            pass  # what an engine asks once, at its very first connection, is no cycle's statement
        self.victim.dispose()
        self.cutter.arm(None)
        self.kit(self.victim, "counted").cycle(at(self.story.struck), holder="struck")
        return dict(self.cutter.counts)

    def play(self, cut: Cut, account: str) -> list[Findings]:
        """Cut, run the bar again, go on; return what was wrong each time."""
        self.begin(account)
        findings = self.strike(cut, account)
        kit = self.kit(self.sound, account)
        kit.cycle(at(self.story.struck), holder="again")
        again = judge_account(self.sound, account, with_chain=False)
        for number in self.story.after:
            kit.cycle(at(number), holder=f"after-{number}")
        return [findings, again, judge_account(self.sound, account, with_chain=False)]

    def strike(self, cut: Cut, account: str) -> Findings:
        """Run the struck bar on the database that is cut; it must end with a StoreError."""
        self.cutter.arm(cut)
        self.witness = Witness(self.sound)
        wrong: list[str] = []
        kit = replace(self.kit(self.victim, account), wrap=self.witness)
        try:
            kit.cycle(at(self.story.struck), holder="struck")
            wrong.append("nothing was raised")
        except StoreError as error:
            wrong += untold(str(error))
        except Exception as error:  # noqa: BLE001 - whatever else it is, it is wrong
            wrong.append(f"{type(error).__name__} was raised: {error}")
        if not self.cutter.fired:
            wrong.append("it was not cut")
        self.cutter.arm(None)
        self.victim.dispose()
        return Findings(wrong=[*wrong, *self.witness.unwritten])


@pytest.mark.parametrize("story", [ENTRY, EXIT, REARM, FILL], ids=lambda story: story.name)
@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_a_cycle_that_is_cut_anywhere_is_taken_up_again_whole(
    name: str,
    story: Story,
    request: pytest.FixtureRequest,
    engine_of: Callable[[str], Engine],
    exam: Exam,
) -> None:
    theatre = opened(request.getfixturevalue(f"{name}_url"), engine_of, story)
    wrong: list[str] = []
    found: list[Findings] = []
    wanted = list(cuts(theatre.count()))
    for number, cut in enumerate(wanted):
        findings = theatre.play(cut, f"cut-{number}")
        found += findings
        wrong += [f"{cut.text}: {text}" for each in findings for text in each.all]
    found.append(judge_account(theatre.sound, "the chain"))
    exam.record(Area.DATABASE, cases=len(wanted), findings=found)
    assert not [*wrong, *found[-1].all], "\n".join([*wrong, *found[-1].all])


@pytest.mark.parametrize("story", [ENTRY, EXIT, REARM], ids=lambda story: story.name)
def test_no_order_is_sent_whose_intent_could_not_be_written(
    database_url: str, engine_of: Callable[[str], Engine], story: Story
) -> None:
    theatre = opened(database_url, engine_of, story)
    sent = []
    for number in range(1, theatre.count()["commit"] + 1, 1 if IS_FULL else 6):
        theatre.begin(f"intent-{number}")
        cut = Cut(what="commit", number=number, when="before", lasting=True)
        assert theatre.strike(cut, f"intent-{number}").all == []
        sent.append(len(theatre.witness.sent))
    assert sent == sorted(sent)
    assert (sent[0], sent[-1]) == (0, 1)  # the later the cut, the more was written and sent


def opened(url: str, engine_of: Callable[[str], Engine], story: Story) -> Theatre:
    """Store bars, and open the engine to be cut beside a sound one."""
    theatre = Theatre(sound=engine_of(url), victim=engine_of(url), story=story)
    theatre.kit(theatre.sound, "any").put_bars({"TSLA": calm(40)})
    return theatre
