"""`ztrade risk correlations`: how the agents' symbols move together, as RULE_004 sees it."""

from datetime import datetime

import click
from rich.table import Table

from ztrade_core.domain.configuration import RiskLimits
from ztrade_core.domain.snapshots import PairCorrelation
from ztrade_core.trading.standing import correlations_of
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import moment, ratio
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, show, table
from ztrade_pipelines.cli.times import INSTANT


@click.command(cls=ZtradeCommand)
@click.option("--as-of", type=INSTANT, help="A past moment. [default: now]")
@json_option
def correlations(*, as_of: datetime | None, as_json: bool) -> None:
    """Show the correlations of daily returns. Red counts as moving together."""
    workshop = office().workshop
    at = as_of or workshop.clock.now()
    risk = workshop.settings.company.risk
    desk = workshop.rehearsal_desk(at)
    pairs = correlations_of(desk, desk.market.view(at))
    if as_json:
        emit_json(
            {
                "as_of": at,
                "threshold": risk.correlation_threshold,
                "returns": risk.correlation_returns,
                "min_overlap": risk.correlation_min_overlap,
                "pairs": [
                    {
                        "first": pair.first,
                        "second": pair.second,
                        "correlation": pair.value,
                        "overlap": pair.overlap,
                        "together": together(pair, risk),
                    }
                    for pair in pairs
                ],
            }
        )
    elif not pairs:
        show(nothing("fewer than two agents: nothing to correlate"))
    else:
        show(
            _matrix(pairs, risk, at),
            f"[dim]{risk.correlation_returns} daily returns; red counts as together: above"
            f" {ratio(risk.correlation_threshold)}, or fewer than {risk.correlation_min_overlap}"
            " common returns[/]",
        )


def together(pair: PairCorrelation, risk: RiskLimits) -> bool:
    """Return whether a pair counts as moving together; what is not known does."""
    known = pair.value is not None and pair.overlap >= risk.correlation_min_overlap
    return not (known and pair.value is not None and pair.value <= risk.correlation_threshold)


def _matrix(pairs: tuple[PairCorrelation, ...], risk: RiskLimits, at: datetime) -> Table:
    symbols = sorted({symbol for pair in pairs for symbol in (pair.first, pair.second)})
    found = {frozenset((pair.first, pair.second)): pair for pair in pairs}
    made = table(f"Correlations, {moment(at)}", "=", *[f">{symbol}" for symbol in symbols])
    for row in symbols:
        cells = [
            "[dim]1[/]" if row == column else _cell(found[frozenset((row, column))], risk)
            for column in symbols
        ]
        made.add_row(row, *cells)
    return made


def _cell(pair: PairCorrelation, risk: RiskLimits) -> str:
    text = f"{ratio(pair.value)} ({pair.overlap})" if pair.value is not None else "unknown"
    if pair.value is None and pair.overlap:
        text = f"unknown ({pair.overlap})"
    return f"[red]{text}[/]" if together(pair, risk) else f"[green]{text}[/]"
