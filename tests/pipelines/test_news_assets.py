"""News as assets: a range is one backfill, today a refresh, failures are told, text stays text."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    ScheduleInstigatorData,
)

from tests.fakes.stories import raw, story
from tests.fakes.vendor_config import KEYS, vendors_at
from tests.pipelines.conftest import PROJECT, House, house_of, settings_of
from tests.pipelines.news_days import cells, load_news, shown, verdicts
from tests.pipelines.test_bar_backfills import failure_of
from tests.pipelines.test_schedules import evaluate
from ztrade_core.domain.configuration import Company
from ztrade_core.news.cleaning import Fetch
from ztrade_core.news.intake import take_in
from ztrade_core.settings.load import Settings
from ztrade_pipelines.cli.launching import REPOSITORY, location_origin
from ztrade_pipelines.sentiment.schedules import every
from ztrade_pipelines.sentiment.strangers import escaped
from ztrade_pipelines.sentiment.switches import is_refreshing

NOW = datetime(2024, 2, 22, 15, 0, 5, tzinfo=UTC)
TODAY = "2024-02-22"
ALL_TRUE = {
    "every_source_answered": True,
    "no_text_is_from_the_future": True,
    "news_is_fresh": True,
}


@pytest.fixture
def invented(tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance) -> Iterator[House]:
    """The definitions over invented news, at NOW."""
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="synthetic")
    house = house_of(settings, instance, now=NOW)
    yield house
    house.workshop.engine.dispose()


@pytest.fixture
def unreachable(tmp_path: Path, sqlite_url: str, instance: dg.DagsterInstance) -> Iterator[House]:
    """The definitions with a source of news that nobody answers for, at NOW."""
    environ = {**KEYS, "ZTRADE_CONFIG_DIR": str(vendors_at(tmp_path)), "ZTRADE_MARKET_DATA": ""}
    house = house_of(settings_of(tmp_path, sqlite_url, **environ), instance, now=NOW)
    yield house
    house.workshop.engine.dispose()


def test_a_range_of_days_is_one_run_and_a_second_brings_nothing(invented: House) -> None:
    first = load_news(invented, "2024-02-18", "2024-02-20")
    again = load_news(invented, "2024-02-18", "2024-02-20")

    assert first.success
    assert again.success
    found, later = shown(invented, first, "news"), shown(invented, again, "news")
    assert found["dagster/row_count"] == found["rows_new"] > 10
    assert (later["rows_new"], later["dagster/row_count"]) == (0, found["dagster/row_count"])
    assert found["window"] == "2024-02-18T00:00:00Z to 2024-02-21T00:00:00Z"
    assert found["asked"] == "a backfill"
    assert cells(found["asked_sources"], "source") == ["synthetic"]
    assert verdicts(invented, first, "news") == ALL_TRUE
    days = invented.instance.get_materialized_partitions(dg.AssetKey(["news", "TSLA"]))
    assert days == {"2024-02-18", "2024-02-19", "2024-02-20"}


def test_a_backfilled_story_is_known_after_the_delay_and_a_refreshed_one_now(
    invented: House,
) -> None:
    assert load_news(invented, "2024-02-18", "2024-02-18").success
    refreshed = invented.run("refresh_news_TSLA", partition_key=TODAY)

    found = shown(invented, refreshed, "news")
    assert found["asked"] == "a live refresh"
    assert verdicts(invented, refreshed, "news") == ALL_TRUE
    stories = invented.workshop.news.published("TSLA", datetime(2024, 2, 1, tzinfo=UTC), NOW)
    old = [one for one in stories if one.published_at < datetime(2024, 2, 19, tzinfo=UTC)]
    new = [one for one in stories if one.published_at >= NOW - timedelta(days=1)]
    assert {one.known_at - one.published_at for one in old} == {timedelta(minutes=15)}
    assert {one.known_at for one in new} == {NOW}
    assert len(old) + len(new) == len(stories)


def test_a_day_without_news_is_no_failure(house: House) -> None:
    result = load_news(house, "2024-02-18", "2024-02-18")

    assert result.success
    found = shown(house, result, "news")
    assert (found["dagster/row_count"], found["asked"]) == (0, "nobody, see the notes")
    assert "stories come from files only" in found["notes"]
    assert verdicts(house, result, "news") == ALL_TRUE


def test_a_backfill_whose_source_fails_says_what_it_kept_and_what_to_do(
    unreachable: House,
) -> None:
    result = load_news(unreachable, "2024-02-18", "2024-02-18")

    assert not result.success
    text, metadata = failure_of(unreachable, result)
    assert text.startswith("TSLA: alpaca did not answer for all of these days; 0 new stories kept")
    assert cells(metadata["asked_sources"], "answered") == ["no"]
    assert "CANARY" not in f"{text} {metadata}"
    assert unreachable.materialized(result) == []


def test_a_refresh_whose_source_fails_goes_on_and_fails_its_check(unreachable: House) -> None:
    result = unreachable.run("refresh_news_TSLA", partition_key=TODAY)

    assert result.success
    assert unreachable.materialized(result) == ["news/TSLA", "sentiment/TSLA"]
    assert verdicts(unreachable, result, "news") == ALL_TRUE | {"every_source_answered": False}


def test_impossible_times_fail_their_check(house: House) -> None:
    early = story(1)
    house.workshop.news.put(
        [
            early,
            type(early)(
                **{name: getattr(early, name) for name in type(early).__dataclass_fields__}
                | {"news_id": "f" * 32, "known_at": early.published_at - timedelta(hours=1)}
            ),
        ]
    )

    result = load_news(house, "2025-03-03", "2025-03-03")

    assert result.success
    assert verdicts(house, result, "news") == ALL_TRUE | {"no_text_is_from_the_future": False}
    assert not verdicts(house, result, "sentiment")["nothing_is_read_before_it_was_known"]


def test_strangers_text_is_escaped_where_it_would_be_read(house: House) -> None:
    hostile = "![x](http://127.0.0.1:9/p.png) <img src=x onerror=alert(1)> **rises**"
    fetch = Fetch(provider="files", fetched_at=NOW, backfill_delay=timedelta(0))
    told = raw(hostile, published_at=datetime(2024, 2, 18, 10, tzinfo=UTC))
    assert take_in([told], house.workshop.news, fetch).new == 1

    found = shown(house, load_news(house, "2024-02-18", "2024-02-18"), "news")

    [headline] = cells(found["newest_headlines"], "headline")
    assert headline == "![x](http://127.0.0.1:9/p.png) **rises**"
    safe = escaped(f"{hostile}\n# next `code` [a](javascript:b) & ~~c~~ | 1. $d$")
    assert not set(safe) & set("!<>*[]()`|\n$~:")
    assert set(safe.replace("&#", "")) <= set(safe)
    assert "&" not in safe.replace("&#", "")


def test_every_symbol_has_assets_jobs_and_a_refresh_that_is_off(house: House) -> None:
    repository = house.definitions.get_repository_def()
    graph = house.definitions.resolve_asset_graph()
    names = {"refresh_news_TSLA", "refresh_news_IWM", "refresh_news_BTC_USD"}

    for name in ("TSLA", "IWM", "BTC-USD"):
        news, sentiment = dg.AssetKey(["news", name]), dg.AssetKey(["sentiment", name])
        assert graph.get(sentiment).parent_keys == {news}
        assert graph.get(news).backfill_policy == dg.BackfillPolicy.single_run()
    found = [s for s in repository.schedule_defs if s.name.startswith("refresh_news_")]
    assert {s.name for s in found} == names
    assert {s.default_status for s in found} == {dg.DefaultScheduleStatus.STOPPED}
    assert all(repository.has_job(name) for name in names)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A real instance in a folder: it keeps schedules too."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def test_a_refresh_runs_todays_partition_unless_one_waits_or_nobody_can_be_asked(
    invented: House, settings: Settings, kept: dg.DagsterInstance
) -> None:
    [request] = evaluate(invented.settings, kept, "refresh_news_TSLA", NOW).run_requests
    assert request.partition_key == TODAY

    job = invented.definitions.resolve_job_def("refresh_news_TSLA")
    kept.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    told = evaluate(invented.settings, kept, "refresh_news_TSLA", NOW)
    assert (told.run_requests, told.skip_message) == ([], "the last refresh still waits or runs")
    files = evaluate(settings, kept, "refresh_news_IWM", NOW)
    assert (files.run_requests, files.skip_message[:13]) == ([], "nobody to ask")


def test_a_schedule_that_runs_is_seen(
    kept: dg.DagsterInstance, instance: dg.DagsterInstance
) -> None:
    origin = RemoteInstigatorOrigin(
        repository_origin=RemoteRepositoryOrigin(location_origin(PROJECT), REPOSITORY),
        instigator_name="refresh_news_TSLA",
    )
    data = ScheduleInstigatorData(cron_schedule="*/15 * * * *")
    kept.add_instigator_state(
        InstigatorState(origin, InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, data)
    )
    assert [is_refreshing(kept, symbol) for symbol in ("TSLA", "IWM")] == [True, False]
    assert not is_refreshing(instance, "TSLA")


def test_crypto_is_refreshed_more_often(house: House) -> None:
    company: Company = house.settings.company
    assert {agent.symbol: every(agent.symbol) for agent in company.agents} == {
        "TSLA": 15,
        "IWM": 15,
        "BTC/USD": 5,
    }
