"""One agent's assets, from a factory over config/agents: a YAML more is an agent more.

`<agent_id>/decision` and `<agent_id>/order` are made by one graph of four ops; the rules are checks
on the decision. A denial is a normal outcome: checks red, execute skipped, run SUCCESS.
"""

from collections.abc import Sequence
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
    bars, mood = keys.bars_key(agent), keys.sentiment_key(agent.symbol)
    checks = rule_checks(company, agent.agent_id)
    owner = [keys.owner_of(agent)]
    tags = {
        keys.AGENT_TAG: agent.agent_id,
        **keys.kind_tags("python", agent.instrument.key.lower()),
    }
    return dg.AssetsDefinition.from_graph(
        _cycle_graph(agent, checks),
        keys_by_input_name={"bars": bars, "sentiment": mood},
        keys_by_output_name={DECISION: decision, ORDER: order},
        internal_asset_deps={DECISION: {bars, mood}, ORDER: {decision}},
        check_specs=checks,
        group_name=keys.AGENTS_GROUP,
        descriptions_by_output_name={
            DECISION: _decision_text(agent),
            ORDER: _order_text(agent),
        },
        metadata_by_output_name={
            DECISION: _decision_metadata(agent),
            ORDER: {"symbol": agent.symbol, "money": "USD"},
        },
        tags_by_output_name={DECISION: tags, ORDER: tags},
        owners_by_output_name={DECISION: owner, ORDER: owner},
    )


def _cycle_graph(agent: AgentConfig, checks: Sequence[dg.AssetCheckSpec]) -> dg.GraphDefinition:
    ops = cycle_ops(agent, checks)
    results = [check_output(spec) for spec in checks]

    @dg.graph(
        name=keys.cycle_name(agent.agent_id),
        ins={"bars": dg.GraphIn(), "sentiment": dg.GraphIn()},
        out={name: dg.GraphOut() for name in (DECISION, ORDER, *results)},
        config=cycle_mapping,
        description=f"One cycle of {agent.agent_id}: observe, decide, validate, execute.",
    )
    def cycle(bars: Any, sentiment: Any) -> dict[str, Any]:
        moment = ops.observe.alias("observe")(bars=bars, sentiment=sentiment)
        answer = ops.decide.alias("decide")(moment)
        judged = ops.validate.alias("validate")(answer)
        sent = ops.execute.alias("execute")(judged.approved)
        evaluated = {name: getattr(judged, name) for name in results}
        return {DECISION: judged.decision, ORDER: sent, **evaluated}

    return cycle


def _decision_text(agent: AgentConfig) -> str:
    return (
        f"{agent.description}\n\nOne row is one decision of `{agent.agent_id}` on one"
        f" {agent.timeframe} bar of {agent.symbol}: append-only, hash-chained, decided once. The"
        " checks are the company's rules, each with the value it observed and its limit."
    )


def _order_text(agent: AgentConfig) -> str:
    return (
        f"One row is one order that a decision of `{agent.agent_id}` asked for, as it stands at the"
        " broker. Its id is derived from account, bar and side: sent at most once. Not materialized"
        " when the decision was denied, held, or a dry run."
    )


def _decision_metadata(agent: AgentConfig) -> dict[str, Any]:
    limits = agent.limits
    return {
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
    }
