"""Backfills: whom a chain asks, what is made instead of asked for, and what the plan says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.backfill_bench import WINDOW, Bench, expected, vendor
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.chain import Chain


def test_a_vendor_of_the_last_days_only_is_asked_for_those() -> None:
    since = datetime(2022, 11, 20, tzinfo=UTC)
    bench = Bench(
        vendor("old", script=[NoDataError("no")] * 3), yahoo := vendor("new", since=since)
    )
    [report] = bench.run()
    assert [ask[2] for ask in yahoo.asked] == [
        datetime(2022, 11, 21, 14, 30, tzinfo=UTC),
        datetime(2022, 12, 1, 14, 30, tzinfo=UTC),
    ]
    assert max(report.missing) < since


def test_a_vendor_without_key_is_passed_over_by_name() -> None:
    keyless = vendor("keyless")
    keyless.offers = False
    bench = Bench(keyless, vendor("second"))
    plan = bench.plan().series[0]
    assert (plan.vendor, plan.requests) == ("second", 3)
    assert plan.notes == ("keyless: no key: it needs SOME_KEY",)
    [report] = bench.run()
    assert report.notes == ("keyless: no key: it needs SOME_KEY",)
    assert keyless.asked == []


def test_the_other_adjustment_is_refused_before_anybody_is_asked() -> None:
    bench = Bench(vendor("yahoo"))
    bench.run(replace(WINDOW, stop=datetime(2022, 11, 1, tzinfo=UTC)))
    bench.chain = Chain([raw := vendor("alpha_vantage", source="alpha_vantage:raw")])
    [report] = bench.run()
    assert raw.asked == []
    [note] = report.notes
    assert note == (
        "alpha_vantage: delivers raw prices, and the stored TSLA has split-adjusted prices"
        " (yahoo:split): ask alpaca or yahoo, or load the others under another DATABASE_URL"
    )


def test_the_adjustment_is_told_by_every_stored_bar_not_by_the_last_one() -> None:
    """A file, which does not say, was imported behind the vendor's bars."""
    bench = Bench(vendor("yahoo"))
    bench.run(replace(WINDOW, stop=datetime(2022, 11, 1, tzinfo=UTC)))
    bench.chain = Chain([vendor("file", source="file:bars.csv")])
    bench.run(replace(WINDOW, start=datetime(2022, 12, 5, tzinfo=UTC)))
    raw, stranger = vendor("alpha_vantage"), vendor("stranger", source="stranger:raw")
    bench.chain = Chain([raw, stranger])
    [report] = bench.run()
    assert (raw.asked, report.written) == ([], 0)
    assert all("split-adjusted prices (yahoo:split)" in note for note in report.notes)
    assert {note.partition(":")[0] for note in report.notes} == {"alpha_vantage", "stranger"}


def test_the_other_adjustment_is_refused_where_only_the_answer_tells_it() -> None:
    bench = Bench(vendor("yahoo"))
    bench.run(replace(WINDOW, stop=datetime(2022, 11, 1, tzinfo=UTC)))
    bench.chain = Chain([vendor("stranger", source="stranger:raw")])
    [report] = bench.run()
    assert report.written == 0
    assert "delivers raw prices" in report.notes[0]


def test_longer_bars_are_made_of_complete_shorter_ones_and_not_asked_for() -> None:
    bench = Bench(first := vendor(source="alpaca:iex:split"))
    quarters, hours = (replace(WINDOW, timeframe=each) for each in (Timeframe.M15, Timeframe.H1))
    plan = bench.plan(hours, WINDOW, quarters)
    assert [(each.vendor, each.requests) for each in plan.series] == [
        ("first", 3),
        ("resampled", 0),
        ("resampled", 0),
    ]
    reports = bench.run(hours, WINDOW, quarters)
    assert [each.missing for each in reports] == [(), (), ()]
    assert {ask[1] for ask in first.asked} == {Timeframe.M5}
    assert [each.sources for each in reports] == [
        ("alpaca:iex:split",),
        ("alpaca:iex:resampled-5m:split",),
        ("alpaca:iex:resampled-15m:split",),
    ]
    short = bench.store.read("TSLA", Timeframe.M5, start=hours.start, stop=hours.stop)
    long = bench.store.read("TSLA", Timeframe.H1, start=hours.start, stop=hours.stop)
    assert long.bar(0).high == max(short.highs[:12])
    assert long.bar(0).close == short.bar(11).close


def test_a_long_bar_that_lacks_a_short_one_is_asked_for() -> None:
    hole = expected()[100]
    bench = Bench(first := vendor(holes=[hole]))
    quarters = replace(WINDOW, timeframe=Timeframe.M15)
    reports = bench.run(WINDOW, quarters)
    assert reports[1].missing == ()
    [(_, timeframe, start, _)] = [ask for ask in first.asked if ask[1] is Timeframe.M15]
    assert timeframe is Timeframe.M15
    assert start <= hole < start + timedelta(minutes=15)


def test_days_are_asked_for_and_made_only_when_nobody_has_them() -> None:
    days = replace(WINDOW, timeframe=Timeframe.D1)
    bench = Bench(vendor(source="alpaca:iex:split"))
    reports = bench.run(WINDOW, days)
    assert reports[1].sources == ("alpaca:iex:split",)
    lonely = Bench(vendor(source="alpaca:iex:split"))
    lonely.run(WINDOW)
    lonely.chain = Chain([])
    [made] = lonely.run(days)
    assert (made.missing, made.sources) == ((), ("alpaca:iex:resampled-5m:split",))


@pytest.mark.parametrize(("used", "left", "days"), [(0, 2, 2), (1, 1, 2), (2, 0, 3), (9, 0, 3)])
def test_the_plan_says_what_limits_leave_and_how_many_days_it_takes(
    used: int, left: int, days: int
) -> None:
    """Three requests at two a day: two days; three when today's are used up."""
    [needed] = Bench(vendor(), used=used).plan().vendors
    assert (needed.requests, needed.left_today, needed.days) == (3, left, days)
