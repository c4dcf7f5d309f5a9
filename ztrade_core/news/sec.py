"""Filings of listed companies from the SEC's EDGAR: stocks only, no key, a contact.

The SEC asks whoever automates for a name and an e-mail address in the User-Agent, and for ten requests a
second at most. A symbol's company is found in its list of tickers (`BRK.B` is `BRK-B` there), its
filings in the company's list, when each was accepted in the filing's header (`ztrade_core.news
.sec_filings`). `source` is `sec:<form>` (`sec:8-K`), the headline is ours (`ztrade_core.news.sec_forms`).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from requests import Response
from requests.exceptions import RequestException
from typing_extensions import override

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.news import RawStory
from ztrade_core.domain.time import new_york_date
from ztrade_core.errors import (
    NoDataError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.news.sec_filings import (
    Filing,
    accepted_at_latest,
    accepted_in,
    filings_of,
    older_pages,
    shown_at,
)
from ztrade_core.news.sec_forms import base_form, headline_of, named_items
from ztrade_core.news.vendor_stories import NEWS_LIMITS, UnfitError, fetched, refuse
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.news import FetchedNews, NewsProvider
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import not_understood
from ztrade_core.wires.vendor import VendorKeys, VendorSession

TICKERS = "/files/company_tickers.json"
MOST_PAGES = 12
MOST_HEADERS = 100
"""Of one question; who files more in its time has the rest of them timed by the list."""

_DAY = timedelta(days=1)
_OK, _FORBIDDEN = 200, 403
_MOST_CIK = 10**10


class SecFilings(NewsProvider):
    """A company's filings. `url` is of the site, `data_url` of the lists; `contact` None: none are read."""

    def __init__(
        self,
        *,
        url: str,
        data_url: str,
        contact: str | None,
        clock: Clock,
        pace: Pace,
        limits: WireLimits = NEWS_LIMITS,
    ) -> None:
        self._url = url
        self._data_url = data_url
        self._contact = contact
        self._clock = clock
        self._pace = pace
        self._questions = Questions(pace)
        self._sessions = {
            base: VendorSession(base, VendorKeys(), before=self._questions.take, limits=limits)
            for base in (url, data_url)
        }
        for session in self._sessions.values():
            agent = (contact or "none").encode("ascii", "replace").decode()
            session.headers["User-Agent"] = agent
        self._companies: dict[str, int] | None = None
        self._headers_left = 0

    @property
    @override
    def name(self) -> str:
        return "sec"

    @override
    def supports(self, symbol: str) -> bool:
        is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
        return is_stock and self._contact is not None

    @override
    def calls(self, symbol: str, start: datetime, stop: datetime) -> int:
        """Return the requests for the lists; each filing found costs one more."""
        if not self.supports(symbol):
            return 0
        return 1 if self._companies is not None else 2

    @override
    def fetch(self, symbol: str, start: datetime, stop: datetime) -> FetchedNews:
        if not self.supports(symbol):
            raise VendorRefusedError("filings are of stocks only, and need vendors.sec.contact")
        company = self._company(symbol)
        if company is None:
            return FetchedNews(stories=(), notes=(f"the SEC lists no company under {symbol}",))
        first, last = new_york_date(start) - _DAY, new_york_date(stop)
        filings = self._filings(company, first, last)
        guessed: list[str] = []
        self._questions.begin(MOST_HEADERS)
        self._headers_left = MOST_HEADERS
        found = fetched(
            filings, lambda each: self._story(symbol, company, each, guessed), start, stop
        )
        if not guessed:
            return found
        note = (
            f"{len(guessed)} timed by the list of filings, up to 5 hours late: their headers were"
            " not read"
        )
        return FetchedNews(stories=found.stories, notes=(*found.notes, note))

    def _company(self, symbol: str) -> int | None:
        if self._companies is None:
            self._questions.begin(1)
            self._companies = _companies(self._json(self._url, TICKERS))
        return self._companies.get(symbol.replace(".", "-"))

    def _filings(self, company: int, first: date, last: date) -> list[Filing]:
        self._questions.begin(MOST_PAGES)
        told = self._json(self._data_url, f"/submissions/CIK{company:010}.json")
        try:
            is_ours, filings = int(told["cik"]) == company, told["filings"]
            lists = [filings["recent"]]
        except (KeyError, TypeError, ValueError) as error:
            raise not_understood(error) from None
        if not is_ours:
            raise UnsoundDataError("its answer is about another company")
        older = older_pages(filings, first, last)
        lists += [self._json(self._data_url, f"/submissions/{name}") for name in older]
        return [
            filing
            for columns in lists
            for filing in filings_of(columns)
            if first <= filing.filed <= last and base_form(filing.form) is not None
        ]

    def _story(self, symbol: str, company: int, filing: Filing, guessed: list[str]) -> RawStory:
        if not filing.is_sound:
            raise UnfitError("not numbered as the SEC numbers filings")
        folder = f"/Archives/edgar/data/{company}/{filing.folder}/{filing.accession}"
        accepted = None
        if self._headers_left > 0:
            self._headers_left -= 1
            accepted = self._accepted(f"{folder}-index-headers.html")
        if accepted is None:
            accepted = accepted_at_latest(filing)
            guessed.append(filing.accession)
        if accepted is None:
            raise UnfitError("no time of acceptance")
        return RawStory(
            external_id=filing.accession,
            symbols=(symbol,),
            published_at=shown_at(filing, accepted),
            changed_at=None,
            source=f"sec:{(base_form(filing.form) or filing.form).replace(' ', '-')}",
            headline=headline_of(symbol, filing.form, filing.items),
            body="; ".join(named_items(filing.items)),
            url=f"{self._url}{folder}-index.htm",
        )

    def _accepted(self, path: str) -> datetime | None:
        """Return a header's time; None when the SEC has no such header."""
        try:
            return accepted_in(self._ask(self._url, path).text)
        except NoDataError:
            return None

    def _json(self, base: str, path: str) -> Any:
        answer = self._ask(base, path)
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            raise not_understood(error) from None

    def _ask(self, base: str, path: str) -> Response:
        """Ask once; every failure becomes one of our errors."""
        try:
            answer = self._sessions[base].get(base + path)
        except WireError as error:
            raise TransientDataError(str(error)) from None
        except (RequestException, ValueError) as error:
            raise not_understood(error) from None
        if answer.status_code == _FORBIDDEN:
            raise VendorRefusedError(
                "HTTP 403, the SEC refuses this caller: check vendors.sec.contact (a name and an"
                " e-mail address), or wait ten minutes where it was asked too often"
            )
        if answer.status_code != _OK:
            refuse(answer, self._clock, self._pace)
        return answer


def _companies(told: Any) -> dict[str, int]:
    """Return the SEC's company numbers by ticker."""
    if not isinstance(told, Mapping) or not told:
        raise TransientDataError("its answer was not understood (no list of tickers)")
    found: dict[str, int] = {}
    for row in told.values():
        try:
            ticker, number = row["ticker"], row["cik_str"]
        except (KeyError, TypeError) as error:
            raise not_understood(error) from None
        if isinstance(ticker, str) and isinstance(number, int) and 0 < number < _MOST_CIK:
            found[ticker.upper()] = number
    return found
