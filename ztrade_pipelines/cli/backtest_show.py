"""`ztrade backtest show`: one run in figures, and its trades."""

import click
from rich.console import RenderableType
from rich.text import Text

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.mind_text import mind_rows
from ztrade_core.backtest.overfit import trades_of
from ztrade_core.backtest.portfolio_report import is_company, shortened
from ztrade_core.backtest.report_summary import summary
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.errors import InputError
from ztrade_pipelines.cli.backtest_agents_view import agents_table, correlations_table
from ztrade_pipelines.cli.backtest_guards import (
    guards_for,
    reasons_table,
    warning_lines,
    with_guards,
)
from ztrade_pipelines.cli.backtest_luck_view import (
    guards_table,
    simulations_of,
    simulations_table,
)
from ztrade_pipelines.cli.backtest_view import (
    metrics_table,
    missing_text,
    run_document,
    trades_table,
)
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import moment
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, show


@click.command("show", cls=ZtradeCommand)
@click.argument("run_id", metavar="RUN")
@click.option("--trades", "with_trades", is_flag=True, help="Show every execution too.")
@json_option
def backtest_show(run_id: str, *, with_trades: bool, as_json: bool) -> None:
    """Show RUN (its id, or a beginning of it) with every metric and what it means."""
    workshop = office().workshop
    run = find_run(workshop, run_id)
    trades = workshop.backtests.trades(run.run_id)
    guards, paths = guards_for(workshop, run, trades), simulations_of(run, trades)
    if as_json:
        document = run_document(run) | {"config": run.config, "overfit": guards}
        document |= {"monte_carlo": paths, "came_to": summary(run)}
        emit_json(document | {"trades": trades} if with_trades else document)
        return
    parts: list[RenderableType | None] = [_about(run), *warning_lines(guards.warnings)]
    if shortened(run):
        parts += warning_lines([shortened(run)])
    if is_company(run):
        parts += [agents_table(run), correlations_table(run)]
    parts += [
        metrics_table(with_guards(run, guards)),
        guards_table(guards),
        simulations_table(paths),
    ]
    if not trades_of(run, trades):
        parts.append(Text(f"no closed trade: {summary(run)}", style="yellow"))
    parts.append(reasons_table(run))
    if with_trades:
        parts.append(trades_table(trades) if trades else nothing("no trades"))
    show(*[part for part in parts if part is not None])


def find_run(workshop: Workshop, run_id: str) -> BacktestRun:
    """Return a run by its id or the beginning of one; InputError when there is none."""
    run = workshop.backtests.run(run_id)
    if run is None:
        raise InputError(f"no backtest {run_id!r}; `ztrade backtest list` names them")
    return run


def _about(run: BacktestRun) -> RenderableType:
    data = run.config.get("data")
    source = data.get("source") if isinstance(data, dict) else None
    lines = [
        ("run", run.run_id),
        ("agent", run.agent_id),
        ("from", moment(run.start)),
        ("to", moment(run.end)),
        ("status", run.status),
        ("bars from", str(source or "unknown")),
        ("missing", missing_text(run)),
        ("engine", _engine(run)),
        *mind_rows(run),
        ("made", moment(run.created_at.replace(microsecond=0))),
    ]
    return fields(lines)


def _engine(run: BacktestRun) -> str:
    engine, why = run.config.get("engine", "unknown"), run.config.get("why_not_compiled")
    return f"{engine} ({why})" if why else str(engine)
