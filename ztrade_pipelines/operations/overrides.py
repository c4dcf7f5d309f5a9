"""What a person's overrides do: core's, and then the portfolio as it stands after it."""

import dagster as dg

from ztrade_core.errors import BrokerError
from ztrade_core.trading import override
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.override import Overridden
from ztrade_pipelines import ui
from ztrade_pipelines.operations.config import OverrideConfig
from ztrade_pipelines.portfolio.report import report_portfolio
from ztrade_pipelines.resources import Ztrade, clear_failures


def halt_trading(context: dg.OpExecutionContext, config: OverrideConfig, ztrade: Ztrade) -> None:
    """Stop entries until a person resumes."""
    with clear_failures():
        desk = ztrade.desk(config.account)
        at = desk.clock.now()
        done = override.halt(desk, who=config.who, why=config.why, at=at, agent_id=config.agent_id)
        _tell(context, desk, done)


def resume_trading(context: dg.OpExecutionContext, config: OverrideConfig, ztrade: Ztrade) -> None:
    """Lift halts."""
    with clear_failures():
        desk = ztrade.desk(config.account)
        at = desk.clock.now()
        done = override.resume(
            desk, who=config.who, why=config.why, at=at, agent_id=config.agent_id
        )
        _tell(context, desk, done)


def flatten_positions(
    context: dg.OpExecutionContext, config: OverrideConfig, ztrade: Ztrade
) -> None:
    """Halt, then sell; fails when something could not be sold."""
    with clear_failures():
        desk = ztrade.desk(config.account)
        at = desk.clock.now()
        done = override.flatten(
            desk, who=config.who, why=config.why, at=at, agent_id=config.agent_id
        )
        _tell(context, desk, done)
    if done.failed:
        raise dg.Failure("not flat: " + "; ".join(done.failed), allow_retries=False)


def _tell(context: dg.OpExecutionContext, desk: TradingDesk, done: Overridden) -> None:
    halts = [f"{h.agent_id or 'company'}: {h.kind}, {h.why}" for h in done.halts]
    context.add_output_metadata(
        {
            "account": done.account,
            "halts": ui.lines(halts),
            "cancelled_entries": ui.lines(done.canceled),
            "sold": ui.lines(done.sold),
            "failed": ui.lines(done.failed),
            "cleared": ui.lines(done.cleared),
        }
    )
    try:
        report_portfolio(context, desk, desk.clock.now())
    except BrokerError as error:  # the override stands; only its picture is missing
        context.log.warning("no portfolio after the override: %s", error)
