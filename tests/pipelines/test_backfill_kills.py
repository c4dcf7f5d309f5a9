"""A backfill of 60 days through vendors that refuse, break and repeat, killed on the way.

Fixed days of 2022, so that what is asked and answered is known; the command runs in processes of its
own against the real clients, and two of them are killed while they wait for an answer.
"""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.alpaca_bars import AlpacaBarsVendor, bar_of
from tests.fakes.alpha_vantage_bars import AlphaVantageVendor
from tests.fakes.terminal import PROGRAM, PROJECT, Terminal, Typed
from tests.fakes.vendor_config import KEYS, let_the_day_pass, vendors_at
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros, new_york_date, new_york_midnight

pytest.importorskip("alpaca", reason="alpaca-py is not installed")
pytest.importorskip("alpha_vantage", reason="alpha-vantage is not installed")

ASKED = ("data", "backfill", "--no-sentiment", "--symbols", "TSLA", "--timeframes", "5m")
DAYS = ("--days", "60", "--to", "2022-11-23")
START, STOP = datetime(2022, 9, 25, 4, tzinfo=UTC), datetime(2022, 11, 24, 5, tzinfo=UTC)
SPENT = (
    "We have detected your API key as CANARYVANTAGE and our standard API rate limit is 25 requests"
    " per day. Please subscribe to any of the premium plans."
)


def traded(symbol: str, step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    """Every step from 09:00Z to 23:00Z of weekdays: extended hours and holidays too."""
    assert symbol == "TSLA"
    opened, found = start.replace(hour=0, minute=0, second=0, microsecond=0), []
    while opened <= end:
        if 9 <= opened.hour < 23 and opened.weekday() < 5:
            found.append(opened)
        opened += step
    return found


class Scripted:
    """Answers each request by the next word of the script, then as the vendor does.

    `hang` lets the asking process wait, and tells the test so; `again` repeats its page token.
    """

    def __init__(self, vendor: AlpacaBarsVendor, script: Sequence[str]) -> None:
        self._vendor = vendor
        self._script: Iterator[str] = iter(script)
        self.hangs = threading.Event()

    def __call__(self, asked: Asked) -> Answer:
        word = next(self._script, "serve")
        if word == "hang":
            self.hangs.set()
            return Answer(how="silence", seconds=60.0)
        if word == "reset":
            return Answer(how="reset")
        if word == "limit":
            return json_answer({"message": "too many requests."}, 429, Retry_After="1")
        if word == "again":
            return json_answer({"bars": {}, "next_page_token": "again"})
        return self._vendor(asked)


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=160)
    made.use_database(sqlite_template)
    return made


def kill_while_it_waits(terminal: Terminal, vendor: Scripted, words: Sequence[str]) -> None:
    vendor.hangs.clear()
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM, *words],
        cwd=PROJECT,
        env=terminal.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert vendor.hangs.wait(120)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def expected() -> list[datetime]:
    return ExchangeSessions().expected_bars(AssetClass.STOCK, Timeframe.M5, START, STOP)


def stored(terminal: Terminal) -> list[tuple[datetime, float, str]]:
    connection = sqlite3.connect(terminal.data / "ztrade.db")
    found = connection.execute(
        "SELECT timestamp, open, source FROM market_bars WHERE symbol = 'TSLA' ORDER BY timestamp"
    ).fetchall()
    connection.close()
    return [(from_micros(stamp), price, source) for stamp, price, source in found]


def is_complete(done: Typed) -> bool:
    assert done.code in (0, 3), done.err
    assert "CANARY" not in (done.out + done.err).upper()
    return done.code == 0


