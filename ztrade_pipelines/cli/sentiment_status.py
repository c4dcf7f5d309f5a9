"""`ztrade sentiment status`: stories, who scored them, and the newest reading, a symbol a line."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.ports.news import NewsSeries
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import count, ratio
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A symbol's news and sentiment now; `age_hours` is how old its newest story is."""

    symbol: str
    stories: int
    scored: int
    unscored: int
    last_published: datetime | None
    age_hours: float | None
    reading: SentimentReading | None


@click.command(cls=ZtradeCommand)
@json_option
def status(*, as_json: bool) -> None:
    """Show per symbol its stories, how many the configured scorer has scored, and what they say now.

    `hours` is the age of the newest story; `score` (-1 to 1) and `sure` (0 to 1) are the reading of this moment.
    """
    workshop = office().workshop
    works = workshop.sentiment
    key, now = works.scorer_key, workshop.clock.now()
    found = [_standing(workshop, one, key, now) for one in workshop.news.series()]
    if as_json:
        emit_json({"scorer": key, "as_of": now, "symbols": found})
        return
    if not found:
        show(nothing("no news is stored: `ztrade news import PATH...` or `fetch` brings some"))
        return
    made = table(
        f"Sentiment by {key}",
        "=symbol",
        ">stories",
        ">scored",
        ">unscored",
        "=newest story",
        ">hours",
        ">score",
        ">sure",
    )
    missing = sum(one.unscored for one in found)
    hint = [f"{count(missing)} not scored: `ztrade sentiment score-stored` scores them"]
    show(rows(made, [_cells(one) for one in found]), *(hint if missing else []))


def _standing(workshop: Workshop, one: NewsSeries, key: str, now: datetime) -> Standing:
    last = one.last_published
    unscored = workshop.scores.unscored(one.symbol, key, EVER, now + timedelta(days=1))
    return Standing(
        symbol=one.symbol,
        stories=one.stories,
        scored=one.stories - unscored,
        unscored=unscored,
        last_published=last,
        age_hours=None if last is None else (now - last) / timedelta(hours=1),
        reading=workshop.sentiment.reading(one.symbol, now),
    )


def _cells(one: Standing) -> tuple[str, ...]:
    reading = one.reading
    missing = f"[yellow]{count(one.unscored)}[/]" if one.unscored else "0"
    return (
        one.symbol,
        count(one.stories),
        count(one.scored),
        missing,
        "-" if one.last_published is None else f"{one.last_published:%Y-%m-%d %H:%MZ}",
        "-" if one.age_hours is None else f"{one.age_hours:,.0f}",
        "no news" if reading is None else ratio(reading.score),
        "-" if reading is None else ratio(reading.confidence),
    )
