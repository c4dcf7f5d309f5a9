"""`ztrade data status`, `data retention`, `data compact`, and the job `retention`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.series import series_of_closes
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import fill_store, flat_market, house_of, settings_of
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.domain.bars import Bar
from ztrade_core.domain.configuration import RetentionConfig
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, from_micros
from ztrade_core.ports.quarantine import QuarantinedBar
from ztrade_core.settings.load import Settings, load_settings
from ztrade_core.store.quarantine import SqlQuarantine

START = datetime(2022, 1, 3, tzinfo=UTC)
NVDA_BARS = 5000


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on an empty, migrated store."""
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    return made


@pytest.fixture
def workshop(tmp_path: Path, terminal: Terminal) -> Iterator[Workshop]:
    """The adapters over the terminal's store."""
    made = open_workshop(settings_of(tmp_path, f"sqlite:///{terminal.data / 'ztrade.db'}"))
    yield made
    made.engine.dispose()


def put_nvda(workshop: Workshop) -> None:
    """Write 5,000 bars of a symbol that no agent trades."""
    stop = START + timedelta(days=120)
    opened = workshop.calendar.expected_bars(AssetClass.STOCK, Timeframe.M5, START, stop)
    series = series_of_closes("NVDA", Timeframe.M5, opened[:NVDA_BARS], [100.0] * NVDA_BARS)
    workshop.bars.upsert([series], source="alpaca:iex:split", ingested_at=stop)


def test_the_status_shows_gaps_freshness_quarantine_and_adjustment(
    terminal: Terminal, workshop: Workshop
) -> None:
    bars = flat_market(workshop.calendar)
    now = workshop.clock.now()
    early, late = bars.window(0, 100), bars.window(130, len(bars) - 10)
    for part in (early.window(0, 40), early.window(45, 100), late):
        workshop.bars.upsert([part], source="yahoo:split", ingested_at=now)
    held = QuarantinedBar(
        symbol="TSLA",
        timeframe=Timeframe.M5,
        bar=Bar(
            timestamp=int(bars.timestamps[41]), open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0
        ),
        source="yahoo:split",
        ingested_at=now,
        check="spike",
        reason="a test",
    )
    quarantine = SqlQuarantine(workshop.engine)
    quarantine.hold([held, replace(held, symbol="IWM")])
    document = terminal.type("data", "status", "--json").document()
    only_held, shown = document["series"]
    assert shown["rows"] == len(bars) - 45
    assert (shown["missing"], shown["gaps"], shown["longest_gap_bars"]) == (35, 2, 30)
    assert (
        shown["longest_gap_from"] == f"{from_micros(int(bars.timestamps[100])):%Y-%m-%dT%H:%M:%SZ}"
    )
    assert shown["adjustments"] == ["split"]
    assert shown["quarantined"] == 1
    assert shown["fresh"] is False
    assert (only_held["symbol"], only_held["rows"], only_held["quarantined"]) == ("IWM", 0, 1)
    assert only_held.keys() == shown.keys()
    text = terminal.type("data", "status").out
    for word in ("35 bars in 2", "longest 30 from", "days old", "(split)", "IWM 5m: all 1 bars"):
        assert word in " ".join(text.split())


def test_the_status_of_one_symbol(terminal: Terminal, workshop: Workshop) -> None:
    fill_store(workshop)
    put_nvda(workshop)
    shown = terminal.type("data", "status", "--symbol", "NVDA", "--json").document()["series"]
    assert [(one["symbol"], one["rows"], one["missing"]) for one in shown] == [
        ("NVDA", NVDA_BARS, 0)
    ]
    missing = terminal.type("data", "status", "--symbol", "AAPL")
    assert missing.code == 2
    assert "no bars of 'AAPL' in the store" in missing.err


def test_an_empty_store_says_what_to_do(terminal: Terminal) -> None:
    said = " ".join(terminal.type("data", "status").out.split())
    assert "ztrade data backfill" in said
    assert "ztrade data import" in said


