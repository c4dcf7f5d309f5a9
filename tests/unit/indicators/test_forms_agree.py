"""Every indicator: array form and windowed form agree to the last bit, and memory is finite."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.domain.bars import FloatArray
from ztrade_core.indicators import (
    atr,
    rsi,
    sma,
    support_resistance,
    trend,
    volume_ratio,
    z_score,
)
from ztrade_core.indicators.ticks import MAX_PRICE, to_ticks

Columns = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Highs, lows, closes, volumes."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """One indicator in both forms, over columns."""

    name: str
    lookback: Callable[[int], int]
    windowed: Callable[[Columns, int], float]
    series: Callable[[Columns, int], FloatArray]
    least: int = 1


FORMS = (
    Form(
        name="sma",
        lookback=sma.sma_lookback,
        windowed=lambda c, n: sma.sma(to_ticks(c[2]), n),
        series=lambda c, n: sma.sma_series(to_ticks(c[2]), n),
    ),
    Form(
        name="rsi",
        lookback=rsi.rsi_lookback,
        windowed=lambda c, n: rsi.rsi(to_ticks(c[2]), n),
        series=lambda c, n: rsi.rsi_series(to_ticks(c[2]), n),
    ),
    Form(
        name="atr",
        lookback=atr.atr_lookback,
        windowed=lambda c, n: atr.atr(to_ticks(c[0]), to_ticks(c[1]), to_ticks(c[2]), n),
        series=lambda c, n: atr.atr_series(to_ticks(c[0]), to_ticks(c[1]), to_ticks(c[2]), n),
    ),
    Form(
        name="trend",
        lookback=trend.trend_lookback,
        windowed=lambda c, n: trend.trend(to_ticks(c[2]), n),
        series=lambda c, n: trend.trend_series(to_ticks(c[2]), n),
        least=2,
    ),
    Form(
        name="support",
        lookback=support_resistance.support_resistance_lookback,
        windowed=lambda c, n: support_resistance.support(c[1], n),
        series=lambda c, n: support_resistance.support_series(c[1], n),
    ),
    Form(
        name="resistance",
        lookback=support_resistance.support_resistance_lookback,
        windowed=lambda c, n: support_resistance.resistance(c[0], n),
        series=lambda c, n: support_resistance.resistance_series(c[0], n),
    ),
    Form(
        name="volume_ratio",
        lookback=volume_ratio.volume_ratio_lookback,
        windowed=lambda c, n: volume_ratio.volume_ratio(c[3], n),
        series=lambda c, n: volume_ratio.volume_ratio_series(c[3], n),
    ),
    Form(
        name="z_score",
        lookback=z_score.z_score_lookback,
        windowed=lambda c, n: z_score.z_score(to_ticks(c[2]), n),
        series=lambda c, n: z_score.z_score_series(to_ticks(c[2]), n),
        least=2,
    ),
    Form(
        name="standard_deviation",
        lookback=z_score.z_score_lookback,
        windowed=lambda c, n: z_score.standard_deviation(to_ticks(c[2]), n),
        series=lambda c, n: z_score.standard_deviation_series(to_ticks(c[2]), n),
        least=2,
    ),
)

PRICES = st.one_of(
    st.floats(1e-6, 10.0),
    st.floats(90.0, 110.0).map(lambda price: round(price, 2)),
    st.sampled_from([100.0, 100.01, MAX_PRICE]),
)
VOLUMES = st.one_of(st.just(0.0), st.floats(0.0, 1e9))


@st.composite
def columns(draw: st.DrawFn) -> Columns:
    """Sound random bars, wild ones among them: still prices, zero volumes, the highest price."""
    count = draw(st.integers(1, 24))
    rows = draw(
        st.lists(st.tuples(PRICES, PRICES, PRICES, VOLUMES), min_size=count, max_size=count)
    )
    prices = np.sort(np.array([row[:3] for row in rows], dtype=np.float64), axis=1)
    volumes = np.array([row[3] for row in rows], dtype=np.float64)
    return prices[:, 2].copy(), prices[:, 0].copy(), prices[:, 1].copy(), volumes


def cut(given_columns: Columns, start: int, stop: int) -> Columns:
    highs, lows, closes, volumes = given_columns
    return highs[start:stop], lows[start:stop], closes[start:stop], volumes[start:stop]


def same_bits(first: float, second: float) -> bool:
    return np.float64(first).tobytes() == np.float64(second).tobytes() or (
        np.isnan(first) and np.isnan(second)
    )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@given(data=st.data(), given_columns=columns())
def test_array_form_equals_windowed_form_at_every_bar(
    form: Form, data: st.DataObject, given_columns: Columns
) -> None:
    period = data.draw(st.integers(form.least, 9))
    lookback = form.lookback(period)
    values = form.series(given_columns, period)
    assert len(values) == len(given_columns[2])
    assert np.isnan(values[: lookback - 1]).all()
    for index in range(lookback - 1, len(values)):
        window = cut(given_columns, index - lookback + 1, index + 1)
        assert same_bits(values[index], form.windowed(window, period))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@given(data=st.data(), older=columns(), recent=columns())
def test_bars_older_than_the_lookback_do_not_matter(
    form: Form, data: st.DataObject, older: Columns, recent: Columns
) -> None:
    period = data.draw(st.integers(form.least, 9))
    lookback = form.lookback(period)
    count = len(recent[2])
    if count < lookback:
        return
    together = tuple(np.concatenate(pair) for pair in zip(older, recent, strict=True))
    longer: Columns = (together[0], together[1], together[2], together[3])
    alone = form.windowed(cut(recent, count - lookback, count), period)
    assert same_bits(form.windowed(longer, period), alone)
    assert same_bits(form.series(longer, period)[-1], alone)
