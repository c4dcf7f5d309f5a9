"""`ztrade backtest compare`: runs side by side."""

from collections.abc import Sequence

import click
from rich.console import RenderableType

from ztrade_pipelines.cli.backtest_differences import differences, differences_table, incomparable
from ztrade_pipelines.cli.backtest_guards import guards_for, warning_lines, with_guards
from ztrade_pipelines.cli.backtest_show import find_run
from ztrade_pipelines.cli.backtest_view import best_by_metric, comparison_table, run_document
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show


@click.command(cls=ZtradeCommand)
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN...")
@json_option
def compare(run_ids: Sequence[str], *, as_json: bool) -> None:
    """Show runs side by side; the best value of each metric is bold, with a star.

    Says first what forbids the comparison (then there are no stars), and last in what the configurations differ.
    """
    workshop = office().workshop
    found = [find_run(workshop, run_id) for run_id in run_ids]
    runs = [with_guards(run, guards_for(workshop, run)) for run in found]
    notes = incomparable(runs)
    if as_json:
        emit_json(
            {
                "backtests": [run_document(run) for run in runs],
                "comparable": not notes,
                "notes": notes,
                "best": {} if notes else best_by_metric(runs),
                "differences": differences(runs),
            }
        )
        return
    parts: list[RenderableType] = [*warning_lines(notes), comparison_table(runs, judged=not notes)]
    different = differences_table(runs)
    show(*parts, different if different is not None else "the configurations are the same")
