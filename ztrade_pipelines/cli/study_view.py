"""How studies look: one a row in a list, one with its figures, its best trials."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.overfit import Guards
from ztrade_core.domain.studies import Study, StudyKind, Trial
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.studies.candidates import ranking
from ztrade_core.studies.telling import shares
from ztrade_pipelines.cli.backtest_guards import guards_for
from ztrade_pipelines.cli.backtest_view import metric_text, run_document
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import ABSENT, count, moment, percent, ratio
from ztrade_pipelines.cli.output import fits, rows, table, without_spare

FIGURES = ("sharpe", "total_return", "max_drawdown", "trades")
SHORT = {"total_return": "return", "max_drawdown": "drawdown"}
DEFAULT_RANK = "sharpe"
LISTED = ("=study", "=kind", "=agent", "=from", "=to", ">trials", ">found", "=backtest")
SPARE = ("=backtest", "=to")
_KINDS = {
    StudyKind.SWEEP: "sweep",
    StudyKind.WALK_FORWARD: "walk-forward",
    StudyKind.COSTS: "costs",
    StudyKind.SENTIMENT: "sentiment",
}


def rank_of(study: Study) -> str:
    """Return the metric that ranks a study's trials."""
    return str(study.config.get("rank_by", DEFAULT_RANK))


def find_study(workshop: Workshop, study_id: str) -> Study:
    """Return a study by its id or the beginning of one; InputError when there is none."""
    study = workshop.studies.study(study_id)
    if study is None:
        raise InputError(f"no study {study_id!r}; `ztrade study list` names them")
    return study


def studies_table(studies: Sequence[Study]) -> Table:
    """Return one row a study, newest first; a narrow terminal leaves out the backtest and the end.

    A walk-forward month shows what its choice came to out of sample.
    """
    heads, lines = without_spare(LISTED, [_study_row(study) for study in studies], SPARE)
    return rows(table("Studies", *heads), lines)


def _study_row(study: Study) -> list[str]:
    tried = study.summary.get("trials")
    first = new_york_date(study.start).isoformat()
    last = new_york_date(study.end - MICROSECOND).isoformat()
    return [
        study.study_id,
        " ".join(filter(None, (_KINDS[study.kind], study.part))),
        study.agent_id,
        first,
        last,
        count(tried) if isinstance(tried, int) else ABSENT,
        _best_text(study),
        study.run_id or ABSENT,
    ]


def _best_text(study: Study) -> str:
    """Return the figure that a study's choice came to, by name; out of sample where it was judged."""
    rank = rank_of(study)
    is_judged = study.kind is StudyKind.WALK_FORWARD
    if is_judged and f"out_of_sample_{rank}" not in study.summary:
        rank = "total_return"
    found = study.summary.get(f"out_of_sample_{rank}" if is_judged else "best")
    if not isinstance(found, int | float):
        return ABSENT
    return f"{SHORT.get(rank, rank)}{' out' if is_judged else ''} {metric_text(rank, found)}"


def about_study(study: Study, guards: Guards | None) -> RenderableType:
    """Return what a study is, what it found, and what luck explains of it."""
    lines = [
        ("study", f"{study.study_id} ({_KINDS[study.kind]}{study.part and ' of ' + study.part})"),
        ("agent", study.agent_id),
        ("from", moment(study.start)),
        ("to", moment(study.end)),
        ("made", moment(study.created_at.replace(microsecond=0))),
        *_summary_lines(study),
    ]
    if guards is not None:
        deflated, luck = percent(guards.deflated_sharpe), ratio(guards.sharpe_by_luck)
        lines += [
            ("backtest", study.run_id),
            (
                "deflated",
                f"{deflated} that the best is more than luck of {counted(guards.trials, 'trial')}",
            ),
            ("by luck", f"a Sharpe ratio of {luck} would be the best of them without any skill"),
        ]
    elif study.run_id:
        lines.append(("backtest", f"{study.run_id}, which the store does not have"))
    return fields(lines)


