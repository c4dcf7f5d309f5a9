"""What goes wrong between us and any data vendor, and what vendors have recorded; see `FAULTS`."""

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.vendor_server import Answer
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.errors import RateLimitedError
from ztrade_core.wires.bounded import WireLimits

QUICK = WireLimits(
    connect_seconds=0.5, read_seconds=0.5, deadline_seconds=0.8, body_bytes=1_000_000
)
FAULTS = {
    "html": Answer(body=b"<html>Bad gateway</html>", content_type="text/html"),
    "html 503": Answer(body=b"<html>no</html>", status=503, content_type="text/html"),
    "empty": Answer(body=b""),
    "no text": Answer(body=b"\xff\xfe\x00"),
    "a list": Answer(body=b"[[1, 2]]"),
    "a number": Answer(body=b"7"),
    "nothing": Answer(body=b"null"),
    "too deep": Answer(body=b"[" * 100_000),
    "half": Answer(how="truncate", body=b"{" + b" " * 500),
    "cut": Answer(how="reset"),
    "silent": Answer(how="silence", seconds=5.0),
    "a byte a moment": Answer(how="drip", body=b"{" + b" " * 5000),
    "a gigabyte": Answer(how="flood"),
    "redirect": Answer(status=302, headers={"Location": "/elsewhere"}),
    "redirect away": Answer(status=301, headers={"Location": "http://127.0.0.1:9/x"}),
}
"""Answers that are none; each ends at one TransientDataError within the deadline."""

NOT_OURS = frozenset({"a list"})  # may be told as an unsound answer: it could be the vendor's form


class Unpaced:
    def take(self) -> None:
        """Let everything pass."""

    def rest(self, until: datetime) -> None:
        """Forget it."""


class UsedUp:
    """A pace that lets nothing pass before `until`."""

    def __init__(self, until: datetime) -> None:
        self._until = until

    def take(self) -> None:
        raise RateLimitedError("its limit is used up", self._until)

    def rest(self, until: datetime) -> None:
        self._until = max(self._until, until)


@lru_cache(maxsize=1)
def years() -> ExchangeSessions:
    """Return a calendar of the years that vendors' answers were recorded in, loaded once a process."""
    return ExchangeSessions(start=date(2017, 1, 3), end=date(2025, 12, 31))


def contracts(vendor: str) -> Path:
    """Return the folder of a vendor's documents and recordings, or skip the test and say so."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "contracts" / vendor
    if not folder.is_dir():
        pytest.skip(f"NOT TESTED AGAINST RECORDINGS: {folder} does not exist")
    return folder


def reported_errors(vendor: str) -> list[dict[str, Any]]:
    """Return a vendor's refusals as reported in public."""
    text = (contracts(vendor) / "reported-errors.json").read_text(encoding="utf-8")
    errors: list[dict[str, Any]] = json.loads(text)["errors"]
    return errors
