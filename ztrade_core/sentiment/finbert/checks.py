"""Whether a model's files can be what they should be: judged in milliseconds, without torch.

Finds what libraries find late or not at all: git-LFS pointers, cut files, a missing tokenizer, labels
that are not feelings.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ztrade_core.sentiment.finbert.places import CONFIG, TOKENIZERS, WEIGHTS, ModelPlace

LABELS = ("positive", "negative", "neutral")
_POINTER = b"version https://git-lfs"
_LENGTH = 8  # a safetensors file begins with the length of its header
_LONGEST_HEADER = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """At which place of the model's answer each feeling stands."""

    positive: int
    negative: int
    neutral: int


def check_files(place: ModelPlace) -> Labels:
    """Check a model's files and return its labels; ConfigError says what is wrong with which one."""
    config = _json(place, CONFIG)
    labels = labels_of(place, config.get("id2label"))
    tokenizer = _first(place, TOKENIZERS, "tokenizer")
    _refuse_pointer(place, tokenizer)
    if tokenizer == TOKENIZERS[0]:
        _json(place, tokenizer)
    weights = _first(place, WEIGHTS, "weights")
    _refuse_pointer(place, weights)
    if weights == WEIGHTS[0]:
        _check_safetensors(place, place.folder / weights)
    else:
        _check_pickle(place, place.folder / weights)
    return labels


def labels_of(place: ModelPlace, id2label: Any) -> Labels:
    """Return the places of the feelings in a configuration's `id2label`, whatever their case."""
    found: dict[str, int] = {}
    if isinstance(id2label, Mapping):
        found = {
            str(label).strip().casefold(): int(key)
            for key, label in id2label.items()
            if str(key).isdecimal()
        }
    if sorted(found) != sorted(LABELS) or sorted(found.values()) != [0, 1, 2]:
        seen = ", ".join(str(one) for one in id2label.values()) if found else "none"
        raise place.error(
            f"{CONFIG}: the labels are {seen[:200]}, not {', '.join(LABELS)}: which is which is not known"
        )
    return Labels(**found)


def _first(place: ModelPlace, names: tuple[str, ...], what: str) -> str:
    for name in names:
        if (place.folder / name).is_file():
            return name
    raise place.error(f"no {what} ({' or '.join(names)})")


def _json(place: ModelPlace, name: str) -> Mapping[str, Any]:
    path = place.folder / name
    if not path.is_file():
        raise place.error(f"no {name}")
    _refuse_pointer(place, name)
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise place.error(f"{name}: not a whole JSON document") from error
    if not isinstance(content, Mapping):
        raise place.error(f"{name}: not a JSON object")
    return content


def _refuse_pointer(place: ModelPlace, name: str) -> None:
    with (place.folder / name).open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise place.error(f"{name}: a git-LFS pointer, not the file it stands for")


def _check_safetensors(place: ModelPlace, path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        text = file.read(length) if length <= min(_LONGEST_HEADER, size) else b""
    try:
        header = json.loads(text)
        ends = [int(one["data_offsets"][1]) for key, one in header.items() if key != "__metadata__"]
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise place.error(f"{path.name}: cut short or damaged, its header is broken") from error
    whole = _LENGTH + length + max(ends, default=0)
    if size != whole:
        raise place.error(f"{path.name}: {size:,} bytes long, its header tells of {whole:,}")


def _check_pickle(place: ModelPlace, path: Path) -> None:
    """A file of torch is a ZIP archive, whose list stands at its end; before 2020 a bare pickle."""
    with path.open("rb") as file:
        is_archive = file.read(2) == b"PK"
    if is_archive and not zipfile.is_zipfile(path):
        raise place.error(f"{path.name}: cut short or damaged, the archive has no end")
