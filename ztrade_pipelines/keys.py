"""Names on the page: asset keys, groups, tags and kinds. One place, so that links hold."""

from collections.abc import Mapping

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.instruments import instrument_of

PORTFOLIO = dg.AssetKey(["company", "portfolio"])
REPLAY = dg.AssetKey(["company", "replay"])

BARS_GROUP = "market_data"
NEWS_GROUP = "news"
SENTIMENT_GROUP = "sentiment"
AGENTS_GROUP = "agents"
PORTFOLIO_GROUP = "portfolio"
BACKTESTS_GROUP = "backtests"

SWEEPS, WALKS, SENSITIVITY = (
    "sweeps",
    "walk_forward",
    "sensitivity",
)  # what the studies' keys begin with

# dagster.yaml runs one at a time of each, however it was launched, so that trading finds a free slot.
BACKTEST_POOL = "backtest"
INGESTION_POOL = "ingestion"

HALT, RESUME, FLATTEN = "halt_trading", "resume_trading", "flatten_positions"
OVERRIDES = frozenset({HALT, RESUME, FLATTEN})  # `coordinator` lets these pass the queue

AGENT_TAG = "ztrade/agent"
ACCOUNT_TAG = "ztrade/account"
AS_OF_TAG = "ztrade/as_of"
DRY_RUN_TAG = "ztrade/dry_run"
WORKLOAD_TAG = "ztrade/workload"
REASON_TAG = "ztrade/reason"
MAX_RUNTIME_TAG = "dagster/max_runtime"


def bars_key(agent: AgentConfig) -> dg.AssetKey:
    """Return the key of the series an agent trades: `market_bars/BTC-USD_1h`."""
    return dg.AssetKey(["market_bars", f"{agent.instrument.key}_{agent.timeframe.value}"])


def news_key(symbol: str) -> dg.AssetKey:
    """Return the key of a symbol's stories: `news/BTC-USD`."""
    return dg.AssetKey(["news", instrument_of(symbol).key])


def sentiment_key(symbol: str) -> dg.AssetKey:
    """Return the key of a symbol's sentiment: `sentiment/BTC-USD`."""
    return dg.AssetKey(["sentiment", instrument_of(symbol).key])


def symbols_of(company: Company) -> list[str]:
    """Return the symbols that the configuration names, each once."""
    return list(dict.fromkeys(agent.symbol for agent in company.agents))


def owners_of(company: Company, symbol: str) -> list[str]:
    """Return the owners of the agents that trade a symbol, as Dagster writes teams."""
    return sorted({owner_of(agent) for agent in company.agents if agent.symbol == symbol})


def cycle_name(agent_id: str) -> str:
    """Return the name of an agent's graph of ops; its job has the bare id, which must be another."""
    return f"{agent_id}_cycle"


def decision_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's decision."""
    return dg.AssetKey([agent_id, "decision"])


def scoreboard_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's scoreboard: its minds compared."""
    return dg.AssetKey([agent_id, "scoreboard"])


def order_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's order."""
    return dg.AssetKey([agent_id, "order"])


def shadows_key(agent_id: str) -> dg.AssetKey:
    """Return the key of what an agent's shadows answered."""
    return dg.AssetKey([agent_id, "shadows"])


def backtest_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's backtests."""
    return dg.AssetKey(["backtests", agent_id])


def sweep_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's parameter sweeps."""
    return dg.AssetKey([SWEEPS, agent_id])


def walk_forward_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's walk-forward, a partition a month."""
    return dg.AssetKey([WALKS, agent_id])


def sensitivity_key(agent_id: str) -> dg.AssetKey:
    """Return the key of an agent's sensitivity to costs and sentiment."""
    return dg.AssetKey([SENSITIVITY, agent_id])


def owner_of(agent: AgentConfig) -> str:
    """Return an agent's owner as Dagster writes a team."""
    return f"team:{agent.owner}"


def kind_tags(*kinds: str) -> Mapping[str, str]:
    """Return the tags that show as kinds on an asset's node."""
    return {f"dagster/kind/{kind}": "" for kind in kinds}
