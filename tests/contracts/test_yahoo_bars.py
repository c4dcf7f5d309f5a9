"""Bars from Yahoo: the real yfinance and curl against a local server, and recorded charts."""

import subprocess
import sys
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.vendor_desk import LIVE as NOW
from tests.fakes.vendor_desk import MONDAY, yahoo
from tests.fakes.vendor_faults import (
    years,
)
from tests.fakes.vendor_server import Answer, json_answer
from tests.fakes.yahoo_bars import CHART, YahooVendor, bar_of, recorded
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, parse_instant
from ztrade_core.errors import DataError, NoDataError, TransientDataError, VendorRefusedError
from ztrade_core.market_data.soundness import check_series
from ztrade_core.market_data.vendors.yahoo import DEPTHS

pytest.importorskip("yfinance", reason="yfinance is not installed")

DAY = timedelta(days=1)


@pytest.mark.parametrize("timeframe", list(Timeframe))
@pytest.mark.parametrize("symbol", ["TSLA", "BRK.B", "BTC/USD"])
def test_bars_of_every_timeframe_lie_on_our_grid(symbol: str, timeframe: Timeframe) -> None:
    """Holidays, the running bar and the live row fall away; one question is one request."""
    start = MONDAY - timedelta(hours=14)
    with yahoo(YahooVendor(NOW)) as (source, server):
        found = source.fetch(symbol, timeframe, start, NOW + DAY)
        assert source.calls(symbol, timeframe, start, NOW + DAY) == len(server.seen) == 1
    asset_class = AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK
    newest = years().expected_bar(asset_class, timeframe, NOW)
    assert newest is not None
    grid = years().expected_bars(asset_class, timeframe, start, newest + MICROSECOND)
    assert [from_micros(int(each)) for each in found.series.timestamps] == grid
    check_series(found.series, origin="yahoo", calendar=years(), known_at=NOW)
    assert found.source == ("yahoo:volume-from-usd" if "/" in symbol else "yahoo:split")
    assert server.seen[0].path == CHART + symbol.replace(".", "-").replace("/", "-")


def test_prices_are_as_told_and_without_dividends() -> None:
    """`adjclose` is a tenth lower in the fake."""
    with yahoo(YahooVendor(NOW)) as (source, _):
        days = source.fetch("TSLA", Timeframe.D1, MONDAY - DAY, NOW).series
        hours = source.fetch("TSLA", Timeframe.H1, MONDAY, NOW).series
    for bar in (days.bar(0), hours.bar(0)):
        assert [bar.open, bar.high, bar.low, bar.close, bar.volume] == bar_of(MONDAY)


def test_a_range_that_ends_within_a_second_keeps_the_bar_that_opens_with_it() -> None:
    """Yahoo counts whole seconds: a stop a microsecond after the last open is the next one."""
    with yahoo(YahooVendor(NOW)) as (source, _):
        found = source.fetch("TSLA", Timeframe.M5, MONDAY, MONDAY + MICROSECOND).series
    assert [from_micros(int(each)) for each in found.timestamps] == [MONDAY]


def test_the_last_hour_of_a_session_is_of_half_an_hour() -> None:
    close = MONDAY + timedelta(hours=6, minutes=30)
    with yahoo(YahooVendor(NOW)) as (source, _):
        found = source.fetch("TSLA", Timeframe.H1, MONDAY, close).series
    assert (len(found), found.last_open) == (7, close - timedelta(minutes=30))


def test_summer_time_and_half_days_are_the_calendars() -> None:
    """09:30 New York is 13:30 UTC until 6 November; 25 November ends at 13:00, 18:00 UTC."""
    october, after = datetime(2022, 10, 31, tzinfo=UTC), datetime(2022, 11, 26, tzinfo=UTC)
    with yahoo(YahooVendor(after), now=after) as (source, _):
        found = source.fetch("TSLA", Timeframe.M15, october, after).series
    opens = [from_micros(int(each)) for each in found.timestamps]
    assert opens[0] == datetime(2022, 10, 31, 13, 30, tzinfo=UTC)
    assert opens[26 * 5] == datetime(2022, 11, 7, 14, 30, tzinfo=UTC)
    assert opens[-1] == datetime(2022, 11, 25, 17, 45, tzinfo=UTC)


def test_a_day_that_our_range_ends_in_is_asked_for_whole() -> None:
    """Ours opens at midnight, Yahoo's is stamped 09:30."""
    start = datetime(2022, 11, 22, 5, tzinfo=UTC)
    with yahoo(YahooVendor(NOW)) as (source, _):
        found = source.fetch("TSLA", Timeframe.D1, start, start + timedelta(hours=1)).series
    assert [from_micros(int(each)) for each in found.timestamps] == [start]


