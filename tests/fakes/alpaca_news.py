"""Alpaca's news over real HTTP: stories cut and sorted by their last change, 50 a page at most."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from tests.fakes.vendor_faults import Unpaced
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.time import iso_z
from ztrade_core.news.alpaca import AlpacaNews
from ztrade_core.news.vendor_stories import NEWS_LIMITS
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace

NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)
KEYS = (SecretStr("PKCANARYNEWS"), SecretStr("canarySecretNews"))
UNPACED = Unpaced()


def story_of(number: int, created: datetime, *, changed: datetime | None = None) -> dict[str, Any]:
    """A story about TSLA as Alpaca writes it."""
    return {
        "id": number,
        "headline": f"Invented headline {number}",
        "author": "Nobody",
        "created_at": iso_z(created),
        "updated_at": iso_z(changed or created + timedelta(seconds=1)),
        "summary": f"Invented summary {number}",
        "content": "<p>not asked for</p>",
        "images": [],
        "symbols": ["TSLA"],
        "source": "benzinga",
        "url": f"https://news.example/{number}",
    }


class AlpacaNewsVendor:
    """Answers as the document says; start and end are of the last change, both included."""

    def __init__(self, stories: Sequence[dict[str, Any]], *, page: int = 50) -> None:
        self._stories = sorted(stories, key=lambda each: str(each["updated_at"]))
        self._page = page

    def __call__(self, asked: Asked) -> Answer:
        start, end = (datetime.fromisoformat(asked.query[name]) for name in ("start", "end"))
        found = [
            each
            for each in self._stories
            if asked.query["symbols"] in each["symbols"]
            and start <= datetime.fromisoformat(each["updated_at"]).replace(tzinfo=start.tzinfo)
            and datetime.fromisoformat(each["updated_at"]).replace(tzinfo=end.tzinfo) <= end
        ]
        first = int(asked.query.get("page_token", "0"))
        last = first + min(self._page, int(asked.query["limit"]))
        token = str(last) if last < len(found) else None
        return json_answer({"news": found[first:last], "next_page_token": token})


@contextmanager
def alpaca_news(
    answer: Callable[[Asked], Answer],
    *,
    keys: tuple[SecretStr, SecretStr] | None = KEYS,
    limits: WireLimits = NEWS_LIMITS,
    pace: Pace = UNPACED,
) -> Iterator[tuple[AlpacaNews, VendorServer]]:
    """Serve Alpaca's adapter by `answer`, at NOW."""
    with VendorServer(answer) as server:
        clock = SimulatedClock(NOW)
        yield (
            AlpacaNews(url=server.url, keys=keys, clock=clock, pace=pace, limits=limits),
            server,
        )
