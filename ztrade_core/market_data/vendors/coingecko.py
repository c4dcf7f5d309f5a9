"""Hours of coins from CoinGecko through pycoingecko: the last day's, without volume.

Half-hour candles of the last 24 hours are all that makes a bar of ours exactly: two an hour. Its points
of prices (5 minutes, an hour) have no open, high or low, so no bar is made of them; its candles have no
volume, and its volumes are of rolling 24 hours. So every bar's volume is 0 and `source` is
`coingecko:ohlc-no-volume`: good for marks and for looking at, but an order against such a bar does not
fill in the simulation, and rules on volume deny. Prices are averages over exchanges.
Source: CoinGecko's OpenAPI document, `/coins/{id}/ohlc`: candles are stamped with their close, the
running one with a close to come. What completed within the last 15 minutes is not taken: answers are
cached for that long. pycoingecko 3.2 asks again by itself after 502, 503 and 504 and has its key in the
query; both are replaced by our session.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from pydantic import SecretStr
from requests.exceptions import HTTPError, RequestException
from typing_extensions import override

from ztrade_core.domain.time import EPOCH, MICROSECOND, Timeframe, iso_z
from ztrade_core.errors import (
    NoDataError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.vendors.shaping import Row, kept, row_of, series_of_rows
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import not_understood, raise_for_status
from ztrade_core.wires.vendor import VENDOR_LIMITS, VendorKeys, VendorSession

KEY_HEADER = "x-cg-demo-api-key"
REACH = timedelta(days=1)
CACHED = timedelta(minutes=15)
CANDLE = timedelta(minutes=30)
_CANDLE_VALUES = 5
_HTTP_ERROR = 400
COINS: Mapping[str, str] = {
    "AAVE/USD": "aave",
    "AVAX/USD": "avalanche-2",
    "BAT/USD": "basic-attention-token",
    "BCH/USD": "bitcoin-cash",
    "BTC/USD": "bitcoin",
    "CRV/USD": "curve-dao-token",
    "DOGE/USD": "dogecoin",
    "DOT/USD": "polkadot",
    "ETH/USD": "ethereum",
    "GRT/USD": "the-graph",
    "LINK/USD": "chainlink",
    "LTC/USD": "litecoin",
    "SHIB/USD": "shiba-inu",
    "SOL/USD": "solana",
    "SUSHI/USD": "sushi",
    "UNI/USD": "uniswap",
    "USDC/USD": "usd-coin",
    "USDT/USD": "tether",
    "XRP/USD": "ripple",
    "XTZ/USD": "tezos",
    "YFI/USD": "yearn-finance",
}
"""CoinGecko's names of coins; tickers are not unique there, so none is guessed."""


