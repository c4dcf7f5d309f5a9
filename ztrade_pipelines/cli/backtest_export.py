"""`ztrade backtest export`: a run's executions and equity as files."""

from pathlib import Path

import click

from ztrade_pipelines.cli.backtest_show import find_run
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option


@click.command(cls=ZtradeCommand)
@click.argument("run_id", metavar="RUN")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="How the tables are written.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder to write into; it is made.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@json_option
def export(run_id: str, *, form: str, folder: Path, force: bool, as_json: bool) -> None:
    """Write RUN's trades, equity curve, metrics and configuration into files."""
    from ztrade_core.backtest.export import Format, export_run  # noqa: PLC0415 - with its user

    workshop = office().workshop
    run = find_run(workshop, run_id)
    paths = export_run(workshop.backtests, run, folder, Format(form), force=force)
    if as_json:
        emit_json({"run_id": run.run_id, "files": paths})
    else:
        for path in paths:
            click.echo(path)  # whole, however long: a wrapped path cannot be copied
