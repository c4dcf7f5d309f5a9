"""Backfills of symbols that a vendor knows from some month on only, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.fakes.backfill_bench import WINDOW, Bench, vendor
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import UnknownThereError

YEAR = replace(
    WINDOW, start=datetime(2022, 1, 1, 5, tzinfo=UTC), stop=datetime(2022, 12, 1, 5, tzinfo=UTC)
)
UNKNOWN = UnknownThereError("it does not know this symbol, or this month of it")
NO, YES = UNKNOWN, None


def asked_months(source: object) -> list[int]:
    return [ask[2].month for ask in source.asked]  # type: ignore[attr-defined]


def test_a_symbol_listed_later_is_asked_for_from_the_newest_month_back() -> None:
    """Listed in September: January is refused, November to September come, August ends it."""
    bench = Bench(source := vendor("one", script=[NO, YES, YES, YES, NO]))
    [report] = bench.run(YEAR)
    assert asked_months(source) == [1, 11, 10, 9, 8]
    assert min(report.missing).month == 1
    assert max(report.missing).month == 8
    assert report.notes[0] == "one: it does not know this symbol, or this month of it"


def test_what_lies_before_the_listing_is_not_asked_for_again() -> None:
    bench = Bench(source := vendor("one", script=[NO, YES, YES, YES, NO]))
    bench.run(YEAR)
    asked = len(source.asked)
    [report] = bench.run(YEAR)
    assert len(source.asked) == asked
    assert "has answered before" in report.notes[0]


def test_an_unknown_symbol_costs_two_requests_and_other_timeframes_none() -> None:
    bench = Bench(source := vendor("one", script=[NO] * 9))
    hours = replace(YEAR, timeframe=Timeframe.H1)
    bench.run(YEAR, hours)
    assert asked_months(source) == [1, 11]


def test_another_vendor_fills_what_the_first_does_not_know() -> None:
    bench = Bench(vendor("one", script=[NO, YES, NO]), vendor("two"))
    [report] = bench.run(YEAR)
    assert report.missing == ()
