"""`ztrade backtest portfolio`: several agents in one account over stored bars, through Dagster."""

from collections.abc import Mapping, Sequence

import click

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.mind_text import mind_lines
from ztrade_core.backtest.portfolio_report import COMPANY, shortened
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import NoDataError
from ztrade_pipelines.cli.backtest_agents_view import agents_table
from ztrade_pipelines.cli.backtest_guards import guards_for, warning_lines, with_guards
from ztrade_pipelines.cli.backtest_run import Watch, progress_bar, without_sentiment
from ztrade_pipelines.cli.backtest_view import headline_table, missing_text, run_document
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.office import Office, office
from ztrade_pipelines.cli.output import emit_json, json_option, show


@click.command("portfolio", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.argument("agent_ids", nargs=-1, metavar="[AGENT]...")
@click.option("--start", help="First day (New York) or instant. [default: the first all have]")
@click.option("--end", help="Last day, included, or instant. [default: the last all have]")
@click.option("--budget-usd", type=float, help="What the models may cost together.")
@without_sentiment
@json_option
def backtest_portfolio(
    agent_ids: Sequence[str],
    *,
    start: str | None,
    end: str | None,
    budget_usd: float | None,
    without_sentiment: bool,
    as_json: bool,
) -> None:
    """Run AGENTs (none named: all) in one account, keep the result, and show its figures."""
    from ztrade_core.backtest.portfolio_runs import chosen_agents  # noqa: PLC0415 - heavy engines

    here = office()
    agents = chosen_agents(here.settings.company, agent_ids)
    begins, ends = common_range(here.workshop, agents, start, end)
    with progress_bar("portfolio backtest") as watch:
        config = {"without_sentiment": without_sentiment, "budget_usd": budget_usd}
        run = run_portfolio(here, agent_ids, (begins, ends), config, watch)
    if as_json:
        emit_json(run_document(run))
        return
    notes = [shortened(run)] if shortened(run) else []
    if run.metrics["missing_bars"]:
        notes.append(f"missing: {missing_text(run)}")
    guards = guards_for(here.workshop, run)
    show(
        headline_table([with_guards(run, guards)]),
        agents_table(run),
        *mind_lines(run),
        *warning_lines([*notes, *guards.warnings]),
        f"ztrade backtest show {run.run_id} --trades",
        f"ztrade backtest report {run.run_id}",
    )


def common_range(
    workshop: Workshop, agents: Sequence[AgentConfig], start: str | None, end: str | None
) -> tuple[str, str]:
    """Return the range as text, what is left out from what all agents' series have in common."""
    from ztrade_core.backtest.ranges import parse_range  # noqa: PLC0415 - the loop is heavy

    stored = {(series.symbol, series.timeframe): series for series in workshop.bars.status()}
    firsts, lasts = [], []
    for agent in agents:
        series = stored.get((agent.symbol, agent.timeframe))
        if series is None:
            raise NoDataError(
                f"{agent.agent_id}: no bars of {agent.symbol} {agent.timeframe} in the store; `ztrade"
                " data import PATH...` brings some, or leave this agent out"
            )
        firsts.append(series.first_open)
        lasts.append(series.last_open + agent.timeframe.duration)
    begins, ends = start or iso_z(max(firsts)), end or iso_z(min(lasts))
    if start is None and end is None and max(firsts) >= min(lasts):
        had = "; ".join(
            f"{agent.agent_id} {iso_z(first)} to {iso_z(last)}"
            for agent, first, last in zip(agents, firsts, lasts, strict=True)
        )
        raise NoDataError(
            f"the agents' stored bars have no common range ({had}): name other agents"
        )
    parse_range(begins, ends)
    return begins, ends


def run_portfolio(
    here: Office,
    agent_ids: Sequence[str],
    asked: tuple[str, str],
    config: Mapping[str, object],
    watch: Watch | None = None,
) -> BacktestRun:
    """Materialize the company's backtest through Dagster and return the stored run."""
    from ztrade_pipelines.backtests.company import COMPANY_JOB  # noqa: PLC0415 - Dagster is slow
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415

    launched = launch(
        here.settings,
        COMPANY_JOB,
        {
            "agents": list(agent_ids),
            "start": asked[0],
            "end": asked[1],
            **{name: value for name, value in config.items() if value is not None},
        },
        watch=watch,
        quiet=not here.debug,
    )
    run_id = str(launched.materialized.get(f"backtests/{COMPANY}", {}).get("run_id", ""))
    run = here.workshop.backtests.run(run_id)
    if run is None:
        raise NoDataError(f"run {launched.run_id} left no backtest of the company")
    return run
