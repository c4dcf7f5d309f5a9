"""Backtests as assets: `backtests/<agent_id>`, one op for all agents, any of which may be asked.

A strategy runs compiled, any other mind in the event loop: the very cycle of live trading; the rows
are the same. Figures, picture and trades go to the page, rows to the three backtest tables.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures

if TYPE_CHECKING:
    from ztrade_core.backtest.decided_by import RunOptions

BACKTEST_OP = "run_backtests"
TENTHS = 10
WITHOUT_SENTIMENT = "Run as if no news had ever been known, to compare."


class BacktestConfig(dg.Config):
    """Which agent, over which days."""

    start: str = Field(description="First day, e.g. 2022-03-01 (New York), or an instant.")
    end: str = Field(description="Last day, included, e.g. 2022-12-30, or an instant.")
    agent_id: str | None = Field(
        default=None, description="One agent, e.g. agent_tsla. Left out: every selected one."
    )
    strict: bool = Field(
        default=False,
        description="Refuse a range in which bars are missing that the calendar expects.",
    )
    recorded: str | None = Field(
        default=None,
        description="Repeat decisions: ledger, ledger:rehearsal, or a file of JSON lines (one agent).",
    )
    budget_usd: float | None = Field(
        default=None,
        description="What a model may cost, an agent, in USD. A strategy costs nothing.",
    )
    without_sentiment: bool = Field(default=False, description=WITHOUT_SENTIMENT)


class Progress:
    """Writes a line to the run's log at each tenth."""

    def __init__(self, context: dg.AssetExecutionContext, agent_id: str) -> None:
        self._context = context
        self._agent_id = agent_id
        self._told = 0

    def __call__(self, done: int, total: int) -> None:
        """Note how far the run is."""
        tenth = TENTHS * done // max(total, 1)
        if tenth > self._told:
            self._told = tenth
            self._context.log.info("%s: %s of %s bars", self._agent_id, done, total)


def backtest_assets(company: Company) -> dg.AssetsDefinition:
    """Return the backtests of every agent."""
    specs = [_spec(agent) for agent in company.agents]

    @dg.multi_asset(
        name=BACKTEST_OP,
        specs=specs,
        can_subset=True,
        pool=keys.BACKTEST_POOL,
        description="Run the cycle of live trading over stored bars, agent by agent.",
    )
    def backtests(
        context: dg.AssetExecutionContext,
        config: BacktestConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        # Loads the engines: only who runs a backtest pays for it.
        from ztrade_core.backtest.runs import run_and_store  # noqa: PLC0415
        from ztrade_pipelines.backtests.describe import backtest_metadata  # noqa: PLC0415
        from ztrade_pipelines.backtests.sheets import kept_sheet  # noqa: PLC0415

        asked = (
            [a.agent_id for a in company.agents] if config.agent_id is None else [config.agent_id]
        )
        options = _options(config, len(context.selected_asset_keys))
        for agent_id in asked:
            key = keys.backtest_key(agent_id)
            if config.agent_id is None and key not in context.selected_asset_keys:
                continue
            with clear_failures():
                progress = Progress(context, agent_id)
                span = (config.start, config.end)
                bench = ztrade.bench().deaf() if config.without_sentiment else ztrade.bench()
                result = run_and_store(bench, agent_id, *span, progress, options=options)
                metadata = backtest_metadata(result, *kept_sheet(ztrade.workshop(), result))
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return backtests


def _options(config: BacktestConfig, selected: int) -> "RunOptions":
    from ztrade_core.backtest.decided_by import RunOptions, require_one_agent  # noqa: PLC0415

    options = RunOptions(
        recorded=config.recorded, budget_usd=config.budget_usd, strict=config.strict
    )
    with clear_failures():
        require_one_agent(options, 1 if config.agent_id else selected)
    return options


def _spec(agent: AgentConfig) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=keys.backtest_key(agent.agent_id),
        deps=[keys.bars_key(agent), keys.sentiment_key(agent.symbol)],
        skippable=True,
        group_name=keys.BACKTESTS_GROUP,
        kinds={"python", agent.instrument.key.lower()},
        owners=[keys.owner_of(agent)],
        tags={keys.AGENT_TAG: agent.agent_id},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value, "money": "USD"},
        description=f"One row is one backtest of `{agent.agent_id}` ({agent.strategy.name} on"
        f" {agent.symbol} {agent.timeframe}) on ${agent.allocated_usd:,.0f}: figures beside"
        " buy-and-hold, equity picture, trades.",
    )
