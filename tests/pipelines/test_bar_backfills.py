"""Ranges of bars from vendors through Dagster: one run, a clear failure at a limit, refreshes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typing_extensions import override

from tests.fakes.alpaca_bars import AlpacaBarsVendor
from tests.fakes.alpha_vantage_bars import AlphaVantageVendor
from tests.fakes.vendor_config import KEYS, let_the_day_pass, vendors_at
from tests.fakes.vendor_server import Answer, Asked, VendorServer, json_answer
from tests.pipelines.conftest import House, settings_of
from tests.pipelines.test_backfill_kills import SPENT, traded
from tests.pipelines.test_market_data import BARS_A_SESSION, TSLA, load, metadata_of
from tests.pipelines.test_schedules import evaluate
from ztrade_core.assembly.workshop import open_workshop
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.clock import Clock
from ztrade_core.settings.load import Settings
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.resources import Ztrade, resource_of

pytest.importorskip("alpaca", reason="alpaca-py is not installed")
pytest.importorskip("alpha_vantage", reason="alpha-vantage is not installed")

NOW = datetime(2022, 12, 28, 15, 0, 5, tzinfo=UTC)


class RunningClock(Clock):
    """Stood at NOW when it was made, and runs on: vendors' paces are waited for."""

    def __init__(self) -> None:
        self._behind = SystemClock().now() - NOW

    @override
    def now(self) -> datetime:
        return SystemClock().now() - self._behind


@contextmanager
def house_at(
    folder: Path, url: str, instance: dg.DagsterInstance, only: str = "", **vendors: str
) -> Iterator[House]:
    """The definitions over vendors at these URLs; `only` one of them is asked."""
    config = vendors_at(folder, **vendors)
    environ = {**KEYS, "ZTRADE_CONFIG_DIR": str(config), "ZTRADE_MARKET_DATA": only}
    settings = settings_of(folder, url, **environ)
    workshop = replace(open_workshop(settings), clock=RunningClock())
    workshop.splits.note_answer("TSLA", "alpaca", NOW)  # only bars are asked for here
    resource = resource_of(Ztrade(lambda: workshop), place="test")
    yield House(
        settings=settings,
        workshop=workshop,
        definitions=build_definitions(settings, resource),
        instance=instance,
    )
    workshop.engine.dispose()


def failure_of(house: House, result: dg.ExecuteInProcessResult) -> Any:
    """Return the text and the metadata that the run's failed step shows."""
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    data = event.step_failure_data.user_failure_data
    return data.description, {name: value.value for name, value in data.metadata.items()}


def test_a_range_is_one_run_whose_months_are_asked_once(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance
) -> None:
    with (
        VendorServer(AlpacaBarsVendor(traded)) as server,
        house_at(tmp_path, sqlite_url, instance, alpaca=server.url) as house,
    ):
        result = load(house, "2022-11-28", "2022-12-02")
        assert result.success
        found = metadata_of(house, result)
        assert (found["requests_planned"], found["requests_sent"], len(server.seen)) == (2, 2, 2)
        assert found["missing_before"] == found["rows"] == 5 * BARS_A_SESSION
        assert found["source"] == "alpaca:iex:split"
        wider = load(house, "2022-11-01", "2022-12-05")
        again = metadata_of(house, wider)
        assert (again["rows_written"], again["missing_rows"], again["requests_sent"]) == (0, 0, 0)
        assert len(server.seen) == 2


def test_a_run_a_day_costs_a_request_a_month(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance
) -> None:
    """`dagster job backfill` makes a run of every day; one answer holds the month."""
    with (
        VendorServer(AlphaVantageVendor()) as server,
        house_at(
            tmp_path, sqlite_url, instance, "alpha_vantage", alpha_vantage=server.url
        ) as house,
    ):
        for day in ("2022-10-31", "2022-10-28", "2022-10-27"):
            result = house.run("load_bars", partition_key=day, asset_selection=[TSLA])
            assert result.success
            assert metadata_of(house, result)["missing_rows"] == 0
        assert [asked.query["month"] for asked in server.seen] == ["2022-10"]


def test_a_range_that_a_limit_ends_fails_and_says_when_to_go_on(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance
) -> None:
    vendor, budget = AlphaVantageVendor(), [1]

    def answer(asked: Asked) -> Answer:
        budget[0] -= 1
        return vendor(asked) if budget[0] >= 0 else json_answer({"Information": SPENT})

    with (
        VendorServer(answer) as server,
        house_at(
            tmp_path, sqlite_url, instance, "alpha_vantage", alpha_vantage=server.url
        ) as house,
    ):
        spent = load(house, "2022-10-31", "2022-11-02")
        assert not spent.success
        text, shown = failure_of(house, spent)
        assert text.startswith(
            f"TSLA 5m: {21 * BARS_A_SESSION} bars kept, {2 * BARS_A_SESSION} of {3 * BARS_A_SESSION}"
            " missing from 2022-11-01T13:30:00Z on; launch the same again after"
            " 2022-12-29T05:00:00Z, it asks only for what is missing"
        )
        assert (shown["rows_written"], shown["requests_sent"]) == (21 * BARS_A_SESSION, 2)
        assert "CANARY" not in f"{text} {shown}"
        assert house.materialized(spent) == []
        resting = load(house, "2022-10-31", "2022-11-02")
        assert not resting.success
        assert failure_of(house, resting)[1]["requests_sent"] == 0
        let_the_day_pass(house.settings.data_dir, "alpha_vantage")
        budget[0] = 1
        done = load(house, "2022-10-31", "2022-11-02")
        assert done.success
        assert metadata_of(house, done)["missing_rows"] == 0
        assert [asked.query["month"] for asked in server.seen] == ["2022-10", "2022-11", "2022-11"]


def test_a_refresh_is_observed_on_the_series(
    tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance
) -> None:
    with (
        VendorServer(AlpacaBarsVendor(traded)) as server,
        house_at(tmp_path, sqlite_url, instance, "alpaca", alpaca=server.url) as house,
    ):
        result = house.run("refresh_TSLA_5m")
        assert result.success
        [event] = house.events(result, dg.DagsterEventType.ASSET_OBSERVATION)
        seen = event.asset_observation_data.asset_observation
        assert seen.asset_key == TSLA
        assert seen.metadata["source"].value == "alpaca:iex:split"
        last = house.workshop.bars.read("TSLA", Timeframe.M5, last=1).last_open
    assert last == datetime(2022, 12, 28, 14, 55, tzinfo=UTC)


@pytest.mark.parametrize(("at", "runs"), [("2022-12-28T15:00:00Z", 1), ("2022-12-26T15:00:00Z", 0)])
def test_a_refresh_is_due_when_a_bar_completes(
    settings: Settings, instance: dg.DagsterInstance, at: str, runs: int
) -> None:
    told = evaluate(settings, instance, "refresh_TSLA_5m", datetime.fromisoformat(at))
    assert len(told.run_requests) == runs
    assert bool(told.skip_message) == (runs == 0)


def test_every_series_has_a_refresh_that_is_off_from_the_start(house: House) -> None:
    repository = house.definitions.get_repository_def()
    found = [
        s
        for s in repository.schedule_defs
        if s.name.startswith("refresh_") and not s.name.startswith("refresh_news_")
    ]
    assert {s.name for s in found} == {"refresh_TSLA_5m", "refresh_IWM_15m", "refresh_BTC_USD_1h"}
    assert {s.default_status for s in found} == {dg.DefaultScheduleStatus.STOPPED}
    assert {s.job_name for s in found} == {s.name for s in found}
