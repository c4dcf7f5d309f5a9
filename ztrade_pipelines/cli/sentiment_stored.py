"""`ztrade sentiment score-stored`: scores for the stored stories that the configured scorer has not scored.

Sentiment as of a moment is read from stored scores only; an agent's live run scores what is new by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.words import counted
from ztrade_core.errors import NoDataError
from ztrade_core.logs import configure_logging
from ztrade_core.sentiment.scoring import ScoredWindow, keep_latest
from ztrade_pipelines.cli.data_backfill import require_symbol
from ztrade_pipelines.cli.formats import count
from ztrade_pipelines.cli.many_values import ManyValuesCommand, several
from ztrade_pipelines.cli.office import note, office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

EVER = datetime(1970, 1, 1, tzinfo=UTC)
NO_NEWS = "no news is stored: `ztrade news import PATH...` or `ztrade news fetch` brings some"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """What became of one symbol's stories."""

    symbol: str
    done: ScoredWindow


@click.command(cls=ManyValuesCommand)
@several("--symbols", "Symbols: TSLA BTC/USD. [default: all that have news]")
@json_option
def score_stored(*, symbols: Sequence[str], as_json: bool) -> None:
    """Score the stored stories that have no score. A second run scores nothing twice."""
    here = office()
    configure_logging(level="INFO" if here.debug else "ERROR")  # a fallback is said in a note
    workshop = here.workshop
    stored = [one.symbol for one in workshop.news.series()]
    known = ", ".join(stored) or "no symbol"
    for symbol in symbols:
        require_symbol(symbol)
        if symbol not in stored:
            raise NoDataError(f"no news of {symbol} is stored; there is some of {known}")
    wanted = list(dict.fromkeys(symbols)) or stored
    found = [_caught(workshop, symbol) for symbol in wanted]
    notes = workshop.sentiment.chosen_notes if any(one.done.scored for one in found) else ()
    for each in notes:
        note(each)
    if as_json:
        emit_json({"scorer": workshop.sentiment.scorer_key, "notes": notes, "symbols": found})
        return
    if not found:
        show(nothing(NO_NEWS))
        return
    made = table(
        f"Scored by {workshop.sentiment.scorer_key}",
        "=symbol",
        ">stories",
        ">scored now",
        ">before",
        ">without words",
    )
    total = sum(one.done.scored for one in found)
    show(rows(made, [_cells(one) for one in found]), f"{counted(total, 'story', 'stories')} scored")


def _caught(workshop: Workshop, symbol: str) -> Caught:
    now = workshop.clock.now()
    done = workshop.sentiment.score(symbol, (EVER, now + timedelta(days=1)))
    keep_latest(workshop.sentiment.stored, workshop.scores, symbol, now)
    return Caught(symbol=symbol, done=done)


def _cells(one: Caught) -> tuple[str, ...]:
    done = one.done
    before = count(done.stories - done.scored)
    return one.symbol, count(done.stories), count(done.scored), before, count(done.without_words)
