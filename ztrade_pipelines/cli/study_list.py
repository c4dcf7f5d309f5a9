"""`ztrade study list`: the newest studies."""

import click

from ztrade_core.domain.studies import StudyKind
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, show
from ztrade_pipelines.cli.study_view import studies_table, study_head


@click.command("list", cls=ZtradeCommand)
@click.option("--agent", "agent_id", help="Only this agent's.")
@click.option("--kind", type=click.Choice([kind.value for kind in StudyKind]), help="Only these.")
@click.option("--last", "limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def study_list(*, agent_id: str | None, kind: str | None, limit: int, as_json: bool) -> None:
    """Show the newest studies, newest first."""
    wanted = None if kind is None else StudyKind(kind)
    studies = office().workshop.studies.studies(agent_id=agent_id, kind=wanted, limit=limit)
    if as_json:
        emit_json({"studies": [study_head(study) for study in studies]})
    elif studies:
        show(studies_table(studies))
    else:
        show(nothing("no studies; `ztrade study sweep AGENT` makes one"))
