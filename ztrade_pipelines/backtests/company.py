"""Several agents in one account as an asset: `backtests/company`, with the job that makes it.

The company's rules and correlations bind the agents together. What the page shows is a lone agent's,
and a row an agent.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from ztrade_core.backtest.portfolio_report import COMPANY
from ztrade_core.domain.configuration import Company
from ztrade_pipelines import keys, ui
from ztrade_pipelines.backtests.assets import WITHOUT_SENTIMENT, Progress
from ztrade_pipelines.resources import Ztrade, clear_failures

COMPANY_KEY = keys.backtest_key(COMPANY)
COMPANY_OP = COMPANY_KEY.to_python_identifier()
COMPANY_JOB = "portfolio_backtest"
MAX_SECONDS = 3600


class PortfolioBacktestConfig(dg.Config):
    """Which agents, over which days."""

    start: str = Field(description="First day, e.g. 2022-03-01 (New York), or an instant.")
    end: str = Field(description="Last day, included, e.g. 2022-12-30, or an instant.")
    agents: list[str] = Field(
        default_factory=list,
        description="The agents that share the account, e.g. [agent_tsla, agent_iwm]. None named: all.",
    )
    without_sentiment: bool = Field(default=False, description=WITHOUT_SENTIMENT)
    budget_usd: float | None = Field(
        default=None,
        description="What the models among them may cost together, in USD; needed where one decides.",
    )


def company_backtest_asset(company: Company) -> dg.AssetsDefinition:
    """Return the backtests of several agents in the company's account."""

    @dg.asset(
        key=COMPANY_KEY,
        deps=[
            *(keys.bars_key(agent) for agent in company.agents),
            *(keys.sentiment_key(symbol) for symbol in keys.symbols_of(company)),
        ],
        group_name=keys.BACKTESTS_GROUP,
        pool=keys.BACKTEST_POOL,
        kinds={"python"},
        owners=sorted({keys.owner_of(agent) for agent in company.agents}),
        metadata={"rows": "one backtest of several agents in one account", "money": "USD"},
        description="One row is one backtest of several agents in one account on"
        f" ${company.capital_usd:,.0f}, under the company's rules and correlations: figures beside"
        " buy-and-hold of their instruments, each agent's part, equity picture, trades.",
    )
    def company_backtest(
        context: dg.AssetExecutionContext,
        config: PortfolioBacktestConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        with clear_failures():
            return dg.MaterializeResult(metadata=_metadata(context, config, ztrade))

    return company_backtest


def _metadata(
    context: dg.AssetExecutionContext, config: PortfolioBacktestConfig, ztrade: Ztrade
) -> ui.Metadata:
    # Loads the engines: only who runs a backtest pays for it.
    from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store  # noqa: PLC0415
    from ztrade_pipelines.backtests.describe import backtest_metadata  # noqa: PLC0415
    from ztrade_pipelines.backtests.sheets import kept_sheet  # noqa: PLC0415

    result = run_portfolio_and_store(
        ztrade.bench().deaf() if config.without_sentiment else ztrade.bench(),
        config.agents,
        config.start,
        config.end,
        Progress(context, COMPANY),
        budget_usd=config.budget_usd,
    )
    return backtest_metadata(result, *kept_sheet(ztrade.workshop(), result))


@dg.config_mapping
def flat(config: PortfolioBacktestConfig) -> dict[str, Any]:
    """Hand the flat configuration to the op."""
    return {"ops": {COMPANY_OP: {"config": config.model_dump()}}}


def portfolio_backtest_job() -> Any:
    """Return the job that backtests several agents in one account."""
    return dg.define_asset_job(
        COMPANY_JOB,
        selection=dg.AssetSelection.assets(COMPANY_KEY),
        config=flat,
        description="Run several agents over stored bars in one account, under the company's rules,"
        " and keep the result. Config: start, end, agents (left out: all).",
        run_tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
