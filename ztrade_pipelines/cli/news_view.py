"""How news looks in the terminal and as JSON. A stranger's text is shown as text, never as markup."""

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ztrade_core.domain.news import Story
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.news.files import NewsImport
from ztrade_core.news.gathering import Asked, Gathered
from ztrade_core.ports.news import NewsSeries
from ztrade_pipelines.cli.formats import count, moment
from ztrade_pipelines.cli.output import nothing, rows, table

MOST_FAULTS, MOST_NAME = 20, 200
_EMPTY = "no stories in the store; `ztrade news fetch` asks the sources, `ztrade news import FILE` reads files"


def import_parts(reports: Sequence[NewsImport]) -> list[RenderableType]:
    """Return what importing files did, the bad rows, the first few of each file, and what comes next."""
    made = table("Imported", "file", ">rows", ">new", ">known before", ">refused")
    for report in reports:
        made.add_row(
            _name(report),
            count(report.rows),
            count(report.taken.new),
            count(report.taken.known_before),
            count(len(report.faults)),
        )
    lines = [
        Text(f"{_name(report)}: {fault.text}", style="yellow")
        for report in reports
        for fault in report.faults[:MOST_FAULTS]
    ]
    more = [
        Text(f"{_name(report)}: {len(report.faults) - MOST_FAULTS} more (--json lists all)")
        for report in reports
        if len(report.faults) > MOST_FAULTS
    ]
    new = sum(report.taken.new for report in reports)
    next_step = [Text(f"{count(new)} new: `ztrade sentiment score-stored` scores them")]
    return [made, *lines, *more, *(next_step if new else [])]


def _name(report: NewsImport) -> Text:
    return Text(visible_line(report.file, MOST_NAME))


def import_document(report: NewsImport) -> dict[str, Any]:
    """Return what importing one file did."""
    return {
        "file": report.file,
        "rows": report.rows,
        "new": report.taken.new,
        "known_before": report.taken.known_before,
        "refused": len(report.faults),
        "faults": report.faults,
    }


def series_table(series: Sequence[NewsSeries]) -> RenderableType:
    """Return one row a symbol."""
    if not series:
        return nothing(_EMPTY)
    made = table(
        "News in the store", "=symbol", ">stories", "published", "=last arrival", "sources"
    )
    cells = [
        (
            each.symbol,
            count(each.stories),
            f"{moment(each.first_published)} to {moment(each.last_published)}",
            moment(each.last_ingested),
            "\n".join(f"{escape(source)} {count(stories)}" for source, stories in each.sources),
        )
        for each in series
    ]
    return rows(made, cells)


def series_document(each: NewsSeries) -> dict[str, Any]:
    """Return one symbol's stories at a glance."""
    return {
        "symbol": each.symbol,
        "stories": each.stories,
        "first_published": each.first_published,
        "last_published": each.last_published,
        "last_ingested": each.last_ingested,
        "sources": [{"source": source, "stories": stories} for source, stories in each.sources],
    }


def story_parts(symbol: str, stories: Sequence[Story], limit: int) -> list[RenderableType]:
    """Return a symbol's stories, and how many are not shown."""
    if not stories:
        return [nothing(f"no stories about {symbol} in that range; `ztrade news status` lists all")]
    made = table(f"Stories about {symbol}", "=published", "=known", "source", "headline")
    for story in stories[:limit]:
        made.add_row(
            moment(story.published_at),
            moment(story.known_at),
            Text(story.source),
            Text(story.headline),
        )
    rest = len(stories) - limit
    return [made, *([Text(f"{count(rest)} older ones (--limit shows more)")] if rest > 0 else [])]


def story_document(story: Story) -> dict[str, Any]:
    """Return one story."""
    return {
        "id": story.news_id,
        "symbol": story.symbol,
        "published_at": story.published_at,
        "known_at": story.known_at,
        "ingested_at": story.ingested_at,
        "source": story.source,
        "headline": story.headline,
        "body": story.body or None,
        "url": story.url or None,
    }


def gathered_parts(found: Sequence[Gathered]) -> list[RenderableType]:
    """Return one row for each window and source that was asked, and the notes."""
    made: Table = table(
        "News", "=symbol", "=from", "source", ">new", ">known before", ">refused", "=answered"
    )
    for each in found:
        for asked in each.asked:
            made.add_row(
                each.window.symbol,
                f"{each.window.start:%Y-%m-%d}",
                asked.provider,
                count(asked.taken.new),
                count(asked.taken.known_before),
                count(len(asked.taken.refused)),
                "[red]no[/]" if asked.failed else "[green]yes[/]",
            )
    notes = dict.fromkeys(f"{e.window.symbol}: {text}" for e in found for text in e.notes)
    lines: list[RenderableType] = [Text(text, style="yellow") for text in notes]
    return [made, *lines] if made.rows else lines


def gathered_document(found: Gathered) -> dict[str, Any]:
    """Return what came of one window."""
    return {
        "symbol": found.window.symbol,
        "start": found.window.start,
        "stop": found.window.stop,
        "new": found.new,
        "known_before": found.known_before,
        "refused": found.refused,
        "complete": bool(found.asked) and found.is_complete,
        "sources": [_asked_document(asked) for asked in found.asked],
        "notes": found.notes,
    }


def _asked_document(asked: Asked) -> dict[str, Any]:
    return {
        "source": asked.provider,
        "new": asked.taken.new,
        "known_before": asked.taken.known_before,
        "refused": len(asked.taken.refused),
        "failed": asked.failed or None,
        "until": asked.until,
    }
