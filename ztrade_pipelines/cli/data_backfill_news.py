"""The news of the days that `ztrade data backfill` loads: asked for, scored, and shown.

Days are whole UTC days, a symbol's once whatever its timeframes. A source that did not answer for all of
them is named, and what the others had is kept and scored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import dagster as dg
from rich.console import RenderableType
from rich.text import Text

from ztrade_core.assembly.news_days import LoadedNews, ScoredDays, load_news, score_days
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.words import counted
from ztrade_core.errors import ConfigError
from ztrade_core.market_data.chain import SeriesWindow
from ztrade_core.news.gathering import NewsWindow
from ztrade_core.settings.load import Settings
from ztrade_pipelines import keys
from ztrade_pipelines.cli.formats import ABSENT, count
from ztrade_pipelines.cli.instance import dagster_instance
from ztrade_pipelines.cli.office import Office
from ztrade_pipelines.cli.output import rows, table

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsOfDays:
    """One symbol's days. No `scored`: there is no scorer, and `why` says what is wrong with it."""

    loaded: LoadedNews
    scored: ScoredDays | None
    why: str

    @property
    def is_whole(self) -> bool:
        """Whether every source that was asked answered, and all stories are scored."""
        silent = any(asked.failed for asked in self.loaded.asked)
        return not silent and self.scored is not None and not self.scored.unscored


def backfill_news(here: Office, windows: Sequence[SeriesWindow]) -> list[NewsOfDays]:
    """Load and score the news of the windows' symbols and days."""
    return [_one(here, window) for window in news_windows(windows)]


def news_windows(windows: Sequence[SeriesWindow]) -> Iterator[NewsWindow]:
    """Yield each symbol's whole UTC days that hold its windows."""
    for symbol in dict.fromkeys(window.symbol for window in windows):
        its = [window for window in windows if window.symbol == symbol]
        start, last = min(one.start for one in its), max(one.stop for one in its)
        stop = _midnight(last)
        yield NewsWindow(
            symbol=symbol, start=_midnight(start), stop=stop if stop == last else stop + _DAY
        )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _one(here: Office, window: NewsWindow) -> NewsOfDays:
    loaded = load_news(here.workshop, window)
    try:
        return NewsOfDays(loaded=loaded, scored=score_days(here.workshop, window), why="")
    except ConfigError as error:
        return NewsOfDays(loaded=loaded, scored=None, why=str(error))


def news_parts(found: Sequence[NewsOfDays]) -> list[RenderableType]:
    """Return a row a symbol, and what a person should know."""
    made = table("News", "=symbol", ">stories", ">new", ">scored now", "=scorer", "=whole")
    cells = [
        (
            each.loaded.window.symbol,
            count(len(each.loaded.stories)),
            count(each.loaded.new),
            ABSENT if each.scored is None else count(each.scored.done.scored),
            ABSENT if each.scored is None else each.scored.scorer,
            "[green]yes[/]" if each.is_whole else "[yellow]no[/]",
        )
        for each in found
    ]
    told = dict.fromkeys(
        f"{each.loaded.window.symbol}: {note}"
        for each in found
        for note in (*each.loaded.notes, each.why, *(each.scored.notes if each.scored else ()))
        if note
    )
    return [rows(made, cells), *(Text(line, style="yellow") for line in told)]


def news_document(found: Sequence[NewsOfDays]) -> list[dict[str, object]]:
    """Return the same for programs."""
    return [
        {
            "symbol": each.loaded.window.symbol,
            "start": each.loaded.window.start,
            "stop": each.loaded.window.stop,
            "stories": len(each.loaded.stories),
            "new": each.loaded.new,
            "scored": None if each.scored is None else each.scored.done.scored,
            "scorer": None if each.scored is None else each.scored.scorer,
            "complete": each.is_whole,
            "notes": [*each.loaded.notes, *([each.why] if each.why else [])],
        }
        for each in found
    ]


def record_news(settings: Settings, found: Sequence[NewsOfDays], now: datetime) -> int:
    """Turn the days green on the page of symbols that agents trade; return how many were recorded."""
    wanted = [
        (each, key)
        for each in found
        if each.is_whole and each.loaded.window.symbol in keys.symbols_of(settings.company)
        for key in _keys(each.loaded.window.symbol)
    ]
    if not wanted:
        return 0
    recorded = 0
    with dagster_instance(settings) as instance:
        for each, key in wanted:
            known = set() if each.loaded.new else instance.get_materialized_partitions(key)
            for day in _days(settings.company, each.loaded.window, now):
                if day.isoformat() not in known:
                    instance.report_runless_asset_event(_materialized(each, key, day))
                    recorded += 1
    return recorded


def recorded_text(here: Office, found: Sequence[NewsOfDays]) -> str:
    """Record the days on the page, and return how many there were."""
    days = record_news(here.settings, found, here.workshop.clock.now())
    return f"{counted(days, 'day')} of news and sentiment recorded on the page"


def _keys(symbol: str) -> tuple[dg.AssetKey, dg.AssetKey]:
    return keys.news_key(symbol), keys.sentiment_key(symbol)


def _days(company: Company, window: NewsWindow, now: datetime) -> Iterator[date]:
    """Yield the days of a window that have a partition."""
    day = max(window.start.date(), date.fromisoformat(company.market_data.history_start))
    while day < window.stop.date() and day <= now.date():
        yield day
        day += _DAY


def _materialized(each: NewsOfDays, key: dg.AssetKey, day: date) -> dg.AssetMaterialization:
    stories = [one for one in each.loaded.stories if one.published_at.date() == day]
    scores = (
        [] if each.scored is None else [r for r in each.scored.rows if r.known_at.date() == day]
    )
    is_news = key == keys.news_key(each.loaded.window.symbol)
    return dg.AssetMaterialization(
        asset_key=key,
        partition=day.isoformat(),
        description="loaded at the terminal",
        metadata={
            "dagster/row_count": len(stories if is_news else scores),
            "scorer": each.scored.scorer if each.scored is not None else ABSENT,
            "launched_by": "ztrade data backfill",
        },
    )
