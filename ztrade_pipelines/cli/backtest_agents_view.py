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
CLEAN_HEAD = ">after cutoff"
MODEL_HEADS = (*HEADS[:5], CLEAN_HEAD, *HEADS[5:])
"""With what a model's agent earned after its training cutoff; a dash where a strategy decided or all may be known."""
SPARE = (">allocated", "=instrument", ">won", ">closed")


def agents_table(run: BacktestRun) -> Table:
    """Return a row an agent; its return is on what it is allocated, open positions marked.

    A narrow terminal has a line a rule, and leaves out what the configuration tells.
    """
    agents = agent_parts(run)
    all_heads = HEADS if not any(each.is_model for each in agents) else MODEL_HEADS
    lines = [_agent(each, ", ", all_heads) for each in agents]
    if not fits(all_heads, lines):
        lines = [_agent(each, "\n", all_heads) for each in agents]
    heads, cells = without_spare(all_heads, lines, SPARE)
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


def _agent(one: AgentPart, between: str, heads: tuple[str, ...]) -> tuple[str, ...]:
    pnl, change = number(one.figures["pnl_usd"]), number(one.figures["total_return"])
    shares = [f"{rule} {percent(share, digits=0)}" for rule, share in one.denial_shares().items()]
    clean = one.clean_pnl_usd
    after = (toned(usd(clean, signed=True), clean),) if CLEAN_HEAD in heads else ()
    return (
        one.agent_id,
        f"{one.symbol} {one.timeframe}",
        whole_usd(one.allocated_usd),
        toned(usd(pnl, signed=True), pnl),
        toned(percent(change, signed=True), change),
        *after,
        count(number(one.figures["trades"])),
        percent(number(one.figures["win_rate"]), digits=0),
        count(one.denied),
        between.join(shares) or ABSENT,
    )


def number(value: Value) -> float | None:
    """Return a figure as a number; None for what is absent or a text."""
    return float(value) if isinstance(value, int | float) else None
