"""How a window of news and of sentiment looks on the page. Headlines are strangers' text."""

from collections import Counter

from ztrade_core.assembly.news_days import LoadedNews, ScoredDays
from ztrade_core.domain.news import Story
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.time import iso_z
from ztrade_core.news.gathering import NewsWindow
from ztrade_pipelines import ui
from ztrade_pipelines.sentiment.picture import sentiment_picture
from ztrade_pipelines.sentiment.reading_view import GROUP_COLUMNS, group_rows, second
from ztrade_pipelines.sentiment.strangers import told_lines

STRONGEST, NEWEST, REASONS = 10, 10, 10
ASKED_COLUMNS = ("source", "new", "known_before", "refused", "answered")
NEWEST_COLUMNS = ("published", "known", "source", "headline")
STRONGEST_COLUMNS = ("known", "source", "score", "confidence", "headline")
DAY_COLUMNS = ("day", "stories", "retold", "score_at_its_end")


def news_metadata(loaded: LoadedNews) -> ui.Metadata:
    """Describe what the store now holds of the window, and what asking for it brought."""
    stories = loaded.stories
    sources = Counter(story.source for story in stories)
    refused = [each for asked in loaded.asked for each in asked.taken.refused]
    reasons = Counter(each.reason for each in refused)
    return {
        "dagster/row_count": len(stories),
        "rows_new": loaded.new,
        "window": _window_text(loaded.window),
        "asked": _asked_text(loaded),
        "asked_sources": ui.table(ASKED_COLUMNS, _asked_rows(loaded)),
        "sources": ui.table(("source", "stories"), sources.most_common()),
        "first_published": ui.moment(stories[0].published_at if stories else None),
        "last_published": ui.moment(stories[-1].published_at if stories else None),
        "last_heard_of": ui.moment(loaded.heard_at),
        "rows_refused": len(refused),
        "refused_why": told_lines(
            [f"{count} x {why}" for why, count in reasons.most_common(REASONS)]
        ),
        "notes": told_lines(loaded.notes),
        "newest_headlines": ui.table(
            NEWEST_COLUMNS, [_told(one) for one in stories[::-1][:NEWEST]]
        ),
    }


def sentiment_metadata(scored: ScoredDays) -> ui.Metadata:
    """Describe the scores of the window, and what they say as of its end."""
    reading, symbol = scored.reading, scored.window.symbol
    silent = sum(row.score is None for row in scored.rows)
    return {
        "dagster/row_count": len(scored.rows),
        "rows_scored_now": scored.done.scored,
        "scored_before": scored.done.stories - scored.done.scored,
        "window": _window_text(scored.window),
        "scorer": scored.scorer,
        "stand_in": told_lines(scored.notes),
        "stories": scored.stories,
        "stories_without_words": silent,
        "stories_retold": sum(row.news_id in scored.retold for row in scored.rows),
        "as_of": ui.moment(scored.as_of),
        "score": ui.number(None if reading is None else reading.score),
        "confidence": ui.number(None if reading is None else reading.confidence),
        "agreement": ui.number(None if reading is None else reading.agreement),
        "groups": ui.table(GROUP_COLUMNS, group_rows(reading)),
        "strongest_headlines": ui.table(STRONGEST_COLUMNS, _strongest(scored)),
        "sentiment_plot": ui.picture(
            sentiment_picture(
                scored.curve,
                scored.drawn,
                scored.retold,
                title=f"{symbol}, sentiment by {scored.scorer}; dots are stories when known",
            ),
            f"sentiment of {symbol}",
        ),
        "days": ui.table(
            DAY_COLUMNS,
            [(one.day, one.stories, one.retold, _signed(one.score)) for one in scored.days],
        ),
    }


def _signed(score: float | None) -> str | None:
    return None if score is None else f"{score:+.3f}"


def _asked_text(loaded: LoadedNews) -> str:
    if not loaded.asked:
        return "nobody, see the notes"
    parts = ["a backfill"] if loaded.backfilled else []
    return ", then ".join([*parts, *(["a live refresh"] if loaded.refreshed else [])])


def _asked_rows(loaded: LoadedNews) -> list[tuple[ui.Cell, ...]]:
    """Return one row a source, its windows added up."""
    rows: list[tuple[ui.Cell, ...]] = []
    for name in dict.fromkeys(asked.provider for asked in loaded.asked):
        its = [asked for asked in loaded.asked if asked.provider == name]
        rows.append(
            (
                name,
                sum(asked.taken.new for asked in its),
                sum(asked.taken.known_before for asked in its),
                sum(len(asked.taken.refused) for asked in its),
                not any(asked.failed for asked in its),
            )
        )
    return rows


def _told(story: Story) -> tuple[ui.Cell, ...]:
    return second(story.published_at), second(story.known_at), story.source, story.headline


def _strongest(scored: ScoredDays) -> list[tuple[ui.Cell, ...]]:
    """Return the stories whose scores are farthest from 0, the surest first among equals."""
    found = [
        (-abs(row.score), -row.confidence, row.known_at, row)
        for row in scored.rows
        if row.score is not None and row.confidence is not None and row.news_id not in scored.retold
    ]
    found.sort(key=lambda each: each[:3])
    return [_strong(row) for _, _, _, row in found[:STRONGEST]]


def _strong(row: ScoredStory) -> tuple[ui.Cell, ...]:
    sure = f"{row.confidence:.3f}"
    return second(row.known_at), row.source, f"{row.score:+.3f}", sure, row.headline


def _window_text(window: NewsWindow) -> str:
    return f"{iso_z(window.start)} to {iso_z(window.stop)}"
