"""What a stored run of several agents says of each of them, read from its metrics and configuration.

Such a run bears the agent id `company`, which no agent can have: theirs begin with `agent_`. A lone
agent's run says nothing here. How it looks is the tear sheet's, the terminal's and the page's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.risk.breakers import CONSECUTIVE_LOSSES, RUNAWAY

COMPANY = "company"
AN_AGENT = "an agent"
FIGURES = (
    "pnl_usd",
    "total_return",
    "trades",
    "win_rate",
    "commission_usd",
    "coin_fees_usd",
    "denied",
)
"""What is kept of each agent, as the metric `<agent_id>/<name>`."""
CLEAN_PNL = "clean_pnl_usd"
"""Kept beside them of an agent that a model decides for: what it earned after the training cutoff."""

Document = Mapping[str, object]
Value = float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPart:
    """One agent's part in a run. Counts are most frequent first; `denials` are by rule.

    `figures` has the names of `FIGURES`; None where a figure does not exist. `is_model`: a model decided,
    and `clean_pnl_usd` is what it earned after its training cutoff (None: nothing is after it).
    """

    agent_id: str
    symbol: str
    timeframe: str
    strategy: str
    allocated_usd: float
    bars: int
    missing_bars: int
    source: str
    figures: dict[str, Value]
    outcomes: dict[str, int]
    denials: dict[str, int]
    holds: dict[str, int]
    is_model: bool = False
    clean_pnl_usd: float | None = None

    @property
    def denied(self) -> int:
        """How many of its entries the rules denied."""
        return self.outcomes.get("denied", 0)

    def denial_shares(self) -> dict[str, float]:
        """Return which part of the denied entries failed which rule; one entry may fail several."""
        return {rule: times / self.denied for rule, times in self.denials.items() if self.denied}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two symbols' correlation at the end of a run; `value` None: too few common returns."""

    first: str
    second: str
    value: float | None
    overlap: int
    is_correlated: bool


def is_company(run: BacktestRun) -> bool:
    """Return whether several agents shared the account of this run."""
    return run.agent_id == COMPANY


def agent_parts(run: BacktestRun) -> list[AgentPart]:
    """Return the agents of a company's run in the order of their ids; none for a lone agent's."""
    listed = run.config.get("agents")
    if not isinstance(listed, list):
        return []
    return [_part(run, each) for each in listed if isinstance(each, dict)]


def pairs_of(run: BacktestRun) -> list[Pair]:
    """Return the correlations that stood at the end of a company's run."""
    pairs = part(run.config, "correlations").get("pairs")
    if not isinstance(pairs, list):
        return []
    return [
        Pair(
            first=str(each.get("first")),
            second=str(each.get("second")),
            value=_number(each.get("value")),
            overlap=int(_number(each.get("overlap")) or 0),
            is_correlated=bool(each.get("is_correlated")),
        )
        for each in pairs
        if isinstance(each, dict)
    ]


def halted_party(run: BacktestRun, breaker: str) -> str:
    """Return whom a halt of this kind stopped: the company, or `an agent` where several could be.

    A run counts halts by kind, not by agent.
    """
    if breaker not in (CONSECUTIVE_LOSSES, RUNAWAY):
        return COMPANY
    agents = [one.agent_id for one in agent_parts(run)] or [run.agent_id]
    return agents[0] if len(agents) == 1 else AN_AGENT


def shortened(run: BacktestRun) -> str:
    """Say that a company's run covers less than was asked for; empty when it does not."""
    asked = run.config.get("asked")
    if not isinstance(asked, list) or [parse_instant(str(each)) for each in asked] == [
        run.start,
        run.end,
    ]:
        return ""
    return (
        f"asked for {asked[0]} to {asked[1]}; all agents have bars from {iso_z(run.start)} to"
        f" {iso_z(run.end)} only"
    )


def part(config: Document, name: str) -> Document:
    """Return a mapping inside a run's configuration; empty when there is none."""
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def counts_of(document: Document, name: str) -> dict[str, int]:
    """Return how often what happened, most frequent first; empty when it is not said."""
    numbers = {str(key): n for key, n in part(document, name).items() if isinstance(n, int)}
    return dict(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))


def _part(run: BacktestRun, listed: Document) -> AgentPart:
    agent, data = part(listed, "agent"), part(listed, "data")
    agent_id = str(agent.get("agent_id", "?"))
    return AgentPart(
        agent_id=agent_id,
        symbol=str(agent.get("symbol", "?")),
        timeframe=str(agent.get("timeframe", "?")),
        strategy=str(part(agent, "strategy").get("name", "?")),
        allocated_usd=_number(agent.get("allocated_usd")) or 0.0,
        bars=int(_number(data.get("bars")) or 0),
        missing_bars=int(_number(data.get("missing_bars")) or 0),
        source=str(data.get("source", "")),
        figures={name: run.metrics.get(f"{agent_id}/{name}") for name in FIGURES},
        is_model=f"{agent_id}/{CLEAN_PNL}" in run.metrics,
        clean_pnl_usd=_number(run.metrics.get(f"{agent_id}/{CLEAN_PNL}")),
        outcomes=counts_of(listed, "outcomes"),
        denials=counts_of(listed, "denials"),
        holds=counts_of(listed, "holds"),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
