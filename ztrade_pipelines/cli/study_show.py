"""`ztrade study show`: one study, what it found, its best trials."""

import click
from rich.console import RenderableType

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.studies import Study, StudyKind
from ztrade_pipelines.cli.backtest_guards import warning_lines
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.study_sensitivity import show_sensitivity
from ztrade_pipelines.cli.study_view import (
    about_study,
    find_study,
    study_document,
    study_guards,
    telling_table,
    trials_table,
)
from ztrade_pipelines.cli.study_walk_view import month_document, month_parts


@click.command("show", cls=ZtradeCommand)
@click.argument("study_id", metavar="STUDY")
@click.option("--top", type=click.IntRange(1, 10_000), default=10, show_default=True)
@json_option
def study_show(study_id: str, *, top: int, as_json: bool) -> None:
    """Show STUDY (its id, or a beginning of it), its best trials first."""
    workshop = office().workshop
    show_study(workshop, find_study(workshop, study_id), top, as_json=as_json)


def show_study(workshop: Workshop, study: Study, top: int, *, as_json: bool) -> None:
    """Print a study with its best trials, and what is held against the best."""
    trials = workshop.studies.trials(study.study_id)
    if study.kind in (StudyKind.COSTS, StudyKind.SENTIMENT):
        show_sensitivity(study, trials, as_json=as_json)
        return
    if study.kind is StudyKind.WALK_FORWARD:
        if as_json:
            emit_json(month_document(workshop, study, trials, top))
        else:
            show(*month_parts(workshop, study, trials, top))
        return
    if as_json:
        emit_json(study_document(workshop, study, trials, top))
        return
    guards = study_guards(workshop, study)
    parts: list[RenderableType] = [about_study(study, guards), trials_table(study, trials, top)]
    telling = telling_table(study, trials)
    if telling is not None:
        parts.append(telling)
    if guards is not None:
        parts += [*warning_lines(guards.warnings), f"ztrade backtest show {study.run_id} --trades"]
    show(*parts)