class CoinGeckoBars(BarProvider):
    """Hourly bars of coins without volume; `key` None: asked without, at its public pace."""

    def __init__(
        self,
        *,
        url: str,
        key: SecretStr | None,
        calendar: Calendar,
        clock: Clock,
        pace: Pace,
        limits: WireLimits = VENDOR_LIMITS,
    ) -> None:
        self._url = url
        self._calendar = calendar
        self._clock = clock
        self._questions = Questions(pace)
        keys = VendorKeys(headers={} if key is None else {KEY_HEADER: key})
        self._session = VendorSession(url, keys, before=self._questions.take, limits=limits)

    @property
    @override
    def name(self) -> str:
        return "coingecko"

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return symbol in COINS and timeframe is Timeframe.H1

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        now = self._clock.now()
        return int(self.supports(symbol, timeframe) and _is_within(start, stop, now))

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        _require(symbol, timeframe)
        now = self._clock.now()  # before it is asked: what completes meanwhile is not taken
        if not _is_within(start, stop, now):
            raise NoDataError(
                f"has hours of the last 24 hours only, from {iso_z(now - REACH)} to {iso_z(now)}:"
                f" none from {iso_z(start)} to {iso_z(stop)} was asked for"
            )
        self._questions.begin(1)
        rows = list(_hours(_candles(self._ask(COINS[symbol]))))
        series = series_of_rows(symbol, timeframe, rows)
        bars = kept(series, start, stop, self._calendar, now - CACHED)
        return FetchedBars(series=bars, source="coingecko:ohlc-no-volume")

    def _ask(self, coin: str) -> Any:
        """Ask for a coin's candles of a day; every failure becomes one of our errors."""
        from pycoingecko import CoinGeckoAPI  # noqa: PLC0415 - only who asks it loads it

        client = CoinGeckoAPI()
        client.session = self._session
        client.api_base_url = f"{self._url}/api/v3/"
        try:
            told = client.get_coin_ohlc_by_id(id=coin, vs_currency="usd", days="1")
        except WireError as error:
            raise TransientDataError(str(error)) from None
        except (RequestException, ValueError, TypeError, RecursionError) as error:
            self._raise_for(error)
        if isinstance(told, Mapping):
            self._raise_for_refusal(told)
        return told

    def _raise_for(self, error: Exception) -> NoReturn:
        """Raise what the client's exception means: its own, or a ValueError that hides one."""
        cause = error if isinstance(error, HTTPError) else error.__context__
        if not isinstance(cause, HTTPError) or cause.response is None:
            raise not_understood(error) from None
        answer = cause.response
        retry_after = answer.headers.get("Retry-After")
        raise_for_status(answer.status_code, answer.text, retry_after, self._clock.now())

    def _raise_for_refusal(self, told: Mapping[str, Any]) -> NoReturn:
        """Raise what an object means that came with HTTP 200 instead of candles."""
        status = told.get("status")
        code = status.get("error_code") if isinstance(status, Mapping) else status
        if isinstance(code, int) and code >= _HTTP_ERROR:
            words = status.get("error_message") if isinstance(status, Mapping) else None
            raise_for_status(code, str(words or told.get("error", "")), None, self._clock.now())
        raise TransientDataError("its answer was not understood (an object instead of candles)")


def _require(symbol: str, timeframe: Timeframe) -> None:
    if symbol not in COINS:
        raise VendorRefusedError(f"{symbol}: not among its coins that are known here")
    if timeframe is not Timeframe.H1:
        raise NoDataError(
            f"its candles make no {timeframe} bar of {symbol}: only 1h bars, of two half hours"
        )


def _is_within(start: datetime, stop: datetime, now: datetime) -> bool:
    """Return whether its day of candles holds the range; one that begins before is not served."""
    return now - REACH <= start < min(stop, now)


def _candles(told: Any) -> Iterator[tuple[datetime, list[Any]]]:
    """Yield open and values of each candle; UnsoundDataError for what is none."""
    if not isinstance(told, list):
        raise TransientDataError("its answer was not understood (no list of candles)")
    for candle in told:
        if not isinstance(candle, list) or len(candle) != _CANDLE_VALUES:
            raise UnsoundDataError("a candle that is none")
        stamp = candle[0]
        if isinstance(stamp, bool) or not isinstance(stamp, int):
            raise UnsoundDataError("a candle's stamp is no number of milliseconds")
        try:
            opened = EPOCH + timedelta(milliseconds=stamp) - CANDLE
        except OverflowError:
            raise UnsoundDataError("a candle's stamp is no time of ours") from None
        if (opened - EPOCH) % CANDLE:
            raise UnsoundDataError(f"a candle that opens at {iso_z(opened)}, not on a half hour")
        yield opened, candle[1:]


def _hours(candles: Iterator[tuple[datetime, list[Any]]]) -> Iterator[Row]:
    """Yield an hour for each two candles that make it."""
    halves: dict[int, Row] = {}
    for opened, values in candles:
        try:
            row = row_of(opened, [*values, 0])
        except OverflowError:
            raise UnsoundDataError(f"a price of {iso_z(opened)} is no number of ours") from None
        if halves.setdefault(row[0], row) != row:
            raise UnsoundDataError(f"two candles that open at {iso_z(opened)}")
    for stamp, first in halves.items():
        second = halves.get(stamp + CANDLE // MICROSECOND)
        if second is not None and stamp % Timeframe.H1.micros == 0:
            high, low = max(first[2], second[2]), min(first[3], second[3])
            yield stamp, first[1], high, low, second[4], 0.0
