"""Where results go: tables for people, or one JSON document for programs, on standard output.

With `--json` nothing but the document is on standard output: keys are stable, instants are ISO 8601
with a Z, numbers are JSON numbers, what is absent (and NaN) is null.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import click
from rich import box
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ztrade_core.domain.time import iso_z

GAP = 2  # columns between two of a table
Callback = TypeVar("Callback", bound=Callable[..., Any])
_UNTYPED = re.compile(r"[^ -~\n]")


def json_option(callback: Callback) -> Callback:
    """Add `--json` to a command; its value arrives as `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document instead of tables."
    )(callback)


def account_option(callback: Callback) -> Callback:
    """Add `--account` to a command."""
    return click.option(
        "--account",
        type=click.Choice(["paper", "rehearsal"]),
        default="paper",
        show_default=True,
        help="Which account.",
    )(callback)


def emit_json(document: Any) -> None:
    """Print a JSON document; what no terminal should see, in it or around it, is written as its JSON escape."""
    text = json.dumps(jsonable(document), indent=2, ensure_ascii=False, allow_nan=False)
    click.echo(_UNTYPED.sub(_spelt, text))


def jsonable(value: Any) -> Any:  # noqa: PLR0911 - one line a type
    """Turn values into JSON types; NaN and infinities become null."""
    if is_dataclass(value) and not isinstance(value, type):
        return jsonable(asdict(value))
    if isinstance(value, Enum):
        return jsonable(value.value)
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return iso_z(value)
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    return value


def _spelt(found: re.Match[str]) -> str:
    """Return a visible character as it is, any other as JSON spells it in ASCII."""
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def console() -> Console:
    """Return the console on standard output; nothing is coloured but what says so."""
    return Console(highlight=False, emoji=False)


def show(*parts: RenderableType) -> None:
    """Print tables and lines, one below the other, tables with air between them."""
    screen = console()
    before: RenderableType = ""
    for index, part in enumerate(parts):
        if index and any(isinstance(one, Table | Panel) for one in (before, part)):
            screen.print()
        screen.print(part)
        before = part


def table(title: str, *columns: str, caption: str = "") -> Table:
    """Return an empty table.

    A column named `>name` is right-aligned and never wraps, `=name` never wraps, `~name` is cut
    with an ellipsis where there is no room, any other folds.
    """
    made = Table(
        title=title,
        title_style="bold",
        title_justify="left",
        caption=caption or None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        header_style="bold cyan",
    )
    for name in columns:
        right = name.startswith(">")
        made.add_column(
            name.lstrip(">=~"),
            justify="right" if right else "left",
            no_wrap=name.startswith((">", "=")),
            overflow="ellipsis" if name.startswith("~") else "fold",
        )
    return made


def rows(made: Table, cells: Iterable[Sequence[str | Text]]) -> Table:
    """Add rows to a table and return it."""
    for row in cells:
        made.add_row(*[_cut(made, index, cell) for index, cell in enumerate(row)])
    return made


def fits(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> bool:
    """Return whether a table of these cells fits the terminal without a cell wrapped."""
    bare = [head.lstrip(">=~") for head in heads]
    widths = [
        GAP + max(_width(cell) for cell in column) for column in zip(bare, *lines, strict=True)
    ]
    return sum(widths) + GAP <= console().width


def without_spare(
    heads: Sequence[str], lines: Sequence[Sequence[str]], spare: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows without as many of the spare columns, in their order, as do not fit."""
    kept, left = list(heads), [list(line) for line in lines]
    for name in spare:
        if not fits(kept, left):
            place = kept.index(name)
            del kept[place]
            left = [[*line[:place], *line[place + 1 :]] for line in left]
    return kept, left


def _width(cell: str) -> int:
    return max(line.cell_len for line in Text.from_markup(cell).split("\n", allow_blank=True))


def _cut(made: Table, index: int, cell: str | Text) -> str | Text:
    """Let a cell of a `~` column give way to the others, each of its lines cut to one."""
    if made.columns[index].overflow != "ellipsis" or not isinstance(cell, str):
        return cell
    text = Text.from_markup(cell, overflow="ellipsis")
    text.no_wrap = True
    return text


def nothing(text: str) -> Text:
    """Return the line that stands where a table would be empty."""
    return Text(text, style="dim")
