"""YAML as Ztrade reads it: a small, safe, unsurprising part of the language.

Mappings, lists and scalars, nothing else. Refused, with one line that names file, line and cure:
duplicate keys, aliases and anchors (and alias bombs with them), tags, several documents, tabs, deep
nesting, files over 1 MB or not UTF-8. Scalars follow YAML 1.2: only `true` and `false` are booleans,
so `off` stays a word and `2018-01-01` a text. What a key means does not belong here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import yaml

from ztrade_core.errors import ConfigError
from ztrade_core.settings.words import one_line, shown_key

MAX_BYTES = 1_000_000
MAX_DEPTH = 12

Yaml: TypeAlias = "dict[str, Yaml] | list[Yaml] | str | int | float | bool | None"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, ten times as fast
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}


def read_text(path: Path, shown: str) -> str:
    """Return a small UTF-8 file's text with plain line ends; ConfigError when it cannot be had."""
    if not path.is_file():
        raise ConfigError(f"{shown}: no such file; write it (a fresh clone has one)")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{shown}: cannot be read: {one_line(error.strerror or error)}"
        ) from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{shown}: over {MAX_BYTES:,} bytes; a configuration is a page or two")
    return decode(data, shown)


def decode(data: bytes, shown: str) -> str:
    """Return bytes as text; ConfigError when they are not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise ConfigError(f"{shown}: {problem}") from error
    return text.replace("\r\n", "\n")


def parse_mapping(text: str, shown: str) -> dict[str, Yaml]:
    """Return the one mapping that a YAML text holds; ConfigError names `shown` and the line."""
    tab = text.find("\t")
    if tab >= 0:
        line = text.count("\n", 0, tab) + 1
        raise ConfigError(f"{shown}: line {line}: a tab; indent with spaces")
    try:
        value = _Builder(yaml.parse(text, Loader=_LOADER), shown).document()
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise ConfigError(f"{shown}: {_reason(error)}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{shown}: the top level is no mapping; write `key: value` lines")
    return value


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or error
    where = f"line {mark.line + 1}: " if mark is not None else ""
    return f"{where}not readable as YAML: {one_line(problem)}"


class _Builder:
    """Builds plain values from YAML events, which never expand anything."""

    def __init__(self, events: Iterator[yaml.Event], shown: str) -> None:
        self._events = events
        self._shown = shown

    def document(self) -> Yaml:
        """Return the value of the only document; None for an empty text."""
        next(self._events)  # the stream's start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), depth=0)
        next(self._events)  # the document's end
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise self._error(following, "a second document; keep one a file")
        return value

    def _value(self, event: yaml.Event, depth: int) -> Yaml:
        self._refuse_fancy(event)
        if depth > MAX_DEPTH:
            raise self._error(event, f"nested deeper than {MAX_DEPTH} levels; write it flat")
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else _plain_scalar(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth)
        return self._mapping(depth)

    def _list(self, depth: int) -> list[Yaml]:
        items: list[Yaml] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Yaml]:
        mapping: dict[str, Yaml] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._refuse_fancy(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event, "a key that is no word; write `key: value`")
            if event.value in mapping:
                raise self._error(event, f"{shown_key(event.value)}: written twice; keep one")
            mapping[event.value] = self._value(next(self._events), depth + 1)
        return mapping

    def _refuse_fancy(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._error(event, "an alias (*name); write the value out")
        if getattr(event, "anchor", None) is not None:
            raise self._error(event, "an anchor (&name); write the value out where it is needed")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, "a tag (!name); write a plain value")

    def _error(self, event: yaml.Event, problem: str) -> ConfigError:
        mark = event.start_mark
        where = f"line {mark.line + 1}: " if mark is not None else ""
        return ConfigError(f"{self._shown}: {where}{problem}")


def _plain_scalar(text: str) -> Yaml:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text
