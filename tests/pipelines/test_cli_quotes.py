"""`ztrade data quote` at the terminal, with Alpaca on this machine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.quote_vendor import QuoteVendor
from tests.fakes.terminal import Terminal
from tests.fakes.vendor_config import KEYS, vendors_at
from tests.fakes.vendor_server import VendorServer
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.brokerage import Quote
from ztrade_core.ports.providers import FetchedQuote
from ztrade_pipelines.cli.data_quote import judged

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

PRICES = {"TSLA": (309.39, 3, 309.41, 2), "BTC/USD": (64123.5, 0.354412, 64130.1, 3.25)}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=160)
    made.use_database(sqlite_template)
    return made


def test_quotes_are_shown_with_sizes_age_and_source(terminal: Terminal, tmp_path: Path) -> None:
    with VendorServer(QuoteVendor(PRICES, SystemClock().now())) as server:
        config = str(vendors_at(tmp_path, alpaca=server.url))
        words = ("data", "quote", "TSLA", "BTC/USD")
        shown = terminal.type(*words, **KEYS, ZTRADE_CONFIG_DIR=config)
        told = terminal.type(*words, "--json", **KEYS, ZTRADE_CONFIG_DIR=config).document()
    assert shown.code == 0, shown.err
    for text in ("309.39", "309.41", "0.354412", "64,130.10", "alpaca:iex", "alpaca:us", "fresh"):
        assert text in shown.out
    stock, coin = told["quotes"]
    assert (stock["bid"], stock["bid_size"], stock["ask"], stock["ask_size"]) == PRICES["TSLA"]
    assert (coin["state"], coin["source"]) == ("fresh", "alpaca:us")
    assert 0.0 <= coin["age_seconds"] < 60.0


def test_an_old_quote_is_marked_stale_with_exit_code_3(terminal: Terminal, tmp_path: Path) -> None:
    at = SystemClock().now() - 2 * MINUTE
    with VendorServer(QuoteVendor(PRICES, at)) as server:
        config = str(vendors_at(tmp_path, alpaca=server.url))
        old = terminal.type("data", "quote", "BTC/USD", ZTRADE_CONFIG_DIR=config)
        words = ("data", "quote", "BTC/USD", "--max-age", "600")
        patient = terminal.type(*words, ZTRADE_CONFIG_DIR=config)
    assert (old.code, patient.code) == (3, 0)
    assert "stale" in old.out
    assert "stale" not in patient.out


@pytest.mark.parametrize("age", ["nan", "inf", "1e300", "-1", "soon"])
def test_an_age_that_is_no_number_of_seconds_is_refused_in_one_line(
    terminal: Terminal, age: str
) -> None:
    done = terminal.type("data", "quote", "BTC/USD", "--max-age", age)
    assert done.code == 2
    assert "--max-age" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_missing_key_and_a_missing_quote_are_said_beside_what_is_there(
    terminal: Terminal, tmp_path: Path
) -> None:
    with VendorServer(QuoteVendor(PRICES, SystemClock().now())) as server:
        config = str(vendors_at(tmp_path, alpaca=server.url))
        words = ("data", "quote", "TSLA", "BTC/USD", "ETH/USD")
        shown = terminal.type(*words, ZTRADE_CONFIG_DIR=config)
    assert shown.code == 3
    assert "TSLA: alpaca: stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY" in shown.out
    assert "ETH/USD: it has no quote" in shown.out
    assert "64,130.10" in shown.out


@pytest.mark.parametrize(
    ("words", "told"), [(("tsla",), "'tsla' is no symbol"), ((), "Missing argument 'SYMBOL...'")]
)
def test_a_wrong_request_is_one_line(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    typed = terminal.type("data", "quote", *words)
    assert typed.code == 2
    assert told in typed.err


@pytest.mark.parametrize(
    ("symbol", "now", "state"),
    [
        ("TSLA", datetime(2022, 11, 25, 15, 42, tzinfo=UTC), "stale"),
        ("TSLA", datetime(2022, 11, 25, 18, 0, 1, tzinfo=UTC), "closed"),  # the half day is over
        ("TSLA", datetime(2022, 11, 26, 15, 42, tzinfo=UTC), "closed"),
        ("BTC/USD", datetime(2022, 11, 26, 15, 42, tzinfo=UTC), "stale"),
    ],
)
def test_an_old_quote_of_a_closed_session_is_not_stale(
    symbol: str, now: datetime, state: str
) -> None:
    for at in (now - 2 * MINUTE, now + 2 * MINUTE):
        quote = Quote(symbol=symbol, bid=None, ask=None, at=at)
        told = FetchedQuote(
            quote=quote, bid_size=Decimal(0), ask_size=Decimal(0), source="alpaca:iex"
        )
        assert judged(symbol, told, ExchangeSessions(), now, MINUTE).state == state
