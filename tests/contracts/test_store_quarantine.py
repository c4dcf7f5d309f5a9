"""The quarantine and what enters through it, on both databases."""

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from tests.fakes.quality import NOW, changed, scaled, sound_bars, taken
from tests.fakes.quarantine_room import BARS, SOURCE, TSLA, Room, opened, spiked
from ztrade_core.domain.time import MICROSECOND, Timeframe, iso_z
from ztrade_core.errors import InputError, NoDataError, UnsoundDataError
from ztrade_core.market_data.quarantine import standing_issues
from ztrade_core.ports.quarantine import HeldSeries, Outcome, Release


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def test_sound_bars_enter_whole_and_a_second_time_change_nothing(room: Room) -> None:
    first, second = room.admit(BARS), room.admit(BARS)
    assert (first.rows, first.written, first.held, first.notes) == (500, 500, 0, ())
    assert (second.rows, second.written, second.held, second.findings) == (500, 0, 0, ())
    assert room.quarantine.series() == []


def test_a_defective_bar_is_kept_apart_with_its_reason_and_the_rest_enters(room: Room) -> None:
    done = room.admit(spiked(300))
    assert (done.rows, done.written, done.held) == (500, 499, 1)
    [note] = done.notes
    assert note.startswith(f"1 bar is in quarantine, first {iso_z(opened(300))}: spike: goes ")
    assert int(BARS.timestamps[300]) not in room.stored().timestamps
    [held] = room.held()
    assert (held.check, held.source, held.release) == ("spike", SOURCE, None)
    assert held.bar == spiked(300).bar(300)
    assert held.ingested_at == NOW


@pytest.mark.parametrize("price", [math.nan, math.inf, 0.0, -5.0, 1e300])
def test_any_number_is_kept_as_it_came(room: Room, price: float) -> None:
    bad = changed(BARS, [9], lambda name, old: price if name == "lows" else old)
    room.admit(bad)
    [held] = room.held()
    assert held.bar.low == price or (math.isnan(held.bar.low) and math.isnan(price))
    assert len(room.stored()) == 499


def test_a_held_bar_stays_held_when_it_comes_again(room: Room) -> None:
    room.admit(spiked(300))
    again = room.admit(spiked(300))
    assert (again.rows, again.written, again.held) == (499, 0, 0)
    assert again.notes == ("of the answer 1 bars are in quarantine already",)
    with pytest.raises(NoDataError, match="1 bars are in quarantine already"):
        room.admit(spiked(300).window(300, 301))
    assert len(room.held()) == 1


def test_a_bar_that_the_vendor_mended_enters_and_the_held_one_waits_for_a_person(
    room: Room,
) -> None:
    room.admit(spiked(300))
    assert room.admit(BARS).written == 1
    assert len(room.stored()) == 500
    assert len(room.held()) == 1


def test_an_answer_of_which_nothing_may_enter_is_refused_and_held(room: Room) -> None:
    room.admit(BARS)
    other = scaled(sound_bars("TSLA", Timeframe.M5).window(500, 600), slice(None), 0.2)
    with pytest.raises(UnsoundDataError, match=r"^100 bars are in quarantine, .*: wrong_symbol"):
        room.admit(other)
    assert len(room.held()) == 100
    assert len(room.stored()) == 500


def test_a_stored_bar_that_the_next_one_shows_to_be_a_spike_leaves_the_store(room: Room) -> None:
    room.admit(spiked(300).window(0, 301))
    assert len(room.stored()) == 301
    done = room.admit(BARS.window(301, 302))
    assert (done.written, done.held) == (1, 1)
    [held] = room.held()
    assert (held.bar.timestamp, held.check) == (int(BARS.timestamps[300]), "spike")
    assert len(room.stored()) == 301
    assert [one.rows for one in room.bars.status()] == [301]
    room.release(Outcome.AS_IS)
    assert room.admit(BARS.window(302, 303)).held == 0
    assert len(room.stored()) == 303


def test_the_running_bar_is_left_out_and_a_bar_of_the_future_is_kept_apart(room: Room) -> None:
    at = opened(200) + timedelta(minutes=2)
    done = room.admit(BARS.window(0, 202), at)
    assert (done.rows, done.written, done.held) == (201, 200, 1)
    assert done.notes[0] == "the running bar was left out"
    [held] = room.held()
    assert (held.check, held.reason) == ("grid", "opens in the future")


def test_bars_twice_alike_enter_once_and_are_told(room: Room) -> None:
    done = room.admit(taken(BARS, sorted([*range(500), 40])))
    assert (done.written, done.held) == (500, 0)
    assert [one.check for one in done.findings] == ["duplicates"]