def _summary_lines(study: Study) -> list[tuple[str, str]]:
    """Return a sweep's summary in words; of any other study each figure by name."""
    found = study.summary
    if study.kind is not StudyKind.SWEEP:
        return [(name, _plain(value)) for name, value in found.items()]
    tried = f"{_plain(found['trials'])} of {counted(_whole(found['combinations']), 'combination')}"
    dropped = f"{_plain(found['dropped'])} contradicted themselves and were dropped"
    slow = found["event_loop_trials"]
    by_loop = f"; {_plain(slow)} in the event loop" if slow else ""
    seconds = found["seconds"]
    rank = rank_of(study)
    profitable = found["profitable_fraction"]
    return [
        ("searched", f"{study.config['method']}: {tried}; {dropped}"),
        ("took", f"{seconds:,.1f} s{by_loop}" if isinstance(seconds, float) else ABSENT),
        (
            rank,
            f"best {metric_text(rank, found['best'])}, median {metric_text(rank, found['median'])}",
        ),
        (
            "profitable",
            f"{percent(profitable if isinstance(profitable, float) else None)} of the trials",
        ),
    ]


def _whole(value: float | str | None) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _plain(value: float | str | None) -> str:
    """Return a figure without a unit: a count, a number, or a word."""
    if value is None or isinstance(value, str):
        return value or ABSENT
    return count(value) if isinstance(value, int) else ratio(value, 4)


def trials_table(study: Study, trials: Sequence[Trial], top: int) -> Table:
    """Return the best trials of a study, the best in bold."""
    rank = rank_of(study)
    best = ranking(trials, rank)[:top]
    figures = tuple(dict.fromkeys((rank, *FIGURES)))
    heads = [f">{SHORT.get(name, name)}" for name in figures]
    cells = [[metric_text(name, trial.metrics.get(name)) for name in figures] for trial in best]
    names = [name for name, _ in best[0].parameters] if best else []
    values = [[f"{value:g}" for _, value in trial.parameters] for trial in best]
    title = f"Best {len(best)} of {counted(len(trials), 'trial')} by {rank}"
    if fits([*figures, *names], [[*a, *b] for a, b in zip(cells, values, strict=True)]):
        made = table(title, ">#", *heads, *(f">{name}" for name in names))
        lines = [[*a, *b] for a, b in zip(cells, values, strict=True)]
    else:
        made = table(title, ">#", *heads, "parameters")
        pairs = [" ".join(f"{n}={v}" for n, v in zip(names, row, strict=True)) for row in values]
        lines = [[*a, text] for a, text in zip(cells, pairs, strict=True)]
    numbered = [[str(place), *line] for place, line in enumerate(lines, start=1)]
    if numbered:
        numbered[0] = [f"[bold]{cell}[/]" for cell in numbered[0]]
    return rows(made, numbered)


def telling_table(study: Study, trials: Sequence[Trial]) -> Table | None:
    """Return which parameters decided the ranking figure; None when nothing can be said."""
    found = shares(trials, rank_of(study))
    if not found:
        return None
    made = table(f"What decided {rank_of(study)}", "=parameter", ">share of its variance")
    return rows(made, [(name, percent(share)) for name, share in found.items()])


def study_guards(workshop: Workshop, study: Study) -> Guards | None:
    """Return the guards of the backtest that a study chose; None when it chose none."""
    run = workshop.backtests.run(study.run_id) if study.run_id else None
    return None if run is None else guards_for(workshop, run)


def study_document(
    workshop: Workshop, study: Study, trials: Sequence[Trial], top: int
) -> dict[str, object]:
    """Return a study as plain values: its figures, its best trials, the backtest it chose."""
    run = workshop.backtests.run(study.run_id) if study.run_id else None
    return {
        **study_head(study),
        "config": study.config,
        "best_trials": [trial_document(trial) for trial in ranking(trials, rank_of(study))[:top]],
        "shares_of_variance": shares(trials, rank_of(study)),
        "backtest": None if run is None else run_document(run),
        "overfit": None if run is None else guards_for(workshop, run),
    }


def trial_document(trial: Trial) -> dict[str, object]:
    """Return a trial as plain values."""
    return {
        "number": trial.number,
        "parameters": dict(trial.parameters),
        "metrics": trial.metrics,
        "why_not_compiled": trial.why_not_compiled,
    }


def study_head(study: Study) -> dict[str, object]:
    """Return what a list tells of a study."""
    return {
        "study_id": study.study_id,
        "kind": study.kind,
        "agent_id": study.agent_id,
        "part": study.part,
        "start": study.start,
        "end": study.end,
        "status": study.status,
        "created_at": study.created_at,
        "run_id": study.run_id or None,
        "summary": study.summary,
    }
