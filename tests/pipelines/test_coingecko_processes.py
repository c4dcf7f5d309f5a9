"""CoinGecko end to end: the installed `ztrade` in processes of its own, against a server of this machine.

It serves the hours of the last 24, by the machine's clock: what is expected is told by the moments
before and after a launch, which a full hour may lie between.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contracts.test_coingecko_bars import recorded, request_faults
from tests.fakes.coingecko_bars import CoinGeckoVendor, candle_of
from tests.fakes.vendor_faults import reported_errors
from tests.fakes.vendor_house import VendorHouse
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.system import SystemClock
from ztrade_core.market_data.vendors.coingecko import CACHED, REACH

pytest.importorskip("pycoingecko", reason="pycoingecko is not installed")

HOUR = timedelta(hours=1)
BACKFILL = ("data", "backfill", "--no-sentiment", "--provider", "coingecko", "--symbols", "BTC/USD")
SOURCE = "coingecko:ohlc-no-volume"


def now() -> datetime:
    return SystemClock().now()


def today(asked: Asked) -> Answer:
    """Answer as CoinGecko does at this moment."""
    return CoinGeckoVendor(now())(asked)


def served(at: datetime) -> list[datetime]:
    """Return the opens of the hours that CoinGecko serves at a moment."""
    first = at - REACH
    first = first.replace(minute=0, second=0, microsecond=0)
    first += HOUR if first < at - REACH else timedelta(0)
    last = (at - CACHED).replace(minute=0, second=0, microsecond=0) - HOUR
    return [first + n * HOUR for n in range(1 + (last - first) // HOUR)]


def two_days() -> tuple[str, ...]:
    """Return the words for yesterday and today, of which the last 24 hours are served."""
    yesterday = (now() - timedelta(days=1)).astimezone(UTC).date()
    return ("--timeframes", "1h", "--from", yesterday.isoformat())


def test_the_hours_of_the_last_day_are_stored_told_and_not_asked_for_again(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with VendorServer(today) as server:
        house = VendorHouse(tmp_path, sqlite_template, coingecko=server.url)
        before, done = now(), house.run(*BACKFILL, *two_days())
        rows, between = house.stored("BTC/USD"), now()
        assert len(server.seen) == 1
        house.run(*BACKFILL, *two_days())
        after = now()
        asked = len(server.seen) - 1

    opens = [opened for opened, _, _ in rows]
    assert opens in (served(before), served(between))
    assert {source for _, source, _ in rows} == {SOURCE}
    for opened, _, values in rows:
        first, second = candle_of(opened + HOUR / 2), candle_of(opened + HOUR)
        assert (values[0], values[3], values[4]) == (first[1], second[4], 0.0)
    newest = [at.replace(minute=0, second=0, microsecond=0) - HOUR for at in (between, after)]
    assert asked in {int(opens[-1] < each) for each in newest}, "only an hour not yet had"
    assert done.code == 3, "what lies before the last 24 hours is not there"
    assert SOURCE in done.out
    assert all(request_faults(each) == [] for each in server.seen)


def test_a_refusal_as_reported_is_waited_for_and_the_rest_is_stored(
    tmp_path: Path, sqlite_template: Path
) -> None:
    told = next(each for each in reported_errors("coingecko") if each["status"] == 429)
    body = told["body"] if isinstance(told["body"], str) else ""
    answers = [Answer(status=429, body=body.encode(), headers={"Retry-After": "1"})] * 2
    with VendorServer(lambda asked: answers.pop() if answers else today(asked)) as server:
        house = VendorHouse(tmp_path, sqlite_template, coingecko=server.url)
        before = now()
        house.run(*BACKFILL, *two_days())
        after = now()
        assert len(server.seen) == 3
    assert [opened for opened, _, _ in house.stored("BTC/USD")] in (served(before), served(after))


def test_a_limit_that_lasts_is_said_and_a_relaunch_asks_for_the_rest(
    tmp_path: Path, sqlite_template: Path
) -> None:
    answers = [json_answer({"status": {"error_code": 429}}, 429, Retry_After="1")] * 4
    with VendorServer(lambda asked: answers.pop() if answers else today(asked)) as server:
        house = VendorHouse(tmp_path, sqlite_template, coingecko=server.url)
        limited = house.run(*BACKFILL, *two_days())
        assert house.stored("BTC/USD") == []
        house.run(*BACKFILL, *two_days())
        assert len(server.seen) == 5
    assert limited.code == 3
    assert "the same command goes on after" in limited.out
    assert house.stored("BTC/USD") != []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ohlc_data_for_one_coin_in_the_last_7_days", "no complete bar of BTC/USD 1h"),
        ("ohlc_data_for_one_coin_in_the_last_7_days__1", "HTTP 500"),
    ],
)
def test_recorded_answers_that_make_no_hour_store_none(
    name: str, told: str, tmp_path: Path, sqlite_template: Path
) -> None:
    answer = recorded(name)
    with VendorServer(lambda _: answer) as server:
        house = VendorHouse(tmp_path, sqlite_template, coingecko=server.url)
        done = house.run(*BACKFILL, *two_days())
        assert len(server.seen) == 1
    assert (done.code, house.stored("BTC/USD")) == (3, [])
    assert told in done.out


def test_a_refresh_brings_the_newest_hours_where_alpaca_does_not_answer(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """The store is left as it was two hours ago; nobody listens at Alpaca's address."""
    ago = now() - 2 * HOUR

    def earlier(asked: Asked) -> Answer:
        return CoinGeckoVendor(ago)(asked)

    with VendorServer(earlier) as server:
        house = VendorHouse(tmp_path, sqlite_template, coingecko=server.url)
        house.run(*BACKFILL, *two_days())
        kept = house.stored("BTC/USD")
        server.answer = today
        before = now()
        done = house.run("data", "refresh", "--symbols", "BTC/USD", "--timeframes", "1h")
        after = now()
    rows = house.stored("BTC/USD")
    assert len(rows) > len(kept)
    assert rows[-1][0] in {served(before)[-1], served(after)[-1]}
    assert rows[-1][1] == SOURCE
    assert "alpaca: " in done.out
    expected = [at.replace(minute=0, second=0, microsecond=0) - HOUR for at in (before, after)]
    assert done.code in {0 if rows[-1][0] >= each else 3 for each in expected}