def test_stamps_that_are_no_times_are_refused(room: Room) -> None:
    for stamp in (0, 2**62, -(2**62)):
        stamps = np.append(BARS.timestamps[:3], stamp)
        strange = replace(taken(BARS, [0, 1, 2, 3]), timestamps=stamps)
        with pytest.raises(UnsoundDataError, match="no times of 1990 to 2200"):
            room.admit(strange)
    early = replace(BARS, timestamps=BARS.timestamps - 25 * 365 * 86_400_000_000)
    with pytest.raises(UnsoundDataError, match="outside the XNYS calendar"):
        room.admit(early)
    assert room.quarantine.series() == []


def test_a_bar_released_as_it_is_enters_with_its_source_and_is_not_judged_again(
    room: Room,
) -> None:
    room.admit(spiked(300))
    [released] = room.release(Outcome.AS_IS)
    assert released.release is not None
    assert room.held() == []
    assert room.stored().bar(300) == spiked(300).bar(300)
    assert room.bars.source_at("TSLA", Timeframe.M5, opened(300)) == SOURCE
    again = room.admit(spiked(300))
    assert (again.rows, again.written, again.held, again.notes) == (500, 0, 0, ())
    assert not [one for one in room.review().findings if one.quarantines]
    [kept] = room.quarantine.bars(TSLA, released=True)
    assert kept.release == Release(outcome=Outcome.AS_IS, who="ada", why="looked at it", at=NOW)


def test_a_dropped_bar_never_comes_back_and_is_kept_with_who_and_why(room: Room) -> None:
    room.admit(spiked(300))
    room.release(Outcome.DROP)
    again = room.admit(spiked(300))
    assert (again.written, again.held) == (0, 0)
    assert again.notes == ("of the answer 1 bars are dropped by hand before",)
    assert len(room.stored()) == 499
    [kept] = room.quarantine.bars(TSLA, released=True)
    assert kept.release is not None
    assert (kept.release.outcome, kept.release.who) == (Outcome.DROP, "ada")


def test_other_values_of_a_released_bar_are_judged_anew_and_tell_of_it(room: Room) -> None:
    room.admit(spiked(300))
    room.release(Outcome.DROP)
    room.admit(spiked(300, 3.0))
    [held] = room.held()
    assert held.reason.endswith(
        "; other values of this bar were released drop by ada (looked at it)"
    )


def test_what_can_never_enter_is_not_released_as_it_is(room: Room) -> None:
    room.admit(changed(BARS, [9], lambda name, old: math.nan if name == "lows" else old))
    with pytest.raises(UnsoundDataError, match=r"quarantine .*a price is not a finite number"):
        room.release(Outcome.AS_IS)
    assert len(room.held()) == 1
    assert len(room.release(Outcome.DROP)) == 1


def test_a_time_held_from_two_sources_asks_which_one(room: Room) -> None:
    room.admit(spiked(300))
    room.admit(spiked(300, 3.0), source="rival:split")
    with pytest.raises(InputError, match=r"held from several sources: name one with --source"):
        room.release(Outcome.AS_IS)
    assert len(room.release(Outcome.AS_IS, replace(TSLA, source="rival:split"))) == 1
    assert [one.source for one in room.held()] == [SOURCE]


def test_a_release_of_nothing_releases_nothing(room: Room) -> None:
    assert room.release(Outcome.AS_IS) == []
    room.admit(spiked(300))
    before = replace(TSLA, stop=opened(300))
    after = replace(TSLA, start=opened(300) + MICROSECOND)
    assert room.release(Outcome.DROP, before) == room.release(Outcome.DROP, after) == []


def test_series_in_quarantine_at_a_glance(room: Room) -> None:
    room.admit(changed(spiked(300), [20], lambda name, old: -1.0 if name == "volumes" else old))
    room.release(Outcome.DROP, replace(TSLA, stop=opened(21)))
    assert room.quarantine.series() == [
        HeldSeries(
            symbol="TSLA",
            timeframe=Timeframe.M5,
            held=1,
            released=1,
            first_open=opened(300),
            last_open=opened(300),
            checks=("spike",),
        )
    ]


def test_held_bars_speak_against_entries_only_within_the_window(room: Room) -> None:
    room.admit(spiked(300))
    looked_at = replace(TSLA, start=opened(250), stop=opened(499))
    [issue] = standing_issues(room.quarantine, looked_at)
    assert issue.startswith(f"quarantined bars: 1 of TSLA 5m, first {iso_z(opened(300))} (spike: ")
    assert standing_issues(room.quarantine, replace(looked_at, start=opened(301))) == ()
    room.release(Outcome.DROP)
    assert standing_issues(room.quarantine, looked_at) == ()
