"""What the page shows of bars that the terminal brought: whole days are green, others are not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.alpaca_bars import AlpacaBarsVendor
from tests.fakes.terminal import Terminal
from tests.fakes.vendor_config import KEYS, vendors_at
from tests.fakes.vendor_server import VendorServer
from tests.pipelines.test_backfill_kills import traded

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

SERIES = dg.AssetKey(["market_bars", "TSLA_5m"])
WORDS = ("data", "backfill", "--no-sentiment", "--symbols", "TSLA", "--provider", "alpaca")
OCTOBER = ("--from", "2022-10-03", "--to", "2022-10-31")
HOLE = datetime(2022, 10, 12, 15, 0, tzinfo=UTC)


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=160)
    made.use_database(sqlite_template)
    return made


def with_hole(symbol: str, step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    """As TSLA is traded, but for one bar."""
    return [opened for opened in traded(symbol, step, start, end) if opened != HOLE]


def backfill(terminal: Terminal, tmp_path: Path, opens: Any, *words: str) -> str:
    """Run a backfill on a market; return what it said on the side."""
    with VendorServer(AlpacaBarsVendor(opens)) as server:
        config = tmp_path / "config"
        if config.exists():
            (config / "market_data.yaml").unlink()
            (config / "market_data.yaml").write_text(moved(tmp_path, server.url))
        else:
            vendors_at(tmp_path, alpaca=server.url)
        more = {**KEYS, "ZTRADE_CONFIG_DIR": str(config)}
        return terminal.type(*WORDS, *words, **more).err


def moved(tmp_path: Path, url: str) -> str:
    """Return the configuration with Alpaca at another address."""
    again = tmp_path / f"again-{url.rpartition(':')[2]}"
    again.mkdir()
    return (vendors_at(again, alpaca=url) / "market_data.yaml").read_text()


def green(terminal: Terminal) -> set[str]:
    with dg.DagsterInstance.from_config(str(terminal.home)) as instance:
        return set(instance.get_materialized_partitions(SERIES))


def days(first: int, last: int) -> set[str]:
    return {f"2022-10-{day:02d}" for day in range(first, last + 1)}


def test_a_backfills_whole_days_are_green_weekends_included(
    terminal: Terminal, tmp_path: Path
) -> None:
    told = backfill(terminal, tmp_path, traded, "--timeframes", "5m", *OCTOBER)
    assert green(terminal) == days(3, 31)
    assert "29 whole days recorded on the page" in told
    with dg.DagsterInstance.from_config(str(terminal.home)) as instance:
        found = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=SERIES, asset_partitions=["2022-10-12"]), limit=5
        )
    [record] = found.records
    assert record.asset_materialization is not None
    values = {name: each.value for name, each in record.asset_materialization.metadata.items()}
    assert values["dagster/row_count"] == 78
    assert values["source"] == "- alpaca:iex:split"


def test_a_second_launch_records_nothing_anew(terminal: Terminal, tmp_path: Path) -> None:
    backfill(terminal, tmp_path, traded, "--timeframes", "5m", *OCTOBER)
    told = backfill(terminal, tmp_path, traded, "--timeframes", "5m", *OCTOBER)
    assert "recorded on the page" not in told


def test_a_day_that_lacks_a_bar_is_not_green_until_it_is_whole(
    terminal: Terminal, tmp_path: Path
) -> None:
    backfill(terminal, tmp_path, with_hole, "--timeframes", "5m", *OCTOBER)
    assert green(terminal) == days(3, 31) - {"2022-10-12"}
    backfill(terminal, tmp_path, traded, "--timeframes", "5m", "--again", *OCTOBER)
    assert green(terminal) == days(3, 31)


def test_a_series_that_no_agent_trades_is_on_no_page(terminal: Terminal, tmp_path: Path) -> None:
    told = backfill(terminal, tmp_path, traded, "--timeframes", "15m", *OCTOBER)
    assert green(terminal) == set()
    assert "page" not in told


def test_a_page_that_cannot_be_told_is_a_note_and_the_bars_are_there(
    terminal: Terminal, tmp_path: Path
) -> None:
    (terminal.home / "dagster.yaml").write_text("no_such_setting: 1\n")
    told = backfill(terminal, tmp_path, traded, "--timeframes", "5m", *OCTOBER)
    assert "not shown on the page" in told
    [series] = terminal.type("data", "status", "--json").document()["series"]
    assert series["rows"] == 21 * 78
