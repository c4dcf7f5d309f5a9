"""Backfills: what is asked, what is kept, and when it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.backfill_bench import NOW, WINDOW, Bench, expected, vendor
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.errors import (
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.market_data.backfill import Backfill
from ztrade_core.market_data.backfill_report import Progress
from ztrade_core.market_data.missing import months, runs

HOUR = timedelta(hours=1)


def limited(wait: timedelta) -> RateLimitedError:
    return RateLimitedError(f"its limit is used up for {wait}", NOW + wait)


def test_months_are_new_yorks_for_stocks_and_utcs_for_coins() -> None:
    assert [(each.start, each.stop) for each in months(WINDOW)] == [
        (WINDOW.start, datetime(2022, 11, 1, 4, tzinfo=UTC)),
        (datetime(2022, 11, 1, 4, tzinfo=UTC), datetime(2022, 12, 1, 5, tzinfo=UTC)),
        (datetime(2022, 12, 1, 5, tzinfo=UTC), WINDOW.stop),
    ]
    coins = list(months(replace(WINDOW, symbol="BTC/USD")))
    assert [each.start.day for each in coins] == [12, 1, 1]
    assert {each.start.hour for each in coins[1:]} == {0}


def test_each_month_is_asked_once_and_kept_and_a_second_launch_asks_nothing() -> None:
    bench = Bench(first := vendor())
    [report] = bench.run()
    assert (report.missing, report.stopped, report.requests) == ((), "", 3)
    assert report.written == report.expected == len(expected())
    assert report.sources == ("first:split",)
    assert [ask[2].month for ask in first.asked] == [10, 11, 12]
    [again] = bench.run()
    assert (again.requests, again.written, again.missing) == (0, 0, ())


def test_progress_is_told_month_by_month() -> None:
    bench, told = Bench(vendor()), list[Progress]()
    Backfill(bench.tools, {AssetClass.STOCK: bench.chain}).run([WINDOW], watch=told.append)
    assert [(each.done, each.of, each.missing) for each in told] == [
        (1, 3, 0),
        (2, 3, 0),
        (3, 3, 0),
    ]
    assert sum(each.written for each in told) == len(expected())


def test_only_the_stretch_that_is_missing_is_asked_for() -> None:
    bench = Bench(first := vendor())
    inside = [each for each in expected() if each.month == 11]
    bench.run(replace(WINDOW, stop=inside[100]), replace(WINDOW, start=inside[200]))
    first.asked.clear()
    [report] = bench.run()
    [(_, _, start, stop)] = first.asked
    assert (start, stop) == (inside[100], inside[199] + timedelta(microseconds=1))
    assert report.written == 100


def test_a_long_limit_ends_cleanly_with_what_was_kept_and_when_to_go_on() -> None:
    bench = Bench(first := vendor(script=[None, limited(9 * HOUR)]))
    [report] = bench.run()
    assert len(first.asked) == 2  # December is not asked for while it rests
    assert report.until == NOW + 9 * HOUR
    assert report.written == len([each for each in expected() if each.month == 10])
    assert {each.month for each in report.missing} == {11, 12}
    assert "launch the same again after 2022-12-11T00:02:00Z" in report.stopped
    assert bench.slept == []
    [done] = bench.run()
    assert (done.missing, done.requests) == ((), 2)


def test_a_short_limit_is_waited_for() -> None:
    bench = Bench(vendor(script=[limited(timedelta(seconds=41))]))
    [report] = bench.run()
    assert (bench.slept, report.missing, report.requests) == ([41.0], (), 4)


def test_short_limits_without_end_are_not_waited_for_for_ever() -> None:
    bench = Bench(first := vendor())

    def always() -> None:
        raise RateLimitedError("busy", bench.clock.now() + timedelta(seconds=5))

    first.on_asked = always
    [report] = bench.run()
    assert len(bench.slept) <= 3 * 3
    assert report.until is not None
    assert report.written == 0


def test_a_failing_vendor_is_followed_by_the_next_and_asked_again_at_the_next_launch() -> None:
    first = vendor(script=[TransientDataError("the exchange broke"), None, None])
    bench = Bench(first, second := vendor("second"))
    [report] = bench.run()
    assert report.missing == ()
    assert report.sources == ("second:split", "first:split")
    assert report.notes == ("first: the exchange broke",)
    assert len(second.asked) == 1


def test_a_failure_alone_is_said_and_the_next_launch_asks_again() -> None:
    bench = Bench(vendor(script=[TransientDataError("the exchange broke")]))
    [report] = bench.run()
    assert report.failed
    assert "launch the same again now" in report.stopped
    assert {each.month for each in report.missing} == {10}
    assert bench.run()[0].missing == ()


def test_three_failures_in_a_row_end_a_launch() -> None:
    broken = [TransientDataError(f"broke {n}") for n in range(9)]
    bench = Bench(first := vendor(script=broken))
    year = replace(WINDOW, start=datetime(2022, 1, 3, tzinfo=UTC))
    [report] = bench.run(year)
    assert len(first.asked) == 3
    assert "first: failed 3 times in a row, left alone in this launch" in report.notes


@pytest.mark.parametrize(
    ("error", "asked"), [(VendorRefusedError("the key was refused"), 1), (UnsoundDataError("x"), 3)]
)
def test_a_refusal_is_not_asked_for_again_in_a_launch(error: Exception, asked: int) -> None:
    bench = Bench(first := vendor(script=[error] * 3), vendor("second"))
    [report] = bench.run()
    assert (len(first.asked), report.missing) == (asked, ())
    assert report.sources == ("second:split",)


def test_a_hole_that_a_vendor_does_not_fill_is_not_asked_for_again_unless_told() -> None:
    holes = expected()[500:503]
    bench = Bench(first := vendor(holes=holes))
    [report] = bench.run()
    assert report.gaps == ((holes[0], 3),)
    assert (report.stopped, report.missing) == ("", tuple(holes))
    asked = len(first.asked)
    assert bench.plan().series[0].requests == 0
    [idle] = bench.run()
    assert len(first.asked) == asked
    assert idle.notes == ("first: has answered before and has no more (`--again` asks again)",)
    assert bench.plan(again=True).series[0].requests == 1
    bench.run(again=True)
    assert len(first.asked) == asked + 1


def test_no_data_is_remembered_too_but_not_of_bars_that_may_still_come() -> None:
    nothing = [NoDataError("has none of this")] * 3
    bench = Bench(first := vendor(script=[*nothing]))
    bench.run()
    assert [each.rows for each in bench.asked.held.values()] == [0, 0, 0]
    last = max(each.stop for each in bench.asked.held.values())
    assert last == NOW - timedelta(days=1)
    assert len(first.asked) == 3


def test_bars_to_come_are_neither_expected_nor_asked_for() -> None:
    later = replace(WINDOW, start=NOW + HOUR, stop=NOW + timedelta(days=9))
    bench = Bench(first := vendor())
    [report] = bench.run(later)
    assert (report.expected, report.missing, first.asked) == (0, (), [])


def test_runs_of_missing_bars_go_over_nights_and_weekends() -> None:
    opens = expected()
    assert runs(opens, [opens[3], *opens[77:80]]) == [(opens[3], 1), (opens[77], 3)]
