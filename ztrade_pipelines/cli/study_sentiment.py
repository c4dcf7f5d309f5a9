"""`ztrade study sentiment`: an agent with, without and with late sentiment, through Dagster."""

from pathlib import Path

import click

from ztrade_core.domain.studies import StudyKind
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.output import json_option
from ztrade_pipelines.cli.study_sensitivity import run_sensitivity, show_sensitivity


@click.command("sentiment", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_id", metavar="AGENT")
@click.option(
    "--readings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV of the agent's symbol: known_at (when it could be known), score -1..1, confidence"
    " 0..1; both empty: no news.",
)
@click.option("--start", help="First day (New York) or instant. [default: the first stored bar]")
@click.option("--end", help="Last day, included, or instant. [default: the last stored bar]")
@json_option
def study_sentiment(
    agent_id: str, *, readings: Path | None, start: str | None, end: str | None, as_json: bool
) -> None:
    """Run AGENT with its sentiment, without it, and with it late: what is it worth, and is it real?"""
    study, trials = run_sensitivity(agent_id, StudyKind.SENTIMENT, (start, end), readings)
    show_sensitivity(study, trials, as_json=as_json)
