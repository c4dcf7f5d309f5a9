"""The exam's table: tests record what they tried and what was wrong, one row an area is printed.

`exam.record(Area.RACE, cases=20, findings=found)` in a test; or `pytestmark = pytest.mark.exam(Area.TICKS)`
in a module, which counts each of its tests as one case. Both travel as report properties, so they
work in pytest-xdist's workers. `EXAM=full` holds the whole exam, `EXAM=quick` a tenth of it; without
it tests run a tenth and no area has to be there.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORM = os.environ.get("EXAM", "")  # noqa: TID251 - how long to test
FORMS = ("", "quick", "full")
IS_FULL = FORM == "full"
PROPERTY = "exam"
BEGIN, END = "<!-- exam: begin -->", "<!-- exam: end -->"


class Area(StrEnum):
    """What the exam must have tried, in the table's order."""

    KILL_SQLITE = "kill -9, SQLite, simulated broker"
    KILL_POSTGRES = "kill -9, PostgreSQL, simulated broker"
    KILL_ALPACA_SQLITE = "kill -9, SQLite, Alpaca"
    KILL_ALPACA_POSTGRES = "kill -9, PostgreSQL, Alpaca"
    BROKER_FAULTS = "broker faults"
    RACE = "races and zombies"
    OVERRIDE = "override under outages"
    DATABASE = "database faults"
    TICKS = "ticks"
    AGENTS = "hung and crashing agents"
    VARIANTS = "broken variants caught"
    SECRETS = "secrets"


KINDS = {
    "duplicated": "duplicated",
    "lost": "lost",
    "unprotected": "unprotected > 30 s",
    "rule_breaks": "rule breaks",
    "wrong": "wrong",
    "secrets": "secrets",
}


class Exam:
    """Takes what one test found."""

    def __init__(self, record_property: Callable[[str, object], None]) -> None:
        self._record_property = record_property

    def record(
        self, area: Area, *, cases: int, findings: Mapping[str, int] | Iterable[object] = ()
    ) -> None:
        """Add cases to an area, and what was wrong: counts by kind, or the judge's findings.

        Records before asserting, so that a failed test is in the table. Raises ValueError for an
        area or a kind that the table does not have.
        """
        counts = findings if isinstance(findings, Mapping) else counted(findings)
        if unknown := counts.keys() - KINDS.keys():
            raise ValueError(f"{sorted(unknown)}: findings are of the kinds {list(KINDS)}")
        self._record_property(PROPERTY, {"area": Area(area).value, "cases": cases, **counts})


def counted(findings: Iterable[object]) -> Counter[str]:
    """Count findings by kind; an object without a list of some kind found none of it."""
    found: Counter[str] = Counter()
    for each in findings:
        found.update({kind: len(getattr(each, kind, ())) for kind in KINDS})
    return found


@dataclass(kw_only=True)
class Row:
    """One area, summed over its tests."""

    cases: int = 0
    found: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """`passed`, or what is amiss; a skipped test never hides."""
        if self.failed or self.found.total():
            return "FAILED"
        if not self.cases:
            return "SKIPPED" if self.skipped else "MISSING"
        return f"passed, {self.skipped} skipped" if self.skipped else "passed"


def rows_of(stats: Mapping[str, list[Any]]) -> dict[str, Row]:
    """Sum reports (pytest's, by outcome) into rows by area; areas nobody recorded are left out."""
    rows: dict[str, Row] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, []):
            entries = [v for k, v in getattr(report, "user_properties", ()) if k == PROPERTY]
            _add(rows, outcome, entries, getattr(report, "duration", 0.0))
    return rows


def _add(
    rows: dict[str, Row], outcome: str, entries: list[dict[str, Any]], duration: float
) -> None:
    explicit = {entry["area"] for entry in entries if "cases" in entry}
    areas = dict.fromkeys(entry["area"] for entry in entries)
    for area in areas:
        row = rows.setdefault(area, Row())
        row.seconds += duration / len(areas)
        row.failed += outcome in {"failed", "error"}
        row.skipped += outcome == "skipped"
        if outcome in {"passed", "failed"} and area not in explicit:
            row.cases += 1
    if outcome != "error":  # the call of a test whose teardown failed has told already
        for entry in entries:
            row = rows[entry["area"]]
            row.cases += entry.get("cases", 0)
            row.found.update({kind: entry.get(kind, 0) for kind in KINDS})


def table(rows: Mapping[str, Row], *, whole: bool) -> list[str]:
    """Return the table's lines, markers included; `whole` shows what nobody recorded as missing."""
    shown = {area.value: rows.get(area.value, Row()) for area in Area if whole or area in rows}
    totals = Row()
    for row in shown.values():
        totals.cases += row.cases
        totals.found.update(row.found)
        totals.seconds += row.seconds
    verdict = "FAILED" if amiss(rows, whole=whole) else "passed"
    header = ["area", "cases", *KINDS.values(), "time", "verdict"]
    body = [[*_cells(area, row), row.verdict] for area, row in shown.items()]
    return [BEGIN, *_markdown([header, *body, [*_cells("total", totals), verdict]]), END]


def amiss(rows: Mapping[str, Row], *, whole: bool) -> list[str]:
    """Return the areas that did not pass, with their verdicts; skipping one fails a whole exam only."""
    areas = [area.value for area in Area if whole or area in rows]
    verdicts = {area: rows.get(area, Row()).verdict for area in areas}
    return [
        f"{area}: {text}"
        for area, text in verdicts.items()
        if not text.startswith("passed") and (whole or text != "SKIPPED")
    ]


def _cells(area: str, row: Row) -> list[str]:
    found = [f"{row.found[kind]:,}" for kind in KINDS]
    minutes, seconds = divmod(round(row.seconds), 60)
    return [area, f"{row.cases:,}", *found, f"{minutes}:{seconds:02}"]


def _markdown(lines: list[list[str]]) -> list[str]:
    """Lay cells out as a Markdown table that also reads well as plain text; figures to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    last = len(widths) - 1
    texts = [
        "| "
        + " | ".join(
            cell.ljust(width) if column in {0, last} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in lines
    ]
    rule = [
        "-" * width if column in {0, last} else "-" * (width - 1) + ":"
        for column, width in enumerate(widths)
    ]
    return [texts[0], "| " + " | ".join(rule) + " |", *texts[1:]]
