"""Splits between an answer and the store: what is judged, held, released, read; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from tests.fakes.quality import calendar, scaled, session_starts, sound_bars
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, from_micros, new_york_date, new_york_midnight
from ztrade_core.errors import UnsoundDataError
from ztrade_core.market_data.admission import Admitted, admit_bars
from ztrade_core.market_data.quarantine import release_bars
from ztrade_core.market_data.review import QualityReview, review_window
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.ports.providers import FetchedBars
from ztrade_core.ports.quarantine import HeldRange, Outcome, Release
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.quarantine import SqlQuarantine
from ztrade_core.store.splits import SqlSplitStore

RAW, SPLIT = "alpha_vantage:raw", "alpaca:iex:split"
SMOOTH = sound_bars("TSLA", Timeframe.M5)
STEADY = replace(SMOOTH, volumes=np.full(len(SMOOTH), 10_000.0))
ROW = session_starts(STEADY)[9]
EX = new_york_date(from_micros(int(STEADY.timestamps[ROW])))
KNOWN = Split(symbol="TSLA", ex_date=EX, ratio=3.0, source="test")
TRADED = scaled(STEADY, slice(0, ROW), 3.0, 1.0 / 3.0)
EVE = new_york_midnight(EX).astimezone(UTC) - timedelta(hours=2)
AFTER = datetime(2024, 6, 1, tzinfo=UTC)
TSLA = HeldRange(symbol="TSLA", timeframe=Timeframe.M5)


class Room:
    """A store of bars with its quarantine and its splits."""

    def __init__(self, engine: Engine) -> None:
        self.bars, self.quarantine = SqlBarStore(engine), SqlQuarantine(engine)
        self.splits = SqlSplitStore(engine)

    def admit(self, bars: BarSeries, source: str, at: datetime) -> Admitted:
        return admit_bars(
            FetchedBars(series=bars, source=source),
            store=self.bars,
            quarantine=self.quarantine,
            calendar=calendar(),
            known_at=at,
            splits=self.splits,
        )

    def review(self) -> QualityReview:
        return review_window(
            TSLA,
            store=self.bars,
            quarantine=self.quarantine,
            calendar=calendar(),
            known_at=AFTER,
            splits=self.splits,
        )

    def read(self, moment: datetime = AFTER) -> BarSeries:
        found = SplitAwareBars(self.bars, self.splits).read("TSLA", Timeframe.M5)
        return found.as_of(moment)


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def before() -> BarSeries:
    return TRADED.window(0, ROW)


def since() -> BarSeries:
    return TRADED.window(ROW, len(TRADED))


def of_split(told: Admitted | QualityReview) -> list[tuple[bool, str]]:
    return [(one.quarantines, one.text) for one in told.findings if one.check == "split"]


def test_where_bars_came_from_and_when_is_read_with_them(room: Room) -> None:
    room.bars.upsert([before().window(0, 3)], source=RAW, ingested_at=EVE)
    room.bars.upsert([before().window(3, 5)], source=SPLIT, ingested_at=AFTER)
    traced = room.bars.traced("TSLA", Timeframe.M5)
    assert traced.sources == (RAW,) * 3 + (SPLIT,) * 2
    assert [from_micros(int(at)) for at in traced.ingested] == [EVE] * 3 + [AFTER] * 2
    last = room.bars.traced("TSLA", Timeframe.M5, last=3)
    assert last.sources == (RAW, SPLIT, SPLIT)
    assert last.series.timestamps.tolist() == before().timestamps[2:5].tolist()
    assert room.bars.traced("IWM", Timeframe.M5).sources == ()


@pytest.mark.parametrize("source", [RAW, SPLIT])
def test_a_refresh_over_a_known_split_sees_no_defect(room: Room, source: str) -> None:
    """An adjusting vendor tells the old bars in old shares on the eve, the new ones in new shares."""
    room.splits.put([KNOWN])
    assert room.admit(before(), source, EVE).held == 0
    done = room.admit(since(), source, AFTER)
    assert (done.held, of_split(done)) == (0, [])
    np.testing.assert_allclose(room.read().closes, STEADY.closes, rtol=1e-13)
    assert (room.read(EVE).closes[:ROW] == TRADED.closes[:ROW]).all()


def test_a_review_of_the_stored_bars_sees_none_either_and_moves_nothing(room: Room) -> None:
    room.splits.put([KNOWN])
    for part, at in ((before(), EVE), (since(), AFTER)):
        room.admit(part, SPLIT, at)
    found = room.review()
    assert (of_split(found), found.moved) == ([], 0)


def test_a_raw_step_without_a_known_split_is_told_with_what_to_do(room: Room) -> None:
    room.admit(before(), RAW, EVE)
    done = room.admit(since(), RAW, AFTER)
    [(quarantines, text)] = of_split(done)
    assert (quarantines, done.held) == (False, 0)
    assert f"`ztrade data splits add TSLA {EX} RATIO --why ...`" in text


def test_a_split_that_a_raw_series_did_not_have_is_told(room: Room) -> None:
    room.splits.put([KNOWN])
    room.admit(STEADY.window(0, ROW), RAW, EVE)
    done = room.admit(STEADY.window(ROW, len(STEADY)), RAW, AFTER)
    [(quarantines, text)] = of_split(done)
    assert not quarantines
    assert "was taken out, and these bars had none" in text


def test_an_adjusting_vendor_that_has_not_adjusted_is_kept_out_for_sure(room: Room) -> None:
    """Its volume does not tell: without the known split it would be told only."""
    flat = replace(TRADED, volumes=STEADY.volumes)
    blind = room.admit(flat, "alpaca:iex:split", AFTER)
    assert [quarantines for quarantines, _ in of_split(blind)] == [False]
    room.splits.put([KNOWN])
    found = room.review()
    [(quarantines, text)] = of_split(found)
    assert (quarantines, found.moved) == (True, len(TRADED) - ROW)
    assert f"the split of {EX} by 3 is known, and not taken out of these bars" in text


def test_a_crash_on_another_day_than_a_known_split_is_no_split(room: Room) -> None:
    room.splits.put([replace(KNOWN, ex_date=EX - timedelta(days=30))])
    down = scaled(SMOOTH, slice(ROW, None), 0.5, 20.0)
    wide = replace(down, highs=down.highs * 1.0, lows=down.lows * 1.0)
    wide.highs[ROW:] *= 1.06
    wide.lows[ROW:] *= 0.94
    done = room.admit(wide, SPLIT, AFTER)
    assert (of_split(done), done.held) == ([], 0)


def test_bars_released_after_a_split_are_still_of_the_day_they_came(room: Room) -> None:
    """Held on the eve in old shares; let in by hand weeks later, they are read in new ones."""
    spiked = before()
    spiked.highs[100] *= 40.0
    spiked.closes[100] *= 40.0
    done = room.admit(spiked, SPLIT, EVE)
    assert done.held == 1
    room.splits.put([KNOWN])
    release_bars(
        TSLA,
        Release(outcome=Outcome.AS_IS, who="ada", why="looked at it", at=AFTER),
        store=room.bars,
        quarantine=room.quarantine,
        calendar=calendar(),
    )
    assert room.read().closes[100] == spiked.closes[100] / 3.0


def test_what_a_review_moves_keeps_the_day_it_came(room: Room) -> None:
    spiked = before()
    spiked.highs[100] *= 40.0
    spiked.closes[100] *= 40.0
    room.bars.upsert([spiked], source=SPLIT, ingested_at=EVE)
    room.splits.put([KNOWN])
    assert room.review().moved == 1
    [held] = room.quarantine.bars(TSLA, released=False)
    assert (held.ingested_at, held.source) == (EVE, SPLIT)
    assert held.bar.close == spiked.closes[100]


def test_a_correction_of_its_own_source_is_of_the_day_it_came(room: Room) -> None:
    """The vendor's adjusted answer replaces the old values: nothing is adjusted twice."""
    room.splits.put([KNOWN])
    room.admit(before(), SPLIT, EVE)
    room.admit(STEADY, SPLIT, AFTER)
    np.testing.assert_allclose(room.read().closes, STEADY.closes, rtol=1e-13)
    assert (room.bars.read("TSLA", Timeframe.M5).closes == STEADY.closes).all()


def test_a_file_as_traded_does_not_mix_into_an_adjusted_series(room: Room) -> None:
    """Beside stored bars of its own times, and before them: both ways it waits in quarantine."""
    room.admit(since(), SPLIT, AFTER)
    with pytest.raises(UnsoundDataError, match=r"bars are in quarantine"):
        room.admit(before().window(ROW - 300, ROW), "file:TSLA.csv", AFTER)
    assert len(room.bars.read("TSLA", Timeframe.M5)) == len(TRADED) - ROW


def test_a_file_as_traded_beside_adjusted_bars_of_its_times_is_kept_out(room: Room) -> None:
    room.admit(STEADY.window(0, ROW), SPLIT, AFTER)
    with pytest.raises(UnsoundDataError, match="times the stored ones"):
        room.admit(before(), "file:TSLA.csv", AFTER)
    assert (room.bars.read("TSLA", Timeframe.M5).closes == STEADY.closes[:ROW]).all()
