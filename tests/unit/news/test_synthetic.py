"""Invented stories: pure in seed, symbol and time, and marked as invented."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.news_store import MemoryNewsStore
from ztrade_core.domain.news import RawStory
from ztrade_core.news.cleaning import Fetch
from ztrade_core.news.intake import take_in
from ztrade_core.news.synthetic import SyntheticNews

START = datetime(2025, 3, 3, tzinfo=UTC)
MONTH = timedelta(days=30)


def stories(
    seed: int = 7, symbol: str = "TSLA", start: datetime = START, stop: datetime = START + MONTH
) -> tuple[RawStory, ...]:
    return SyntheticNews(seed).fetch(symbol, start, stop).stories


def test_there_are_several_a_day_all_marked_as_invented() -> None:
    found = stories()
    assert 4 * 30 < len(found) < 9 * 30
    assert {story.source for story in found} == {"synthetic:demo"}
    assert {story.symbols for story in found} == {("TSLA",)}
    assert all(START <= story.published_at < START + MONTH for story in found)
    assert [story.published_at for story in found] == sorted(s.published_at for s in found)


def test_every_one_of_them_enters_the_store() -> None:
    found = stories(symbol="BTC/USD")
    fetch = Fetch(
        provider="synthetic", fetched_at=START + 2 * MONTH, backfill_delay=timedelta(minutes=15)
    )
    taken = take_in(found, MemoryNewsStore(), fetch)
    assert (taken.new, taken.known_before, taken.refused) == (len(found), 0, ())


def test_some_are_echoed_in_nearly_the_same_words() -> None:
    found = stories()
    firsts = {story.external_id: story for story in found}
    echoes = [story for story in found if story.external_id.endswith("-echo")]
    assert 0.1 < len(echoes) / len(found) < 0.25
    for echo in echoes:
        first = firsts.get(echo.external_id.removesuffix("-echo"))
        if first is not None:
            assert first.headline in echo.headline
            assert timedelta(0) < echo.published_at - first.published_at < timedelta(hours=2)


def test_seeds_and_symbols_tell_different_stories() -> None:
    told = [stories(), stories(seed=8), stories(symbol="IWM")]
    headlines = [[(s.published_at, s.headline) for s in each] for each in told]
    assert headlines[0] != headlines[1] != headlines[2] != headlines[0]


def test_the_stories_of_a_seed_stay_what_they_are() -> None:
    first = stories()[0]
    assert (first.published_at, first.headline, first.external_id) == FIRST


@given(
    st.datetimes(datetime(2025, 3, 3), datetime(2025, 4, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - naive bounds, as asked
    st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_any_part_of_a_range_asked_alone_tells_the_same(start: datetime, length: timedelta) -> None:
    stop = min(start + length, START + MONTH)
    wanted = tuple(s for s in ALL if start <= s.published_at < stop)
    assert stories(start=start, stop=stop) == wanted


ALL = stories()
FIRST = (
    datetime(2025, 3, 3, 0, 20, 48, tzinfo=UTC),
    "Investors return to Tesla; inflows grow 6 %",
    "7-TSLA-483600",
)
