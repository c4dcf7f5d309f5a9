"""Other futures: what was known stays to the last bit, everything after it is other and sound."""

import numpy as np
import pytest

from tests.fakes.desk import calendar
from tests.fakes.series import series_equal
from tests.unit.studies.canary_cases import bars, cheers
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, to_micros
from ztrade_core.market_data.soundness import refuse_unsound
from ztrade_core.studies.canary_findings import Data, Future
from ztrade_core.studies.canary_futures import BEYOND, other_future
from ztrade_core.studies.canary_moments import completion

SERIES = bars()
AT = 200


def changed(future: Future, seed: int = 1, index: int = AT) -> BarSeries:
    return other_future(Data(series=SERIES), index, future, seed, calendar()).series


@pytest.mark.parametrize("future", list(Future))
def test_what_was_known_stays(future: Future) -> None:
    assert series_equal(changed(future).window(0, AT + 1), SERIES.window(0, AT + 1))


@pytest.mark.parametrize("future", [Future.CRASH, Future.BOOM, Future.NOISE])
def test_what_comes_is_sound_on_the_grid_and_other_in_everything(future: Future) -> None:
    series = changed(future)
    refuse_unsound(series, origin="test")
    after = series.window(AT + 1, len(series))
    first, last = from_micros(int(after.timestamps[0])), after.last_open
    grid = calendar().expected_stamps(AssetClass.STOCK, Timeframe.M5, first, last + MICROSECOND)
    assert np.isin(after.timestamps, grid).all()
    assert len(after) < len(grid)  # holes
    assert last > SERIES.last_open  # and bars after the old end
    known, place = np.isin(after.timestamps, SERIES.timestamps), SERIES.timestamps.searchsorted
    both = place(after.timestamps[known])
    for name in ("opens", "highs", "lows", "closes", "volumes"):
        assert (getattr(after, name)[known] != getattr(SERIES, name)[both]).mean() > 0.99, name
    assert (after.volumes == 0.0).any()


def test_a_crash_is_lower_and_a_boom_is_higher_and_nothing_is_nothing() -> None:
    assert changed(Future.CRASH).closes[AT + 1 :].max() < SERIES.closes[AT:].max()
    assert changed(Future.BOOM).closes[AT + 1 :].min() > SERIES.closes[AT:].min()
    assert len(changed(Future.NOTHING)) == AT + 1


def test_a_seed_gives_one_future_and_another_seed_another() -> None:
    assert series_equal(changed(Future.NOISE), changed(Future.NOISE))
    assert not series_equal(changed(Future.NOISE), changed(Future.NOISE, seed=2))


def test_something_comes_even_after_the_last_bar() -> None:
    series = changed(Future.BOOM, index=len(SERIES) - 1)
    assert series.last_open > SERIES.last_open


def test_a_near_future_is_other_bars_of_a_few_days() -> None:
    data = Data(series=SERIES)
    near = other_future(data, 10, Future.CRASH, 1, calendar(), near=True).series
    refuse_unsound(near, origin="test")
    assert series_equal(near.window(0, 11), SERIES.window(0, 11))
    assert near.timestamps[11] > near.timestamps[10]
    assert near.closes[11:].max() < SERIES.closes[11:].max()
    assert near.last_open <= completion(SERIES, 10, calendar()) + BEYOND


def test_readings_after_the_moment_are_other_ones_and_those_before_stay() -> None:
    readings = cheers(SERIES)
    found = other_future(
        Data(series=SERIES, sentiment=readings), AT, Future.CRASH, 1, calendar()
    ).sentiment
    assert found is not None
    at = to_micros(completion(SERIES, AT, calendar()))
    kept = int((readings.known_at <= at).sum())
    assert np.array_equal(found.known_at[:kept], readings.known_at[:kept])
    assert np.array_equal(found.scores[:kept], readings.scores[:kept])
    assert (found.known_at[kept:] > at).all()
    assert (np.diff(found.known_at) > 0).all()
    assert np.isnan(found.scores[kept:]).any()
    assert np.array_equal(np.isnan(found.scores), np.isnan(found.confidences))
    assert np.nanmax(np.abs(found.scores)) <= 1.0
    assert found.scorer == readings.scorer
