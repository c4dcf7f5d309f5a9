"""Stored windows under review, and refreshes that keep bars apart, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.quality import NOW, STOP, calendar, changed, sound_bars, taken
from tests.fakes.quarantine_room import BARS, SOURCE, TSLA, Room, opened, spiked
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.review import review_window
from ztrade_core.ports.providers import BarProvider, FetchedBars


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def test_a_review_moves_defective_stored_bars_and_tells_what_is_held(room: Room) -> None:
    room.bars.upsert([spiked(300)], source="file:hand.csv", ingested_at=NOW)
    first = room.review()
    assert (first.bars, first.moved, len(first.held)) == (500, 1, 1)
    assert [one.check for one in first.findings] == ["spike", "freshness"]
    assert first.held[0].source == "file:hand.csv"
    assert len(room.stored()) == 499
    second = room.review()
    assert (second.moved, len(second.held_by("spike")), second.of("spike")) == (0, 1, ())
    assert [one.count for one in second.of("gap")] == [1]


def test_a_review_of_a_fresh_sound_series_finds_nothing(room: Room) -> None:
    whole = sound_bars("TSLA", Timeframe.M5)
    room.admit(whole, STOP)
    on_sunday = STOP + timedelta(days=1)
    found = room.review(on_sunday)
    assert (found.findings, found.held, found.moved) == ((), (), 0)
    monday = STOP + timedelta(days=2, hours=13, minutes=36)
    assert [one.check for one in room.review(monday).findings] == ["freshness"]


def test_a_review_of_nothing_says_that_the_series_is_not_there(room: Room) -> None:
    [told] = room.review().findings
    assert told.text == "the newest expected bar is missing; there is none"


def test_a_review_tells_of_holes_in_its_window_only(room: Room) -> None:
    room.admit(taken(BARS, [*range(100), *range(150, 300), *range(310, 500)]))
    days = replace(TSLA, start=opened(150), stop=opened(400))
    found = review_window(
        days, store=room.bars, quarantine=room.quarantine, calendar=calendar(), known_at=NOW
    )
    assert [one.count for one in found.of("gap")] == [10]


class Vendor(BarProvider):
    """A vendor that answers with the bars that it was given."""

    name = "vendor"

    def __init__(self, bars: BarSeries) -> None:
        self._bars = bars

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return True

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 1

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        return FetchedBars(series=self._bars, source=SOURCE)


def test_a_refresh_loses_the_bad_bar_alone_and_its_views_tell(room: Room) -> None:
    at = opened(499) + timedelta(minutes=5)
    market = StoreMarket(
        room.bars,
        calendar(),
        clock=SimulatedClock(at),
        providers={AssetClass.STOCK: [Vendor(spiked(300))]},
        history_start=opened(0),
    ).keeping_apart(room.quarantine)
    done = market.refresh("TSLA", Timeframe.M5, at)
    assert done.written == 499
    [note] = done.notes
    assert note.startswith("vendor: 1 bar is in quarantine, first ")
    [issue] = market.view(at).issues("TSLA", Timeframe.M5, opened(250))
    assert issue.startswith("quarantined bars: 1 of TSLA 5m")
    assert market.view(at).issues("TSLA", Timeframe.M5, opened(301)) == ()
    assert market.view(opened(300)).issues("TSLA", Timeframe.M5, None) == ()


def test_a_bar_that_the_next_vendor_has_sound_is_taken_from_there(room: Room) -> None:
    room.admit(BARS.window(0, 498))
    at = opened(499) + timedelta(minutes=5)
    wide = changed(BARS, [498, 499], lambda name, old: old * 5.0 if name == "highs" else old)
    market = StoreMarket(
        room.bars,
        calendar(),
        clock=SimulatedClock(at),
        providers={AssetClass.STOCK: [Vendor(wide), Vendor(BARS)]},
        history_start=opened(0),
    ).keeping_apart(room.quarantine)
    done = market.refresh("TSLA", Timeframe.M5, at)
    assert done.written == 2
    assert done.notes[0].startswith("vendor: 2 bars are in quarantine, first ")
    assert len(room.stored()) == 500
    assert len(room.held()) == 2
