"""Bars of stocks and coins from Yahoo through yfinance; without a key, without a promise.

Prices are split-adjusted, not dividend-adjusted (`auto_adjust` off); `source` is `yahoo:split`. A coin's
volume comes in US dollars, of all exchanges together: it is divided by the close, and `source` is
`yahoo:volume-from-usd`. Yahoo holds minutes of 7 days, 5 and 15 minutes of 60, hours of 730: a range that
begins before is NoDataError, before anything is asked. Its hours lie on our grid (09:30, the last of 30
minutes). A newest bar without volume that has only just completed is not taken.
Source: yfinance 1.7, Yahoo's chart API as recorded. Of yfinance only the history of one symbol is used,
over a wire of ours: its shared state (one session, cookie and crumb a process, answers of past ranges
kept in memory, failed ones too, zones and cookies on disk in the home) never comes to be, and one
question is one request. The chart needs neither cookie nor crumb.
"""

import threading
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from typing_extensions import override

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import Timeframe, iso_z
from ztrade_core.errors import (
    NoDataError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.vendors.shaping import Row, kept, row_of, series_of_rows
from ztrade_core.market_data.vendors.yahoo_wire import BrowserWire, Told
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import (
    TOO_MANY,
    not_understood,
    raise_for_status,
    shown,
)
from ztrade_core.wires.vendor import VENDOR_LIMITS

DEPTHS = {
    Timeframe.M1: timedelta(days=7),
    Timeframe.M5: timedelta(days=60),
    Timeframe.M15: timedelta(days=60),
    Timeframe.H1: timedelta(days=730),
}
SETTLED = timedelta(minutes=30)
_CHART = "/v8/finance/chart/"
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_ZONES = {AssetClass.STOCK: "America/New_York", AssetClass.CRYPTO: "UTC"}
_LIMITED = "too many requests"
_BEGINNING = 200
_NOT_UNDERSTOOD = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
_NOT_THERE = ("doesn't exist", "not available", "no data found")
_one_at_a_time = threading.Lock()  # what warnings are shown is the process's


class YahooBars(BarProvider):
    """Split-adjusted bars of stocks and coins."""

    def __init__(
        self,
        *,
        url: str,
        calendar: Calendar,
        clock: Clock,
        pace: Pace,
        limits: WireLimits = VENDOR_LIMITS,
    ) -> None:
        self._calendar = calendar
        self._clock = clock
        self._questions = Questions(pace)
        self._wire = BrowserWire(url, limits, self._questions.take)

    @property
    @override
    def name(self) -> str:
        return "yahoo"

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return instrument_of(symbol).asset_class is AssetClass.STOCK or symbol.endswith("/USD")

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        now = self._clock.now()
        return int(self.supports(symbol, timeframe) and _refusal(timeframe, start, stop, now) == "")

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        if not self.supports(symbol, timeframe):
            raise VendorRefusedError(f"{symbol}: only stocks, and coins in USD, are asked for here")
        now = self._clock.now()  # before it is asked: what completes meanwhile is not taken
        refusal = _refusal(timeframe, start, stop, now)
        if refusal:
            raise NoDataError(refusal)
        self._questions.begin(1)
        asset_class = instrument_of(symbol).asset_class
        is_daily_stock = asset_class is AssetClass.STOCK and timeframe is Timeframe.D1
        # Yahoo stamps a stock's day with the session's open, hours after ours
        end = stop + _DAY if is_daily_stock else stop
        if (
            end.microsecond
        ):  # it counts whole seconds, and a bar that opens at the last is not of them
            end = end.replace(microsecond=0) + _SECOND
        rows = self._asked(_Door(self._wire, symbol, timeframe, now), start, end)
        is_coin = asset_class is AssetClass.CRYPTO
        rows = [_in_coins(row) for row in rows] if is_coin else rows
        bars = kept(series_of_rows(symbol, timeframe, rows), start, stop, self._calendar, now)
        source = "yahoo:volume-from-usd" if is_coin else "yahoo:split"
        return FetchedBars(series=self._settled(bars, now), source=source)

    def _asked(self, door: "_Door", start: datetime, stop: datetime) -> list[Row]:
        """Ask yfinance for a symbol's history; every failure becomes one of our errors."""
        with _one_at_a_time, warnings.catch_warnings():
            from yfinance.config import YfConfig  # noqa: PLC0415 - slow to load (pandas)
            from yfinance.exceptions import YFException, YFPricesMissingError  # noqa: PLC0415
            from yfinance.scrapers.history import PriceHistory  # noqa: PLC0415

            # after loading it, which puts a filter of its own in front
            warnings.simplefilter("ignore")
            YfConfig.debug.hide_exceptions = False  # else failures are an empty table and a log
            history = PriceHistory(door, door.symbol, door.zone, session=door)
            try:
                frame = history.history(
                    interval=door.interval,
                    start=start,
                    end=stop,
                    auto_adjust=False,
                    actions=False,
                )
                return list(_rows(frame))
            except YFPricesMissingError:
                raise NoDataError(
                    f"has no bars of {door.symbol} from {iso_z(start)} to {iso_z(stop)}"
                ) from None
            except WireError as error:
                raise TransientDataError(str(error)) from None
            except (YFException, *_NOT_UNDERSTOOD) as error:
                raise not_understood(error) from None

    def _settled(self, bars: BarSeries, now: datetime) -> BarSeries:
        """Return the bars without a newest one of no volume that has only just completed."""
        asset_class = instrument_of(bars.symbol).asset_class
        completed = self._calendar.completes_at(asset_class, bars.timeframe, bars.last_open)
        if bars.volumes[-1] > 0.0 or completed <= now - SETTLED:
            return bars
        if len(bars) == 1:
            raise NoDataError(
                f"has no settled bar of {bars.symbol} {bars.timeframe} yet: the only one of the"
                " range has no volume"
            )
        return bars.window(0, len(bars) - 1)


class _Door:
    """What yfinance asks through: the chart of one symbol, answered over our wire or refused."""

    def __init__(self, wire: BrowserWire, symbol: str, timeframe: Timeframe, now: datetime) -> None:
        self.symbol = symbol.upper().replace(".", "-").replace("/", "-")
        self.interval = timeframe.value
        self.zone = _ZONES[instrument_of(symbol).asset_class]
        self._wire = wire
        self._now = now

    def get(self, url: str, params: Mapping[str, Any], timeout: float | None = None) -> Told:
        """Return a whole and fitting answer; `timeout` is yfinance's, ours is stricter."""
        del timeout
        if not url.endswith(f"{_CHART}{self.symbol}"):
            raise WireError("a request beyond the chart was refused before it was sent")
        query = {name: _text(value) for name, value in params.items()}
        told = self._wire.get(_CHART + quote(self.symbol, safe=""), query)
        if _LIMITED in told.text[:_BEGINNING].lower():
            raise_for_status(TOO_MANY, told.text, told.retry_after, self._now)
        self._require_no_refusal(told)
        if told.status != HTTPStatus.OK:
            raise_for_status(told.status, told.text, told.retry_after, self._now)
        self._require_fitting(told.json())
        return told

    cache_get = get
    """What yfinance asks ranges of the past by: kept nowhere here."""

    def _require_no_refusal(self, told: Told) -> None:
        """Raise what the chart says is wrong, whatever the status: it may be 200, 400, 404, 422."""
        try:
            error = told.json()["chart"]["error"]
            said = str(error["description"]) if error else ""
        except (ValueError, LookupError, TypeError):
            return  # other answers are told by their status
        if any(words in said.lower() for words in _NOT_THERE):
            raise NoDataError(f"has none of this: {shown(said)}")
        if error and told.status == HTTPStatus.OK:
            raise TransientDataError(f"it answered with an error: {shown(said)}")
        if told.status == HTTPStatus.UNAUTHORIZED:
            raise VendorRefusedError(
                f"HTTP 401, it wants a cookie and a crumb, which are not sent: {shown(said)}"
            )
        if error:
            raise_for_status(told.status, said, told.retry_after, self._now)

    def _require_fitting(self, told: Any) -> None:
        """Refuse another symbol's chart, other bars, another currency or zone."""
        results = told["chart"]["result"]
        if not results:
            return  # yfinance says that there are no prices
        meta = results[0]["meta"]
        wanted = {
            "symbol": self.symbol,
            "dataGranularity": self.interval,  # Yahoo answers with longer bars at times
            "currency": "USD",
            "exchangeTimezoneName": self.zone,
        }
        for name, value in wanted.items():
            if meta.get(name) != value:
                raise UnsoundDataError(
                    f"it answered with {name} {shown(repr(meta.get(name)))} where {value} was"
                    " asked for"
                )


def _refusal(timeframe: Timeframe, start: datetime, stop: datetime, now: datetime) -> str:
    """Return why a range need not be asked for; empty: it may be."""
    depth = DEPTHS.get(timeframe)
    if depth is not None and start < now - depth:
        return (
            f"holds {timeframe} bars of the last {depth.days} days only, from {iso_z(now - depth)};"
            f" {iso_z(start)} was asked for"
        )
    if start >= min(stop, now):
        return f"has no bars from {iso_z(start)} to {iso_z(stop)}: nothing lies between, or not yet"
    return ""


def _text(value: Any) -> str:
    """Return a parameter as Yahoo reads it: `false`, not `False`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_coins(row: Row) -> Row:
    """Return a coin's row with its volume in coins: Yahoo tells US dollars of the whole market."""
    stamp, first, high, low, last, volume = row
    return stamp, first, high, low, last, volume / last if last > 0.0 else volume


def _rows(frame: Any) -> Iterator[Row]:
    """Yield the rows of a table of yfinance's; its stamps are aware, of the exchange's zone."""
    columns = [frame[name] for name in ("Open", "High", "Low", "Close", "Volume")]
    for stamp, *values in zip(frame.index, *columns, strict=True):
        opened = stamp.to_pydatetime(warn=False).astimezone(UTC)
        yield row_of(opened, [float(value) for value in values])
