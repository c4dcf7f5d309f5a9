"""`ztrade backtest report`: a run's tear sheet as one HTML file."""

from pathlib import Path

import click
from rich.text import Text

from ztrade_pipelines.cli.backtest_show import find_run
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show


@click.command(cls=ZtradeCommand)
@click.argument("run_id", metavar="RUN")
@click.option(
    "--out",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it. [default: tear_sheets/RUN.html in the data folder, made anew]",
)
@click.option("--force", is_flag=True, help="Overwrite the FILE if it exists.")
@json_option
def report(run_id: str, *, path: Path | None, force: bool, as_json: bool) -> None:
    """Write RUN's tear sheet: one HTML file that needs no network."""
    # Matplotlib and the loop: only who draws pays for them.
    from ztrade_core.backtest.export import refuse_existing  # noqa: PLC0415
    from ztrade_core.backtest.tear_sheet import tear_sheet_path, write_tear_sheet  # noqa: PLC0415
    from ztrade_core.backtest.tear_sheet_content import read_sheet  # noqa: PLC0415
    from ztrade_pipelines.backtests.sheets import archive_of  # noqa: PLC0415

    workshop = office().workshop
    run = find_run(workshop, run_id)
    if path is not None and not force:
        refuse_existing([path])
    sheet = read_sheet(archive_of(workshop), run)
    written = write_tear_sheet(sheet, path or tear_sheet_path(workshop.settings.data_dir, run))
    if as_json:
        emit_json({"run_id": run.run_id, "file": written, "warnings": sheet.warnings})
    else:
        click.echo(written)  # whole, however long: a wrapped path cannot be copied
        show(*[Text(f"warning: {each}", style="yellow") for each in sheet.warnings])
