"""Stories: the same in memory, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.stories import MORNING, story
from ztrade_core.domain.time import NEW_YORK
from ztrade_core.errors import UnsoundDataError
from ztrade_core.ports.news import NewsSeries, NewsStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.news import SqlNewsStore

HOUR = timedelta(hours=1)
LATER = MORNING + timedelta(days=30)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def news(request: pytest.FixtureRequest) -> Iterator[NewsStore]:
    if request.param == "memory":
        yield MemoryNewsStore()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlNewsStore(engine)
    engine.dispose()


def test_an_empty_store_knows_nothing(news: NewsStore) -> None:
    assert news.known("TSLA", MORNING, LATER) == []
    assert news.story("0" * 32, "TSLA") is None
    assert news.series() == []
    assert news.put([]) == 0


def test_a_story_comes_back_as_it_was_given(news: NewsStore) -> None:
    told = replace(story(1), body="“quoted”\\n 中文 🚀", headline="x" * 300)
    assert news.put([told]) == 1
    assert news.story(told.news_id, "TSLA") == told
    assert news.known("TSLA", MORNING, LATER) == [told]
    assert news.published("TSLA", MORNING, LATER) == [told]


def test_what_is_stored_stands(news: NewsStore) -> None:
    first = story(1)
    again = replace(
        first, ingested_at=LATER, known_at=LATER, headline="other", published_at=MORNING + HOUR * 9
    )
    assert news.put([first]) == 1
    assert news.put([again, story(2)]) == 1
    assert news.known("TSLA", MORNING, LATER + HOUR) == [first, story(2)]


def test_the_first_of_two_in_one_call_stands(news: NewsStore) -> None:
    assert news.put([story(1), replace(story(1), headline="other")]) == 1
    assert news.story(story(1).news_id, "TSLA") == story(1)


def test_a_story_about_two_symbols_is_one_id_and_two_rows(news: NewsStore) -> None:
    both = [story(1), story(1, symbol="BTC/USD")]
    assert news.put(both) == 2
    assert news.known("BTC/USD", MORNING, LATER) == [both[1]]
    assert news.story(both[0].news_id, "IWM") is None


def test_a_range_holds_its_start_and_not_its_stop(news: NewsStore) -> None:
    told = [story(hour) for hour in (1, 2, 3)]
    news.put(told)
    assert news.published("TSLA", told[0].published_at, told[2].published_at) == told[:2]
    assert news.known("TSLA", told[1].known_at, told[2].known_at) == [told[1]]


def test_known_and_published_are_two_orders(news: NewsStore) -> None:
    old_known_late = replace(story(1), known_at=MORNING + 5 * HOUR, ingested_at=MORNING + 5 * HOUR)
    twins = [replace(story(2), news_id=name * 32) for name in ("f", "a", "9")]
    news.put([old_known_late, *twins])
    ordered = [twins[2], twins[1], twins[0]]
    assert news.published("TSLA", MORNING, LATER) == [old_known_late, *ordered]
    assert news.known("TSLA", MORNING, LATER) == [*ordered, old_known_late]


def test_moments_of_another_zone_are_the_same_moments(news: NewsStore) -> None:
    there = [moment.astimezone(NEW_YORK) for moment in (MORNING, LATER)]
    local = {
        name: getattr(story(1), name).astimezone(NEW_YORK)
        for name in ("published_at", "known_at", "ingested_at")
    }
    news.put([replace(story(1), **local)])
    assert news.known("TSLA", *there) == [story(1)]


def test_a_naive_moment_is_refused(news: NewsStore) -> None:
    with pytest.raises(ValueError, match="naive"):
        news.known("TSLA", datetime(2025, 3, 3), LATER)  # noqa: DTZ001 - naive on purpose


def test_series_count_stories_by_source(news: NewsStore) -> None:
    told = [story(1), story(4), story(2, source="sec:8-K"), story(9, symbol="BTC/USD")]
    news.put(told)
    assert news.series() == [
        NewsSeries(
            symbol="BTC/USD",
            stories=1,
            first_published=told[3].published_at,
            last_published=told[3].published_at,
            last_ingested=told[3].ingested_at,
            sources=(("alpaca:benzinga", 1),),
        ),
        NewsSeries(
            symbol="TSLA",
            stories=3,
            first_published=told[0].published_at,
            last_published=told[1].published_at,
            last_ingested=told[1].ingested_at,
            sources=(("alpaca:benzinga", 2), ("sec:8-K", 1)),
        ),
    ]


def test_a_thousand_stories_enter_once(news: NewsStore) -> None:
    told = [story(number) for number in range(1, 1302)]
    assert news.put(told[:1201]) == 1201
    assert news.put(told) == 100
    assert news.known("TSLA", MORNING, MORNING + 2000 * HOUR) == told


def test_invented_stories_never_stand_beside_real_ones(news: NewsStore) -> None:
    invented = story(2, source="synthetic:demo")
    news.put([story(1)])
    with pytest.raises(UnsoundDataError, match="TSLA: stories of alpaca:benzinga and of synthetic"):
        news.put([invented])
    with pytest.raises(UnsoundDataError, match="invented"):
        news.put([replace(invented, symbol="IWM"), story(3, symbol="IWM")])
    assert news.put([replace(invented, symbol="IWM")]) == 1
    assert [each.symbol for each in news.series()] == ["IWM", "TSLA"]
