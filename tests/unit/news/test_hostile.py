"""Two hundred hostile headlines are stored cleaned, and nothing else changes."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.hostile_headlines import BIDI, HOSTILE, PRIVATE, TAGS, ZERO_WIDTH
from tests.fakes.news_provider import ToldNews
from tests.fakes.stories import MORNING, raw, story
from ztrade_core.news.gathering import Gathering
from ztrade_core.store.news import SqlNewsStore
from ztrade_core.store.schema import metadata

NOW = MORNING + timedelta(hours=1)
STORIES = [
    replace(
        raw(headline),
        external_id=headline[:500],
        source=f"reddit:{headline[:80]}",
        body=headline,
        url=f"https://example.com/{headline[:80]}",
    )
    for headline in HOSTILE
]


def rows_by_table(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        counts = {name: sa.select(sa.func.count()).select_from(sa.table(name)) for name in tables}
        return {name: connection.execute(query).scalar_one() for name, query in counts.items()}


def test_they_are_cleaned_and_nothing_but_the_news_grows(engine: Engine) -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) == 200
    store, before = SqlNewsStore(engine), story(1, symbol="IWM")
    store.put([before])
    counted = rows_by_table(engine)
    run = Gathering(
        [ToldNews("reddit", STORIES)], store, fetched_at=NOW, backfill_delay=timedelta(minutes=15)
    )
    found = run.refresh("TSLA")
    refused = [refusal for asked in found.asked for refusal in asked.taken.refused]
    kept = store.known("TSLA", MORNING, NOW + timedelta(hours=1))
    assert len(kept) == found.new
    assert found.new + len(refused) == 200
    assert {refusal.reason for refusal in refused} == {"the headline has no word"}
    assert len(refused) == 5  # those that begin with a megabyte of markup
    assert rows_by_table(engine) == counted | {"news": 1 + found.new}
    assert store.known("IWM", MORNING, NOW + timedelta(days=1)) == [before]
    assert set(rows_by_table(engine)) >= set(metadata().tables)


def test_what_is_kept_of_them_is_plain_and_bounded(engine: Engine) -> None:
    store = SqlNewsStore(engine)
    Gathering(
        [ToldNews("reddit", STORIES)], store, fetched_at=NOW, backfill_delay=timedelta(0)
    ).refresh("TSLA")
    for each in store.known("TSLA", MORNING, NOW + timedelta(hours=1)):
        for text, most in ((each.headline, 300), (each.body, 2000), (each.source, 60)):
            assert 0 < len(text) <= most
            assert all(letter.isprintable() for letter in text), repr(text)
            assert not set(text) & set(BIDI + ZERO_WIDTH + TAGS + PRIVATE + "\x1b\x9b\x00\r\n")
        assert "<" not in each.headline
        assert each.url == "" or each.url.isprintable()
        assert each.symbol == "TSLA"
        assert (each.published_at, each.known_at) == (MORNING, NOW)
