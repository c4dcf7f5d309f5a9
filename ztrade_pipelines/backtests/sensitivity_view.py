"""How a study of sensitivity looks on the page: its conclusion as numbers, its runs as a table."""

import dagster as dg

from ztrade_core.domain.studies import Figures, StudyKind
from ztrade_core.studies.variants import Varied, number_of
from ztrade_pipelines import ui

FIGURES = {
    StudyKind.COSTS: (
        "total_return",
        "profit_usd",
        "lost_to_costs_usd",
        "lost_share",
        "commission_usd",
        "coin_fees_usd",
        "sharpe",
        "max_drawdown",
        "trades",
    ),
    StudyKind.SENTIMENT: (
        "total_return",
        "sharpe",
        "max_drawdown",
        "trades",
        "win_rate",
        "profit_factor",
        "exposure",
        "bars_with_sentiment",
    ),
}


def sensitivity_metadata(varied: Varied) -> ui.Metadata:
    """Describe a finished study; every figure of its summary is plotted over runs."""
    study = varied.study
    names = FIGURES[study.kind]
    rows = [
        (label, *(trial.metrics.get(name) for name in names))
        for label, trial in zip(varied.labels, varied.trials, strict=True)
    ]
    return {
        "study_id": study.study_id,
        "kind": study.kind.value,
        "start": ui.moment(study.start),
        "end": ui.moment(study.end),
        "dagster/row_count": len(varied.trials),
        "runs": ui.table(("run", *names), rows),
        "notes": ui.lines(varied.notes),
        "config": dg.MetadataValue.json(study.config),
        **{f"{study.kind.value}/{name}": _shown(study.summary, name) for name in study.summary},
    }


def _shown(summary: Figures, name: str) -> object:
    value = summary[name]
    return value if isinstance(value, str) else ui.number(number_of(summary, name))
