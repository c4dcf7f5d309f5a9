"""What the studies of costs and of sentiment share on the command line: launching, and how they look.

A row a run, the best value of each figure in bold with a star; for sentiment, each run's difference
to the one without.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table

from ztrade_core.domain.studies import Figures, Study, StudyKind, Trial
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError, NoDataError
from ztrade_pipelines.cli.backtest_guards import warning_lines
from ztrade_pipelines.cli.backtest_run import asked_range
from ztrade_pipelines.cli.backtest_view import best_of, metric_text
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import ABSENT, count, moment, percent, ratio, toned, usd
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, rows, show, table
from ztrade_pipelines.cli.study_view import study_head

FIGURES = {
    StudyKind.COSTS: {
        "total_return": "return",
        "profit_usd": "profit",
        "lost_to_costs_usd": "lost to costs",
        "lost_share": "share",
        "sharpe": "sharpe",
        "max_drawdown": "drawdown",
        "trades": "trades",
    },
    StudyKind.SENTIMENT: {
        "total_return": "return",
        "sharpe": "sharpe",
        "max_drawdown": "drawdown",
        "win_rate": "win rate",
        "trades": "trades",
        "bars_with_sentiment": "bars with it",
    },
}
TITLES = {
    StudyKind.COSTS: "At multiples of the configured costs",
    StudyKind.SENTIMENT: "With, without and with late sentiment",
}
WITHOUT = 1
KEPT = "kept_share_"
_FRACTIONS = ("total_return", "lost_share", "max_drawdown", "win_rate")


def run_sensitivity(
    agent_id: str,
    kind: StudyKind,
    span: tuple[str | None, str | None],
    readings: Path | None = None,
) -> tuple[Study, list[Trial]]:
    """Materialize an agent's sensitivity through Dagster; return the stored study and its trials."""
    from ztrade_pipelines.backtests.sensitivity import SENSITIVITY_JOB  # noqa: PLC0415 - Dagster
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415 - is slow to import
    from ztrade_pipelines.keys import SENSITIVITY  # noqa: PLC0415

    here = office()
    agent = here.settings.company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in here.settings.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    start, end = asked_range(here.workshop, agent, *span)
    config = {"kind": kind.value, "agent_id": agent_id, "start": start, "end": end}
    if readings is not None:
        config["readings"] = str(readings.absolute())
    launched = launch(
        here.settings,
        SENSITIVITY_JOB,
        config,
        assets=[(SENSITIVITY, agent_id)],
        quiet=not here.debug,
    )
    found = launched.materialized.get(f"{SENSITIVITY}/{agent_id}", {})
    study = here.workshop.studies.study(str(found.get("study_id", "")))
    if study is None:
        raise NoDataError(f"run {launched.run_id} left no study of {agent_id}")
    return study, here.workshop.studies.trials(study.study_id)


def show_sensitivity(study: Study, trials: Sequence[Trial], *, as_json: bool) -> None:
    """Print a study of costs or of sentiment."""
    if as_json:
        emit_json(sensitivity_document(study, trials))
    else:
        show(*sensitivity_parts(study, trials))


def sensitivity_parts(study: Study, trials: Sequence[Trial]) -> list[RenderableType]:
    """Return what is shown of a study: what it says, its runs, differences, warnings."""
    parts: list[RenderableType] = [fields(_about(study)), runs_table(study, trials)]
    if study.kind is StudyKind.SENTIMENT:
        parts.append(differences_table(study, trials))
    return [*parts, *warning_lines(_notes(study))]


def _about(study: Study) -> list[tuple[str, str]]:
    found = study.summary
    says = _costs_say if study.kind is StudyKind.COSTS else _sentiment_says
    return [
        ("study", f"{study.study_id} ({study.kind.value})"),
        ("agent", study.agent_id),
        ("from", moment(study.start)),
        ("to", moment(study.end)),
        *says(found),
    ]


def _costs_say(found: Figures) -> list[tuple[str, str]]:
    lost = usd(_number(found, "lost_to_costs_usd"))
    share = _number(found, "lost_share")
    of_it = "" if share is None else f", {percent(share)} of that"
    return [
        ("break-even", str(found.get("break_even"))),
        ("free of costs", _free(found)),
        ("costs take", f"{lost}{of_it}"),
    ]


