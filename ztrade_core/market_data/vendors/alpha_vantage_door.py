"""Alpha Vantage through its Python client: on a session of ours, each failure one of our errors.

It refuses with HTTP 200 and a sentence, in which the key may stand; alpha_vantage 3.0 has neither timeouts
nor a session, so its one call to the network is replaced by ours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from requests.exceptions import RequestException

from ztrade_core.domain.time import iso_z, new_york_date, new_york_midnight
from ztrade_core.errors import (
    DataError,
    RateLimitedError,
    TransientDataError,
    UnknownThereError,
    VendorRefusedError,
)
from ztrade_core.ports.clock import Clock
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import not_understood, raise_for_status, shown
from ztrade_core.wires.vendor import UNKEYED, VENDOR_LIMITS, VendorKeys, VendorSession

_BURST = timedelta(seconds=2)
_MINUTE = timedelta(minutes=1)
_NOT_UNDERSTOOD = (
    RequestException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)
_REFUSALS = ("Error Message", "Information", "Note")


class AlphaVantageDoor:
    """Asks one address; `key` None: nothing would be served."""

    def __init__(
        self,
        url: str,
        key: SecretStr | None,
        clock: Clock,
        *,
        pace: Pace,
        limits: WireLimits = VENDOR_LIMITS,
    ) -> None:
        self.has_key = key is not None
        self._url = url
        self._clock = clock
        self._pace = pace
        self._questions = Questions(pace)
        keys = VendorKeys(query={} if key is None else {"apikey": key})
        self._session = VendorSession(url, keys, before=self._questions.take, limits=limits)

    def begin(self, most: int) -> None:
        """Start a question that takes `most` requests at most."""
        self._questions.begin(most)

    def series(self, question: str, **form: str) -> tuple[Any, Any]:
        """Return the rows and the description of a time series."""
        from alpha_vantage.timeseries import TimeSeries  # noqa: PLC0415 - slow to load (pandas)

        client = TimeSeries(key=UNKEYED, output_format="json")
        (rows, description), _ = self._asked(client, question, form)
        return rows, description

    def splits(self, symbol: str) -> Mapping[str, Any]:
        """Return what is answered about a stock's splits, whole."""
        from alpha_vantage.fundamentaldata import FundamentalData  # noqa: PLC0415 - slow to load

        client = FundamentalData(key=UNKEYED, output_format="json")
        return self._asked(client, "get_splits", {"symbol": vendors_symbol(symbol)})[1]

    def _asked(
        self, client: Any, question: str, form: Mapping[str, str]
    ) -> tuple[Any, Mapping[str, Any]]:
        """Return what the client makes of an answer, and the answer; every failure is one of ours."""
        whole: dict[str, Any] = {}

        def answer(url: str) -> Mapping[str, Any]:
            whole.update(self._answer(url))
            return whole

        client._handle_api_call = answer  # noqa: SLF001 - its only call to the network
        try:
            return getattr(client, question)(**form), whole
        except WireError as error:
            raise TransientDataError(str(error)) from None
        except _NOT_UNDERSTOOD as error:
            raise not_understood(error) from None

    def _answer(self, url: str) -> Mapping[str, Any]:
        """Ask the URL that the client made, at our address; return what is no refusal."""
        answer = self._session.get(f"{self._url}/query?{url.partition('?')[2]}")
        if answer.status_code != HTTPStatus.OK:
            retry_after = answer.headers.get("Retry-After")
            raise_for_status(answer.status_code, answer.text, retry_after, self._clock.now())
        told = answer.json()
        if not isinstance(told, dict) or not told:
            raise TransientDataError("its answer was not understood (nothing in it)")
        for kind in _REFUSALS:
            if kind in told:
                raise self._refused(str(told[kind]))
        return told

    def _refused(self, text: str) -> DataError:
        """Return what a sentence means; that its day is spent is kept for whoever asks next."""
        now = self._clock.now()
        error = _refusal(text, now)
        if isinstance(error, RateLimitedError) and error.until > now + _MINUTE:
            self._pace.rest(error.until)
        return error


def vendors_symbol(symbol: str) -> str:
    """Return `BRK-B` of `BRK.B`, safe in a URL: the client puts it in as it is."""
    return quote(symbol.replace(".", "-"), safe="")


def _refusal(text: str, now: datetime) -> DataError:
    """Return what a sentence means that came instead of data; its wording is all there is."""
    words, said = text.lower(), shown(text)
    if "is a premium" in words:
        return VendorRefusedError(f"the plan does not include this: {said}")
    until = _limited_until(words, now)
    if until is not None:
        return RateLimitedError(f"its limit is used up; ask again at {iso_z(until)}: {said}", until)
    if "apikey" in words or "demo" in words:
        return VendorRefusedError(f"the key was refused: {said}")
    if "invalid api call" in words:
        return UnknownThereError(f"it does not know this symbol, or this month of it: {said}")
    return TransientDataError(f"it answered with a sentence: {said}")


def _limited_until(words: str, now: datetime) -> datetime | None:
    """Return when to ask again; a day's limit is taken to end at New York's midnight."""
    if "per second" in words:
        return now + _BURST
    if "per minute" in words:
        return now + _MINUTE
    if "per day" in words or "rate limit" in words or "call frequency" in words:
        return new_york_midnight(new_york_date(now) + timedelta(days=1))
    return None
