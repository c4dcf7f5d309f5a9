"""The tear sheet that a backtest leaves beside its rows: one HTML file in the data folder."""

from pathlib import Path

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.runs import BacktestResult
from ztrade_core.backtest.tear_sheet import tear_sheet_path, write_tear_sheet
from ztrade_core.backtest.tear_sheet_content import Archive, Sheet, sheet_of
from ztrade_core.errors import InputError


def archive_of(workshop: Workshop) -> Archive:
    """Return where tear sheets are read from."""
    return Archive(
        company=workshop.settings.company,
        bars=workshop.bars,
        backtests=workshop.backtests,
        calendar=workshop.calendar,
    )


def kept_sheet(workshop: Workshop, result: BacktestResult) -> tuple[Sheet, Path | str]:
    """Write a run's tear sheet; return it with its path, or with why it could not be written.

    The run is stored by then: a full disk must not make it look failed.
    """
    archive = archive_of(workshop)
    sheet = sheet_of(
        archive,
        result.run,
        result.trades,
        result.equity,
        held=result.baseline,
        seen=result.series,
    )
    try:
        path = tear_sheet_path(workshop.settings.data_dir, result.run)
        return sheet, write_tear_sheet(sheet, path)
    except InputError as error:
        return sheet, f"not written: {error}"