def _free(found: Figures) -> str:
    profit = _number(found, "profit_without_costs_usd")
    if profit is not None and profit < 0.0:
        return f"{usd(-profit)} would be lost"
    return f"{usd(profit)} would be made"


def _sentiment_says(found: Figures) -> list[tuple[str, str]]:
    seen, bars = (_number(found, name) for name in ("bars_with_sentiment", "bars"))
    added, with_it, without = (
        percent(_number(found, name), signed=True)
        for name in ("added_return", "return_with", "return_without")
    )
    lines = [
        ("known at", f"{count(seen)} of {counted(bars or 0, 'bar')}"),
        ("adds", f"{added} to the return: {with_it} with it, {without} without"),
    ]
    for name in found:
        if name.startswith(KEPT) and _number(found, name) is not None:
            late = name.removeprefix(KEPT).replace("_", " ")
            lines.append((late, f"keeps {percent(_number(found, name))} of that"))
    return lines


def _number(figures: Figures, name: str) -> float | None:
    value = figures.get(name)
    return value if isinstance(value, int | float) else None


def sensitivity_document(study: Study, trials: Sequence[Trial]) -> dict[str, object]:
    """Return a study as plain values; each run of sentiment with its difference to the one without."""
    compares = study.kind is StudyKind.SENTIMENT
    return {
        **study_head(study),
        "notes": _notes(study),
        "runs": [
            {
                "label": label,
                "parameters": dict(trial.parameters),
                "metrics": trial.metrics,
                **({"difference": _differences(trial, trials[WITHOUT])} if compares else {}),
            }
            for label, trial in zip(_labels(study), trials, strict=True)
        ],
        "config": study.config,
    }


def runs_table(study: Study, trials: Sequence[Trial]) -> Table:
    """Return one row a run; the best value of each figure stands out, where they differ."""
    figures = FIGURES[study.kind]
    made = table(TITLES[study.kind], "=run", *[f">{short}" for short in figures.values()])
    best = {name: best_of(name, [trial.metrics.get(name) for trial in trials]) for name in figures}
    return rows(
        made,
        [
            (
                label,
                *(
                    f"[bold]*{figure_text(name, trial.metrics)}[/]"
                    if trial.number in best[name]
                    else figure_text(name, trial.metrics)
                    for name in figures
                ),
            )
            for label, trial in zip(_labels(study), trials, strict=True)
        ],
    )


def differences_table(study: Study, trials: Sequence[Trial]) -> Table:
    """Return what each run with sentiment has more, or less, than the one without."""
    figures = FIGURES[study.kind]
    made = table("Less the run without", "=run", *[f">{short}" for short in figures.values()])
    base = trials[WITHOUT]
    return rows(
        made,
        [
            (
                label,
                *(_difference_text(name, _differences(trial, base).get(name)) for name in figures),
            )
            for label, trial in zip(_labels(study), trials, strict=True)
            if trial.number != WITHOUT
        ],
    )


def figure_text(name: str, figures: Figures) -> str:
    """Return a figure with its unit; null reads as a dash."""
    value = figures.get(name)
    if not isinstance(value, int | float):
        return ABSENT
    if name == "profit_usd":
        return toned(usd(value, signed=True), value)
    if name == "lost_to_costs_usd":
        return usd(value)
    return percent(value) if name == "lost_share" else metric_text(name, value)


def _difference_text(name: str, value: float | str | None) -> str:
    if not isinstance(value, int | float):
        return ABSENT
    if name in _FRACTIONS:
        return percent(value, signed=True)
    sign = "+" if value > 0 else ""
    return f"{sign}{ratio(value) if name == 'sharpe' else count(value)}"


def _differences(trial: Trial, base: Trial) -> Figures:
    from ztrade_core.studies.sentiment import differences  # noqa: PLC0415 - the engines

    return differences(trial, base)


def _labels(study: Study) -> list[str]:
    return _texts(study, "variants")


def _notes(study: Study) -> list[str]:
    return _texts(study, "notes")


def _texts(study: Study, name: str) -> list[str]:
    found = study.config.get(name)
    return [str(each) for each in found] if isinstance(found, list) else []
