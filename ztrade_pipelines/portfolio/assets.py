"""The asset `company/portfolio`: what the company holds, owes and may still lose, on one account.

It is materialized by `reconcile` (hourly, at the session's close, by the watch), and inside every
cycle that changed the book: there as an event of that very run (`report.report_portfolio`). So the page
shows it although no daemon runs, and a cycle that held shows the fills of the bar before it too; a
sensor would need the daemon, and would not see a fill that came without an order.
"""

import dagster as dg
from pydantic import Field

from ztrade_core.domain.configuration import Company
from ztrade_pipelines import keys
from ztrade_pipelines.portfolio.checks import portfolio_checks, portfolio_evaluations
from ztrade_pipelines.resources import PAPER, Ztrade, clear_failures


class PortfolioConfig(dg.Config):
    """Whose portfolio."""

    account: str = Field(default=PAPER, description="paper or rehearsal")


def portfolio_asset(company: Company) -> dg.AssetsDefinition:
    """Return the asset; it depends on every agent's orders."""

    @dg.asset(
        key=keys.PORTFOLIO,
        deps=[keys.order_key(agent.agent_id) for agent in company.agents],
        check_specs=portfolio_checks(),
        group_name=keys.PORTFOLIO_GROUP,
        kinds={"python"},
        tags={"domain": "trading"},
        owners=sorted({keys.owner_of(agent) for agent in company.agents}),
        metadata={"rows": "one account as marked at one moment", "money": "USD"},
        description="The company's account, reconciled with the broker: equity, cash, positions with"
        " their stops, working orders, exposure, the day's loss, the drawdown, and the equity curve.",
    )
    def portfolio(
        context: dg.AssetExecutionContext,
        config: PortfolioConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        from ztrade_core.assembly.places import place_of  # noqa: PLC0415  (the trading floor)
        from ztrade_core.trading.portfolio import take_stock  # noqa: PLC0415  (the trading floor)
        from ztrade_pipelines.portfolio.describe import stock_metadata  # noqa: PLC0415

        with clear_failures():
            desk = ztrade.desk(config.account)
            stock = take_stock(desk, desk.clock.now(), holder=context.run.run_id)
            place = place_of(desk, stock.portfolio.account_epoch)
        return dg.MaterializeResult(
            metadata=stock_metadata(stock, place),
            check_results=list(portfolio_evaluations(stock)),
        )

    return portfolio
