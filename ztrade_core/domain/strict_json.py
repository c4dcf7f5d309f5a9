"""JSON read without leniency: one value, bounded, and nothing that two readers could read two ways.

Refused are: a text longer than its bound, a byte order mark, anything beside the one value, a key that
stands twice, NaN and infinities, a number beyond float64, lone surrogates, and depth that is no answer's.
"""

import json
import math
import re
from typing import Any

from ztrade_core.domain.plain_text import visible_line

MOST_DIGITS = 400
MOST_DEPTH = 64
_SHOWN = 60
_SPACE = " \t\r\n"
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")
_BYTE_ORDER_MARK = "\ufeff"
_FIRST_SURROGATE, _LAST_SURROGATE = "\ud800", "\udfff"


class StrictJsonError(ValueError):
    """The text is no such JSON; its own text says why in one line."""


def strict_json(text: str, most: int) -> Any:
    """Return the one JSON value of a text of at most `most` characters; StrictJsonError for any other."""
    if len(text) > most:
        raise StrictJsonError(f"it has {len(text)} characters, above {most}")
    inner = text.strip(_SPACE)
    if not inner:
        raise StrictJsonError("it is empty")
    if inner.startswith(_BYTE_ORDER_MARK):
        raise StrictJsonError("it begins with a byte order mark")
    if has_surrogate(inner):
        raise StrictJsonError("it holds half a character (a lone surrogate)")
    _require_shallow(inner)
    value, end = _first_value(inner)
    rest = inner[end:].strip(_SPACE)
    if rest:
        raise StrictJsonError(_beside(rest))
    return value


def has_surrogate(text: str) -> bool:
    """Return whether a text holds half a character, which no encoding takes."""
    return any(_FIRST_SURROGATE <= each <= _LAST_SURROGATE for each in text)


def quoted(value: object) -> str:
    """Return a value for a message: visible characters on one line, and few."""
    told = value if isinstance(value, str) else repr(value)
    return f"`{visible_line(told, _SHOWN)}`"


def _require_shallow(text: str) -> None:
    """Refuse depth by a bound of ours: the decoder's own is of the machine and of the moment."""
    depth = 0
    for each in _BRACKETS.findall(_TEXTS.sub("", text)):
        depth += 1 if each in "[{" else -1
        if depth > MOST_DEPTH:
            raise StrictJsonError(f"it is nested deeper than {MOST_DEPTH}")


def _first_value(text: str) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text)
    except StrictJsonError:
        raise
    except json.JSONDecodeError as error:
        if error.pos == 0:
            raise StrictJsonError(_no_beginning(text)) from error
        raise StrictJsonError(f"it is no JSON: {error.msg} at character {error.pos + 1}") from error


def _no_beginning(text: str) -> str:
    if text.startswith("```"):
        return "it stands in a code fence; only the JSON itself may be there"
    return f"it begins with {quoted(text)}, which is no JSON; nothing may stand before it"


def _beside(rest: str) -> str:
    if rest.startswith(("{", "[")):
        return "there are two values; only one may be there"
    return f"{quoted(rest)} stands after it; nothing may"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise StrictJsonError(f"the key {quoted(key)} stands twice")
        if has_surrogate(key) or (isinstance(value, str) and has_surrogate(value)):
            raise StrictJsonError(f"{quoted(key)} holds half a character (a lone surrogate)")
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise StrictJsonError(f"{name} is no number")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise StrictJsonError(f"the number {quoted(text)} is too large")
    return value


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS or not math.isfinite(float(text)):
        raise StrictJsonError(f"the number {quoted(text)} is too large")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
)
