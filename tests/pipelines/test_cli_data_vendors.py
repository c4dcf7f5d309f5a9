"""`ztrade data backfill` and `refresh` at the terminal, on vendors of this machine."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.alpaca_bars import AlpacaBarsVendor
from tests.fakes.terminal import Terminal
from tests.fakes.vendor_config import KEYS, vendors_at
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from tests.pipelines.test_backfill_kills import traded
from ztrade_pipelines.cli.many_values import spread

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

BACKFILL = ("data", "backfill", "--no-sentiment")
OCTOBER = ("--from", "2022-10-03", "--to", "2022-10-31")


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=160)
    made.use_database(sqlite_template)
    return made


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("--symbols A B --days 3", "--symbols A --symbols B --days 3"),
        ("--symbols A,B --days 3", "--symbols A --symbols B --days 3"),
        ("--symbols=A,B C --json", "--symbols A --symbols B --symbols C --json"),
        ("--days 3 --symbols", "--days 3 --symbols"),
        ("--symbols --days 3", "--symbols --days 3"),
        ("--days 3 x", "--days 3 x"),
    ],
)
def test_several_values_may_follow_one_flag(given: str, read: str) -> None:
    assert list(spread(given.split(), {"--symbols", "--timeframes"})) == read.split()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--days N"),
        (("--days", "3", "--from", "2022-10-03"), "--days N"),
        (("--days", "0"), "0 is not in the range"),
        (("--from", "2022-10-03", "--to", "2022-10-02"), "before it"),
        (("--from", "2190-01-01", "--to", "2190-01-02"), "begins on 2190-01-01, and today is"),
        (("--from", "3.10."), "does not match the format"),
        (("--days", "3", "--symbols", "tsla"), "'tsla' is no symbol"),
        (("--days", "3", "--timeframes", "7m"), "no timeframe '7m'"),
        (("--days", "3", "--symbols", "AAPL"), "no agent trades AAPL"),
        (("--days", "3", "--symbols"), "requires an argument"),
        (("--days", "3", "--provider", "bloomberg"), "alphavantage"),
        (("--days", "3"), "says files, which fetches nothing"),
    ],
)
def test_a_wrong_request_is_one_line(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    typed = terminal.type(*BACKFILL, *words)
    assert typed.code == 2
    assert told in typed.err
    assert "Traceback" not in typed.err


def test_the_issues_own_words_fill_three_timeframes_with_the_calls_of_one(
    terminal: Terminal, tmp_path: Path
) -> None:
    with VendorServer(AlpacaBarsVendor(traded_any)) as server:
        config = vendors_at(tmp_path, alpaca=server.url)
        more = {**KEYS, "ZTRADE_CONFIG_DIR": str(config)}
        words = ("--symbols", "TSLA", "IWM", "--timeframes", "5m", "15m", "1h", *OCTOBER)
        done = terminal.type(*BACKFILL, *words, "--provider", "alpaca", "--json", **more)
        assert len(server.seen) == 2
    document = done.document()
    assert document["complete"]
    assert document["plan"]["vendors"][0]["requests"] == 2
    rows = {(each["symbol"], each["timeframe"]): each["written"] for each in document["series"]}
    assert rows == {
        (symbol, timeframe): 21 * a_day
        for symbol in ("TSLA", "IWM")
        for timeframe, a_day in (("5m", 78), ("15m", 26), ("1h", 7))
    }


def traded_any(symbol: str, step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    """As TSLA is traded."""
    assert symbol in ("TSLA", "IWM")
    return traded("TSLA", step, start, end)


def test_the_chain_passes_over_who_has_no_key_and_says_so(
    terminal: Terminal, tmp_path: Path
) -> None:
    config = vendors_at(tmp_path)
    planned = terminal.type(
        *(*BACKFILL, "--days", "10", "--symbols", "TSLA", "--dry-run", "--json"),
        ZTRADE_CONFIG_DIR=str(config),
        ZTRADE_MARKET_DATA="",
    )
    [series] = planned.document()["plan"]["series"]
    assert series["vendor"] == "yahoo"
    assert series["notes"] == [
        "alpaca: no key: stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY",
        "alpha_vantage: no key: it needs ALPHAVANTAGE_API_KEY",
    ]


def test_what_is_missing_is_said_with_exit_code_3(terminal: Terminal, tmp_path: Path) -> None:
    with VendorServer(refuses) as server:
        config = vendors_at(tmp_path, alpaca=server.url)
        words = ("--symbols", "TSLA", *OCTOBER, "--provider", "alpaca")
        shown = terminal.type(*BACKFILL, *words, **KEYS, ZTRADE_CONFIG_DIR=str(config))
    assert shown.code == 3
    assert "1,638 missing, and nobody who was asked has them" in shown.out
    assert "alpaca: HTTP 403" in shown.out
    assert "CANARY" not in (shown.out + shown.err).upper()


def test_a_note_is_shown_though_no_bar_is_missing(terminal: Terminal, tmp_path: Path) -> None:
    """Whether splits are known decides what a price is, and a vendor may write what looks like markup."""
    bars = AlpacaBarsVendor(traded_any)

    def without_splits(asked: Asked) -> Answer:
        known = asked.path.endswith("/bars")
        return bars(asked) if known else json_answer({"message": "no [/red] splits"}, 404)

    with VendorServer(without_splits) as server:
        config = vendors_at(tmp_path, alpaca=server.url)
        words = ("--symbols", "TSLA", *OCTOBER)
        more = {**KEYS, "ZTRADE_CONFIG_DIR": str(config), "ZTRADE_MARKET_DATA": ""}
        shown = terminal.type(*BACKFILL, *words, **more)
    assert shown.code == 0
    assert "TSLA 5m: no bar is missing; noted on the way" in shown.out
    assert "splits of TSLA: HTTP 404" in shown.out
    assert "no [/red] splits" in shown.out


@pytest.mark.parametrize("words", [("refresh", "--symbols", "BTC/USD"), ("quote", "BTC/USD")])
def test_what_looks_like_markup_in_a_vendors_words_is_shown_as_it_is(
    terminal: Terminal, tmp_path: Path, words: tuple[str, ...]
) -> None:
    def speaks(_: Asked) -> Answer:
        return json_answer({"message": "no [/x]"}, 403)

    with VendorServer(speaks) as server:
        config = vendors_at(tmp_path, alpaca=server.url)
        more = {"ZTRADE_CONFIG_DIR": str(config), "ZTRADE_MARKET_DATA": ""}
        shown = terminal.type("data", *words, **more)
    assert (shown.code, "[/x]" in shown.out) == (3, True)


def refuses(_: Asked) -> Answer:
    return json_answer({"message": "forbidden."}, 403)


def test_a_refresh_without_vendors_says_what_is_not_fresh(terminal: Terminal) -> None:
    shown = terminal.type("data", "refresh", "--symbols", "BTC/USD", "--json")
    assert shown.code == 3
    assert "no provider delivered BTC/USD 1h" in shown.out


def test_a_refresh_brings_invented_bars_up_to_now(terminal: Terminal) -> None:
    shown = terminal.type("data", "refresh", "--symbols", "TSLA", ZTRADE_MARKET_DATA="synthetic")
    assert shown.code == 0, shown.out
    assert "synthetic:v1" in shown.out
