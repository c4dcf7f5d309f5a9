"""How a company's run looks in the terminal: each agent's part, and how their symbols moved together."""

from rich.table import Table

from ztrade_core.backtest.portfolio_report import AgentPart, Value, agent_parts, pairs_of
from ztrade_core.domain.backtests import BacktestRun
from ztrade_pipelines.cli.formats import ABSENT, count, percent, ratio, toned, usd, whole_usd
from ztrade_pipelines.cli.output import fits, rows, table, without_spare

HEADS = (
    "=agent",
    "=instrument",
    ">allocated",
    ">result",
    ">return",
    ">closed",
    ">won",
    ">denied",
    "=denied by, share",
)
SPARE = (">allocated", "=instrument", ">won", ">closed")


def agents_table(run: BacktestRun) -> Table:
    """Return a row an agent; its return is on what it is allocated, open positions marked.

    A narrow terminal has a line a rule, and leaves out what the configuration tells.
    """
    agents = agent_parts(run)
    lines = [_agent(each, ", ") for each in agents]
    if not fits(HEADS, lines):
        lines = [_agent(each, "\n") for each in agents]
    heads, cells = without_spare(HEADS, lines, SPARE)
    return rows(table("Agents", *heads), cells)


def correlations_table(run: BacktestRun) -> Table | None:
    """Return the correlations at the end of the run; None when one agent ran alone."""
    pairs = pairs_of(run)
    if not pairs:
        return None
    made = table("Correlations at the end", "=pair", ">correlation", ">returns", "=together")
    return rows(
        made,
        [
            (
                f"{pair.first} {pair.second}",
                ratio(pair.value),
                count(pair.overlap),
                "yes" if pair.is_correlated else "no",
            )
            for pair in pairs
        ],
    )


def _agent(one: AgentPart, between: str) -> tuple[str, ...]:
    pnl, change = number(one.figures["pnl_usd"]), number(one.figures["total_return"])
    shares = [f"{rule} {percent(share, digits=0)}" for rule, share in one.denial_shares().items()]
    return (
        one.agent_id,
        f"{one.symbol} {one.timeframe}",
        whole_usd(one.allocated_usd),
        toned(usd(pnl, signed=True), pnl),
        toned(percent(change, signed=True), change),
        count(number(one.figures["trades"])),
        percent(number(one.figures["win_rate"]), digits=0),
        count(one.denied),
        between.join(shares) or ABSENT,
    )


def number(value: Value) -> float | None:
    """Return a figure as a number; None for what is absent or a text."""
    return float(value) if isinstance(value, int | float) else None
