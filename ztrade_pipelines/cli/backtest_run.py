"""`ztrade backtest run`: an agent over stored bars, through Dagster, in this process."""

import gc
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.mind_text import mind_lines
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError, NoDataError
from ztrade_pipelines.cli.backtest_guards import guards_for, warning_lines, with_guards
from ztrade_pipelines.cli.backtest_view import headline_table, missing_text, run_document
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, show

# What the asset writes to its run's log at each tenth.
_PROGRESS = re.compile(r"(\d+) of (\d+) (?:bars|candidates)")
Watch = Callable[[str], None]
LONG_AGO, FAR_OFF = "1900-01-01", "9000-01-01"  # whoever leaves an end out cannot cross it
COLLECTED_AFTER = 100_000  # objects; Python's 700 make the collector a sixth of a run's cost

without_sentiment = click.option(
    "--without-sentiment", is_flag=True, help="As if no news had ever been known, to compare."
)


@click.command("run", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_id", metavar="AGENT")
@click.option("--start", help="First day (New York) or instant. [default: the first stored bar]")
@click.option("--end", help="Last day, included, or instant. [default: the last stored bar]")
@click.option("--strict", is_flag=True, help="Refuse a range in which bars are missing.")
@click.option(
    "--recorded",
    metavar="LEDGER|FILE",
    help="Repeat decisions, at no cost: ledger, ledger:rehearsal, or a file of JSON lines.",
)
@click.option("--budget-usd", type=float, help="What a model may cost. A strategy costs nothing.")
@without_sentiment
@json_option
def backtest_run(
    agent_id: str,
    *,
    start: str | None,
    end: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run AGENT over stored bars, keep the result, and show its figures."""
    here = office()
    agent = here.settings.company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in here.settings.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    begins, ends = asked_range(here.workshop, agent, start, end)
    with progress_bar(f"backtest {agent_id}") as watch:
        how = run_config(**options)
        run = run_backtest(here, agent_id, (begins, ends), watch, how)
    if as_json:
        emit_json(run_document(run))
    else:
        gaps = [f"[yellow]missing: {missing_text(run)}[/]"] if run.metrics["missing_bars"] else []
        guards = guards_for(here.workshop, run)
        show(
            headline_table([with_guards(run, guards)]),
            *gaps,
            *warning_lines(guards.warnings),
            *mind_lines(run),
            f"ztrade backtest show {run.run_id} --trades",
            f"ztrade backtest report {run.run_id}",
        )


def run_config(
    *, recorded: str | None, budget_usd: float | None, **flags: bool
) -> dict[str, object]:
    """Return the run's configuration of who decides and how; a file by its whole path."""
    from ztrade_core.backtest.decided_by import is_ledger  # noqa: PLC0415 - few ask

    if recorded is not None and not is_ledger(recorded):
        recorded = str(Path(recorded).resolve())
    asked = {"recorded": recorded, "budget_usd": budget_usd}
    return {**flags, **{name: it for name, it in asked.items() if it is not None}}


def asked_range(
    workshop: Workshop, agent: AgentConfig, start: str | None, end: str | None
) -> tuple[str, str]:
    """Return the range as text, what is left out from the stored series; refuse a bad one."""
    from ztrade_core.backtest.ranges import parse_range  # noqa: PLC0415 - the loop is heavy

    stored = [
        series
        for series in workshop.bars.status()
        if (series.symbol, series.timeframe) == (agent.symbol, agent.timeframe)
    ]
    if not stored:
        raise NoDataError(
            f"no bars of {agent.symbol} {agent.timeframe} in the store; `ztrade data import"
            " PATH...` brings some"
        )
    first, last = stored[0].first_open, stored[0].last_open
    begins, ends = start or iso_z(first), end or iso_z(last + agent.timeframe.duration)
    after, before = parse_range(start or LONG_AGO, end or FAR_OFF)
    if not len(workshop.bars.read(agent.symbol, agent.timeframe, start=after, stop=before, last=1)):
        begins, ends = start or "the first", end or "the last"
        raise NoDataError(
            f"no bars of {agent.symbol} {agent.timeframe} from {begins} to {ends}; the store has"
            f" {iso_z(first)} to {iso_z(last)}"
        )
    return begins, ends


def run_backtest(
    here: Office,
    agent_id: str,
    asked: tuple[str, str],
    watch: Watch | None = None,
    how: Mapping[str, object] | None = None,
) -> BacktestRun:
    """Materialize an agent's backtest through Dagster and return the stored run."""
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415 - Dagster is slow to import

    # One shot: what the imports left is never let go of, and 100,000 points are no reason to look at it.
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)
    launched = launch(
        here.settings,
        "backtest",
        {"agent_id": agent_id, "start": asked[0], "end": asked[1], **(how or {})},
        assets=[("backtests", agent_id)],
        watch=watch,
        quiet=not here.debug,
    )
    run_id = str(launched.materialized.get(f"backtests/{agent_id}", {}).get("run_id", ""))
    run = here.workshop.backtests.run(run_id)
    if run is None:
        raise NoDataError(f"run {launched.run_id} left no backtest of {agent_id}")
    return run


@contextmanager
def progress_bar(what: str) -> Iterator[Watch | None]:
    """Show a bar on the terminal, fed with the lines of the run's log; nothing without one.

    It draws on a copy of standard error, because Dagster keeps what a step writes there as the
    run's log.
    """
    if not sys.stderr.isatty():
        yield None
        return
    with os.fdopen(os.dup(sys.stderr.fileno()), "w") as screen:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        with Progress(*columns, *times, console=Console(file=screen), transient=True) as bar:
            task = bar.add_task(what, total=None)

            def watch(line: str) -> None:
                found = _PROGRESS.search(line)
                if found is not None:
                    bar.update(task, completed=int(found[1]), total=int(found[2]))

            yield watch