def test_a_range_is_asked_for_anew_and_every_server_answers_for_itself() -> None:
    """yfinance keeps answers of past ranges for a process, failed ones too; here nothing is kept."""
    start, stop = MONDAY, MONDAY + timedelta(hours=1)
    with yahoo(lambda _: json_answer({}, status=500)) as (source, server):
        for _ in range(2):
            with pytest.raises(TransientDataError, match="HTTP 500"):
                source.fetch("TSLA", Timeframe.M5, start, stop)
        assert len(server.seen) == 2
    with yahoo(YahooVendor(NOW)) as (source, server):
        for _ in range(2):
            assert len(source.fetch("TSLA", Timeframe.M5, start, stop).series) == 12
        assert len(server.seen) == 2


def test_nothing_is_written_and_no_cookie_or_session_comes_to_be() -> None:
    """yfinance would keep zones and cookies in the user's folder, and one session for all."""
    caches = pytest.importorskip("yfinance.cache")
    folders = [each.get_location() for each in (caches._TzDBManager, caches._CookieDBManager)]
    before = [written(each) for each in folders]
    sessions = pytest.importorskip("yfinance.data").YfData._instances
    known = len(sessions)
    with yahoo(lambda asked: with_cookie(YahooVendor(NOW)(asked))) as (source, server):
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
        assert all("cookie" not in each.headers for each in server.seen)
    assert [written(each) for each in folders] == before
    assert len(sessions) == known


def written(folder: str) -> list[tuple[str, float]]:
    return [(each.name, each.stat().st_mtime) for each in sorted(Path(folder).glob("*"))]


def with_cookie(answer: Answer) -> Answer:
    return Answer(body=answer.body, headers={"Set-Cookie": "A3=canary; Path=/"})


def test_warnings_are_neither_shown_nor_left_behind() -> None:
    """yfinance warns of pandas 4, and puts filters of its own in front of the process's."""
    before = list(warnings.filters)
    with yahoo(YahooVendor(NOW)) as (source, _):
        source.fetch("TSLA", Timeframe.D1, MONDAY, NOW)
    assert list(warnings.filters) == before


def test_a_coins_volume_is_told_in_dollars_and_given_in_coins() -> None:
    """1 January 2020: 18.6 billion dollars at 7,200 each are 2.6 million bitcoins."""
    answer, _ = recorded("chart-BTC-USD-2020-01-01-to-2020-01-03.json")
    start = parse_instant("2020-01-01T00:00:00Z")
    with yahoo(lambda _: answer, now=RECORDED_AT) as (source, _):
        found = source.fetch("BTC/USD", Timeframe.D1, start, start + DAY).series
    assert found.volumes[0] == pytest.approx(18_565_664_997 / 7200.17431640625)


ALONE = """
from tests.fakes.vendor_desk import LIVE, MONDAY, yahoo
from tests.fakes.yahoo_bars import YahooVendor
from ztrade_core.domain.time import Timeframe
with yahoo(YahooVendor(LIVE)) as (source, _):
    print(len(source.fetch("TSLA", Timeframe.M5, MONDAY, LIVE).series))
"""


def test_in_a_process_of_its_own_it_is_silent_writes_nothing_and_asks_no_proxy(
    tmp_path: Path,
) -> None:
    """Loading yfinance puts a filter in front that shows its warnings; curl reads the environment."""
    nowhere = "http://127.0.0.1:9"
    root = str(Path(__file__).resolve().parents[2])
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", ALONE],
        capture_output=True,
        text=True,
        check=False,
        env={
            "HOME": str(tmp_path),
            "PYTHONPATH": root,
            "http_proxy": nowhere,
            "all_proxy": nowhere,
        },
    )
    assert (told.stdout, told.stderr) == ("248\n", "")
    assert list(tmp_path.rglob("*")) == []


def test_it_asks_as_a_browser_does() -> None:
    with yahoo(YahooVendor(NOW)) as (source, server):
        source.fetch("TSLA", Timeframe.M5, MONDAY, NOW)
    assert "Chrome" in server.seen[0].headers["user-agent"]


