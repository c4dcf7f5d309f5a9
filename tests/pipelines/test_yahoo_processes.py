"""Yahoo end to end: the installed `ztrade` in processes of its own, against a server of this machine.

The processes have the machine's clock, so the invented market lives today and ranges end days ago;
recorded charts are asked for by the days they are of.
"""

from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.vendor_faults import reported_errors
from tests.fakes.vendor_house import VendorHouse
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from tests.fakes.yahoo_bars import CHART, YahooVendor, bar_of, recorded
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, new_york_date, new_york_midnight

pytest.importorskip("yfinance", reason="yfinance is not installed")

BACKFILL = ("data", "backfill", "--no-sentiment", "--provider", "yahoo")
DAY = timedelta(days=1)


def today(asked: Asked) -> Answer:
    """Answer as Yahoo does at this moment."""
    return YahooVendor(SystemClock().now())(asked)


def last_weeks() -> tuple[tuple[str, ...], list[datetime]]:
    """Return the words for twelve days that ended three days ago, and TSLA's 5-minute opens in them."""
    last = new_york_date(SystemClock().now()) - 3 * DAY
    first = last - 11 * DAY
    opens = ExchangeSessions().expected_bars(
        AssetClass.STOCK, Timeframe.M5, new_york_midnight(first), new_york_midnight(last + DAY)
    )
    return ("--from", first.isoformat(), "--to", last.isoformat()), opens


def test_a_stocks_backfill_is_whole_told_and_not_asked_for_again(
    tmp_path: Path, sqlite_template: Path
) -> None:
    days, opens = last_weeks()
    words = (*BACKFILL, "--symbols", "TSLA", "--timeframes", "5m", *days)
    with VendorServer(today) as server:
        house = VendorHouse(tmp_path, sqlite_template, yahoo=server.url)
        planned = house.run(*words, "--dry-run", "--json").document()["plan"]
        assert server.seen == []
        done = house.run(*words, "--json").document()
        asked = [each for each in server.seen if each.query["events"] != "split"]
        again = house.run(*words, "--json").document()
        assert len(server.seen) == len(asked) + 1  # and once for splits

    rows = house.stored("TSLA")
    assert [opened for opened, _, _ in rows] == opens
    assert all(list(values) == bar_of(opened) for opened, _, values in rows)
    assert {source for _, source, _ in rows} == {"yahoo:split"}
    [series] = done["series"]
    wanted = {"written": len(opens), "missing": 0, "sources": ["yahoo:split"], "notes": []}
    assert {name: series[name] for name in wanted} == wanted
    assert planned["vendors"][0]["requests"] == series["requests"] == len(asked)
    assert {each.path for each in asked} == {f"{CHART}TSLA"}
    assert (again["complete"], again["series"][0]["requests"]) == (True, 0)
    status = house.run("data", "status", "--json").document()["series"]
    with dg.DagsterInstance.from_config(str(house.terminal.home)) as instance:
        green = instance.get_materialized_partitions(dg.AssetKey(["market_bars", "TSLA_5m"]))
    assert len(green) == 12, "the page shows the whole days, weekends too"
    told = [(each["rows"], each["sources"], each["adjustments"]) for each in status]
    assert told == [(len(opens), ["yahoo:split"], ["split"])]


