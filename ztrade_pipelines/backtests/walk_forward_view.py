"""How a walk-forward looks on the page: one month with its best candidates, and the months together."""

from collections.abc import Sequence
from typing import cast

import dagster as dg

from ztrade_core.backtest.picture import as_markdown_image, equity_picture
from ztrade_core.domain.studies import Figures, Trial
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.studies.candidates import ranking
from ztrade_core.studies.walk_forward import WalkedMonth
from ztrade_core.studies.walk_forward_judging import OUT_OF_SAMPLE, parameters_text
from ztrade_core.studies.walk_forward_months import month_of
from ztrade_core.studies.walk_forward_picture import headline, walk_forward_picture
from ztrade_core.studies.walk_forward_whole import Whole
from ztrade_pipelines import ui

SHOWN = 20
BESIDE = (
    "total_return",
    "sharpe",
    OUT_OF_SAMPLE + "total_return",
    OUT_OF_SAMPLE + "sharpe",
    "max_drawdown",
    "trades",
)
MONTHS = (
    "month",
    "in_sample_total_return",
    OUT_OF_SAMPLE + "total_return",
    "configured_total_return",
    "buy_and_hold_total_return",
    "rank",
    "ranked",
    "chosen",
)


def month_metadata(walked: WalkedMonth) -> ui.Metadata:
    """Describe a judged month; every figure is plotted over months."""
    study, result = walked.study, walked.result
    month = month_of(study.part)
    png = equity_picture(result.run, result.equity, result.baseline, result.trades)
    rank_by = str(study.config["rank_by"])
    return {
        "study_id": study.study_id,
        "run_id": study.run_id,
        "chosen": str(study.summary["chosen"]),
        "rank_by": rank_by,
        "in_sample_from": ui.moment(study.start),
        "in_sample_to": ui.moment(study.end - MICROSECOND),
        "judged_from": ui.moment(month.begins),
        "judged_to": ui.moment(month.ends - MICROSECOND),
        "warnings": ui.lines(notes_of(study.config)),
        "dagster/row_count": len(result.equity),
        "equity": dg.MetadataValue.md(as_markdown_image(png)),
        "best_in_sample": _best(walked.trials, rank_by),
        "config": dg.MetadataValue.json(study.config),
        **_numbers("month", study.summary),
    }


def whole_metadata(whole: Whole, name: str) -> ui.Metadata:
    """Describe the judged months together."""
    png = walk_forward_picture(whole, name)
    return {
        "whole/headline": headline(whole).replace("\n", "   |   "),
        "whole/picture": ui.picture(png, "walk-forward: chained equity, months, choices"),
        "whole/months_judged": ui.table(MONTHS, _month_rows(whole)),
        "whole/warnings": ui.lines(whole.notes),
        **_numbers("whole", whole.figures),
    }


def notes_of(config: dict[str, object]) -> list[str]:
    """Return what a stored month says against itself."""
    found = config.get("notes")
    return [str(note) for note in found] if isinstance(found, list) else []


def _best(trials: Sequence[Trial], rank_by: str) -> object:
    """Return the best candidates in sample, each with what it came to out of sample."""
    figures = tuple(dict.fromkeys((rank_by, *BESIDE)))
    rows = [
        (place, parameters_text(trial.parameters), *(trial.metrics.get(name) for name in figures))
        for place, trial in enumerate(ranking(trials, rank_by)[:SHOWN], start=1)
    ]
    return ui.table(("rank_in_sample", "parameters", *figures), rows)


def _month_rows(whole: Whole) -> list[tuple[ui.Cell, ...]]:
    return [
        (study.part, *(study.summary.get(name) for name in MONTHS[1:])) for study in whole.studies
    ]


def _numbers(group: str, figures: Figures) -> ui.Metadata:
    """Return the figures that are numbers, or have none this time."""
    return {
        f"{group}/{name}": ui.number(cast("float | None", value))
        for name, value in figures.items()
        if not isinstance(value, str)
    }
