"""One list of figures for whoever is asked: a model in words, a file in numbers."""

import math

import pytest

from tests.fakes.moments import tsla_bars
from ztrade_core.decision_makers.automated.told_market import technicals_table
from ztrade_core.decision_makers.files.facts import technicals
from ztrade_core.decision_makers.technicals import TECHNICALS

HEAD = 3  # title, rule, last close


@pytest.mark.parametrize("count", [1, 15, 60, 270])
def test_words_and_numbers_tell_the_same_figures_in_one_order(count: int) -> None:
    bars = tsla_bars(count)
    numbers = technicals(bars)
    rows = technicals_table(bars).splitlines()[HEAD:]
    assert list(numbers) == [figure.name for figure in TECHNICALS]
    assert len(rows) == len(TECHNICALS)
    for figure, row in zip(TECHNICALS, rows, strict=True):
        value = numbers[figure.name]
        assert ("not known" in row) is (value is None), figure.name
        assert (len(bars) < figure.needs) <= (value is None)


def test_the_means_are_the_means() -> None:
    bars = tsla_bars(270)
    mean = math.fsum(bars.closes[-20:]) / 20
    assert technicals(bars)["sma_20"] == pytest.approx(mean, abs=1e-6)
    assert f"| SMA(20), mean close | {mean:.2f}; the close is" in technicals_table(bars)


def test_without_bars_every_figure_is_null() -> None:
    assert technicals(tsla_bars(0)) == {figure.name: None for figure in TECHNICALS}
