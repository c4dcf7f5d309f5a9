"""Stories and scores of before are kept when the schema learns when a story was known."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

from ztrade_core.store.engine import make_engine
from ztrade_core.store.migrations import SQL_FOLDER
from ztrade_core.store.types import Instant

PUBLISHED = datetime(2025, 3, 3, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEWS = sa.table(
    "news",
    *[sa.column(name) for name in ("id", "symbol", "source", "headline", "body", "url")],
    *[sa.column(name, Instant()) for name in ("published_at", "ingested_at", "known_at")],
)
HISTORY = sa.table(
    "sentiment_history",
    *[sa.column(name) for name in ("symbol", "source", "scorer", "news_id", "score", "confidence")],
    sa.column("timestamp", Instant()),
)


@pytest.fixture
def fresh(empty_database_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def migrate(engine: Engine, revision: str, *, up: bool) -> None:
    config = Config()
    config.set_main_option("script_location", str(SQL_FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if up else command.downgrade)(config, revision)


def old_row(news_id: str, ingested_at: datetime) -> dict[str, object]:
    words = dict.fromkeys(("source", "headline", "body", "url"), "x")
    times = {"published_at": PUBLISHED, "ingested_at": ingested_at}
    return {"id": news_id, "symbol": "TSLA", **words, **times}


def test_old_stories_were_known_when_they_had_come_and_a_way_back_loses_none(
    fresh: Engine,
) -> None:
    migrate(fresh, "0012", up=True)
    with fresh.begin() as connection:
        rows = [old_row("early", PUBLISHED - HOUR), old_row("late", PUBLISHED + HOUR)]
        connection.execute(NEWS.insert(), rows)
    migrate(fresh, "0013", up=True)
    known = sa.select(NEWS.c.id, NEWS.c.known_at).order_by(NEWS.c.id)
    with fresh.connect() as connection:
        found = [tuple(row) for row in connection.execute(known)]
    assert found == [("early", PUBLISHED), ("late", PUBLISHED + HOUR)]
    migrate(fresh, "0012", up=False)
    with fresh.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(NEWS)).scalar_one() == 2
        assert {each["name"] for each in sa.inspect(connection).get_indexes("news")} == {
            "ix_news_symbol_ingested_at"
        }
    migrate(fresh, "0013", up=True)


def test_only_scores_that_are_none_are_lost_on_the_way_back(fresh: Engine) -> None:
    migrate(fresh, "0013", up=True)
    key = {"symbol": "TSLA", "source": "x", "scorer": "lexicon@1", "timestamp": PUBLISHED}
    with fresh.begin() as connection:
        for news_id, score in (("scored", 0.5), ("wordless", None)):
            row = {**key, "news_id": news_id, "score": score, "confidence": score}
            connection.execute(HISTORY.insert(), row)
    migrate(fresh, "0012", up=False)
    with fresh.connect() as connection:
        assert connection.execute(sa.select(HISTORY.c.news_id)).scalars().all() == ["scored"]
        columns = {each["name"]: each for each in sa.inspect(connection).get_columns(HISTORY.name)}
        assert not columns["score"]["nullable"]
