"""Monthly returns by hand, and as quantstats has them."""

import warnings
from datetime import date, timedelta

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from ztrade_core.performance.daily import DailyClose, daily_returns
from ztrade_core.performance.monthly import monthly_table


def closes(*pairs: tuple[str, float]) -> list[DailyClose]:
    return [DailyClose(day=date.fromisoformat(day), equity_usd=value) for day, value in pairs]


def test_a_month_is_measured_from_the_close_before_it() -> None:
    """100 to 110 in November, 99 in December, 120 in January: +10 %, -10 %, +21.21 %."""
    (first, second) = monthly_table(
        closes(
            ("2023-11-02", 105.0),
            ("2023-11-30", 110.0),
            ("2023-12-29", 99.0),
            ("2024-01-05", 120.0),
        ),
        100.0,
    )
    assert first.year == 2023
    assert first.months[:10] == (None,) * 10
    assert first.months[10:] == pytest.approx((0.10, -0.10))
    assert first.total == pytest.approx(-0.01)
    assert second.months[0] == pytest.approx(120.0 / 99.0 - 1.0)
    assert second.total == second.months[0]


def test_a_month_without_a_mark_is_absent_and_the_next_one_spans_it() -> None:
    (year,) = monthly_table(closes(("2024-01-31", 110.0), ("2024-03-29", 121.0)), 100.0)
    assert year.months[:3] == (pytest.approx(0.10), None, pytest.approx(0.10))


def test_nothing_has_no_return() -> None:
    """January loses all; February, on nothing, has no return, nor has the year after."""
    closed = closes(("2024-01-31", 0.0), ("2024-02-29", 5.0), ("2025-01-31", 6.0))
    first, second = monthly_table(closed, 100.0)
    assert first.months[:2] == (-1.0, None)
    assert first.total == pytest.approx(-0.95)
    assert second.total == pytest.approx(0.2)
    assert monthly_table([], 100.0) == []


@pytest.fixture(scope="module")
def quantstats_stats() -> object:
    """The library's statistics, imported without its plots' settings leaking into other tests."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("quantstats").stats


@pytest.mark.parametrize("seed", range(3))
def test_quantstats_has_the_same_table(quantstats_stats: object, seed: int) -> None:
    """Two and a half years of daily closes: every month and year, to rounding."""
    values = 10_000.0 * np.cumprod(1.0 + np.random.default_rng(seed).normal(0.0, 0.01, 900))
    start = date(2022, 1, 1)
    closed = [
        DailyClose(day=start + timedelta(days=day), equity_usd=float(value))
        for day, value in enumerate(values)
    ]
    returns = pd.Series(
        daily_returns(closed, 10_000.0), index=pd.to_datetime([each.day for each in closed])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = quantstats_stats.monthly_returns(returns)  # type: ignore[attr-defined]
    ours = monthly_table(closed, 10_000.0)
    assert [year.year for year in ours] == [int(year) for year in theirs.index]
    for year, (_, row) in zip(ours, theirs.iterrows(), strict=True):
        cells = [0.0 if month is None else month for month in year.months]
        assert cells == pytest.approx([float(value) for value in row.iloc[:12]], abs=1e-9)
        assert year.total == pytest.approx(float(row.iloc[12]), abs=1e-9)