@pytest.mark.parametrize("timeframe", DEPTHS)
def test_a_range_beyond_the_depth_is_refused_before_it_is_asked(timeframe: Timeframe) -> None:
    begins = NOW - DEPTHS[timeframe]
    with yahoo(YahooVendor(NOW)) as (source, server):
        assert source.calls("TSLA", timeframe, begins, NOW) == 1
        assert source.calls("TSLA", timeframe, begins - MICROSECOND, NOW) == 0
        with pytest.raises(NoDataError, match=f"of the last {DEPTHS[timeframe].days} days only"):
            source.fetch("TSLA", timeframe, begins - MICROSECOND, NOW)
        assert server.seen == []


@pytest.mark.parametrize(
    ("symbol", "start", "kind"),
    [("TSLA", NOW, NoDataError), ("BTC/EUR", MONDAY, VendorRefusedError)],
)
def test_what_cannot_be_there_is_not_asked_for(
    symbol: str, start: datetime, kind: type[DataError]
) -> None:
    with yahoo(YahooVendor(NOW)) as (source, server):
        assert source.calls(symbol, Timeframe.D1, start, NOW + DAY) == 0
        with pytest.raises(kind, match=r"nothing lies between|only stocks"):
            source.fetch(symbol, Timeframe.D1, start, NOW + DAY)
        assert server.seen == []


def test_rows_without_values_are_no_bars() -> None:
    empty = (MONDAY + timedelta(minutes=5), MONDAY + timedelta(minutes=10))
    with yahoo(YahooVendor(NOW, empty=empty)) as (source, _):
        found = source.fetch("TSLA", Timeframe.M5, MONDAY, MONDAY + timedelta(minutes=30)).series
    opens = [from_micros(int(each)) for each in found.timestamps]
    assert opens == [MONDAY + n * timedelta(minutes=5) for n in (0, 3, 4, 5)]


def test_a_newest_bar_without_volume_is_not_settled_and_an_old_one_stands() -> None:
    newest = datetime(2022, 11, 25, 15, 35, tzinfo=UTC)
    older = newest - timedelta(hours=3)
    still = (newest, older)
    with yahoo(YahooVendor(NOW, still=still)) as (source, _):
        assert source.fetch("TSLA", Timeframe.M5, MONDAY, NOW).series.last_open < newest
        with pytest.raises(NoDataError, match="no settled bar"):
            source.fetch("TSLA", Timeframe.M5, newest, NOW)
        found = source.fetch("BTC/USD", Timeframe.M5, older, older + timedelta(minutes=5)).series
    assert (found.last_open, found.volumes[-1]) == (older, 0.0)


READ = [
    ("AAPL", "2020-01-01", "chart-AAPL-2020-01-01-to-2020-01-03.json"),
    ("QQQ", "2020-01-01", "chart-QQQ-2020-01-01-to-2020-01-03.json"),
    ("BTC/USD", "2020-01-01", "chart-BTC-USD-2020-01-01-to-2020-01-03.json"),
    ("AAPL", "2020-08-31", "chart-AAPL-2020-08-31-to-2020-11-07.json"),
    ("MSFT", "2021-02-01", "chart-MSFT-dividends-2021-02-01-to-2022-01-31.json"),
    ("NVDA", "2021-02-01", "chart-NVDA-split-2021-02-01-to-2022-01-31.json"),
]
RECORDED_AT = datetime(2025, 2, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(("symbol", "begins", "name"), READ)
def test_recorded_days_are_read_as_recorded(symbol: str, begins: str, name: str) -> None:
    """Every day with its split-adjusted prices, no dividend taken out, stamped with our midnight."""
    answer, content = recorded(name)
    start = parse_instant(f"{begins}T00:00:00Z")
    with yahoo(lambda _: answer, now=RECORDED_AT) as (source, _):
        found = source.fetch(symbol, Timeframe.D1, start, start + 370 * DAY).series
    check_series(found, origin="yahoo", calendar=years(), known_at=RECORDED_AT)
    chart = content["chart"]["result"][0]
    quote = chart["indicators"]["quote"][0]
    assert len(found) == len(chart["timestamp"])
    columns = (found.opens, found.highs, found.lows, found.closes, found.volumes)
    for each, column in zip(("open", "high", "low", "close", "volume"), columns, strict=True):
        told = np.array(quote[each])
        if each == "volume" and "/" in symbol:
            told = told / np.array(quote["close"])
        assert list(column) == list(told)
    dates = {datetime.fromtimestamp(each, tz=UTC).date() for each in chart["timestamp"]}
    assert {from_micros(int(each)).date() for each in found.timestamps} == dates
    assert float(np.abs(np.diff(np.log(found.closes))).max(initial=0.0)) < 0.2
