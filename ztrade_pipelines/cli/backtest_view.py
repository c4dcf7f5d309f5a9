"""How backtests look: runs in a list, one run's metrics, its trades, runs side by side."""

from collections.abc import Sequence

from rich.table import Table

from ztrade_core.backtest.mind_text import is_contaminated
from ztrade_core.domain.backtests import BacktestFill, BacktestRun
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.domain.words import counted
from ztrade_core.performance.definitions import (
    A_YEAR,
    COUNT,
    DAYS,
    FRACTION,
    HOURS,
    PROBABILITY,
    USD,
    definition_of,
)
from ztrade_pipelines.cli.formats import (
    ABSENT,
    count,
    moment,
    percent,
    price,
    quantity,
    ratio,
    toned,
    usd,
)
from ztrade_pipelines.cli.output import console, rows, table

Metric = float | int | str | None

HEADLINES = (
    "final_equity_usd",
    "total_return",
    "buy_and_hold_total_return",
    "cagr",
    "volatility",
    "sharpe",
    "probabilistic_sharpe",
    "deflated_sharpe",
    "trials",
    "sortino",
    "calmar",
    "max_drawdown",
    "trades",
    "win_rate",
    "profit_factor",
    "expectancy_usd",
    "exposure",
    "turnover",
)
MODEL_HEADLINES = (
    "clean/total_return",
    "clean/sharpe",
    "clean/max_drawdown",
    "contaminated_bars",
    "clean_bars",
    "model_cost_usd",
)
"""Rows that only a model's run has: shown as soon as one of the runs is a model's."""
GREATER_IS_BETTER = frozenset(
    {
        "final_equity_usd",
        "total_return",
        "cagr",
        "sharpe",
        "probabilistic_sharpe",
        "deflated_sharpe",
        "sortino",
        "calmar",
        "win_rate",
        "profit_factor",
        "expectancy_usd",
        "average_trade",
        "average_win_usd",
        "average_loss_usd",
        "best_trade_usd",
        "worst_trade_usd",
    }
)
LESS_IS_BETTER = frozenset(
    {
        "volatility",
        "max_drawdown",
        "max_drawdown_days",
        "longest_losing_streak",
        "commission_usd",
        "coin_fees_usd",
    }
)
AGENTS_OWN = ("/total_return", "/trades", "/win_rate", "/denied")
WIDE = 100
MARK = "[yellow]![/] "
CONTAMINATED = (
    "! the model may have known some of these bars: `ztrade backtest show RUN` splits them off"
)
_TONED = ("total_return", "cagr", "expectancy_usd", "buy_and_hold_total_return")


def metric_text(name: str, value: Metric) -> str:
    """Return a metric's value with its unit; null reads as a dash."""
    if value is None or isinstance(value, str):
        return value or ABSENT
    name = name.rpartition("/")[2]
    definition = definition_of(name)
    unit = definition.unit if definition else COUNT
    if unit in (FRACTION, A_YEAR, PROBABILITY):
        text = percent(value, signed=name in _TONED)
        return toned(text, value) if name in _TONED else text
    if unit == USD:
        return toned(usd(value, signed=True), value) if name in _TONED else usd(value)
    if unit == COUNT:
        return count(value)
    if unit in (DAYS, HOURS):
        return f"{ratio(value, 1)} {'d' if unit == DAYS else 'h'}"
    return ratio(value)


def runs_table(runs: Sequence[BacktestRun], title: str = "Backtests") -> Table:
    """Return one row a run, newest first."""
    wide = console().width >= WIDE
    made = table(
        title,
        "=run",
        "=agent",
        "=from",
        *(("=to",) if wide else ()),
        ">return",
        ">holding",
        ">drawdown",
        *((">sharpe",) if wide else ()),
        ">trades",
        caption=CONTAMINATED if any(is_contaminated(run) for run in runs) else "",
    )
    return rows(made, [_run_row(run, wide=wide) for run in runs])


def _run_row(run: BacktestRun, *, wide: bool) -> tuple[str, ...]:
    first, last = days_of(run)
    head = (run.run_id, run.agent_id, first, *((last,) if wide else ()))
    if run.status != "finished":
        return (*head, f"[red]{run.status}[/]")
    names = ["total_return", "buy_and_hold_total_return", "max_drawdown", "trades"]
    if wide:
        names.insert(3, "sharpe")
    first_figure, *others = [metric_text(name, run.metrics.get(name)) for name in names]
    mark = MARK if is_contaminated(run) else ""
    return (*head, f"{mark}{first_figure}", *others)


def days_of(run: BacktestRun) -> tuple[str, str]:
    """Return the first and the last New York day of a run; its end is exclusive."""
    last = new_york_date(run.end - MICROSECOND)
    return new_york_date(run.start).isoformat(), last.isoformat()


