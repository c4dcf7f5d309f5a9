"""One agent's assets, from a factory over config/agents: a YAML more is an agent more.

`<agent_id>/decision` and `<agent_id>/order` are made by one graph of four ops; the rules are checks
on the decision. A denial is a normal outcome: checks red, execute skipped, run SUCCESS.
"""

from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_pipelines import keys
from ztrade_pipelines.agents.checks import check_output, rule_checks
from ztrade_pipelines.agents.config import CycleConfig
from ztrade_pipelines.agents.edges import DECISION, ORDER
from ztrade_pipelines.agents.ops import cycle_ops


@dg.config_mapping
def cycle_mapping(config: CycleConfig) -> dict[str, Any]:
    """Hand the flat configuration to the two ops that need it."""
    values = config.model_dump()
    return {"observe": {"config": values}, "decide": {"config": values}}


def agent_assets(company: Company, agent: AgentConfig) -> dg.AssetsDefinition:
    """Return the assets of one agent."""
    decision, order = keys.decision_key(agent.agent_id), keys.order_key(agent.agent_id)
    checks = rule_checks(company, agent.agent_id)
    ops = cycle_ops(agent, checks)

    @dg.graph_multi_asset(
        name=keys.cycle_name(agent.agent_id),
        ins={"bars": dg.AssetIn(key=keys.bars_key(agent), dagster_type=dg.Nothing)},
        outs={
            DECISION: dg.AssetOut(key=decision, **_decision_page(agent)),
            ORDER: dg.AssetOut(key=order, is_required=False, **_order_page(agent)),
        },
        check_specs=checks,
        config=cycle_mapping,
        group_name=keys.AGENTS_GROUP,
    )
    def cycle(bars: Any) -> dict[str, Any]:
        moment = ops.observe.alias("observe")(bars)
        answer = ops.decide.alias("decide")(moment)
        judged = ops.validate.alias("validate")(answer)
        sent = ops.execute.alias("execute")(judged.approved)
        results = {check_output(spec): getattr(judged, check_output(spec)) for spec in checks}
        return {DECISION: judged.decision, ORDER: sent, **results}

    return cycle


def _decision_page(agent: AgentConfig) -> dict[str, Any]:
    limits = agent.limits
    return {
        "description": f"{agent.description}\n\nOne row is one decision of `{agent.agent_id}` on one"
        f" {agent.timeframe} bar of {agent.symbol}: append-only, hash-chained, decided once. The"
        " checks are the company's rules, each with the value it observed and its limit.",
        "kinds": {"python"},
        "owners": [keys.owner_of(agent)],
        "tags": {keys.AGENT_TAG: agent.agent_id},
        "metadata": {
            "symbol": agent.symbol,
            "timeframe": agent.timeframe.value,
            "mode": agent.mode.value,
            "strategy": agent.strategy.name,
            "strategy_parameters": dg.MetadataValue.json(agent.strategy.as_dict()),
            "allocated_usd": agent.allocated_usd,
            "stop_loss_fraction": limits.stop_loss_fraction,
            "take_profit_fraction": limits.take_profit_fraction,
            "min_confidence": limits.min_confidence,
            "personality": dg.MetadataValue.md(agent.personality),
        },
    }


def _order_page(agent: AgentConfig) -> dict[str, Any]:
    return {
        "description": f"One row is one order that a decision of `{agent.agent_id}` asked for, as it"
        " stands at the broker. Its id is derived from account, bar and side: sent at most once."
        " Not materialized when the decision was denied, held, or a dry run.",
        "kinds": {"python"},
        "owners": [keys.owner_of(agent)],
        "tags": {keys.AGENT_TAG: agent.agent_id},
        "metadata": {"symbol": agent.symbol, "money": "USD"},
    }
