"""From when on a story is known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.news.knowing import LIVE_REACH, is_backfilled, known_at

NOW = datetime(2025, 3, 10, 15, tzinfo=UTC)
DELAY = timedelta(minutes=15)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds, as asked
DELAYS = st.timedeltas(timedelta(0), timedelta(days=1))


def known(published: datetime, changed: datetime | None = None, at: datetime = NOW) -> datetime:
    return known_at(published, changed, fetched_at=at, backfill_delay=DELAY)


def test_what_a_live_refresh_found_was_known_when_it_was_fetched() -> None:
    assert known(NOW - timedelta(minutes=3)) == NOW
    assert known(NOW - LIVE_REACH) == NOW


def test_what_is_dated_ahead_is_known_when_it_is_published() -> None:
    assert known(NOW + timedelta(minutes=2)) == NOW + timedelta(minutes=2)


def test_a_backfilled_story_is_known_a_little_after_it_was_published() -> None:
    published = NOW - timedelta(days=1, microseconds=1)
    assert is_backfilled(published, NOW)
    assert known(published) == published + DELAY


def test_a_story_that_was_changed_later_is_not_known_before_that() -> None:
    published, changed = NOW - timedelta(days=9), NOW - timedelta(days=4)
    assert known(published, changed) == changed + DELAY
    assert known(published, published - DELAY) == published + DELAY


def test_a_story_in_hand_is_known() -> None:
    assert known(NOW - timedelta(days=9), NOW - timedelta(minutes=1)) == NOW


@given(MOMENTS, MOMENTS, MOMENTS, DELAYS)
def test_it_is_never_before_the_story_was_published_nor_after_it_was_in_hand(
    published: datetime, changed: datetime, fetched: datetime, delay: timedelta
) -> None:
    moment = known_at(published, changed, fetched_at=fetched, backfill_delay=delay)
    assert published <= moment <= max(published, fetched)


@given(MOMENTS, MOMENTS, st.tuples(DELAYS, DELAYS), DELAYS)
def test_however_late_a_backfill_comes_it_says_the_same(
    published: datetime, changed: datetime, waits: tuple[timedelta, timedelta], delay: timedelta
) -> None:
    told = max(published, changed) + delay
    found = max(told, published + LIVE_REACH + timedelta(microseconds=1))
    moments = {
        known_at(published, changed, fetched_at=found + wait, backfill_delay=delay)
        for wait in waits
    }
    assert moments == {told}
