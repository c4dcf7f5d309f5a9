"""The portfolio, materialized from inside another run."""

from datetime import datetime

import dagster as dg

from ztrade_core.assembly.places import place_of
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.portfolio import take_stock
from ztrade_pipelines import keys
from ztrade_pipelines.portfolio.checks import portfolio_evaluations
from ztrade_pipelines.portfolio.describe import stock_metadata


def report_portfolio(context: dg.OpExecutionContext, desk: TradingDesk, at: datetime) -> None:
    """Materialize the portfolio from inside another run, its checks with it."""
    stock = take_stock(desk, at, holder=context.run.run_id)
    metadata = stock_metadata(stock, place_of(desk, stock.portfolio.account_epoch))
    context.log_event(dg.AssetMaterialization(asset_key=keys.PORTFOLIO, metadata=metadata))
    for result in portfolio_evaluations(stock):
        evaluation = dg.AssetCheckEvaluation(
            asset_key=keys.PORTFOLIO,
            check_name=str(result.check_name),
            passed=result.passed,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
        )
        context.log_event(evaluation)  # type: ignore[arg-type]  # accepted; its annotation lags
