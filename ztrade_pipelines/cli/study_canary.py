"""`ztrade study canary`: does anything an agent decides depend on what came later?"""

import click
from rich.console import RenderableType

from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.studies.canary_findings import LIMITS, CanaryReport, Compared
from ztrade_pipelines.cli.backtest_run import asked_range
from ztrade_pipelines.cli.commands import FAILED, NOTHING_KEPT, OK, ZtradeCommand, say_error
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import count, moment
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table


@click.command("canary", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_id", metavar="AGENT")
@click.option("--start", help="First day (New York) or instant. [default: the first stored bar]")
@click.option("--end", help="Last day, included, or instant. [default: the last stored bar]")
@click.option(
    "--whole", is_flag=True, help="Every bar in the event loop too, and more futures: long."
)
@json_option
def canary(agent_id: str, *, start: str | None, end: str | None, whole: bool, as_json: bool) -> int:
    """Change everything after some moments, run AGENT again, and compare all up to them.

    Exit code 1 when something depends on what came later.
    """
    # The engines: only who runs them pays for them.
    from ztrade_core.studies.canary import BOUNDED, WHOLE, check_stored  # noqa: PLC0415
    from ztrade_core.studies.canary_subject import why_not_judged  # noqa: PLC0415
    from ztrade_pipelines.resources import Ztrade  # noqa: PLC0415 - Dagster is slow to import

    here = office()
    agent = here.settings.company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in here.settings.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    asked = asked_range(here.workshop, agent, start, end)
    bench = Ztrade(lambda: here.workshop).bench()
    report = check_stored(bench, agent_id, asked, effort=WHOLE if whole else BOUNDED)
    return tell(report, as_json=as_json, newest_run=why_not_judged(bench, agent_id))


def tell(report: CanaryReport, *, as_json: bool, newest_run: str = "") -> int:
    """Show a report and return the exit code; a look ahead is one line on standard error.

    `newest_run` says why the report does not speak for the agent's newest stored run; empty: it does.
    """
    if as_json:
        emit_json({**canary_document(report), "newest_run": newest_run or None})
    else:
        show(*_shown(report), *([newest_run] if newest_run else []))
    if report.difference is None:
        return OK
    say_error(report.line())
    return FAILED


def canary_document(report: CanaryReport) -> dict[str, object]:
    """Return a report as plain values."""
    found = report.difference
    return {
        "agent_id": report.agent_id,
        "passed": report.passed,
        "said": report.line(),
        "start": report.begins,
        "end": report.ends,
        "seed": report.seed,
        "not_seen": LIMITS,
        "moments": [{"name": each.name, "at": each.at} for each in report.moments],
        "kernel": _counts(report.kernel),
        "event_loop": _counts(report.loop),
        "window_bars": report.window_bars,
        "why_not_compiled": report.why_not_compiled,
        "difference": None
        if found is None
        else {
            "engine": found.engine,
            "after": found.moment.at,
            "future": None if found.future is None else found.future.value,
            "bar": found.opened,
            "what": found.what,
            "was": found.was,
            "became": found.became,
        },
    }


def _counts(compared: Compared) -> dict[str, int]:
    return {
        "moments": compared.moments,
        "runs": compared.runs,
        "bars": compared.bars,
        "decisions": compared.decisions,
        "fills": compared.fills,
    }


def _shown(report: CanaryReport) -> list[RenderableType]:
    window = (
        "every bar" if report.window_bars is None else f"{counted(report.window_bars, 'bar')} each"
    )
    drawn = counted(report.drawn, "moment")
    about = fields(
        [
            ("agent", report.agent_id),
            ("from", moment(report.begins)),
            ("to", moment(report.ends)),
            ("seed", str(report.seed)),
            ("event loop", f"the moments named, up to {window}"),
            ("compiled", report.why_not_compiled or "every moment, all bars up to it each time"),
            ("drawn at random", f"{drawn}, the compiled kernel alone"),
        ]
    )
    moments = rows(
        table("Everything after these was changed", "=at", "moment"),
        [(iso_z(each.at), each.name) for each in report.named],
    )
    compared = rows(
        table("Compared", "engine", ">moments", ">futures", ">bars", ">decisions", ">executions"),
        [
            (name, *(count(value) for value in _counts(each).values()))
            for name, each in (("compiled kernel", report.kernel), ("event loop", report.loop))
        ],
    )
    return [about, moments, compared, *([report.line(), LIMITS] if report.passed else [])]
