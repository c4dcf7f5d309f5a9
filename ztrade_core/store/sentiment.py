"""Scores of stories, the cache of scored texts, and the newest sentiment, in SQL.

A story's moments and headline are read from `news`; its score lies at its `known_at`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.canonical import plain
from ztrade_core.domain.sentiment import LatestSentiment, ScoredStory
from ztrade_core.domain.time import require_utc
from ztrade_core.ports.scorer import Scored
from ztrade_core.ports.sentiment import ScoreStore
from ztrade_core.store.bulk import insert_rows
from ztrade_core.store.sentiment_readings import reading_of
from ztrade_core.store.statements import in_chunks, matching, put
from ztrade_core.store.tables.market import (
    LATEST_SENTIMENT,
    NEWS,
    SENTIMENT_HISTORY,
    SENTIMENT_SCORES,
)
from ztrade_core.store.transactions import reading, writing

_LOCK = "ztrade sentiment"
_HISTORY = ("symbol", "timestamp", "source", "scorer", "news_id", "score", "confidence")
_KEY = 5
_CACHE = ("scorer", "text_hash", "score", "confidence")


class SqlScoreStore(ScoreStore):
    """Scores on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def put(self, scored: Sequence[ScoredStory]) -> int:
        given = {row[:_KEY]: row for row in map(_history_row, scored)}
        if not given:
            return 0
        with writing(self._engine, _LOCK) as connection:
            held = _held(connection, given)
            changed = [row for key, row in given.items() if held.get(key) != row]
            _delete_history(connection, [row[:_KEY] for row in changed if row[:_KEY] in held])
            insert_rows(connection, SENTIMENT_HISTORY, _HISTORY, changed)
        return len(changed)

    @override
    def known(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> list[ScoredStory]:
        history, news = SENTIMENT_HISTORY.c, NEWS.c
        low, high = require_utc(start), require_utc(stop)
        query = (
            sa.select(
                *(history[name] for name in _HISTORY if name != "timestamp"),
                history.timestamp.label("known_at"),
                news.published_at,
                news.headline,
            )
            .join(NEWS, sa.and_(news.id == history.news_id, news.symbol == history.symbol))
            .where(matching(SENTIMENT_HISTORY, symbol=symbol, scorer=scorer))
            .where(history.timestamp >= low, history.timestamp < high)
        )
        with reading(self._engine) as connection:
            found = [ScoredStory(**row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda one: (one.known_at, one.published_at, one.news_id))

    @override
    def unscored(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> int:
        history, news = SENTIMENT_HISTORY.c, NEWS.c
        low, high = require_utc(start), require_utc(stop)
        scored = sa.exists().where(
            history.symbol == news.symbol,
            history.timestamp == news.known_at,
            history.scorer == scorer,
            history.news_id == news.id,
        )
        query = sa.select(sa.func.count()).where(
            news.symbol == symbol, news.known_at >= low, news.known_at < high, ~scored
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    @override
    def cached(self, scorer: str, text_hashes: Sequence[str]) -> Mapping[str, Scored | None]:
        with reading(self._engine) as connection:
            held = _cached(connection, scorer, text_hashes)
        return {key: _scored(*row[2:]) for key, row in held.items()}

    @override
    def remember(self, scorer: str, scores: Mapping[str, Scored | None]) -> None:
        given = {key: _cache_row(scorer, key, scored) for key, scored in scores.items()}
        if not given:
            return
        with writing(self._engine, _LOCK) as connection:
            held = _cached(connection, scorer, list(given))
            changed = [row for key, row in given.items() if held.get(key) != row]
            for some in in_chunks([row[1] for row in changed if row[1] in held]):
                gone = SENTIMENT_SCORES.c.text_hash.in_(some)
                of_scorer = matching(SENTIMENT_SCORES, scorer=scorer)
                connection.execute(SENTIMENT_SCORES.delete().where(of_scorer, gone))
            insert_rows(connection, SENTIMENT_SCORES, _CACHE, changed)

    @override
    def put_latest(self, latest: LatestSentiment) -> None:
        told, table = latest.reading, LATEST_SENTIMENT
        row = {
            "symbol": latest.symbol,
            "score": None if told is None else told.score,
            "confidence": None if told is None else told.confidence,
            "last_updated": latest.as_of,
            "metadata": {} if told is None else plain(told),
        }
        kept = sa.select(table.c.last_updated).where(table.c.symbol == latest.symbol)
        with writing(self._engine, _LOCK) as connection:
            before = connection.execute(kept).scalar_one_or_none()
            if before is None or before <= require_utc(latest.as_of):
                put(connection, table, row)

    @override
    def latest(self) -> list[LatestSentiment]:
        with reading(self._engine) as connection:
            found = connection.execute(LATEST_SENTIMENT.select()).mappings().all()
        return sorted(map(_latest_of, found), key=lambda each: each.symbol)


def require_sound(score: float | None, confidence: float | None) -> None:
    """Refuse what is no score; raises ValueError. NaN is none, and one without the other neither."""
    if score is None and confidence is None:
        return
    if score is None or not -1.0 <= score <= 1.0:
        raise ValueError(f"score {score} is not within -1..1")
    if confidence is None or not 0.0 <= confidence <= 1.0:
        raise ValueError(f"confidence {confidence} is not within 0..1")


def _history_row(scored: ScoredStory) -> tuple[Any, ...]:
    known_at = require_utc(scored.known_at)
    key = (scored.symbol, known_at, scored.source, scored.scorer, scored.news_id)
    return (*key, *_numbers(scored.score, scored.confidence))


def _cache_row(scorer: str, text_hash: str, scored: Scored | None) -> tuple[Any, ...]:
    numbers = (None, None) if scored is None else _numbers(scored.score, scored.confidence)
    return (scorer, text_hash, *numbers)


def _numbers(score: float | None, confidence: float | None) -> tuple[float | None, float | None]:
    require_sound(score, confidence)
    if score is None or confidence is None:
        return None, None
    return float(score) + 0.0, float(confidence) + 0.0


def _held(connection: Connection, given: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
    """Return the stored rows, by key, of the symbols, scorers and moments that the keys span."""
    spans: dict[tuple[str, str], list[datetime]] = {}
    for symbol, known_at, _, scorer, _ in given:
        spans.setdefault((symbol, scorer), []).append(known_at)
    table = SENTIMENT_HISTORY
    found: dict[tuple[Any, ...], Any] = {}
    for (symbol, scorer), moments in spans.items():
        query = sa.select(*(table.c[name] for name in _HISTORY)).where(
            matching(table, symbol=symbol, scorer=scorer),
            table.c.timestamp.between(min(moments), max(moments)),
        )
        found |= {tuple(row)[:_KEY]: tuple(row) for row in connection.execute(query)}
    return found


def _delete_history(connection: Connection, keys: Iterable[tuple[Any, ...]]) -> None:
    for key in keys:
        same = matching(SENTIMENT_HISTORY, **dict(zip(_HISTORY, key, strict=False)))
        connection.execute(SENTIMENT_HISTORY.delete().where(same))


def _cached(
    connection: Connection, scorer: str, text_hashes: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for some in in_chunks(text_hashes):
        query = sa.select(*(SENTIMENT_SCORES.c[name] for name in _CACHE)).where(
            matching(SENTIMENT_SCORES, scorer=scorer), SENTIMENT_SCORES.c.text_hash.in_(some)
        )
        found |= {row.text_hash: tuple(row) for row in connection.execute(query)}
    return found


def _scored(score: float | None, confidence: float | None) -> Scored | None:
    if score is None or confidence is None:
        return None
    return Scored(score=score, confidence=confidence)


def _latest_of(row: Any) -> LatestSentiment:
    told = None if row["score"] is None else reading_of(row["metadata"])
    return LatestSentiment(symbol=row["symbol"], as_of=row["last_updated"], reading=told)
