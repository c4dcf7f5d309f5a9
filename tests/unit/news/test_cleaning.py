"""A raw story becomes stories of ours, or is refused with the reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.fakes.hostile_headlines import MEGABYTE
from tests.fakes.stories import MORNING, raw
from ztrade_core.domain.news import RawStory, Story
from ztrade_core.news.cleaning import Fetch, Refusal, clean

NAIVE = datetime(2025, 3, 3)  # noqa: DTZ001 - on purpose
FETCH = Fetch(
    provider="alpaca",
    fetched_at=MORNING + timedelta(minutes=2),
    backfill_delay=timedelta(minutes=15),
)


def cleaned(told: RawStory, fetch: Fetch = FETCH) -> list[Story]:
    made = clean(told, fetch)
    assert isinstance(made, list)
    return made


def test_a_story_has_its_moments_its_text_and_an_id() -> None:
    told = replace(raw(" Profit &amp; loss\u200b "), body="<p>All of it</p>")
    story = cleaned(told)[0]
    assert story == Story(
        news_id=story.news_id,
        symbol="TSLA",
        published_at=MORNING,
        ingested_at=FETCH.fetched_at,
        known_at=FETCH.fetched_at,
        source="alpaca:benzinga",
        headline="Profit & loss",
        body="All of it",
        url="https://example.com/7",
    )
    assert len(story.news_id) == 32
    assert set(story.news_id) <= set("0123456789abcdef")


def test_a_story_about_several_symbols_is_one_id_and_a_row_for_each() -> None:
    made = cleaned(replace(raw(), symbols=("TSLA", "BTC/USD", "TSLA", "BRK.B")))
    assert [story.symbol for story in made] == ["TSLA", "BTC/USD", "BRK.B"]
    assert len({story.news_id for story in made}) == 1


def test_the_id_is_of_the_provider_the_name_the_headline_and_the_moment() -> None:
    told = raw()
    first = cleaned(told)[0].news_id
    same = replace(told, body="more", url="https://example.com/other", symbols=("IWM",))
    there = MORNING.astimezone(timezone(timedelta(hours=-5)))
    assert cleaned(same)[0].news_id == first
    assert (
        cleaned(replace(told, published_at=there, headline="Deliveries  rose"))[0].news_id == first
    )
    others = [
        replace(told, external_id="8"),
        replace(told, external_id=""),
        replace(told, headline="Deliveries fell"),
        replace(told, published_at=MORNING - timedelta(microseconds=1)),
    ]
    found = {cleaned(other)[0].news_id for other in others}
    found.add(cleaned(told, replace(FETCH, provider="files"))[0].news_id)
    assert len(found | {first}) == 6


def test_texts_are_cut_and_no_address_is_made_up() -> None:
    told = replace(raw("x" * MEGABYTE), body="y" * MEGABYTE, url="javascript:alert(1)")
    story = cleaned(told)[0]
    assert (len(story.headline), len(story.body), story.url) == (300, 2000, "")


def test_a_backfilled_story_is_known_as_the_delay_says() -> None:
    told = raw(published_at=MORNING - timedelta(days=40))
    story = cleaned(told)[0]
    assert story.known_at == told.published_at + timedelta(minutes=15)
    assert story.ingested_at == FETCH.fetched_at


@pytest.mark.parametrize(
    ("told", "field", "reason"),
    [
        (raw("🚀 42 \u200b"), "headline", "the headline has no word"),
        (raw("\u202e" * MEGABYTE + "up"), "headline", "the headline has no word"),
        (replace(raw(), source="\x1b[31m"), "source", "the source has no name"),
        (replace(raw(), symbols=()), "symbols", "it names no symbol"),
        (
            replace(raw(), symbols=("TSLA", "tsla\x1b[2J")),
            "symbols",
            r"symbol 'tsla\x1b[2J' is not one",
        ),
        (
            raw(published_at=FETCH.fetched_at + timedelta(minutes=5, microseconds=1)),
            "published_at",
            "is after it was fetched, 2025-03-03T14:32:00Z",
        ),
        (replace(raw(), symbols=("\u0422SLA",)), "symbols", r"symbol '\u0422SLA' is not one"),
        (raw(published_at=NAIVE), "published_at", "has no offset"),
        (raw(published_at=datetime(1970, 1, 1, tzinfo=UTC)), "published_at", "is before 1990"),
        (replace(raw(), changed_at=NAIVE), "changed_at", "has no offset"),
        (
            replace(raw(), changed_at=MORNING + timedelta(days=1)),
            "changed_at",
            "is after it was fetched",
        ),
    ],
)
def test_what_may_not_enter_is_refused_with_the_reason(
    told: RawStory, field: str, reason: str
) -> None:
    refused = clean(told, FETCH)
    assert isinstance(refused, Refusal)
    assert refused.story == "7"
    assert refused.field == field
    assert reason in refused.reason


def test_a_little_ahead_of_our_clock_is_taken() -> None:
    ahead = FETCH.fetched_at + timedelta(minutes=5)
    assert cleaned(raw(published_at=ahead))[0].known_at == ahead
