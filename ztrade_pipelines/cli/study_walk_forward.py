"""`ztrade study walk-forward`: months fitted on the months before them, through Dagster, in this process."""

from typing import TYPE_CHECKING

import click

from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError, NoDataError, ZtradeError
from ztrade_pipelines.cli.backtest_run import Watch, progress_bar
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.study_walk_view import month_table, walk_document, whole_parts

if TYPE_CHECKING:
    from ztrade_core.studies.walk_forward_data import Walk
    from ztrade_core.studies.walk_forward_months import Month


@click.command("walk-forward", cls=ZtradeCommand)
@click.argument("agent_id", metavar="AGENT")
@click.option(
    "--from", "first", metavar="MONTH", help="E.g. 2022-06. [default: the first possible]"
)
@click.option("--to", "last", metavar="MONTH", help="Included. [default: the last possible]")
@click.option("--again", is_flag=True, help="Judge months anew that are judged already.")
@json_option
def study_walk_forward(
    agent_id: str, *, first: str | None, last: str | None, again: bool, as_json: bool
) -> None:
    """Fit AGENT on the months before each month, judge the month, and show what was left.

    Months that are judged already, by the same plan and configuration, are not run again.
    """
    from ztrade_core.studies.walk_forward_whole import kept_months, whole_of  # noqa: PLC0415 - heavy

    here = office()
    walk = _walk(here, agent_id)
    asked = asked_months(walk, first, last)
    known = set() if again else set(kept_months(walk))
    with progress_bar(f"walk-forward {agent_id}") as watch:
        errors = run_months(here, agent_id, [one for one in asked if one not in known], watch)
    kept = [study for month, study in kept_months(walk).items() if month in asked]
    if errors and not kept:
        raise errors[0]
    whole = whole_of(walk, kept)
    if as_json:
        emit_json(walk_document(whole))
    else:
        show(*(month_table(study) for study in kept), *whole_parts(agent_id, whole))
    if errors:
        raise errors[0]


def _walk(here: Office, agent_id: str) -> "Walk":
    from ztrade_core.settings.studies import load_study_plan  # noqa: PLC0415 - the engines are heavy
    from ztrade_core.studies.walk_forward_data import walk_of  # noqa: PLC0415
    from ztrade_pipelines.resources import Ztrade  # noqa: PLC0415 - Dagster is slow to import

    plan = load_study_plan(here.settings, agent_id)
    bench = Ztrade(lambda: here.workshop).bench()
    return walk_of(bench, here.workshop.studies, plan)


def asked_months(walk: "Walk", first: str | None, last: str | None) -> list["Month"]:
    """Return the months meant, what is left out from the stored bars; refuse a range of none."""
    from ztrade_core.studies import walk_forward_data as data  # noqa: PLC0415 - the engines are heavy
    from ztrade_core.studies.walk_forward_months import month_of, months_from  # noqa: PLC0415

    named = [month_of(text) if text else None for text in (first, last)]
    possible = [] if all(named) else data.possible_months(walk)
    begin = named[0] or (possible[0] if possible else None)
    end = named[1] or (possible[-1] if possible else None)
    if begin is None or end is None:
        raise NoDataError(
            f"the stored bars of {walk.agent.symbol} {walk.agent.timeframe} hold no whole month with"
            f" {counted(walk.plan.in_sample_months, 'month')} before it: import more, or lower in_sample_months"
            f" in config/studies/{walk.agent.agent_id}.yaml"
        )
    if begin > end:
        raise InputError(f"from {begin.text} is after to {end.text}: swap or correct them")
    earliest = data.earliest_month(walk)
    if begin < earliest:
        raise InputError(
            f"from {begin.text} is before {earliest.text}, where history begins: write a later month,"
            " or an earlier history_start in config/market_data.yaml"
        )
    data.require_complete(walk, end)
    return months_from(begin, end)


def run_months(
    here: Office, agent_id: str, months: list["Month"], watch: Watch | None
) -> list[ZtradeError]:
    """Materialize months, each unbroken stretch as one run; return what went wrong."""
    from ztrade_core.studies.walk_forward_months import stretches  # noqa: PLC0415 - with its user
    from ztrade_pipelines.backtests.walk_forward import WALK_JOB  # noqa: PLC0415 - Dagster
    from ztrade_pipelines.cli.instance import dagster_instance  # noqa: PLC0415
    from ztrade_pipelines.cli.launching import launch_on  # noqa: PLC0415
    from ztrade_pipelines.keys import WALKS  # noqa: PLC0415

    errors: list[ZtradeError] = []
    if not months:
        return errors
    with dagster_instance(here.settings, quiet=not here.debug, watch=watch) as instance:
        for first, last in stretches(months):
            launched = launch_on(
                instance,
                here.settings,
                WALK_JOB,
                {},
                assets=[(WALKS, agent_id)],
                days=(first.text, last.text),
            )
            if launched.error is not None:
                errors.append(launched.error)
    return errors
