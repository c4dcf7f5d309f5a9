"""Canonical text and digests: the same value always hashes the same.

Used for content hashes, derived order ids and the ledger's chain. Floats are written by their
shortest exact text (`repr`), instants with a final Z, mappings with sorted keys.
"""

import hashlib
import json
import math
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from ztrade_core.domain.time import iso_z


def canonical_json(value: Any) -> str:
    """Return the canonical JSON text of plain values, dates, decimals and enums."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def plain(value: Any) -> Any:
    """Turn a value into JSON types; NaN and infinities become the texts `nan`, `inf`, `-inf`."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, datetime):
        return iso_z(value)
    if isinstance(value, date):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
