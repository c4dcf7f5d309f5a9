"""The exam's table tells what was recorded, and fails a run that left an area out."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.exam_table import BEGIN, END, PROPERTY, Area, Exam, amiss, rows_of, table
from tests.faults.judge import Findings


def report(*entries: dict[str, object]) -> Any:
    return SimpleNamespace(user_properties=[(PROPERTY, each) for each in entries], duration=1.0)


def recorded(area: Area, *, cases: int, findings: Any = ()) -> dict[str, object]:
    """What the fixture hands to pytest."""
    taken: list[Any] = []
    Exam(lambda name, value: taken.append((name, value))).record(
        area, cases=cases, findings=findings
    )
    ((name, value),) = taken
    assert name == PROPERTY
    return dict(value)


def whole_exam() -> dict[str, list[Any]]:
    return {"passed": [report(recorded(area, cases=10)) for area in Area]}


def test_an_exam_in_which_every_area_passed_has_nothing_amiss_and_its_totals() -> None:
    rows = rows_of(whole_exam())
    assert amiss(rows, whole=True) == []
    lines = table(rows, whole=True)
    assert (lines[0], lines[-1]) == (BEGIN, END)
    cells = [cell.strip() for cell in lines[-2].split("|")[1:-1]]
    assert cells == ["total", str(10 * len(Area)), *["0"] * 6, "0:12", "passed"]


def test_all_lines_of_the_table_are_of_one_width() -> None:
    lines = table(rows_of(whole_exam()), whole=True)[1:-1]
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == len(Area) + 3


def test_an_area_that_nobody_recorded_is_missing_from_a_whole_exam_only() -> None:
    stats = whole_exam()
    del stats["passed"][list(Area).index(Area.TICKS)]
    assert amiss(rows_of(stats), whole=True) == ["ticks: MISSING"]
    assert amiss(rows_of(stats), whole=False) == []


def test_a_finding_fails_its_area_though_the_test_passed() -> None:
    found = [Findings(lost=["an order", "another"]), Findings(wrong=["a sum"])]
    stats = {"passed": [report(recorded(Area.RACE, cases=2, findings=found))]}
    rows = rows_of(stats)
    assert dict(+rows[Area.RACE].found) == {"lost": 2, "wrong": 1}
    assert amiss(rows, whole=False) == ["races and zombies: FAILED"]


def test_a_marked_test_is_a_case_unless_it_records_its_own() -> None:
    marked = {"area": Area.TICKS.value}
    stats = {
        "passed": [report(marked), report(marked, recorded(Area.TICKS, cases=5))],
        "failed": [report(marked)],
        "skipped": [report(marked)],
    }
    row = rows_of(stats)[Area.TICKS]
    assert (row.cases, row.failed, row.skipped, row.verdict) == (7, 1, 1, "FAILED")


def test_a_test_whose_teardown_failed_is_counted_once() -> None:
    entry = recorded(Area.TICKS, cases=5, findings={"wrong": 0})
    row = rows_of({"passed": [report(entry)], "error": [report(entry)]})[Area.TICKS]
    assert (row.cases, row.failed) == (5, 1)


def test_an_area_whose_tests_were_all_skipped_has_not_passed_an_exam() -> None:
    stats = whole_exam()
    stats["skipped"] = [report({"area": Area.TICKS.value})]
    assert rows_of(stats)[Area.TICKS].verdict == "passed, 1 skipped"
    del stats["passed"][list(Area).index(Area.TICKS)]
    assert amiss(rows_of(stats), whole=True) == ["ticks: SKIPPED"]
    assert amiss(rows_of(stats), whole=False) == []


def test_an_unknown_area_or_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="dancing"):
        recorded("dancing", cases=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="naked"):
        recorded(Area.RACE, cases=1, findings={"naked": 1})
