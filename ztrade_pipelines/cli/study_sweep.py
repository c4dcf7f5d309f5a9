"""`ztrade study sweep`: many parameters of an agent over stored bars, through Dagster, in this process."""

import click

from ztrade_core.domain.studies import SearchMethod, Study
from ztrade_core.errors import InputError, NoDataError
from ztrade_pipelines.cli.backtest_run import Watch, asked_range, progress_bar
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import json_option
from ztrade_pipelines.cli.study_show import show_study

Search = dict[str, str | int]


@click.command("sweep", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_id", metavar="AGENT")
@click.option("--start", help="First day (New York) or instant. [default: the first stored bar]")
@click.option("--end", help="Last day, included, or instant. [default: the last stored bar]")
@click.option(
    "--method",
    type=click.Choice([each.value for each in SearchMethod]),
    help="[default: as its file says]",
)
@click.option(
    "--samples", type=click.IntRange(1, 1_000_000), help="How many a random search tries."
)
@click.option("--seed", type=click.IntRange(0), help="What a random search draws from.")
@click.option("--top", type=click.IntRange(1, 10_000), default=10, show_default=True)
@json_option
def study_sweep(
    agent_id: str, *, start: str | None, end: str | None, top: int, as_json: bool, **search: object
) -> None:
    """Try the parameters of config/studies/AGENT.yaml, keep every trial, and show the best."""
    here = office()
    agent = here.settings.company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in here.settings.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    asked = asked_range(here.workshop, agent, start, end)
    given = {name: v for name, v in search.items() if isinstance(v, str | int)}
    with progress_bar(f"sweep {agent_id}") as watch:
        study = run_study(here, agent_id, asked, given, watch)
    show_study(here.workshop, study, top, as_json=as_json)


def run_study(
    here: Office, agent_id: str, asked: tuple[str, str], search: Search, watch: Watch | None
) -> Study:
    """Materialize an agent's sweep through Dagster and return the stored study."""
    from ztrade_pipelines.backtests.sweeps import SWEEP_JOB  # noqa: PLC0415 - Dagster
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415 - is slow to import
    from ztrade_pipelines.keys import SWEEPS  # noqa: PLC0415

    launched = launch(
        here.settings,
        SWEEP_JOB,
        {"agent_id": agent_id, "start": asked[0], "end": asked[1], **search},
        assets=[(SWEEPS, agent_id)],
        watch=watch,
        quiet=not here.debug,
    )
    study_id = str(launched.materialized.get(f"{SWEEPS}/{agent_id}", {}).get("study_id", ""))
    study = here.workshop.studies.study(study_id)
    if study is None:
        raise NoDataError(f"run {launched.run_id} left no study of {agent_id}")
    return study
