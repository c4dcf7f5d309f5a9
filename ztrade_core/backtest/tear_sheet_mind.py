"""Who decided, on a tear sheet: a recording, or a model with the bars that it may have known split off."""

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.cutoff_split import CLEAN, CLEAN_FIGURES
from ztrade_core.backtest.mind_text import is_contaminated, mind_rows
from ztrade_core.backtest.report_html import Html, element, section, table
from ztrade_core.domain.backtests import BacktestRun

ABOUT = (
    "Before its training cutoff a model may remember how the market went, and trade on it. Only the clean"
    " bars, after the cutoff's day, say what it can do; they begin with the equity of the last bar before."
)


def has_mind(run: BacktestRun) -> bool:
    """Return whether something else than a strategy decided."""
    return bool(mind_rows(run))


def mind(run: BacktestRun) -> Html:
    """Return who decided; of a model with contaminated bars the figures with and without them too."""
    made = [table(("what", "which"), mind_rows(run))]
    if is_contaminated(run):
        head = ("figure", "all bars", "clean bars alone")
        made += [table(head, _split(run), numbers=(1, 2)), element("p", ABOUT, class_="fine")]
    return section("Who decided", *made)


def _split(run: BacktestRun) -> list[tuple[str, str, str]]:
    shown = [("bars", "bars", "clean_bars")]
    shown += [(name.replace("_", " "), name, CLEAN + name) for name in CLEAN_FIGURES]
    metrics = run.metrics
    return [
        (label, text.metric(name, metrics.get(name)), text.metric(clean, metrics.get(clean)))
        for label, name, clean in shown
    ]
