"""What a person sees on the page: metadata values built from plain ones.

Tables, pictures (PNG bytes inside Markdown), numbers that are plotted over time. What does not
belong here: what a decision or a portfolio is; each topic describes its own.
"""

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

ABSENT = "-"
Metadata = dict[str, Any]
Cell = str | int | float | bool | None


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> dg.MetadataValue[Any]:
    """Return a table; an empty one still shows its columns. Absent cells show as `-`."""
    schema = dg.TableSchema(columns=[dg.TableColumn(name, "string") for name in columns])
    records = [
        dg.TableRecord(dict(zip(columns, (_cell(value) for value in row), strict=True)))
        for row in rows
    ]
    return dg.MetadataValue.table(records=records, schema=schema)


def picture(png: bytes, description: str) -> dg.MetadataValue[Any]:
    """Return a PNG as Markdown that carries its own bytes."""
    text = b64encode(png).decode("ascii")
    return dg.MetadataValue.md(f"![{description}](data:image/png;base64,{text})")


def number(value: float | None) -> dg.MetadataValue[Any]:
    """Return a number that the page plots over time; one that does not exist shows as `-`."""
    if value is None or not math.isfinite(value):
        return dg.MetadataValue.text(ABSENT)
    return dg.MetadataValue.float(float(value))


def moment(value: datetime | None) -> dg.MetadataValue[Any]:
    """Return an instant, shown in the reader's time zone."""
    return dg.MetadataValue.text(ABSENT) if value is None else dg.MetadataValue.timestamp(value)


def lines(texts: Sequence[str]) -> dg.MetadataValue[Any]:
    """Return lines of text, one a bullet; none shows as `-`."""
    if not texts:  # in Markdown a lone dash is an empty bullet
        return dg.MetadataValue.text(ABSENT)
    return dg.MetadataValue.md("\n".join(f"- {text}" for text in texts))


def without_absent(metadata: Mapping[str, Any]) -> Metadata:
    """Drop entries that are None."""
    return {name: value for name, value in metadata.items() if value is not None}


def _cell(value: Cell) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.6g}" if math.isfinite(value) else ABSENT
    return str(value)
