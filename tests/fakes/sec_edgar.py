"""EDGAR over real HTTP: tickers, a company's list of filings, their headers; all of it invented.

Shapes as the SEC documents them for `files/company_tickers.json` and `submissions/CIK##########.json`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.fakes.vendor_faults import Unpaced
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.news.sec import SecFilings
from ztrade_core.news.vendor_stories import NEWS_LIMITS
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace

NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)
CONTACT = "Ada Lovelace ada@example.org"
COMPANY, OTHER = 1234567, 7654321
TICKERS = {
    "0": {"cik_str": COMPANY, "ticker": "TSLA", "title": "Invented Motors"},
    "1": {"cik_str": OTHER, "ticker": "BRK-B", "title": "Invented Holdings"},
}
UNPACED = Unpaced()


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A filing; `clock` is New York's at its acceptance, `listed` what the list says of it."""

    number: int
    day: str
    clock: str
    listed: str
    form: str = "8-K"
    items: str = "2.02,9.01"

    @property
    def accession(self) -> str:
        """The filing's number as the SEC writes it."""
        return f"0001234567-22-{self.number:06}"


def columns_of(filings: Sequence[Filed]) -> dict[str, list[Any]]:
    """Filings as the SEC lists them: columns."""
    return {
        "accessionNumber": [each.accession for each in filings],
        "filingDate": [each.day for each in filings],
        "reportDate": [each.day for each in filings],
        "acceptanceDateTime": [each.listed for each in filings],
        "act": ["34" for _ in filings],
        "form": [each.form for each in filings],
        "fileNumber": ["001-00000" for _ in filings],
        "items": [each.items for each in filings],
        "size": [1000 for _ in filings],
        "primaryDocument": ["d1.htm" for _ in filings],
        "primaryDocDescription": [each.form for each in filings],
    }


class SecVendor:
    """Answers as EDGAR does; `older` are lists by their names, with the dates that they span."""

    def __init__(
        self,
        filings: Sequence[Filed],
        *,
        company: int = COMPANY,
        older: Mapping[str, tuple[str, str, Sequence[Filed]]] | None = None,
        headers: bool = True,
    ) -> None:
        self._filings = filings
        self._company = company
        self._older = dict(older or {})
        self._headers = headers

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/files/company_tickers.json":
            return json_answer(TICKERS)
        name = asked.path.rpartition("/")[2]
        if name in self._older:
            return json_answer(columns_of(self._older[name][2]))
        if asked.path.startswith("/submissions/"):
            return json_answer(self._submissions())
        return self._header(name)

    def _submissions(self) -> dict[str, Any]:
        files = [
            {"name": name, "filingCount": len(rows), "filingFrom": first, "filingTo": last}
            for name, (first, last, rows) in self._older.items()
        ]
        return {
            "cik": f"{self._company:010}",
            "name": "Invented Motors",
            "tickers": ["TSLA"],
            "filings": {"recent": columns_of(self._filings), "files": files},
        }

    def _header(self, name: str) -> Answer:
        rows = [*self._filings, *(row for each in self._older.values() for row in each[2])]
        filing = next((each for each in rows if name.startswith(each.accession)), None)
        if filing is None or not self._headers:
            return Answer(status=404, body=b"<html>no such file</html>", content_type="text/html")
        text = f"&lt;SEC-HEADER&gt;\n&lt;ACCEPTANCE-DATETIME&gt;{filing.clock}\n"
        return Answer(body=f"<html><pre>{text}</pre></html>".encode(), content_type="text/html")


@contextmanager
def sec_news(
    answer: Callable[[Asked], Answer],
    *,
    contact: str | None = CONTACT,
    limits: WireLimits = NEWS_LIMITS,
    pace: Pace = UNPACED,
) -> Iterator[tuple[SecFilings, VendorServer]]:
    """Serve the SEC's adapter by `answer`, at NOW; one server is both hosts."""
    with VendorServer(answer) as server:
        yield (
            SecFilings(
                url=server.url,
                data_url=server.url,
                contact=contact,
                clock=SimulatedClock(NOW),
                pace=pace,
                limits=limits,
            ),
            server,
        )
