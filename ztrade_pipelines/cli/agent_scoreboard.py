"""`ztrade agent scoreboard`: an agent's mind beside its ensemble's members and its shadows."""

from typing import Any

import click

from ztrade_pipelines.cli.agent_scoreboard_view import scoreboard_parts
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import account_option, emit_json, json_option, show


@click.command("scoreboard", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_id", metavar="[AGENT]", required=False)
@account_option
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    help="So many days before the end. [default: 30]",
)
@click.option("--from", "start", help="First day (New York) or instant.")
@click.option(
    "--to",
    "end",
    help="Last day, included, or instant. [default: now; rehearsal: its newest decision]",
)
@click.option(
    "--horizon",
    "horizon_bars",
    metavar="BARS",
    type=click.IntRange(1, 10_000),
    default=12,
    show_default=True,
    help="A direction is judged by the close so many bars after the decision bar.",
)
@json_option
def agent_scoreboard(agent_id: str | None, *, as_json: bool, **written: Any) -> None:
    """Compare AGENT's mind, its ensemble's members and its shadows; all agents without AGENT."""
    # The engines and Dagster: only who asks pays for them.
    from ztrade_pipelines.resources import Ztrade  # noqa: PLC0415
    from ztrade_pipelines.scoreboards.asking import (  # noqa: PLC0415
        Written,
        request_for,
        scoreboard_of,
    )

    here = office()
    ztrade, asked = Ztrade(lambda: here.workshop), Written(**written)
    agents = [each.agent_id for each in here.settings.company.agents]
    boards = [
        scoreboard_of(ztrade, request_for(ztrade, each, asked))
        for each in (agents if agent_id is None else [agent_id])
    ]
    if as_json:
        head = {"account": asked.account, "horizon_bars": asked.horizon_bars}
        emit_json({**head, "scoreboards": boards})
    else:
        show(*[part for board in boards for part in scoreboard_parts(board)])