def test_sixty_days_are_complete_after_kills_cuts_limits_and_repeated_tokens(
    terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = [
        *("serve", "hang"),  # September is kept; killed while October is asked for
        *("reset", "limit", "serve", "serve"),  # October breaks; November after a wait of 1 s
        *("again", "again", "again", "again"),  # October pages for ever: given up
        *("serve", "hang"),  # killed within October, between two pages
        *("serve", "serve"),  # October
    ]
    vendor = Scripted(AlpacaBarsVendor(traded, page_bars=2500), script)
    words = (*ASKED, *DAYS, "--provider", "alpaca")
    with VendorServer(vendor) as server:
        config = vendors_at(tmp_path, alpaca=server.url)
        terminal.environment.update(KEYS, ZTRADE_CONFIG_DIR=str(config))
        kill_while_it_waits(terminal, vendor, words)
        september = stored(terminal)
        broken = terminal.spawn(*words)
        endless = terminal.spawn(*words)
        kill_while_it_waits(terminal, vendor, words)
        done = terminal.spawn(*words)
        asked = len(server.seen)
        idle = terminal.spawn(*words)
        assert len(server.seen) == asked == len(script)

    rows = stored(terminal)
    assert {opened.month for opened, _, _ in september} == {9}
    assert [is_complete(each) for each in (broken, endless, done, idle)] == [
        False,
        False,
        True,
        True,
    ]
    assert "the exchange broke" in broken.out
    assert "pages on beyond" in endless.out
    assert [opened for opened, _, _ in rows] == expected()
    assert all(price == bar_of(opened)["o"] for opened, price, _ in rows)
    assert {source for _, _, source in rows} == {"alpaca:iex:split"}
    with capsys.disabled():
        print(_figures(len(rows), asked))  # noqa: T201 - the figures of the exercise


def _figures(rows: int, asked: int) -> str:
    return (
        f"\n60 days of TSLA 5m from Alpaca: {rows} of {len(expected())} bars, 0 twice, {asked}"
        " requests in 5 launches, 2 of them killed; a sixth asked 0"
    )


def test_a_spent_day_ends_cleanly_and_the_next_launch_asks_for_the_rest(
    terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor, budget = AlphaVantageVendor(), [2]

    def answer(asked: Asked) -> Answer:
        budget[0] -= 1
        return vendor(asked) if budget[0] >= 0 else json_answer({"Information": SPENT})

    words = (*ASKED, *DAYS, "--provider", "alphavantage", "--no-sentiment")
    with VendorServer(answer) as server:
        config = vendors_at(tmp_path, alpha_vantage=server.url)
        terminal.environment.update(KEYS, ZTRADE_CONFIG_DIR=str(config))
        planned = terminal.spawn(*words, "--dry-run", "--json").document()["plan"]
        assert len(server.seen) == 0
        spent = terminal.spawn(*words)
        kept, asked = stored(terminal), len(server.seen)
        resting = terminal.spawn(*words)
        assert len(server.seen) == asked, "what the vendor said of its day is kept over launches"
        let_the_day_pass(terminal.data, "alpha_vantage")
        budget[0] = 1
        done = terminal.spawn(*words)
        months = [asked.query["month"] for asked in server.seen]

    estimate = {"vendor": "alpha_vantage", "requests": 3, "left_today": 25, "days": 1}
    assert planned["vendors"] == [estimate]
    assert not any(is_complete(one) for one in (spent, resting))
    assert "it said that its limit is used up" in resting.out
    assert when(resting) == when(spent)
    assert {opened.month for opened, _, _ in kept} == {9, 10}
    assert "the same command goes on after " in spent.out
    assert f"T0{5 if is_winter() else 4}:00:00Z" in spent.out
    assert is_complete(done)
    assert months == ["2022-09", "2022-10", "2022-11", "2022-11"]
    assert [opened for opened, _, _ in stored(terminal)] == expected()
    with capsys.disabled():
        print(  # noqa: T201 - the figures of the exercise
            f"\n60 days of TSLA 5m from Alpha Vantage: {len(expected())} bars, {len(months)} requests"
            " in 3 launches, 1 of them refused for the day; the second asked 0"
        )


def when(done: Typed) -> str:
    return done.out.partition("the same command goes on after ")[2][:20]


def is_winter() -> bool:
    """Whether New York's next midnight is at 05:00 UTC."""
    tomorrow = new_york_date(SystemClock().now()) + timedelta(days=1)
    return new_york_midnight(tomorrow).hour == 5
