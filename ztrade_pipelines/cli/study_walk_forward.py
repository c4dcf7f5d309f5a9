"""`ztrade study walk-forward`: months fitted on the months before them, through Dagster, in this process."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.console import RenderableType
from rich.table import Table

from ztrade_core.domain.studies import Figures, Study
from ztrade_core.errors import InputError, NoDataError, ZtradeError
from ztrade_pipelines.cli.backtest_guards import warning_lines
from ztrade_pipelines.cli.backtest_run import Watch, progress_bar
from ztrade_pipelines.cli.backtest_view import metric_text
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import ABSENT, count, percent
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table
from ztrade_pipelines.cli.study_view import study_head

if TYPE_CHECKING:
    from ztrade_core.studies.walk_forward_data import Walk
    from ztrade_core.studies.walk_forward_months import Month
    from ztrade_core.studies.walk_forward_whole import Whole

SHOWN = ("total_return", "sharpe", "max_drawdown", "trades")
MONTH_ROWS = (
    ("in sample", "in_sample_"),
    ("out of sample", "out_of_sample_"),
    ("as configured", "configured_"),
    ("buy and hold", "buy_and_hold_"),
)
WHOLE_ROWS = MONTH_ROWS[1:]
A_DAY_DIGITS = 3


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
            f" {walk.plan.in_sample_months} months before it: import more, or lower in_sample_months"
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
    from ztrade_pipelines.backtests.walk_forward import WALK_JOB, WALKS  # noqa: PLC0415 - Dagster
    from ztrade_pipelines.cli.instance import dagster_instance  # noqa: PLC0415
    from ztrade_pipelines.cli.launching import launch_on  # noqa: PLC0415

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


def month_table(study: Study) -> Table:
    """Return one month: the chosen candidate in sample and out of it, beside what else there was."""
    found = study.summary
    made = table(
        study.part, "=", *_heads(), ">a day", caption="\n".join((_judgement(found), _chosen(found)))
    )
    a_day = (
        _a_day(found["in_sample_return_per_day"]),
        _a_day(found["out_of_sample_return_per_day"]),
        ABSENT,
        ABSENT,
    )
    lines = [(*_line(found, *row), day) for row, day in zip(MONTH_ROWS, a_day, strict=True)]
    return rows(made, lines)


def whole_parts(agent_id: str, whole: "Whole") -> list[RenderableType]:
    """Return the months together: their chained curve beside buy-and-hold, and the choices."""
    found, first, last = whole.figures, whole.studies[0].part, whole.studies[-1].part
    made = table(f"{agent_id} walk-forward, {first} to {last}", "=", *_heads())
    return [
        rows(made, [_line(found, *row) for row in WHOLE_ROWS]),
        fields(_whole_lines(found)),
        *warning_lines(tuple(whole.notes)),
    ]


def walk_document(whole: "Whole") -> dict[str, object]:
    """Return the months and the whole as plain values."""
    return {
        "agent_id": whole.studies[0].agent_id,
        "months": [
            {
                **study_head(study),
                "chosen": study.config["chosen"],
                "in_sample": study.config["in_sample"],
                "out_of_sample": study.config["out_of_sample"],
                "warnings": study.config["notes"],
            }
            for study in whole.studies
        ],
        "whole": {"figures": whole.figures, "warnings": whole.notes},
    }


def _heads() -> Sequence[str]:
    return (">return", ">Sharpe", ">drawdown", ">trades")


def _line(found: Figures, label: str, prefix: str) -> tuple[str, ...]:
    return (label, *(metric_text(name, found.get(prefix + name)) for name in SHOWN))


def _judgement(found: Figures) -> str:
    rank = (
        f"rank {count(_number(found['rank']))} of {count(_number(found['ranked']))} out of sample"
    )
    lost = f"{_a_day(found['degradation_per_day'])} a day against in sample"
    return f"{rank}; {lost}; Sharpe kept {percent(_number(found['sharpe_kept']), digits=0)}"


def _chosen(found: Figures) -> str:
    return f"chosen by {found['rank_by']} of {count(_number(found['trials']))}: {found['chosen']}"


def _whole_lines(found: Figures) -> list[tuple[str, str]]:
    def number(name: str) -> float | None:
        return _number(found[name])

    def share(name: str) -> str:
        return percent(number(name), digits=0)

    gained, months = count(number("profitable_months")), count(number("months"))
    inside, outside = "average_in_sample_return_per_day", "average_return_per_day"
    lost = f"{_a_day(found['average_degradation_per_day'])} a day on average"
    kept = f"{share('median_sharpe_kept')}, the median"
    with_ratio, ranked = count(number("months_with_sharpe_kept")), count(number("ranked_months"))
    below = "the best in sample came below the median of all candidates (50 % is blind choice)"
    changed = f"changed {count(number('choice_changes'))} times ({share('choice_change_share')})"
    skill = percent(number("out_of_sample_probabilistic_sharpe"), digits=0)
    return [
        ("profitable", f"{gained} of {months} months ({share('profitable_share')})"),
        ("degradation", f"{lost}: {_a_day(found[inside])} in sample, {_a_day(found[outside])} out"),
        ("Sharpe kept", f"{kept} of {with_ratio} months that have it"),
        ("overfit", f"in {share('overfit_probability')} of {ranked} months {below}"),
        ("choice", f"{changed}; {count(number('different_choices'))} different ones"),
        ("skill", f"{skill} that the true Sharpe ratio out of sample is above 0"),
        ("curve", "each month begins flat on the allocated capital; months' returns compound"),
    ]


def _a_day(value: object) -> str:
    return percent(_number(value), signed=True, digits=A_DAY_DIGITS)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
