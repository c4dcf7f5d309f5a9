"""`ztrade backtest list`: the newest runs."""

import click

from ztrade_core.backtest.portfolio_report import COMPANY
from ztrade_core.errors import InputError
from ztrade_pipelines.cli.backtest_view import run_document, runs_table
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, show


@click.command("list", cls=ZtradeCommand)
@click.option("--agent", "agent_id", help="Only this agent's.")
@click.option("--last", "limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def backtest_list(*, agent_id: str | None, limit: int, as_json: bool) -> None:
    """Show the newest runs, newest first."""
    here = office()
    runs = here.workshop.backtests.runs(agent_id=agent_id, limit=limit)
    known = [COMPANY, *(agent.agent_id for agent in here.settings.company.agents)]
    if not runs and agent_id is not None and agent_id not in known:
        raise InputError(f"no agent {agent_id!r}, and no run of it; there are: {', '.join(known)}")
    if as_json:
        emit_json({"backtests": [run_document(run) for run in runs]})
    elif runs:
        show(runs_table(runs))
    else:
        show(nothing("no backtests; `ztrade backtest run AGENT` makes one"))
