"""`ztrade agent run`: one cycle of one agent, through Dagster, in this process."""

from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

import click
from typing_extensions import Unpack

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError
from ztrade_core.trading.requests import parse_as_of
from ztrade_pipelines.cli.agent_run_view import run_document, run_parts
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.times import INSTANT

RunConfig = dict[str, Any]
DECIDING = tuple(each.value for each in Mode if each is not Mode.RECORDED)


class RunOptions(TypedDict):
    """What a person may ask of a run."""

    mode: str | None
    automated: bool
    subagent: bool
    manual: bool
    dry_run: bool
    as_of: datetime | None
    story: str | None
    action: str | None
    confidence: float | None
    rationale: str | None
    stop: float | None
    target: float | None
    quantity: float | None
    answer: Path | None
    slot: str | None
    show: bool
    yes: bool
    as_json: bool


@click.command("run", cls=ZtradeCommand)
@click.argument("agent_id", metavar="AGENT")
@click.option("--mode", type=click.Choice(DECIDING), help="Who decides; else the agent's own mode.")
@click.option("--automated", is_flag=True, help="A language model decides.")
@click.option("--subagent", is_flag=True, help="A file decides.")
@click.option("--manual", is_flag=True, help="You decide; the rules stand.")
@click.option("--dry-run", is_flag=True, help="Decide and judge; claim nothing, send nothing.")
@click.option("--as-of", type=INSTANT, help="A past moment: rehearse it, on stored bars.")
@click.option("--story", metavar="ID", help="Decide on this breaking story of the bar in progress.")
@click.option("--action", type=click.Choice([action.value for action in Action]), help="--manual")
@click.option("--confidence", type=float, help="--manual: from 0 to 1.")
@click.option("--rationale", help="--manual: why; it is recorded.")
@click.option("--stop", type=float, help="--manual: absolute price of the stop.")
@click.option("--target", type=float, help="--manual: absolute price of the target.")
@click.option("--quantity", type=float, help="--manual: shares or coins, at most.")
@click.option(
    "--answer",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="--manual: the answer, one JSON object, in place of pasting it.",
)
@click.option("--slot", help="--manual: the slot it was written for; another one is refused.")
@click.option("--show", is_flag=True, help="--manual: show the request, and end.")
@click.option("--yes", is_flag=True, help="--manual: decide without being asked once more.")
@json_option
def agent_run(agent_id: str, **options: Unpack[RunOptions]) -> None:
    """Run AGENT's cycle: observe, decide, validate, execute.

    Without a mode the agent's own mind decides. Without --as-of it is now, on the paper account;
    with it the run is a rehearsal on stored bars. The same bar is never decided twice, nor is the same
    story; of a bar's stories one is (`ztrade news show` lists them).
    """
    here = office()
    agent = _agent(here, agent_id)
    options["mode"] = _mode(options)
    config = run_config(here.workshop, agent, options)
    if config is None:
        return
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415 - Dagster is slow to import

    launched = launch(here.settings, agent.agent_id, config, quiet=not here.debug)
    if options["as_json"]:
        emit_json(run_document(here.workshop, launched, agent.agent_id))
    else:
        show(*run_parts(here.workshop, launched, agent.agent_id))


def _mode(options: RunOptions) -> str | None:
    """Return the one mode that was asked for, by name or by its switch; two are refused."""
    switches = {name: options[name] for name in ("automated", "subagent", "manual")}
    named = [] if options["mode"] is None else [options["mode"]]
    asked = {*named, *(name for name, is_on in switches.items() if is_on)}
    if len(asked) > 1:
        raise InputError(f"{' and '.join(sorted(asked))} were asked for at once: write one mode")
    return asked.pop() if asked else None


def _agent(here: Office, agent_id: str) -> AgentConfig:
    company = here.settings.company
    agent = company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    return agent


def run_config(workshop: Workshop, agent: AgentConfig, options: RunOptions) -> RunConfig | None:
    """Return the run's configuration, everything checked that can be before a run begins.

    None when a person was shown the request and nothing else was asked for.
    """
    mode = Mode(options["mode"] or agent.mode)
    workshop.require_mode(mode, agent)
    as_of = None if options["as_of"] is None else iso_z(options["as_of"])
    parse_as_of(as_of, workshop.clock.now())
    config: RunConfig = {"as_of": as_of, "dry_run": options["dry_run"], "mode": options["mode"]}
    config["story"] = options["story"]
    if mode is Mode.MANUAL:
        if options["story"] is not None:
            raise InputError("--story and --manual: a person decides on a bar; leave one out")
        from ztrade_pipelines.cli.agent_run_manual import by_hand  # noqa: PLC0415 - only a person

        answered = by_hand(workshop, agent, options)
        if answered is None:
            return None
        config |= answered
    else:
        _refuse_manual_options(options)
    return {name: value for name, value in config.items() if value is not None}


def _refuse_manual_options(options: RunOptions) -> None:
    given = {
        "--action": options["action"],
        "--confidence": options["confidence"],
        "--rationale": options["rationale"],
        "--stop": options["stop"],
        "--target": options["target"],
        "--quantity": options["quantity"],
        "--answer": options["answer"],
        "--slot": options["slot"],
        "--show": options["show"] or None,
        "--yes": options["yes"] or None,
    }
    for name, value in given.items():
        if value is not None:
            raise InputError(f"{name} is part of a decision of yours: add --manual")
