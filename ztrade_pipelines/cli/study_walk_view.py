"""How a walk-forward looks in the terminal: a month with what was chosen for it, the months together.

A month's backtest is out of sample: what is held against the best of many trials is not held against it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.studies import Figures, Study, Trial
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.domain.words import counted
from ztrade_core.studies.candidates import ranking
from ztrade_pipelines.cli.backtest_guards import warning_lines
from ztrade_pipelines.cli.backtest_view import metric_text, run_document
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import ABSENT, count, moment, percent
from ztrade_pipelines.cli.output import rows, table
from ztrade_pipelines.cli.study_view import rank_of, study_head, trial_document

if TYPE_CHECKING:
    from ztrade_core.studies.walk_forward_whole import Whole

SHOWN = ("total_return", "sharpe", "max_drawdown", "trades")
OUT = "out_of_sample_"
MONTH_ROWS = (
    ("in sample", "in_sample_"),
    ("out of sample", OUT),
    ("as configured", "configured_"),
    ("buy and hold", "buy_and_hold_"),
)
WHOLE_ROWS = MONTH_ROWS[1:]
BEST = (
    ("return in", "total_return"),
    ("Sharpe in", "sharpe"),
    ("return out", f"{OUT}total_return"),
    ("Sharpe out", f"{OUT}sharpe"),
)
A_DAY_DIGITS = 3


def month_parts(
    workshop: Workshop, study: Study, trials: Sequence[Trial], top: int
) -> list[RenderableType]:
    """Return one judged month: what it is, the chosen candidate in and out of sample, the best others."""
    run = workshop.backtests.run(study.run_id) if study.run_id else None
    gone = "" if run is not None else ", which the store does not have"
    first, last = new_york_date(study.start), new_york_date(study.end - MICROSECOND)
    about = fields(
        [
            ("study", f"{study.study_id} (walk-forward of {study.part})"),
            ("agent", study.agent_id),
            ("in sample", f"{first} to {last}, {_bars(study, 'in_sample')}"),
            ("out of sample", f"{study.part}, {_bars(study, 'out_of_sample')}"),
            ("made", moment(study.created_at.replace(microsecond=0))),
            ("backtest", f"{study.run_id}{gone}"),
        ]
    )
    notes = study.config.get("notes")
    warnings = warning_lines([str(note) for note in notes] if isinstance(notes, list) else [])
    shown = [] if run is None else [f"ztrade backtest show {study.run_id} --trades"]
    return [about, month_table(study), _best_table(study, trials, top), *warnings, *shown]


def month_document(
    workshop: Workshop, study: Study, trials: Sequence[Trial], top: int
) -> dict[str, object]:
    """Return one judged month as plain values."""
    run = workshop.backtests.run(study.run_id) if study.run_id else None
    best = ranking(trials, rank_of(study))[:top]
    return {
        **_month(study),
        "config": study.config,
        "best_trials": [trial_document(trial) for trial in best],
        "backtest": None if run is None else run_document(run),
    }


def _bars(study: Study, sample: str) -> str:
    found = study.config.get(sample)
    bars = found.get("bars") if isinstance(found, dict) else None
    return counted(bars, "bar") if isinstance(bars, int) else "how many bars is not known"


def _best_table(study: Study, trials: Sequence[Trial], top: int) -> Table:
    """Return the best candidates in sample, each with what it came to out of it."""
    rank = rank_of(study)
    best = ranking(trials, rank)[:top]
    made = table(
        f"Best {len(best)} of {counted(len(trials), 'candidate')} in sample, by {rank}",
        ">#",
        *(f">{head}" for head, _ in BEST),
        "parameters",
    )
    return rows(
        made,
        [
            (
                str(place),
                *(metric_text(name.removeprefix(OUT), trial.metrics.get(name)) for _, name in BEST),
                " ".join(f"{name}={value:g}" for name, value in trial.parameters),
            )
            for place, trial in enumerate(best, start=1)
        ],
    )


def month_table(study: Study) -> Table:
    """Return one month: the chosen candidate in sample and out of it, beside what else there was."""
    found = study.summary
    made = table(
        study.part, "=", *_heads(), ">a day", caption="\n".join((_judgement(found), _chosen(found)))
    )
    a_day = (
        _a_day(found["in_sample_return_per_day"]),
        _a_day(found["out_of_sample_return_per_day"]),
        ABSENT,
        ABSENT,
    )
    lines = [(*_line(found, *row), day) for row, day in zip(MONTH_ROWS, a_day, strict=True)]
    return rows(made, lines)


def whole_parts(agent_id: str, whole: "Whole") -> list[RenderableType]:
    """Return the months together: their chained curve beside buy-and-hold, and the choices."""
    found, first, last = whole.figures, whole.studies[0].part, whole.studies[-1].part
    made = table(f"{agent_id} walk-forward, {first} to {last}", "=", *_heads())
    return [
        rows(made, [_line(found, *row) for row in WHOLE_ROWS]),
        fields(_whole_lines(found)),
        *warning_lines(tuple(whole.notes)),
    ]


def walk_document(whole: "Whole") -> dict[str, object]:
    """Return the months and the whole as plain values."""
    return {
        "agent_id": whole.studies[0].agent_id,
        "months": [_month(study) for study in whole.studies],
        "whole": {"figures": whole.figures, "warnings": whole.notes},
    }


def _month(study: Study) -> dict[str, object]:
    return {
        **study_head(study),
        "chosen": study.config["chosen"],
        "in_sample": study.config["in_sample"],
        "out_of_sample": study.config["out_of_sample"],
        "warnings": study.config["notes"],
    }


def _heads() -> Sequence[str]:
    return (">return", ">Sharpe", ">drawdown", ">trades")


def _line(found: Figures, label: str, prefix: str) -> tuple[str, ...]:
    return (label, *(metric_text(name, found.get(prefix + name)) for name in SHOWN))


def _judgement(found: Figures) -> str:
    rank = (
        f"rank {count(_number(found['rank']))} of {count(_number(found['ranked']))} out of sample"
    )
    lost = f"{_a_day(found['degradation_per_day'])} a day against in sample"
    return f"{rank}; {lost}; Sharpe kept {percent(_number(found['sharpe_kept']), digits=0)}"


def _chosen(found: Figures) -> str:
    return f"chosen by {found['rank_by']} of {count(_number(found['trials']))}: {found['chosen']}"


def _whole_lines(found: Figures) -> list[tuple[str, str]]:
    def number(name: str) -> float | None:
        return _number(found[name])

    def share(name: str) -> str:
        return percent(number(name), digits=0)

    gained, months = count(number("profitable_months")), counted(number("months") or 0.0, "month")
    inside, outside = "average_in_sample_return_per_day", "average_return_per_day"
    lost = f"{_a_day(found['average_degradation_per_day'])} a day on average"
    kept = f"{share('median_sharpe_kept')}, the median"
    with_ratio, ranked = (
        counted(number(name) or 0.0, "month")
        for name in ("months_with_sharpe_kept", "ranked_months")
    )
    below = "the best in sample came below the median of all candidates (50 % is blind choice)"
    changed = f"changed {counted(number('choice_changes') or 0.0, 'time')} ({share('choice_change_share')})"
    skill = percent(number("out_of_sample_probabilistic_sharpe"), digits=0)
    return [
        ("profitable", f"{gained} of {months} ({share('profitable_share')})"),
        ("degradation", f"{lost}: {_a_day(found[inside])} in sample, {_a_day(found[outside])} out"),
        ("Sharpe kept", f"{kept} of the {with_ratio} with one"),
        ("overfit", f"in {share('overfit_probability')} of {ranked} {below}"),
        ("choice", f"{changed}; {count(number('different_choices'))} different ones"),
        ("skill", f"{skill} that the true Sharpe ratio out of sample is above 0"),
        ("curve", "each month begins flat on the allocated capital; months' returns compound"),
    ]


def _a_day(value: object) -> str:
    return percent(_number(value), signed=True, digits=A_DAY_DIGITS)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