def test_a_limit_that_passes_is_waited_for_and_one_that_lasts_is_said(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """Yahoo's recorded refusal, `Retry-After` of a second; four in a row end the first launch."""
    told = next(each for each in reported_errors("yahoo") if each["status"] == 429)
    text = told["body"] if isinstance(told["body"], str) else ""
    limits = [5]

    def answer(asked: Asked) -> Answer:
        limits[0] -= 1
        if limits[0] < 0:
            return today(asked)
        return Answer(status=429, body=text.encode(), headers={"Retry-After": "1"})

    days, opens = last_weeks()
    words = (*BACKFILL, "--symbols", "TSLA", "--timeframes", "5m", *days)
    with VendorServer(answer) as server:
        house = VendorHouse(tmp_path, sqlite_template, yahoo=server.url)
        limited = house.run(*words)
        assert house.stored("TSLA") == []
        done = house.run(*words)
    assert limited.code == 3
    assert "its limit is used up; ask again at" in limited.out
    assert "the same command goes on after" in limited.out
    assert (done.code, limits[0] < 0) == (0, True)
    assert [opened for opened, _, _ in house.stored("TSLA")] == opens


def test_recorded_charts_are_stored_as_recorded(tmp_path: Path, sqlite_template: Path) -> None:
    """49 days of AAPL around its 4:1 split, two days of bitcoin: the charts as Yahoo told them."""
    charts = {
        f"{CHART}AAPL": recorded("chart-AAPL-2020-08-31-to-2020-11-07.json"),
        f"{CHART}BTC-USD": recorded("chart-BTC-USD-2020-01-01-to-2020-01-03.json"),
    }
    aapl = ("--symbols", "AAPL", "--from", "2020-08-31", "--to", "2020-11-06")
    coin = ("--symbols", "BTC/USD", "--from", "2020-01-01", "--to", "2020-01-02")
    with VendorServer(lambda asked: charts[asked.path][0]) as server:
        house = VendorHouse(tmp_path, sqlite_template, yahoo=server.url)
        for words in (aapl, coin):
            done = house.run(*BACKFILL, "--timeframes", "1d", *words, "--json").document()
            assert done["complete"], done
        asked = len(server.seen)
        house.run(*BACKFILL, "--timeframes", "1d", *aapl)
        assert len(server.seen) == asked

    counts = {"AAPL": 49, "BTC/USD": 2}
    for symbol, path, source in (
        ("AAPL", f"{CHART}AAPL", "yahoo:split"),
        ("BTC/USD", f"{CHART}BTC-USD", "yahoo:volume-from-usd"),
    ):
        chart = charts[path][1]["chart"]["result"][0]
        quote = chart["indicators"]["quote"][0]
        rows = house.stored(symbol)
        assert [values[3] for _, _, values in rows] == quote["close"][: len(rows)]
        assert len(rows) == counts[symbol]
        assert {one for _, one, _ in rows} == {source}
        if symbol == "BTC/USD":
            told = quote["volume"][0] / quote["close"][0]
            assert rows[0][2][4] == pytest.approx(told)


def test_what_yahoo_does_not_have_is_said_and_remembered(
    tmp_path: Path, sqlite_template: Path
) -> None:
    refusal, _ = recorded("error-404-no-data-found.json")
    words = (*BACKFILL, "--symbols", "TSLA", "--timeframes", "1d")
    days = ("--from", "2005-01-03", "--to", "2005-01-28")
    with VendorServer(lambda _: refusal) as server:
        house = VendorHouse(tmp_path, sqlite_template, yahoo=server.url)
        first, second = house.run(*words, *days), house.run(*words, *days)
        assert [each.query["events"] for each in server.seen].count("split") == 1
        assert len(server.seen) == 1 + 1
        house.run(*words, *days, "--again")
        assert len(server.seen) == 1 + 2
    assert (first.code, second.code) == (3, 3)
    assert "19 missing, and nobody who was asked has them" in first.out
    assert "has answered before" in second.out


def test_a_refresh_falls_through_to_yahoo_and_says_whom_it_passed_over(
    tmp_path: Path, sqlite_template: Path
) -> None:
    before = SystemClock().now()
    with VendorServer(today) as server:
        house = VendorHouse(tmp_path, sqlite_template, yahoo=server.url)
        done = house.run("data", "refresh", "--symbols", "TSLA", "BTC/USD", "--json").document()
    after = SystemClock().now()
    stock, coin = done["series"]
    assert [stock["source"], coin["source"]] == ["yahoo:split", "yahoo:volume-from-usd"]
    assert stock["notes"][:2] == [
        "alpaca: no key: stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY",
        "alpha_vantage: no key: it needs ALPHAVANTAGE_API_KEY",
    ]
    passed = [note.split(":")[0] for note in coin["notes"][:2]]
    assert passed == ["alpaca", "coingecko"]
    for symbol, timeframe, kind in (
        ("TSLA", Timeframe.M5, AssetClass.STOCK),
        ("BTC/USD", Timeframe.H1, AssetClass.CRYPTO),
    ):
        opens = [opened for opened, _, _ in house.stored(symbol)]
        calendar = ExchangeSessions()
        newest = {calendar.expected_bar(kind, timeframe, at) for at in (before, after)}
        assert opens[-1] in newest
        assert opens == calendar.expected_bars(kind, timeframe, opens[0], opens[-1] + MICROSECOND)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"<html>no</html>", content_type="text/html"),
        Answer(how="reset"),
        json_answer({}, status=500),
    ],
)
def test_what_is_no_answer_leaves_the_store_empty_and_is_one_line(
    answer: Answer, tmp_path: Path, sqlite_template: Path
) -> None:
    days, _ = last_weeks()
    with VendorServer(lambda _: answer) as server:
        house = VendorHouse(tmp_path, sqlite_template, yahoo=server.url)
        done = house.run(*BACKFILL, "--symbols", "TSLA", "--timeframes", "5m", *days)
    assert done.code == 3
    assert "a vendor failed, the same command asks it again" in done.out
    assert "Traceback" not in done.out + done.err
    assert house.stored("TSLA") == []
