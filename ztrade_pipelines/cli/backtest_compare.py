"""`ztrade backtest compare`: runs side by side."""

from collections.abc import Sequence

import click

from ztrade_pipelines.cli.backtest_guards import (
    comparability,
    guards_for,
    warning_lines,
    with_guards,
)
from ztrade_pipelines.cli.backtest_show import find_run
from ztrade_pipelines.cli.backtest_view import comparison_table, run_document
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show


@click.command(cls=ZtradeCommand)
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN...")
@json_option
def compare(run_ids: Sequence[str], *, as_json: bool) -> None:
    """Show runs side by side; the best value of each metric is bold, with a star."""
    workshop = office().workshop
    found = [find_run(workshop, run_id) for run_id in run_ids]
    runs = [with_guards(run, guards_for(workshop, run)) for run in found]
    if as_json:
        notes = comparability(runs)
        emit_json({"backtests": [run_document(run) for run in runs], "notes": notes})
    else:
        show(comparison_table(runs), *warning_lines(comparability(runs)))
