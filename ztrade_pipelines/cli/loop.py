"""`ztrade loop`: the switches of the agents' schedules on the Dagster instance.

The switch is Dagster's own record, so page, daemon and terminal agree; no server has to run. What
turns a switch into runs is the daemon (`make dev`). The protection sensor and reconciliation are
not touched: stops stay guarded while the loop is off.
"""

from collections.abc import Sequence

import click

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.errors import InputError
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import ABSENT, moment
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table
from ztrade_pipelines.cli.switches import Loop, loop_board

_AGENTS = click.argument("agents", nargs=-1, metavar="[AGENT]...")


@click.command(cls=ZtradeCommand)
@_AGENTS
@json_option
def start(agents: Sequence[str], *, as_json: bool) -> None:
    """Switch the schedules of these agents on; of all agents when none is named."""
    _turn(office(), agents, running=True, as_json=as_json)


@click.command(cls=ZtradeCommand)
@_AGENTS
@json_option
def stop(agents: Sequence[str], *, as_json: bool) -> None:
    """Switch the schedules of these agents off; of all agents when none is named."""
    _turn(office(), agents, running=False, as_json=as_json)


@click.command(cls=ZtradeCommand)
@_AGENTS
@json_option
def status(agents: Sequence[str], *, as_json: bool) -> None:
    """Show which schedules are on, when each decides next, and what its last tick came to."""
    _turn(office(), agents, running=None, as_json=as_json)


def _turn(here: Office, agents: Sequence[str], *, running: bool | None, as_json: bool) -> None:
    asked = _asked(here, agents)
    with loop_board(here.workshop, quiet=not here.debug) as board:
        if running is not None:
            board.turn(asked, running=running)
        loops, alive = board.read(asked), board.daemon_is_alive()
    if as_json:
        emit_json({"daemon_is_alive": alive, "loops": loops})
        return
    made = table("Loops", "=agent", "=loop", "=decides next", "=last tick", "what it came to")
    show(rows(made, [_row(loop) for loop in loops]))
    if any(loop.running for loop in loops) and not alive:
        show("[yellow]no daemon is running: nothing is decided until `make dev` runs one[/]")


def _asked(here: Office, agents: Sequence[str]) -> list[AgentConfig]:
    """Return the agents that are meant; all when none is named."""
    known = {agent.agent_id: agent for agent in here.settings.company.agents}
    for agent_id in agents:
        if agent_id not in known:
            names = ", ".join(known)
            raise InputError(f"no agent {agent_id!r} in config/agents; there are: {names}")
    return [known[agent_id] for agent_id in dict.fromkeys(agents or known)]


def _row(loop: Loop) -> tuple[str, ...]:
    return (
        loop.agent_id,
        "[green]on[/]" if loop.running else "off",
        moment(loop.next_due) if loop.running else ABSENT,
        moment(loop.last_tick),
        loop.last_outcome or ABSENT,
    )
