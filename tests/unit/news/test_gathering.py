"""Every provider is asked; one that fails hides no other, and is told."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from tests.fakes.news_provider import ToldNews
from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.stories import MORNING, raw
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.errors import RateLimitedError, TransientDataError, VendorRefusedError
from ztrade_core.news.gathering import Asked, Gathering, NewsWindow
from ztrade_core.news.intake import TakenIn

NOW = MORNING + timedelta(minutes=2)
DAY = timedelta(days=1)


def gathering(*providers: ToldNews, store: MemoryNewsStore | None = None) -> Gathering:
    return Gathering(
        providers,
        MemoryNewsStore() if store is None else store,
        fetched_at=NOW,
        backfill_delay=timedelta(minutes=15),
    )


def test_a_live_refresh_asks_everybody_for_the_last_day() -> None:
    store = MemoryNewsStore()
    one, other = ToldNews("alpaca", [raw()]), ToldNews("sec", [raw("Report filed")])
    found = gathering(one, other, store=store).refresh("TSLA")
    assert one.asked == other.asked == [("TSLA", NOW - DAY, NOW + MICROSECOND)]
    assert (found.new, found.known_before, found.refused) == (2, 0, 0)
    assert found.is_complete
    assert {story.known_at for story in store.kept} == {NOW}


def test_a_provider_that_fails_hides_no_other() -> None:
    broken = ToldNews("reddit", error=TransientDataError("did not answer in 20 s"))
    refusing = ToldNews("alpaca", error=VendorRefusedError("the key is refused"))
    found = gathering(broken, ToldNews("sec", [raw()]), refusing).refresh("TSLA")
    assert found.new == 1
    assert found.failed == ("reddit", "alpaca")
    assert not found.is_complete
    assert found.notes == ("reddit: did not answer in 20 s", "alpaca: the key is refused")


def test_a_story_that_may_not_enter_hides_no_other_and_is_told() -> None:
    told = [raw("\u200b"), raw(), raw("Naive", published_at=datetime(2025, 3, 3))]  # noqa: DTZ001 - on purpose
    found = gathering(ToldNews("alpaca", told, notes=("2 left out: no headline",))).refresh("TSLA")
    assert (found.new, found.refused) == (1, 2)
    assert found.is_complete
    assert found.notes == (
        "alpaca: 2 left out: no headline",
        "alpaca: 7: the headline has no word",
        "alpaca: 7: published_at 2025-03-03T00:00:00 has no offset",
    )


def test_invented_stories_beside_real_ones_are_a_failure_that_is_told() -> None:
    invented = ToldNews("synthetic", [replace(raw("Up"), source="synthetic:demo")])
    found = gathering(ToldNews("alpaca", [raw()]), invented).refresh("TSLA")
    assert (found.new, found.failed) == (1, ("synthetic",))


def test_who_has_nothing_of_a_symbol_is_passed_over_and_told() -> None:
    sec = ToldNews("sec", symbols=("TSLA",))
    found = gathering(sec, ToldNews("alpaca")).refresh("BTC/USD")
    assert sec.asked == []
    assert found.asked == (Asked(provider="alpaca"),)
    assert found.notes == ("sec: offers no stories about BTC/USD",)


def test_without_a_provider_nobody_is_asked_and_that_is_told() -> None:
    found = gathering().refresh("TSLA")
    assert found.asked == ()
    assert found.notes == ("nobody to ask: stories come from files only (`ztrade news import`)",)


def test_who_lacks_a_key_is_told_beside_who_was_asked() -> None:
    run = Gathering(
        [ToldNews("sec", [raw()])],
        MemoryNewsStore(),
        fetched_at=NOW,
        backfill_delay=DAY,
        passed_over=("alpaca: no key",),
    )
    found = run.refresh("TSLA")
    assert (found.new, found.is_complete, found.notes) == (1, True, ("alpaca: no key",))


def test_no_news_is_an_answer() -> None:
    found = gathering(ToldNews("alpaca")).refresh("TSLA")
    assert found.is_complete
    assert found.asked == (Asked(provider="alpaca", taken=TakenIn()),)


def test_a_provider_whose_limit_is_used_up_rests_for_the_rest_of_the_run() -> None:
    until = NOW + timedelta(hours=1)
    limited = ToldNews("alpaca", error=RateLimitedError("200 a minute are used up", until))
    other = ToldNews("sec", [raw()])
    run = gathering(limited, other)
    first, second = run.refresh("TSLA"), run.refresh("IWM")
    assert len(limited.asked) == 1
    assert len(other.asked) == 2
    for each in (first, second):
        assert each.asked[0].until == until
        assert each.notes[0] == "alpaca: 200 a minute are used up"


def test_a_backfill_asks_piece_by_piece_and_keeps_what_came() -> None:
    store = MemoryNewsStore()
    start, stop = NOW - 70 * DAY, NOW - 2 * DAY
    told = [raw(f"Day {day}", published_at=NOW - day * DAY) for day in (69, 35, 5)]
    provider = ToldNews("alpaca", told)
    window = NewsWindow(symbol="TSLA", start=start, stop=stop)
    found = gathering(provider, store=store).backfill(window)
    edges = [start, start + 30 * DAY, start + 60 * DAY, stop]
    assert provider.asked == [("TSLA", first, last) for first, last in pairwise(edges)]
    assert [each.new for each in found] == [1, 1, 1]
    assert all("2 stories not from" in each.notes[0] for each in found)
    assert [story.known_at - story.published_at for story in store.kept] == [
        timedelta(minutes=15)
    ] * 3


def test_a_window_holds_its_start_and_not_its_stop() -> None:
    told = [raw("a", published_at=MORNING), raw("b", published_at=MORNING - DAY)]
    window = NewsWindow(symbol="TSLA", start=MORNING - DAY, stop=MORNING)
    store = MemoryNewsStore()
    assert gathering(ToldNews("alpaca", told), store=store).gather(window).new == 1
    assert store.kept[0].headline == "b"
