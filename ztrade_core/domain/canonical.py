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
    """Return the canonical JSON text of plain values, dates, decimals and enums."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


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
    if is_dataclass(value):
        kind: Any = type(value)
        names = _field_names(kind)
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return iso_z(value)
    if isinstance(value, date):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
