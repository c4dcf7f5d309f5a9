"""The tear sheet of a run: one HTML file that loads nothing.

Pictures and style are inside, scripts there are none, and the page's content policy forbids both.
Every text of a run is escaped (`report_html`). What it shows is `tear_sheet_content`.
"""

from pathlib import Path

from ztrade_core.backtest import tear_sheet_sections as sections
from ztrade_core.backtest.export import file_stem, write_whole
from ztrade_core.backtest.portfolio_report import is_company
from ztrade_core.backtest.portfolio_report_html import agents
from ztrade_core.backtest.report_html import Html, element
from ztrade_core.backtest.tear_sheet_content import Sheet
from ztrade_core.backtest.tear_sheet_explanation import every_bar
from ztrade_core.backtest.tear_sheet_guards import guards_and_simulations
from ztrade_core.backtest.tear_sheet_mind import has_mind, mind
from ztrade_core.backtest.tear_sheet_style import POLICY, STYLE
from ztrade_core.domain.backtests import BacktestRun

FOLDER = "tear_sheets"


def tear_sheet_path(data_dir: Path, run: BacktestRun) -> Path:
    """Return where a run's tear sheet lies unless told otherwise."""
    return data_dir / FOLDER / f"{file_stem(run)}.html"


def write_tear_sheet(sheet: Sheet, path: Path) -> Path:
    """Write the page to a file, whole or not at all; its folder is made.

    Raises InputError when the file cannot be written.
    """
    write_whole(path, page(sheet).encode())
    return path


def page(sheet: Sheet) -> str:
    """Return the whole page as HTML."""
    title = f"{sheet.run.agent_id}: backtest {sheet.run.run_id}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    parts = (
        sections.header(sheet),
        sections.tiles(sheet),
        sections.warnings(sheet),
        *((mind(sheet.run),) if has_mind(sheet.run) else ()),
        *((every_bar(sheet),) if not sheet.trades else ()),
        *((agents(sheet),) if is_company(sheet.run) else ()),
        sections.equity(sheet),
        sections.months(sheet),
        sections.falls(sheet),
        sections.prices(sheet),
        guards_and_simulations(sheet),
        sections.metrics(sheet),
        *((every_bar(sheet),) if sheet.trades else ()),
        sections.trades(sheet),
        sections.data(sheet),
    )
    body = element("body", element("main", *parts))
    return "<!DOCTYPE html>\n" + element("html", head, body, lang="en") + "\n"
