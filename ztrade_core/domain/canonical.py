"""Canonical text and digests: the same value always hashes the same.

Used for content hashes, derived order ids and the ledger's chain. Floats are written by their
shortest exact text (`repr`), instants with a final Z, mappings with sorted keys.
"""

import hashlib
import json
import math
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from ztrade_core.domain.time import iso_z

_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def canonical_json(value: Any) -> str:
    """Return the canonical JSON text of plain values, dates, decimals, enums and dataclasses.

    Keys of mappings are texts.
    """
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError):  # a NaN, or a key that is no text: the long way knows them
        return _ENCODER.encode(plain(value))


def plain(value: Any) -> Any:
    """Turn a value into JSON types; NaN and infinities become the texts `nan`, `inf`, `-inf`.

    A dataclass becomes a mapping of its fields.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return value if math.isfinite(value) else repr(value)
    if kind is tuple or kind is list:
        return [plain(item) for item in value]
    if kind is dict:
        return {str(key): plain(item) for key, item in value.items()}
    return _plain_object(value)


def _plain_object(value: Any) -> Any:
    try:
        return plain(_one_level(value))
    except TypeError:
        return value


def _one_level(value: Any) -> Any:
    """Turn what JSON does not know into what it knows, one level deep; raise TypeError else."""
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: getattr(value, name) for name in _field_names(kind)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return iso_z(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, float):  # numpy's scalar is one
        return plain(float(value))
    raise TypeError(f"{type(value).__name__} has no canonical text")


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=_one_level
)


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
