"""JSON documents and tables."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from ztrade_core.domain.decisions import Action
from ztrade_pipelines.cli.output import emit_json, jsonable, rows, table


@dataclass(frozen=True)
class Sample:
    price: Decimal
    at: datetime
    action: Action


def test_values_become_json_types_and_what_is_no_number_becomes_null() -> None:
    document = {
        "sample": Sample(Decimal("309.40"), datetime(2022, 1, 3, tzinfo=UTC), Action.BUY),
        "nan": math.nan,
        "inf": -math.inf,
        "day": date(2022, 1, 3),
        "path": Path("a/b"),
        "many": (1, 2.5, None, True),
    }
    assert jsonable(document) == {
        "sample": {"price": 309.4, "at": "2022-01-03T00:00:00Z", "action": "buy"},
        "nan": None,
        "inf": None,
        "day": "2022-01-03",
        "path": "a/b",
        "many": [1, 2.5, None, True],
    }


def test_a_document_is_one_json_text(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"value": math.nan, "name": "é"})
    assert json.loads(capsys.readouterr().out) == {"value": None, "name": "é"}


def test_what_a_terminal_might_obey_is_spelt_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "é 中 \x1b[2J \x9b31m \x7f \u202e \u200b \U000e0041 \udcff \n"
    emit_json({hostile: hostile})
    shown = capsys.readouterr().out
    assert shown.count("é 中") == 2
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert json.loads(shown) == {hostile: hostile}


def shown(width: int, *columns: str, row: tuple[str | Text, ...]) -> list[str]:
    screen = StringIO()
    Console(file=screen, width=width).print(rows(table("Title", *columns), [row]))
    return [line.rstrip() for line in screen.getvalue().splitlines()]


def test_numbers_stand_at_the_right_and_never_wrap() -> None:
    lines = shown(30, "=name", ">worth", row=("a", "$1,234.50"))
    assert lines[-1].split() == ["a", "$1,234.50"]
    assert lines[1].endswith("worth")


def test_a_column_that_gives_way_is_cut_with_an_ellipsis() -> None:
    lines = shown(24, "=name", "~text", row=("name", "a long text that has no room here"))
    assert len(lines) == 4
    assert lines[-1].endswith("…")
