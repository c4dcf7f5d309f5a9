"""Splits from the events of Yahoo's chart; without a key, without a promise.

An event is stamped with the open of its ex-date's session. Source: Yahoo's chart API as recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from typing_extensions import override

from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.errors import NoDataError, TransientDataError, UnsoundDataError
from ztrade_core.market_data.vendors.splits_shaping import split_of, within
from ztrade_core.market_data.vendors.yahoo_wire import BrowserWire, Told
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.providers import SplitProvider
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import TOO_MANY, not_understood, raise_for_status, shown
from ztrade_core.wires.vendor import VENDOR_LIMITS

_CHART = "/v8/finance/chart/"
_LIMITED = "too many requests"
_NOT_UNDERSTOOD = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


class YahooSplits(SplitProvider):
    """Splits of stocks; one request a question."""

    def __init__(
        self, *, url: str, clock: Clock, pace: Pace, limits: WireLimits = VENDOR_LIMITS
    ) -> None:
        self._clock = clock
        self._questions = Questions(pace)
        self._wire = BrowserWire(url, limits, self._questions.take)

    @property
    @override
    def name(self) -> str:
        return "yahoo"

    @override
    def splits(self, symbol: str, since: date, until: date) -> Sequence[Split]:
        self._questions.begin(1)
        theirs = symbol.upper().replace(".", "-")
        begins, ends = new_york_midnight(since), new_york_midnight(until + timedelta(days=1))
        query = {
            "period1": str(int(begins.timestamp())),
            "period2": str(int(ends.timestamp())),
            "interval": "1d",
            "events": "split",
        }
        try:
            told = self._wire.get(_CHART + quote(theirs, safe=""), query)
        except WireError as error:
            raise TransientDataError(str(error)) from None
        self._require_answer(told)
        try:
            return within(_splits(told.json(), symbol, theirs), since, until)
        except (*_NOT_UNDERSTOOD, RecursionError) as error:
            raise not_understood(error) from None

    def _require_answer(self, told: Told) -> None:
        now = self._clock.now()
        if _LIMITED in told.text[:200].lower():
            raise_for_status(TOO_MANY, told.text, told.retry_after, now)
        try:
            error = told.json()["chart"]["error"]
            said = str(error["description"]) if error else ""
        except (*_NOT_UNDERSTOOD, RecursionError):
            said = ""  # told by its status, or not understood below
        if "no data found" in said.lower() or "doesn't exist" in said.lower():
            raise NoDataError(f"has none of this: {shown(said)}")
        if told.status != HTTPStatus.OK:
            raise_for_status(told.status, said or told.text, told.retry_after, now)
        if said:
            raise TransientDataError(f"it answered with an error: {shown(said)}")


def _splits(content: Any, symbol: str, theirs: str) -> Iterator[Split]:
    result = content["chart"]["result"][0]
    if result["meta"].get("symbol") != theirs:
        raise UnsoundDataError(f"it answered for another symbol than {symbol}")
    events = (result.get("events") or {}).get("splits") or {}
    if not isinstance(events, Mapping):
        raise UnsoundDataError("its splits are no list")
    for event in events.values():
        day = new_york_date(datetime.fromtimestamp(event["date"], tz=UTC))
        rates = (event["numerator"], event["denominator"])
        yield split_of(symbol, day.isoformat(), rates, "yahoo")
