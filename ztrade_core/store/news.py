"""Stories in SQL. What is stored stands: a story's first arrival fixes when it was known.

Invented stories never stand beside real ones of the same symbol.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.news import Story
from ztrade_core.domain.time import require_utc
from ztrade_core.errors import UnsoundDataError
from ztrade_core.ports.news import NewsSeries, NewsStore
from ztrade_core.store.bulk import insert_rows
from ztrade_core.store.statements import in_chunks, matching
from ztrade_core.store.tables.market import NEWS
from ztrade_core.store.transactions import reading, writing

_LOCK = "ztrade news"
_FIELDS = tuple(field.name for field in fields(Story))
_COLUMNS = tuple("id" if name == "news_id" else name for name in _FIELDS)


class SqlNewsStore(NewsStore):
    """Stories on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def put(self, stories: Sequence[Story]) -> int:
        first: dict[tuple[str, str], Story] = {}
        for story in stories:
            first.setdefault((story.news_id, story.symbol), story)
        if not first:
            return 0
        with writing(self._engine, _LOCK) as connection:
            held = _held(connection, {news_id for news_id, _ in first})
            new = [story for key, story in first.items() if key not in held]
            require_one_kind([*_samples(connection, new), *new])
            insert_rows(connection, NEWS, _COLUMNS, map(_row_of, new))
        return len(new)

    @override
    def known(self, symbol: str, start: datetime, stop: datetime) -> list[Story]:
        found = self._within(symbol, NEWS.c.known_at, start, stop)
        return sorted(found, key=lambda one: (one.known_at, one.published_at, one.news_id))

    @override
    def published(self, symbol: str, start: datetime, stop: datetime) -> list[Story]:
        found = self._within(symbol, NEWS.c.published_at, start, stop)
        return sorted(found, key=lambda story: (story.published_at, story.news_id))

    @override
    def story(self, news_id: str, symbol: str) -> Story | None:
        query = _stories().where(matching(NEWS, id=news_id, symbol=symbol))
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else _story_of(row)

    @override
    def series(self) -> list[NewsSeries]:
        table = NEWS.c
        first, last = sa.func.min(table.published_at), sa.func.max(table.published_at)
        ingested = sa.func.max(table.ingested_at)
        query = sa.select(
            table.symbol, table.source, sa.func.count(), first, last, ingested
        ).group_by(table.symbol, table.source)
        groups: dict[str, list[Any]] = {}
        with reading(self._engine) as connection:
            for symbol, *rest in connection.execute(query):
                groups.setdefault(symbol, []).append(rest)
        return [_series(symbol, groups[symbol]) for symbol in sorted(groups)]

    def _within(
        self, symbol: str, column: sa.Column[Any], start: datetime, stop: datetime
    ) -> list[Story]:
        low, high = require_utc(start), require_utc(stop)
        query = _stories().where(NEWS.c.symbol == symbol, column >= low, column < high)
        with reading(self._engine) as connection:
            return [_story_of(row) for row in connection.execute(query)]


def require_one_kind(stories: Iterable[Story]) -> None:
    """Refuse invented stories of a symbol beside real ones; raises UnsoundDataError."""
    kinds: dict[str, Story] = {}
    for story in stories:
        other = kinds.setdefault(story.symbol, story)
        if _is_invented(other) != _is_invented(story):
            raise UnsoundDataError(
                f"{story.symbol}: stories of {other.source} and of {story.source} are not kept"
                " together, one of them is invented: keep them in two databases (DATABASE_URL)"
            )


def _is_invented(story: Story) -> bool:
    return story.source.partition(":")[0] == "synthetic"


def _samples(connection: Connection, stories: Iterable[Story]) -> Iterable[Story]:
    """Yield one stored story of each symbol."""
    for symbol in sorted({story.symbol for story in stories}):
        row = connection.execute(_stories().where(NEWS.c.symbol == symbol).limit(1)).first()
        if row is not None:
            yield _story_of(row)


def _held(connection: Connection, news_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Return the keys of stored stories that have one of the ids."""
    found: set[tuple[str, str]] = set()
    for some in in_chunks(sorted(news_ids)):
        query = sa.select(NEWS.c.id, NEWS.c.symbol).where(NEWS.c.id.in_(some))
        found |= {(news_id, symbol) for news_id, symbol in connection.execute(query)}
    return found


def _stories() -> sa.Select[Any]:
    return sa.select(*(NEWS.c[name] for name in _COLUMNS))


def _row_of(story: Story) -> list[Any]:
    values = [getattr(story, name) for name in _FIELDS]
    return [require_utc(value) if isinstance(value, datetime) else value for value in values]


def _story_of(row: Any) -> Story:
    return Story(**dict(zip(_FIELDS, row, strict=True)))


def _series(symbol: str, parts: Sequence[Any]) -> NewsSeries:
    sources, counts, firsts, lasts, ingested = zip(*parts, strict=True)
    return NewsSeries(
        symbol=symbol,
        stories=sum(counts),
        first_published=min(firsts),
        last_published=max(lasts),
        last_ingested=max(ingested),
        sources=tuple(sorted(zip(sources, counts, strict=True))),
    )
