"""Canary secrets, and a search for them in whatever a day leaves behind.

Each canary is looked for as it is, url-encoded, base64-encoded at each of the three alignments, as
hexadecimal digits and as JSON writes it, in any case of letters; compressed contents are unpacked.
"""

import base64
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.engine import Engine

KEYS = {"ALPACA_API_KEY": "PKCANARYALPACAKEY01", "ALPACA_SECRET_KEY": "canaryAlpacaSecret02"}
PASSWORDS = {"DATABASE_URL": "canary/Database+07", "REDIS_URL": "canary:Redis@08"}
CANARIES = {
    **KEYS,
    "ANTHROPIC_API_KEY": "sk-ant-canary/Anthropic+03",
    "ALPHAVANTAGE_API_KEY": "CANARYALPHAVANTAGE04",
    "COINGECKO_API_KEY": "CG-canaryCoingecko05",
    "REDDIT_CLIENT_ID": "canary-reddit_id06",
    "REDDIT_CLIENT_SECRET": "canary-reddit_secret06",
    **PASSWORDS,
}
REDIS_URL = f"redis://:{quote(PASSWORDS['REDIS_URL'], safe='')}@127.0.0.1:1/0"
ENVIRONMENT = {
    **{k: v for k, v in CANARIES.items() if k not in PASSWORDS},
    "REDDIT_USER_AGENT": "linux:ztrade.test:1",  # no secret, but the other two want it
    "REDIS_URL": REDIS_URL,
}
"""The secrets as a person sets them; DATABASE_URL is the story's own."""


def forms_of(secret: str) -> dict[str, bytes]:
    """Return how a secret may stand somewhere, by the form's name, in lower case."""
    raw = secret.encode()
    forms = {
        "plain": raw,
        "url-encoded": quote(secret, safe="").encode(),
        "form-encoded": quote_plus(secret).encode(),
        "JSON": json.dumps(secret)[1:-1].encode(),
        "JSON with \\/": json.dumps(secret)[1:-1].replace("/", "\\/").encode(),
        "hexadecimal": raw.hex().encode(),
    }
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        whole = encoded[
            (0, 2, 3)[shift] : 8 * (shift + len(raw)) // 6
        ]  # what neighbours cannot change
        forms[f"base64, {shift} before it"] = whole
        forms[f"base64 for URLs, {shift} before it"] = whole.translate(
            bytes.maketrans(b"+/", b"-_")
        )
    return {name: form.lower() for name, form in forms.items()}


_FORMS = {name: forms_of(secret) for name, secret in CANARIES.items()}


@dataclass
class Search:
    """What was looked through, and where a secret stood."""

    places: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def text(self, place: str, content: str | bytes) -> None:
        """Look through one content, unpacked too if it is packed."""
        self.places.append(place)
        self._look(place, content.encode() if isinstance(content, str) else content)

    def _look(self, place: str, content: bytes) -> None:
        for data in _unpacked(content):
            lowered = data.lower()
            for name, forms in _FORMS.items():
                seen = [form for form, wanted in forms.items() if wanted in lowered]
                if seen:
                    self.found.append(f"{name} ({seen[0]}) in {place}")

    def folder(self, folder: Path) -> None:
        """Look through every file, the rows of SQLite's, and their names."""
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            self.text(f"the name {path.name}", str(path.relative_to(folder)))
            content = path.read_bytes()
            self.text(f"file {path.relative_to(folder)}", content)
            if content.startswith(b"SQLite format 3"):
                self._sqlite(path)

    def _sqlite(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in names.fetchall():
                for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own name
                    self.row(f"{path.name}: {table}", row)

    def row(self, place: str, row: Iterable[object]) -> None:
        """Look through a row's cells."""
        for cell in row:
            content = bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
            self._look(place, content)
        self.places.append(place)

    def database(self, engine: Engine) -> None:
        """Look through every row of every table."""
        tables = sa.MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            for table in tables.sorted_tables:
                for row in connection.execute(sa.select(table)):
                    self.row(f"table {table.name}", row)

    def error(self, place: str, error: BaseException) -> None:
        """Look through an error and what it came from: texts, fields, and the frames' local values.

        Frames of tests are passed over: they hold the canaries themselves.
        """
        for each in _chain(error):
            self.text(f"{place}: {type(each).__name__}", f"{each!s} {each!r} {vars(each)!r}")
            for frame, values in _frames(each):
                self.text(f"{place}: locals of {frame}", repr(values))

    def arguments(self) -> None:
        """Look through the arguments of this process and of all that descend from it."""
        for process_id, line in _descendants():
            self.text(f"arguments of process {process_id}", line)


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    with suppress(zlib.error):
        yield zlib.decompress(data, zlib.MAX_WBITS | 32)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and not any(each is other for other in seen):
            seen.append(each)
            waiting += [each.__cause__, each.__context__]
            yield each


def _frames(error: BaseException) -> Iterator[tuple[str, Mapping[str, object]]]:
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "/tests/" not in code.co_filename:
            yield f"{Path(code.co_filename).name}:{code.co_name}", dict(trace.tb_frame.f_locals)
        trace = trace.tb_next


def _descendants() -> Iterator[tuple[int, bytes]]:
    parents: dict[int, int] = {}
    lines: dict[int, bytes] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                lines[int(entry.name)] = (entry / "cmdline").read_bytes()
                parents[int(entry.name)] = int(status[1])
    ours = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    yield from ((each, lines[each]) for each in sorted(ours & lines.keys()))
