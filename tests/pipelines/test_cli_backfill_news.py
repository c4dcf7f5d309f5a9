"""`ztrade data backfill` loads and scores the news of the same days, unless it is told not to."""

from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.terminal import Terminal
from tests.fakes.vendor_config import KEYS, vendors_at

DAYS = ("--symbols", "TSLA", "--timeframes", "1h", "--from", "2024-02-20", "--to", "2024-02-21")
BACKFILL = ("data", "backfill", *DAYS)
SYNTHETIC = {"ZTRADE_MARKET_DATA": "synthetic"}


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on an empty, migrated store."""
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    return made


def test_news_of_the_same_days_is_loaded_scored_and_green_on_the_page(terminal: Terminal) -> None:
    done = terminal.type(*BACKFILL, "--json", **SYNTHETIC)

    [news] = done.document()["news"]
    assert news["stories"] == news["new"] > 5
    assert (news["symbol"], news["scorer"], news["complete"]) == ("TSLA", "lexicon@2", True)
    assert news["start"] == "2024-02-20T00:00:00Z"
    assert news["stop"] == "2024-02-23T00:00:00Z"  # New York's days reach into UTC's next
    assert "6 days of news and sentiment recorded on the page" in done.err
    with dg.DagsterInstance.from_config(str(terminal.home)) as instance:
        for kind in ("news", "sentiment"):
            days = instance.get_materialized_partitions(dg.AssetKey([kind, "TSLA"]))
            assert days == {"2024-02-20", "2024-02-21", "2024-02-22"}
    again = terminal.type(*BACKFILL, **SYNTHETIC)
    assert again.code == 0
    assert "0 days of news and sentiment recorded on the page" in again.err


def test_without_sentiment_only_bars_are_loaded(terminal: Terminal) -> None:
    done = terminal.type(*BACKFILL, "--no-sentiment", "--json", **SYNTHETIC)

    assert "news" not in done.document()
    assert terminal.type("news", "status", "--json").document() == {"symbols": []}


def test_a_dry_run_says_that_news_comes_too(terminal: Terminal) -> None:
    done = terminal.type(*BACKFILL, "--dry-run", **SYNTHETIC)
    silent = terminal.type(*BACKFILL, "--dry-run", "--no-sentiment", **SYNTHETIC)

    assert "--no-sentiment leaves it out" in done.err
    assert "--no-sentiment" not in silent.err


def test_a_source_that_fails_is_named_and_makes_the_exit_code_3(
    terminal: Terminal, tmp_path: Path
) -> None:
    more = {**KEYS, "ZTRADE_CONFIG_DIR": str(vendors_at(tmp_path)), "ZTRADE_MARKET_DATA": ""}
    done = terminal.type(*BACKFILL, "--provider", "alpaca", **more)

    assert done.code == 3
    assert "TSLA: alpaca:" in done.out
    assert "CANARY" not in (done.out + done.err).upper()
