"""News from Alpaca through alpaca-py: headlines and summaries about stocks and coins, with keys.

`source` is `alpaca:<its source>` (`alpaca:benzinga`); the body is the summary, the article itself is not
asked for. Coins are named without a slash (`BTCUSD`). Alpaca sorts by the moment of the last change and
may cut by it too, so it is asked for a day beyond the end, and stories are picked by when they were
created; one that was changed still later than that is missed.
Source: Alpaca's Market Data API 1.1, `/v1beta1/news`, 50 a page. alpaca-py 0.44 follows page tokens for
as long as they come and asks again by itself, both of which is bounded or switched off here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from requests import Response
from requests.exceptions import RequestException
from typing_extensions import override

from ztrade_core.domain.news import RawStory
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.errors import TransientDataError, VendorRefusedError
from ztrade_core.news.vendor_stories import (
    NEWS_LIMITS,
    UnfitError,
    fetched,
    moment_of,
    refuse,
    source_word,
    text_of,
)
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.news import FetchedNews, NewsProvider
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import not_understood
from ztrade_core.wires.vendor import UNKEYED, VendorKeys, VendorSession

WINDOW = timedelta(days=7)
LATE_CHANGES = timedelta(days=1)
MOST_PAGES = 40
"""Of one window: 2,000 stories about one symbol in a week."""

KEY_HEADERS = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY")


class AlpacaNews(NewsProvider):
    """Alpaca's stories; `keys` None: it has none to offer."""

    def __init__(
        self,
        *,
        url: str,
        keys: tuple[SecretStr, SecretStr] | None,
        clock: Clock,
        pace: Pace,
        limits: WireLimits = NEWS_LIMITS,
    ) -> None:
        self._url = url
        self._has_keys = keys is not None
        self._clock = clock
        self._pace = pace
        self._questions = Questions(pace)
        headers = {} if keys is None else dict(zip(KEY_HEADERS, keys, strict=True))
        self._session = _Pages(
            url, VendorKeys(headers=headers), before=self._questions.take, limits=limits
        )

    @property
    @override
    def name(self) -> str:
        return "alpaca"

    @override
    def supports(self, symbol: str) -> bool:
        return self._has_keys

    @override
    def calls(self, symbol: str, start: datetime, stop: datetime) -> int:
        return sum(1 for _ in self._windows(start, stop)) if self._has_keys else 0

    @override
    def fetch(self, symbol: str, start: datetime, stop: datetime) -> FetchedNews:
        if not self._has_keys:
            raise VendorRefusedError("news needs ALPACA_API_KEY and ALPACA_SECRET_KEY")
        rows: list[Any] = []
        for begins, ends in self._windows(start, stop):
            self._questions.begin(MOST_PAGES)
            self._session.begin()
            rows += self._ask(symbol, begins, ends)
        return fetched(rows, lambda row: _story(row, symbol), start, stop)

    def _windows(self, start: datetime, stop: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the windows to ask for, up to a day beyond `stop` where that day has been."""
        stop = max(stop, min(stop + LATE_CHANGES, self._clock.now()))
        while start < stop:
            yield start, min(start + WINDOW, stop)
            start += WINDOW

    def _ask(self, symbol: str, start: datetime, stop: datetime) -> list[Any]:
        """Ask for one window; every failure becomes one of our errors."""
        from alpaca.common.exceptions import APIError  # noqa: PLC0415 - alpaca-py is slow to load

        try:
            told = self._client().get_news(_request(symbol, start, stop))
            rows = told["news"]
        except APIError as error:
            answer = error.response
            if answer is None:
                raise not_understood(error) from None
            refuse(answer, self._clock, self._pace)
        except WireError as error:
            raise TransientDataError(str(error)) from None
        except (RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise not_understood(error) from None
        except RecursionError as error:  # lists within lists within lists
            raise not_understood(error) from None
        if not isinstance(rows, list):
            raise TransientDataError("its answer was not understood (no list of news)")
        return rows

    def _client(self) -> Any:
        """Return alpaca-py's client on our session, its own retries switched off."""
        from alpaca.data.historical.news import NewsClient  # noqa: PLC0415 - alpaca-py is slow to load

        client: Any = NewsClient(UNKEYED, UNKEYED, url_override=self._url, raw_data=True)
        client._session = self._session  # noqa: SLF001 - alpaca-py has no other way
        client._retry = 0  # noqa: SLF001
        return client


class _Pages(VendorSession):
    """Refuses to ask for a page a second time: such a list has no end."""

    def begin(self) -> None:
        """Start a list."""
        self._asked: set[str] = set()

    @override
    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Response:
        token = (kwargs.get("params") or {}).get("page_token")
        if token is not None:
            if token in self._asked:
                raise WireError("it gives the same page again and again")
            self._asked.add(token)
        return super().request(method, url, *args, **kwargs)


def _request(symbol: str, start: datetime, stop: datetime) -> Any:
    from alpaca.data.requests import NewsRequest  # noqa: PLC0415 - alpaca-py is slow to load

    return NewsRequest(
        symbols=symbol.replace("/", ""), start=start, end=stop - MICROSECOND, sort="asc"
    )


def _story(row: Any, symbol: str) -> RawStory:
    if not isinstance(row, Mapping):
        raise UnfitError("a story that is none")
    number = row.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise UnfitError("no id")
    if not _is_about(row.get("symbols"), symbol):
        raise UnfitError(f"not about {symbol}")
    return RawStory(
        external_id=str(number),
        symbols=(symbol,),
        published_at=moment_of(row.get("created_at"), "created_at"),
        changed_at=moment_of(row.get("updated_at"), "updated_at"),
        source=f"alpaca:{source_word(row.get('source'))}",
        headline=text_of(row.get("headline"), "headline"),
        body=text_of(row.get("summary"), "summary", may_be_empty=True),
        url=text_of(row.get("url"), "url", may_be_empty=True),
    )


def _is_about(symbols: Any, symbol: str) -> bool:
    return isinstance(symbols, list) and (symbol in symbols or symbol.replace("/", "") in symbols)
