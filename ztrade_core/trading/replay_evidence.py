"""The evidence of a stored decision, read back from the canonical text that the ledger keeps.

A value comes back as the canonical text has it: its text again is the same to the byte. What a text of
an older version lacks takes the default of its field; without one it cannot be read.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import StoreError
from ztrade_core.trading.judging import Evidence

_NO_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def evidence_of(text: str) -> Evidence:
    """Return the evidence in a decision's `book`; StoreError when it cannot be read."""
    try:
        found: Evidence = _value(Evidence, json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise StoreError(f"the book it was judged on cannot be read: {error}") from error
    return found


def _value(kind: Any, plain: Any) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        return _one_of(get_args(kind), plain)
    if origin is tuple:
        inner = get_args(kind)[0]
        return tuple(_value(inner, item) for item in _a(list, plain))
    if is_dataclass(kind):
        return _dataclass(kind, _a(dict, plain))
    return _leaf(kind, plain)


def _one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    if plain is None and NoneType in kinds:
        return None
    [kind] = [each for each in kinds if each is not NoneType]
    return _value(kind, plain)


def _leaf(kind: Any, plain: Any) -> Any:
    if kind is float:
        return _NO_NUMBERS[plain] if isinstance(plain, str) else _a((int, float), plain)
    if kind is datetime:
        return parse_instant(_a(str, plain))
    return kind(_a((str, int), plain)) if kind not in (str, int, bool) else _a(kind, plain)


def _a(kind: Any, plain: Any) -> Any:
    if not isinstance(plain, kind):
        raise TypeError(f"{plain!r} is not what stands there")
    return plain


def _dataclass(kind: Any, plain: Mapping[str, Any]) -> Any:
    types = _types(kind)
    unknown = sorted(plain.keys() - types.keys())
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}")
    missing = [
        field.name
        for field in fields(kind)
        if field.name not in plain and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"{kind.__name__} lacks {', '.join(missing)}")
    return kind(**{name: _value(types[name], item) for name, item in plain.items()})


@cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
