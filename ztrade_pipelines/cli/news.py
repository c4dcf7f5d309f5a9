"""`ztrade news import`, `status` and `fetch`: stories into the store, and what is there.

Exit codes: 0 everything asked for is in; 3 rows were refused (`import`), or a source did not answer or
nobody could be asked (`fetch`): what was had is in, and the rest is named.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from ztrade_core.assembly.gathering import backfill_delay, gathering_of
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.news.files import import_news
from ztrade_core.news.gathering import Gathered, NewsWindow
from ztrade_pipelines.cli import news_view as view
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.data_backfill import INCOMPLETE, require_symbol
from ztrade_pipelines.cli.many_values import ManyValuesCommand, several
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, show

MOST_DAYS = 3650


@click.command("import", cls=ZtradeCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def import_(files: Sequence[Path], *, as_json: bool) -> int:
    """Import CSV files of stories. Bad rows are named by line and column; the good ones enter.

    Columns: id,timestamp,symbols,headline,summary,source,url. `ztrade sentiment score-stored` scores what came.
    """
    workshop = office().workshop
    reports = import_news(
        files,
        workshop.news,
        fetched_at=workshop.clock.now(),
        backfill_delay=backfill_delay(workshop.settings),
    )
    if as_json:
        emit_json({"files": [view.import_document(report) for report in reports]})
    else:
        show(*view.import_parts(reports))
    return INCOMPLETE if any(report.faults for report in reports) else 0


@click.command(cls=ZtradeCommand)
@json_option
def status(*, as_json: bool) -> None:
    """Show what stories there are: each symbol's number, range, last arrival and sources."""
    series = office().workshop.news.series()
    if as_json:
        emit_json({"symbols": [view.series_document(each) for each in series]})
    else:
        show(view.series_table(series))


@click.command(cls=ManyValuesCommand)
@several("--symbols", "Symbols: TSLA BTC/USD. [default: the agents']")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=1,
    show_default=True,
    help="How far back; more than 1 is a backfill.",
)
@json_option
def fetch(*, symbols: Sequence[str], days: int, as_json: bool) -> int:
    """Ask every configured source for stories; one that fails hides no other."""
    here = office()
    agents = [agent.symbol for agent in here.settings.company.agents]
    wanted = list(dict.fromkeys(symbols or agents))
    for symbol in wanted:
        require_symbol(symbol)
    found = _refreshed(here, wanted) if days == 1 else _backfilled(here, wanted, days)
    if as_json:
        emit_json({"windows": [view.gathered_document(each) for each in found]})
    else:
        show(*view.gathered_parts(found))
    return 0 if all(each.asked and each.is_complete for each in found) else INCOMPLETE


def _refreshed(here: Office, symbols: Sequence[str]) -> list[Gathered]:
    """Refresh symbol after symbol, each within the time that one refresh may take."""
    found = []
    for symbol in symbols:
        now = here.workshop.clock.now()
        kind = instrument_of(symbol).asset_class
        found.append(gathering_of(here.workshop, kind, now, live=True).refresh(symbol))
    return found


def _backfilled(here: Office, symbols: Sequence[str], days: int) -> list[Gathered]:
    """Backfill in one run: a source whose limit is used up rests for the other symbols too."""
    now = here.workshop.clock.now()
    start = now - timedelta(days=days)
    runs = {kind: gathering_of(here.workshop, kind, now, live=False) for kind in AssetClass}
    return [
        gathered
        for symbol in symbols
        for gathered in runs[instrument_of(symbol).asset_class].backfill(
            NewsWindow(symbol=symbol, start=start, stop=now)
        )
    ]
