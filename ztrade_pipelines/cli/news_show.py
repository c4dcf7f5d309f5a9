"""`ztrade news show`: the stories about one symbol, cleaned, as they were known."""

from datetime import UTC, datetime, timedelta

import click

from ztrade_core.errors import InputError
from ztrade_pipelines.cli import news_view as view
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.data_backfill import require_symbol
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.times import INSTANT

MOST = 1000
EVER = datetime(1990, 1, 1, tzinfo=UTC)


@click.command("show", cls=ZtradeCommand)
@click.argument("symbol")
@click.option("--from", "start", type=INSTANT, help="Published from then on.")
@click.option("--to", "stop", type=INSTANT, help="Published before that. [default: now]")
@click.option("--limit", type=click.IntRange(1, MOST), default=20, show_default=True)
@json_option
def show_stories(
    symbol: str, *, start: datetime | None, stop: datetime | None, limit: int, as_json: bool
) -> None:
    """Show the newest stories about SYMBOL, the newest first. Their text is strangers'."""
    workshop = office().workshop
    require_symbol(symbol)
    ends = stop or workshop.clock.now() + timedelta(days=1)
    begins = start or EVER
    if begins >= ends:
        raise InputError(f"the range begins at {begins} and ends at {ends}, not after it")
    stories = workshop.news.published(symbol, begins, ends)[::-1]
    if as_json:
        shown = [view.story_document(story) for story in stories[:limit]]
        emit_json({"symbol": symbol, "stories": len(stories), "shown": shown})
    else:
        show(*view.story_parts(symbol, stories, limit))
