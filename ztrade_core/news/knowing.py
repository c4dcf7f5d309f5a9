"""From when on a story may be seen by a decision. Fixed when it first arrives, and stored.

A live refresh looks `LIVE_REACH` back. What it finds was known when it was fetched, not before. A story
older than that was not found as it happened: it is backfilled, and counts as known some minutes after
its text was last changed.
"""

from datetime import datetime, timedelta

LIVE_REACH = timedelta(days=1)


def known_at(
    published_at: datetime,
    changed_at: datetime | None,
    *,
    fetched_at: datetime,
    backfill_delay: timedelta,
) -> datetime:
    """Return the moment; never before `published_at`, never later than the story was in hand.

    `fetched_at` is the moment of the run that fetched it; all are aware.
    """
    in_hand = max(published_at, fetched_at)
    if not is_backfilled(published_at, fetched_at):
        return in_hand
    told = published_at if changed_at is None else max(published_at, changed_at)
    return min(told + backfill_delay, in_hand)


def is_backfilled(published_at: datetime, fetched_at: datetime) -> bool:
    """Return whether a live refresh at that moment would not have found the story any more."""
    return published_at < fetched_at - LIVE_REACH