def test_a_dry_run_deletes_nothing(terminal: Terminal, workshop: Workshop) -> None:
    put_nvda(workshop)
    words = ("data", "retention", "--keep", "1m=2w", "5m=90d", "--dry-run")
    text = terminal.type(*words).out
    assert "Bars that would go" in text
    assert "3,299" in text
    document = terminal.type(*words, "--json").document()
    assert document["deleted"] == {}
    assert document["dry_run"] is True
    assert workshop.bars.status()[0].rows == NVDA_BARS


def test_old_bars_go_after_being_told(terminal: Terminal, workshop: Workshop) -> None:
    put_nvda(workshop)
    text = terminal.type("data", "retention", "--keep", "5m=90d").out
    assert text.index("Bars that go") < text.index("deleted: NVDA 5m 3,299")
    assert workshop.bars.status()[0].rows == NVDA_BARS - 3299
    assert "nothing is that old" in terminal.type("data", "retention", "--keep", "5m=90d").out
    sizes = terminal.type("data", "compact", "--json").document()
    assert sizes["bytes_after"] < sizes["bytes_before"]
    assert "MB before" in " ".join(terminal.type("data", "compact").out.split())


def test_the_shipped_configuration_keeps_everything(terminal: Terminal, workshop: Workshop) -> None:
    put_nvda(workshop)
    assert "everything is kept" in terminal.type("data", "retention").out
    assert workshop.bars.status()[0].rows == NVDA_BARS


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        ("5m", "write a time as 90d"),
        ("5m=", "write a time as 90d"),
        ("5m=0d", "write a time as 90d"),
        ("5m=90", "write a time as 90d"),
        ("5m=101y", "write a time as 90d"),
        ("5m=-1d", "write a time as 90d"),
        ("4m=90d", "there is no '4m'; there are: 1m, 5m"),
        ("orders=90d", "there is no 'orders'"),
        ("5m=1d,5m=2d", "names 5m twice"),
    ],
)
def test_a_wrong_time_is_refused(terminal: Terminal, keep: str, said: str) -> None:
    refused = terminal.type("data", "retention", f"--keep={keep}")
    assert refused.code == 2
    assert said in refused.err


def with_retention(settings: Settings, retention: RetentionConfig) -> Settings:
    company = settings.company
    market_data = replace(company.market_data, retention=retention)
    return replace(settings, company=replace(company, market_data=market_data))


@pytest.mark.parametrize(("dry_run", "left"), [(True, NVDA_BARS), (False, NVDA_BARS - 3299)])
def test_the_job_deletes_what_the_configuration_says(
    settings: Settings, instance: dg.DagsterInstance, *, dry_run: bool, left: int
) -> None:
    policy = RetentionConfig(bars=((Timeframe.M5, 90),))
    house = house_of(with_retention(settings, policy), instance)
    put_nvda(house.workshop)
    result = house.run("retention", {"dry_run": True} if dry_run else None)
    assert result.success
    assert house.workshop.bars.status()[0].rows == left
    (output,) = house.events(result, dg.DagsterEventType.STEP_OUTPUT)
    shown: dict[str, Any] = output.step_output_data.metadata
    assert shown["planned_bars"].value == 3299
    assert shown["deleted"].value == ({} if dry_run else {"NVDA 5m": 3299})
    house.workshop.engine.dispose()


def test_the_configuration_names_times(config_copy: Path) -> None:
    path = config_copy / "market_data.yaml"
    text = path.read_text().replace("bars_1m: off", "bars_1m: 90")
    path.write_text(text.replace("_curves: off", "_curves: 30"))
    settings = load_settings(root=config_copy.parent, environ={})
    assert settings.company.market_data.retention == RetentionConfig(
        bars=((Timeframe.M1, 90),), backtest_curves=30
    )


def test_gaps_before_the_calendar_s_years_are_not_guessed(
    terminal: Terminal, workshop: Workshop
) -> None:
    opened = [datetime(1999, 1, day, 5, tzinfo=UTC) for day in (4, 5, 6)]
    series = series_of_closes("NVDA", Timeframe.D1, opened, [100.0, 101.0, 102.0])
    workshop.bars.upsert([series], source="file", ingested_at=workshop.clock.now())
    (shown,) = terminal.type("data", "status", "--json").document()["series"]
    assert (shown["rows"], shown["missing"], shown["gaps"]) == (3, None, None)
    assert terminal.type("data", "status").code == 0