def metrics_table(run: BacktestRun) -> Table:
    """Return every metric of a run with what it means."""
    made = table(f"Metrics of {run.run_id}", "=metric", ">value", "meaning")
    cells = []
    for name, value in run.metrics.items():
        definition = definition_of(name)
        if "/" in name and definition is None:  # an agent's own: they have their table
            continue
        meaning = definition.definition if definition else ""
        cells.append((name, metric_text(name, value), meaning))
    return rows(made, cells)


def trades_table(trades: Sequence[BacktestFill]) -> Table:
    """Return a run's executions in order of time."""
    made = table("Trades", "=at", "=action", "=symbol", ">quantity", ">price", ">result")
    return rows(
        made,
        [
            (
                moment(trade.timestamp),
                trade.action,
                trade.symbol,
                quantity(trade.quantity),
                price(trade.price),
                "" if trade.pnl is None else toned(usd(trade.pnl, signed=True), trade.pnl),
            )
            for trade in trades
        ],
    )


def comparison_table(runs: Sequence[BacktestRun], *, judged: bool = True) -> Table:
    """Return runs side by side, the best value of each metric in bold with a star.

    `judged` False: nothing stands out, because the runs must not be held against one another.
    """
    names = (*HEADLINES, *_agents_own(runs))
    return _side_by_side("Comparison", runs, names, judged=judged)


def headline_table(runs: Sequence[BacktestRun]) -> Table:
    """Return runs side by side in their headline figures."""
    return _side_by_side("Backtest" if len(runs) == 1 else "Backtests", runs, HEADLINES)


def _side_by_side(
    title: str, runs: Sequence[BacktestRun], names: Sequence[str], *, judged: bool = True
) -> Table:
    made = table(title, "=metric", *[f">{run.run_id}" for run in runs])
    made.add_row("[dim]agent[/]", *[run.agent_id for run in runs])
    made.add_row("[dim]from[/]", *[days_of(run)[0] for run in runs])
    made.add_row("[dim]to[/]", *[days_of(run)[1] for run in runs])
    of_models = [name for name in MODEL_HEADLINES if any(name in run.metrics for run in runs)]
    for name in (*names, *of_models):
        values = [run.metrics.get(name) for run in runs]
        best = best_of(name, values) if judged else set()
        cells = []
        for index, value in enumerate(values):
            text = metric_text(name, value)
            cells.append(f"[bold]*{text}[/]" if index in best else text)
        made.add_row(_label(name), *cells)
    return made


def _agents_own(runs: Sequence[BacktestRun]) -> list[str]:
    """Return the metrics of single agents that runs side by side show."""
    names = {
        name
        for run in runs
        for name in run.metrics
        if name.endswith(AGENTS_OWN) and definition_of(name) is None
    }
    return sorted(names, key=lambda name: (AGENTS_OWN.index(f"/{name.partition('/')[2]}"), name))


def _label(name: str) -> str:
    agent, slash, figure = name.rpartition("/")
    return f"{agent}{' ' if slash else ''}{figure.removesuffix('_usd').replace('_', ' ')}"


def best_by_metric(runs: Sequence[BacktestRun]) -> dict[str, list[str]]:
    """Return which runs have the best value of each metric; without those where none is better."""
    names = dict.fromkeys(name for run in runs for name in run.metrics)
    best = {name: best_of(name, [run.metrics.get(name) for run in runs]) for name in names}
    return {name: [runs[i].run_id for i in sorted(found)] for name, found in best.items() if found}


def best_of(name: str, values: Sequence[Metric]) -> set[int]:
    """Return which values are the best; empty when they do not differ or better has no meaning."""
    numbers = {i: float(v) for i, v in enumerate(values) if isinstance(v, int | float)}
    name = name.rpartition("/")[2]  # an agent's own metric is judged as the company's
    if name not in GREATER_IS_BETTER | LESS_IS_BETTER or len(set(numbers.values())) < 2:  # noqa: PLR2004 - two differ
        return set()
    best = max(numbers.values()) if name in GREATER_IS_BETTER else min(numbers.values())
    return {index for index, number in numbers.items() if number == best}


def run_document(run: BacktestRun) -> dict[str, object]:
    """Return a run as plain values, its configuration left out."""
    return {
        "run_id": run.run_id,
        "agent_id": run.agent_id,
        "start": run.start,
        "end": run.end,
        "status": run.status,
        "created_at": run.created_at,
        "metrics": run.metrics,
    }


def missing_text(run: BacktestRun) -> str:
    """Say how many bars the calendar expects that a run did not have, and where most of them."""
    data = run.config.get("data")
    if not isinstance(data, dict) or "missing_bars" not in data:
        return "unknown"
    if not data["missing_bars"]:
        return "no bar"
    missing = f"{counted(data['missing_bars'], 'bar')} that the calendar expects"
    gap = data.get("longest_gap")
    if not isinstance(gap, list):  # of several agents: each has its own
        return missing
    longest = count(data["longest_gap_bars"])
    return f"{missing}; the longest gap has {longest}, from {gap[0]} to {gap[1]}"
