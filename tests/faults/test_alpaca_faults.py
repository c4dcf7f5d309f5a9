"""What goes wrong between us and Alpaca while nobody dies: a matrix of stories and faults of the wire.

The fault strikes one deed (once, or for as long as it lasts), then the world is well again; the watch looks
every 10 s, and what failed is started again. The fake's ledger is the judge, as after a kill.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from tests.fakes.alpaca_desk import QUICK
from tests.fakes.alpaca_kit import PATIENT
from tests.fakes.alpaca_server import Fault
from tests.faults.alpaca_case import Case, Field, by_field, opened
from tests.faults.alpaca_stories import STORIES, AlpacaStory
from tests.faults.exam_table import FORM, IS_FULL, Area, Exam
from tests.faults.judge import Findings
from tests.faults.nursery import Nursery
from ztrade_core.errors import BrokerError

ONE_IN = 1 if IS_FULL else 5 if FORM else 100
"""Which part of the matrix is tried, each story on one database."""
LASTING = 99
HTML = b"<html><body>Service temporarily unavailable</body></html>"
TAKEN = b'{"code": 40010001, "message": "client_order_id must be unique"}'
RATE = b'{"code": 42910000, "message": "rate limit exceeded"}'
WAYS: dict[str, dict[str, Any]] = {
    "504 after it was done": {},
    "504 instead": {"acts": False},
    "reset after it was done": {"how": "reset"},
    "reset instead": {"how": "reset", "acts": False},
    "a truncated answer": {"how": "truncate"},
    "a page of HTML": {"status": 200, "body": HTML},
    "an empty answer": {"status": 200, "body": b""},
    "429 instead": {"status": 429, "body": RATE, "acts": False},
    "silence after it was done": {"how": "silence", "seconds": 2.0},
    "silence instead": {"how": "silence", "seconds": 2.0, "acts": False},
}
CHANGES: dict[str, dict[str, Any]] = {
    **WAYS,
    "a taken id after it was done": {"status": 422, "body": TAKEN},
    "a taken id instead": {"status": 422, "body": TAKEN, "acts": False},
}
ASKED = {
    "an order by our id": "/v2/orders:by_client_order_id",
    "an order by its id": "/v2/orders/",
    "open orders": "/v2/orders$",
    "whatever is asked": "/v",
    "positions": "/v2/positions",
    "fills": "/v2/account/activities",
    "the account": "/v2/account",
    "the stock's quote": "/v2/stocks",
    "the coin's quote": "/v1beta3",
    "the clock": "/v2/clock",
    "the asset": "/v2/assets",
}
CHANGED = ("POST", "PATCH", "DELETE")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One fault of one story. `times` requests that fit go wrong."""

    story: AlpacaStory
    what: str
    method: str
    path: str
    way: str
    times: int

    @property
    def text(self) -> str:
        often = "once" if self.times == 1 else "throughout"
        return f"{self.story.text}: {self.what}: {self.way}, {often}"

    def is_among(self, asked: set[str]) -> bool:
        return any(each.startswith(f"{self.method} {self.path}") for each in asked)

    @property
    def fault(self) -> Fault:
        form = CHANGES[self.way]
        return Fault(method=self.method, path=self.path, times=self.times, **form)


def cells(story: AlpacaStory, asked: set[str]) -> Iterator[Cell]:
    """Each change in each way, once and throughout; each question in each way, once or throughout.

    `asked` has what the struck deed usually sends: `METHOD path$`.
    """
    for method in CHANGED:
        for way, times in product(CHANGES, (1, LASTING)):
            cell = Cell(story=story, what=method, method=method, path="/v", way=way, times=times)
            if cell.is_among(asked):
                yield cell
    for number, (what, path) in enumerate(ASKED.items()):
        for other, way in enumerate(WAYS):
            times = 1 if (number + other) % 2 else LASTING
            cell = Cell(story=story, what=what, method="GET", path=path, way=way, times=times)
            if cell.is_among(asked):
                yield cell


def usually_asked(field: Field, story: AlpacaStory) -> set[str]:
    """Return what a struck deed sends when nothing goes wrong."""
    case = field.case(story, f"{story.text} undisturbed")
    field.server.seen.clear()
    case.perform(case.struck())
    return {f"{seen.method} {seen.path}$" for seen in field.server.seen}


def carry_out(case: Case, cell: Cell) -> list[Findings]:
    """Let one deed meet the fault, then look and go on; return what was wrong."""
    server = case.field.server
    if cell.fault.how == "silence":
        case.limits = QUICK
    before = server.struck
    server.fault(cell.fault)
    try:
        case.perform(case.struck())
        failed = bool(case.said[-1].get("failed"))
    except BrokerError:
        failed = True
    assert server.struck > before, f"{cell.text}: it was not met"
    server.clear_faults()
    case.limits = PATIENT
    case.recover(again=failed)
    looked = case.judged(settled=not case.waits)
    case.go_on()
    return [looked, case.judged()]


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, nursery: Nursery) -> Iterator[Field]:
    yield from opened(request, nursery)


@pytest.mark.parametrize(
    ("field", "story"), by_field(one_in=6, everywhere=False), indirect=["field"]
)
def test_whatever_the_wire_does_nothing_is_sent_twice_lost_or_left_bare(
    field: Field, story: AlpacaStory, exam: Exam
) -> None:
    found: list[Findings] = []
    wrong: list[str] = []
    first = STORIES.index(story) + (field.name == "postgres")
    tried = list(cells(story, usually_asked(field, story)))[first % ONE_IN :: ONE_IN]
    for number, cell in enumerate(tried):
        findings = carry_out(field.case(story, f"{story.text} {number}"), cell)
        found += findings
        wrong += [f"{cell.text}: {text}" for each in findings for text in each.all]
    found.append(field.judged_chain())
    exam.record(Area.BROKER_FAULTS, cases=len(tried), findings=found)
    assert not [*wrong, *found[-1].all], "\n".join([*wrong, *found[-1].all])
