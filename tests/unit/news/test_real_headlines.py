"""The 400 recorded headlines of 2025 go in, once."""

import csv
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Engine

from tests.fakes.real_news import real_news
from ztrade_core.news.files import import_news
from ztrade_core.store.news import SqlNewsStore

DOW_TEN = ["AAPL", "AMZN", "BA", "CAT", "GS", "IBM", "JPM", "MSFT", "UNH", "V"]
NOW = datetime(2025, 8, 1, tzinfo=UTC)
DELAY = timedelta(minutes=15)
YEARS = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def test_every_headline_enters_once_for_each_symbol(engine: Engine) -> None:
    path = real_news("headlines_dow10_2025.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = {(row["id"], symbol) for row in rows for symbol in row["symbols"].split()}
    store = SqlNewsStore(engine)
    done = import_news([path], store, fetched_at=NOW, backfill_delay=DELAY)[0]
    assert (done.rows, done.taken.new, done.taken.known_before) == (400, len(pairs), 0)
    assert (done.faults, done.taken.refused) == ((), ())
    again = import_news([path], store, fetched_at=NOW + DELAY, backfill_delay=DELAY)[0]
    assert (again.taken.new, again.taken.known_before) == (0, len(pairs))
    series = store.series()
    assert [each.symbol for each in series] == DOW_TEN
    assert sum(each.stories for each in series) == len(pairs) == 461
    assert all(each.last_ingested == NOW for each in series)


def test_each_is_told_as_it_was_and_known_a_quarter_of_an_hour_later(engine: Engine) -> None:
    path = real_news("headlines_dow10_2025.csv")
    store = SqlNewsStore(engine)
    import_news([path], store, fetched_at=NOW, backfill_delay=DELAY)
    stories = [story for symbol in DOW_TEN for story in store.known(symbol, *YEARS)]
    with path.open(encoding="utf-8", newline="") as file:
        told = {" ".join(row["headline"].split()) for row in csv.DictReader(file)}
    assert {story.headline for story in stories} == told
    assert all(story.known_at == story.published_at + DELAY for story in stories)
    assert all(story.url.startswith("https://finnhub.io/") for story in stories)
    yahoo = {story.source for story in stories if "Yahoo" in story.source}
    assert yahoo == {"file:Yahoo"}
