"""`ztrade data refresh`: the newest bars of series, by the code that an agent's own run uses.

Exit codes: 0 every series has its newest expected bar; 3 one has not, and the notes say why.
"""

from collections.abc import Sequence

import click
from rich.console import RenderableType
from rich.markup import escape

from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.market import RefreshReport
from ztrade_pipelines.cli.data_backfill import INCOMPLETE, asked_series
from ztrade_pipelines.cli.formats import count
from ztrade_pipelines.cli.many_values import ManyValuesCommand, several
from ztrade_pipelines.cli.mirror import mirrored
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table


@click.command(cls=ManyValuesCommand)
@several("--symbols", "Symbols: TSLA IWM BTC/USD. [default: the agents']")
@several("--timeframes", "Timeframes: 1m 5m 15m 1h 1d. [default: the agents']")
@json_option
def refresh(*, symbols: Sequence[str], timeframes: Sequence[str], as_json: bool) -> int:
    """Bring series up to now from the configured providers."""
    here = office()
    market, now = here.workshop.market(), here.workshop.clock.now()
    found = []
    for symbol, timeframe in asked_series(here, symbols, timeframes):
        report = market.refresh(symbol, timeframe, now)
        found.append((report, is_fresh(here, symbol, timeframe)))
    mirrored(lambda: _record(here, [report for report, _ in found]))
    if as_json:
        emit_json({"series": [_document(report, fresh=fresh) for report, fresh in found]})
    else:
        show(*_parts(found))
    return 0 if all(fresh for _, fresh in found) else INCOMPLETE


def _record(here: Office, reports: Sequence[RefreshReport]) -> None:
    """Show on the page what was written."""
    from ztrade_pipelines.cli.recording_bars import record_refresh  # noqa: PLC0415 - Dagster

    if any(report.written for report in reports):
        record_refresh(here.settings, reports)


def is_fresh(here: Office, symbol: str, timeframe: Timeframe) -> bool:
    """Return whether the last stored bar is the one that the calendar expects by now."""
    workshop = here.workshop
    last = workshop.bars.read(symbol, timeframe, last=1)
    asset_class = instrument_of(symbol).asset_class
    expected = workshop.calendar.expected_bar(asset_class, timeframe, workshop.clock.now())
    return expected is None or (len(last) > 0 and last.last_open >= expected)


def _parts(found: Sequence[tuple[RefreshReport, bool]]) -> list[RenderableType]:
    made = table("Refreshed", "=series", ">written", "=fresh", "=source", "notes")
    cells = [
        (
            f"{report.symbol} {report.timeframe}",
            count(report.written),
            "[green]yes[/]" if fresh else "[yellow]no[/]",
            report.source,
            escape("\n".join(report.notes)),
        )
        for report, fresh in found
    ]
    return [rows(made, cells)]


def _document(report: RefreshReport, *, fresh: bool) -> dict[str, object]:
    return {
        "symbol": report.symbol,
        "timeframe": report.timeframe,
        "written": report.written,
        "fresh": fresh,
        "source": report.source or None,
        "notes": report.notes,
    }
