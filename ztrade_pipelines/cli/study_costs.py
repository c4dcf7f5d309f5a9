"""`ztrade study costs`: an agent at multiples of its costs, through Dagster, in this process."""

import click

from ztrade_core.domain.studies import StudyKind
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.output import json_option
from ztrade_pipelines.cli.study_sensitivity import run_sensitivity, show_sensitivity


@click.command("costs", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_id", metavar="AGENT")
@click.option("--start", help="First day (New York) or instant. [default: the first stored bar]")
@click.option("--end", help="Last day, included, or instant. [default: the last stored bar]")
@json_option
def study_costs(agent_id: str, *, start: str | None, end: str | None, as_json: bool) -> None:
    """Run AGENT at multiples of its commission and slippage: where does its profit end?"""
    study, trials = run_sensitivity(agent_id, StudyKind.COSTS, (start, end))
    show_sensitivity(study, trials, as_json=as_json)
