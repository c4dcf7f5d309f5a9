"""One price in ticks is what an array of prices is in ticks, halves and ends included."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.indicators.ticks import MAX_PRICE, tick_of, to_ticks


@given(st.floats(min_value=1e-9, max_value=MAX_PRICE))
def test_one_price_is_rounded_as_an_array_is(price: float) -> None:
    assert tick_of(price) == to_ticks(np.array([price]))[0]


def test_halves_go_to_the_even_tick() -> None:
    halves = [0.5e-6, 1.5e-6, 2.5e-6]
    assert [tick_of(price) for price in halves] == to_ticks(np.array(halves)).tolist()
    assert tick_of(2.5) == 2_500_000
