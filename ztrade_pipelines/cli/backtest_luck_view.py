"""How luck looks in the terminal: overfit guards, and Monte Carlo of a run's closed trades."""

from collections.abc import Sequence

from rich.table import Table

from ztrade_core.backtest.monte_carlo import Method, Quantiles, Simulation, simulations
from ztrade_core.backtest.overfit import Guards, trades_of
from ztrade_core.domain.backtests import BacktestFill, BacktestRun
from ztrade_core.domain.words import counted
from ztrade_pipelines.cli.formats import ABSENT, count, percent, ratio
from ztrade_pipelines.cli.output import rows, table


def simulations_of(run: BacktestRun, fills: Sequence[BacktestFill]) -> list[Simulation]:
    """Return a run's Monte Carlo, by the seed that is always the same; none without a closed trade."""
    capital = run.metrics.get("capital_usd")
    if not isinstance(capital, int | float) or not capital > 0.0:
        return []
    return simulations([trade.pnl_usd for trade in trades_of(run, fills)], float(capital))


def guards_table(guards: Guards) -> Table:
    """Return what is held against the Sharpe ratio."""
    needed = guards.days_needed
    long_enough = ABSENT if guards.probabilistic_sharpe is None else "no record is long enough"
    found = [
        (
            "probabilistic Sharpe",
            percent(guards.probabilistic_sharpe, digits=1),
            "that the true Sharpe ratio is above 0",
        ),
        (
            "deflated Sharpe",
            percent(guards.deflated_sharpe, digits=1),
            "that it is above the best of the trials by luck",
        ),
        ("trials", count(guards.trials), "results this one was chosen from, as stored"),
        ("best by luck", ratio(guards.sharpe_by_luck), "Sharpe of the best trial without skill"),
        ("daily returns", count(guards.days), "the length of this record"),
        (
            "needed",
            long_enough if needed is None else count(needed),
            "daily returns for 95 % confidence",
        ),
    ]
    return rows(table("Overfit guards", "=guard", ">value", "meaning"), found)


def simulations_table(found: Sequence[Simulation]) -> Table | None:
    """Return the quantiles of both methods; None without a closed trade."""
    if not found:
        return None
    title = f"Monte Carlo: {found[0].paths:,} paths of {counted(found[0].trades, 'closed trade')}"
    made = table(title, "=figure", *[f">{one.method.value}" for one in found])
    lines = [
        ("return 5 / 50 / 95 %", [_unless_same(one, _percents(one.total_return)) for one in found]),
        (
            "probability of a loss",
            [_unless_same(one, percent(one.probability_of_loss, digits=1)) for one in found],
        ),
        ("max drawdown 5 / 50 / 95 %", [_percents(one.max_drawdown) for one in found]),
        ("worst drawdown", [percent(one.worst_drawdown) for one in found]),
        ("losses in a row 5 / 50 / 95 %", [_counts(one.losing_streak) for one in found]),
        ("worst run of losses", [count(one.worst_losing_streak) for one in found]),
    ]
    return rows(made, [(name, *cells) for name, cells in lines])


def _unless_same(one: Simulation, text: str) -> str:
    """Return a dash for what every path of a shuffle has in common: it is the run's own."""
    return ABSENT if one.method is Method.SHUFFLE else text


def _percents(values: Quantiles) -> str:
    return " / ".join(percent(value).removesuffix(" %") for value in values) + " %"


def _counts(values: Quantiles) -> str:
    return " / ".join(count(value) for value in values)
