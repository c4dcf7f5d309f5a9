"""Facts about days: which mark closes one, and what a day returned."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import new_york_midnight
from ztrade_core.performance.daily import DailyClose, daily_closes, daily_returns, days_a_year


def _point(text: str, value: float) -> EquityPoint:
    when = datetime.fromisoformat(text).astimezone(UTC)
    return EquityPoint(timestamp=when, portfolio_value=value, cash_balance=value)


def _closes(*values: float) -> list[DailyClose]:
    return [
        DailyClose(day=date(2024, 1, day), equity_usd=value)
        for day, value in enumerate(values, start=1)
    ]


def test_a_day_is_a_new_york_date() -> None:
    """01:00 UTC on the 3rd is 20:00 New York on the 2nd: it closes the 2nd."""
    equity = [
        _point("2024-01-02T20:00:00Z", 100.0),
        _point("2024-01-03T01:00:00Z", 101.0),
        _point("2024-01-03T20:00:00Z", 102.0),
    ]
    assert daily_closes(equity) == [
        DailyClose(day=date(2024, 1, 2), equity_usd=101.0),
        DailyClose(day=date(2024, 1, 3), equity_usd=102.0),
    ]


def test_a_coins_day_is_a_new_york_date_closed_by_its_midnight_mark() -> None:
    """The bar from 04:00 UTC completes at midnight New York and is the day's last."""
    equity = [
        _point("2024-01-03T04:00:00Z", 100.0),
        _point("2024-01-03T05:00:00Z", 101.0),
        _point("2024-01-03T06:00:00Z", 102.0),
    ]
    assert daily_closes(equity) == [
        DailyClose(day=date(2024, 1, 2), equity_usd=101.0),
        DailyClose(day=date(2024, 1, 3), equity_usd=102.0),
    ]


def test_a_day_has_23_hours_when_new_york_moves_its_clocks() -> None:
    """2024-03-10 runs from 05:00 UTC to 04:00 UTC of the next day."""
    equity = [
        _point("2024-03-10T05:30:00Z", 1.0),
        _point("2024-03-11T04:00:00Z", 2.0),
        _point("2024-03-11T04:30:00Z", 3.0),
    ]
    assert [close.day.day for close in daily_closes(equity)] == [10, 11]
    assert daily_closes(equity)[0].equity_usd == 2.0


def test_days_without_a_mark_do_not_exist() -> None:
    """Friday and Monday are two days, not four."""
    equity = [_point("2024-01-05T20:00:00Z", 1.0), _point("2024-01-08T20:00:00Z", 2.0)]
    assert len(daily_closes(equity)) == 2


def test_the_first_return_is_on_the_allocated_capital() -> None:
    """110 on 100 is +10 %, 99 on 110 is -10 %."""
    assert daily_returns(_closes(110.0, 99.0), 100.0) == pytest.approx([0.10, -0.10])


@pytest.mark.parametrize("ruin", [0.0, -5.0, 5e-324])
def test_returns_do_not_exist_once_equity_is_gone(ruin: float) -> None:
    """Nothing can be earned on nothing."""
    assert daily_returns(_closes(110.0, ruin, 10.0), 100.0) == []


def test_no_marks_no_days() -> None:
    """An empty curve is no error."""
    assert daily_closes([]) == []
    assert daily_returns([], 100.0) == []


def test_a_year_has_252_stock_days_and_365_crypto_days() -> None:
    """The annualisation of DESIGN section 7."""
    assert days_a_year(AssetClass.STOCK) == 252
    assert days_a_year(AssetClass.CRYPTO) == 365


def test_a_coins_month_has_as_many_days_as_the_month() -> None:
    """Hours of a New York February: 28 days, where UTC would see 29."""
    begins = new_york_midnight(date(2019, 2, 1))
    equity = [
        EquityPoint(timestamp=begins + timedelta(hours=n), portfolio_value=1.0, cash_balance=1.0)
        for n in range(1, 28 * 24 + 1)
    ]
    closes = daily_closes(equity)
    assert (len(closes), closes[0].day, closes[-1].day) == (28, date(2019, 2, 1), date(2019, 2, 28))
