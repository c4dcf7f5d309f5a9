"""`ztrade agent list`: who the agents are, as configured."""

from collections.abc import Sequence

import click
from rich.table import Table

from ztrade_core.domain.configuration import AgentConfig, EnsembleConfig, MindChoice, Mode
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import ABSENT, count, percent, ratio, whole_usd
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table
from ztrade_pipelines.cli.shadow_names import shadow_names


@click.command("list", cls=ZtradeCommand)
@json_option
def agent_list(*, as_json: bool) -> None:
    """Show every agent with its instrument, mind and limits."""
    company = office().settings.company
    if as_json:
        emit_json({"agents": [_document(agent) for agent in company.agents]})
        return
    made = table(
        f"Agents of {company.name}",
        "=agent",
        "=trades",
        ">capital",
        ">position",
        ">stop",
        ">target",
        ">a day",
        ">sure",
        caption="position: at most; a day: entries a New York day; sure: at least",
    )
    cells = [
        (
            agent.agent_id,
            f"{agent.symbol} {agent.timeframe}",
            whole_usd(agent.allocated_usd),
            whole_usd(agent.limits.position_usd),
            percent(agent.limits.stop_loss_fraction, digits=1),
            percent(agent.limits.take_profit_fraction, digits=1),
            count(agent.limits.max_daily_trades),
            ratio(agent.limits.min_confidence),
        )
        for agent in company.agents
    ]
    show(rows(made, cells), _minds(company.agents))


def _minds(agents: Sequence[AgentConfig]) -> Table:
    made = table("Who decides", "=agent", "=mode", "mind", "asked", "shadows")
    cells = [
        (
            agent.agent_id,
            agent.mode.value,
            _mind(agent),
            "on every bar" if agent.wake is None else agent.wake.told,
            ", ".join(shadow_names(agent)) or ABSENT,
        )
        for agent in agents
    ]
    return rows(made, cells)


def _mind(agent: AgentConfig) -> str:
    """Return who decides: a strategy or a model by its name, an ensemble by its vote and members."""
    if agent.ensemble is not None:
        names = ", ".join(member.name for member in agent.ensemble.members)
        return f"{agent.ensemble.vote.value} of {names}"
    if agent.model is not None:
        return agent.model.model
    return agent.strategy.name if agent.mode is Mode.STRATEGY else ABSENT


def _ensemble(ensemble: EnsembleConfig) -> dict[str, object]:
    return {
        "vote": ensemble.vote,
        "members": [_beside(member) for member in ensemble.members],
    }


def _beside(mind: MindChoice) -> dict[str, object]:
    return {
        "name": mind.name,
        "mode": mind.mode,
        "strategy": None if mind.strategy is None else mind.strategy.name,
        "model": None if mind.model is None else mind.model.model,
    }


def _document(agent: AgentConfig) -> dict[str, object]:
    limits = agent.limits
    return {
        "agent_id": agent.agent_id,
        "description": agent.description,
        "owner": agent.owner,
        "symbol": agent.symbol,
        "timeframe": agent.timeframe,
        "mode": agent.mode,
        "model": None if agent.model is None else agent.model.model,
        "wake": agent.wake,
        "ensemble": None if agent.ensemble is None else _ensemble(agent.ensemble),
        "shadows": [_beside(mind) | {"samples": mind.samples} for mind in agent.shadows],
        "strategy": agent.strategy.name,
        "strategy_parameters": agent.strategy.as_dict(),
        "allocated_usd": agent.allocated_usd,
        "position_usd": limits.position_usd,
        "risk_usd": limits.risk_usd,
        "stop_loss_fraction": limits.stop_loss_fraction,
        "take_profit_fraction": limits.take_profit_fraction,
        "max_daily_trades": limits.max_daily_trades,
        "min_confidence": limits.min_confidence,
        "max_consecutive_losses": limits.max_consecutive_losses,
    }
