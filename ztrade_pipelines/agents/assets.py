"""One agent's assets, from a factory over config/agents: a YAML more is an agent more.

`<agent_id>/decision` and `<agent_id>/order` are made by one graph of four ops; a fifth makes
`<agent_id>/shadows` of an agent that has shadows. The rules are checks on the decision. A denial is a normal outcome: checks red, execute skipped, run SUCCESS.
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_pipelines import keys, ui
from ztrade_pipelines.agents.checks import check_output, rule_checks
from ztrade_pipelines.agents.config import CycleConfig
from ztrade_pipelines.agents.edges import DECISION, ORDER, SHADOWS
from ztrade_pipelines.agents.ops import cycle_ops


@dg.config_mapping
def cycle_mapping(config: CycleConfig) -> dict[str, Any]:
    """Hand the flat configuration to the two ops that need it."""
    values = config.model_dump()
    return {"observe": {"config": values}, "decide": {"config": values}}


def agent_assets(company: Company, agent: AgentConfig) -> dg.AssetsDefinition:
    """Return the assets of one agent."""
    decision, made = keys.decision_key(agent.agent_id), outputs_of(agent)
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
        keys_by_output_name=made,
        internal_asset_deps={
            name: {bars, mood} if name == DECISION else {decision} for name in made
        },
        check_specs=checks,
        group_name=keys.AGENTS_GROUP,
        descriptions_by_output_name={name: _TEXTS[name](agent) for name in made},
        metadata_by_output_name={name: _METADATA[name](agent) for name in made},
        tags_by_output_name=dict.fromkeys(made, tags),
        owners_by_output_name=dict.fromkeys(made, owner),
    )


def outputs_of(agent: AgentConfig) -> dict[str, dg.AssetKey]:
    """Return the agent's assets by the names of the outputs that make them."""
    made = {DECISION: keys.decision_key(agent.agent_id), ORDER: keys.order_key(agent.agent_id)}
    return {**made, SHADOWS: keys.shadows_key(agent.agent_id)} if agent.shadows else made


def _cycle_graph(agent: AgentConfig, checks: Sequence[dg.AssetCheckSpec]) -> dg.GraphDefinition:
    ops = cycle_ops(agent, checks)
    results = [check_output(spec) for spec in checks]

    @dg.graph(
        name=keys.cycle_name(agent.agent_id),
        ins={"bars": dg.GraphIn(), "sentiment": dg.GraphIn()},
        out={name: dg.GraphOut() for name in (*outputs_of(agent), *results)},
        config=cycle_mapping,
        description=f"One cycle of {agent.agent_id}: observe, decide, validate, execute.",
    )
    def cycle(bars: Any, sentiment: Any) -> dict[str, Any]:
        moment = ops.observe.alias("observe")(bars=bars, sentiment=sentiment)
        answer = ops.decide.alias("decide")(moment)
        judged = ops.validate.alias("validate")(answer)
        sent = ops.execute.alias("execute")(judged.approved)
        evaluated = {name: getattr(judged, name) for name in results}
        made = {DECISION: judged.decision, ORDER: sent, **evaluated}
        if ops.shadow is None:
            return made
        asked = ops.shadow.alias("shadow")(answer, traded=[judged.decision, sent])
        return {**made, SHADOWS: asked}

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


def _shadows_text(agent: AgentConfig) -> str:
    return (
        f"What the shadows of `{agent.agent_id}` answered to the moment of its decision, asked when that was"
        " sent and protected. One row is one answer, with what the rules would have said of it. They are"
        " recorded and scored, and trade nothing. Not materialized when none was asked."
    )


def _order_metadata(agent: AgentConfig) -> dict[str, Any]:
    return {"symbol": agent.symbol, "money": "USD"}


def _shadows_metadata(agent: AgentConfig) -> dict[str, Any]:
    names = [f"{mind.name}: {mind.mode.value}, {mind.samples} a bar" for mind in agent.shadows]
    return {**_order_metadata(agent), "minds": ui.lines(names)}


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


_TEXTS = {DECISION: _decision_text, ORDER: _order_text, SHADOWS: _shadows_text}
_METADATA = {DECISION: _decision_metadata, ORDER: _order_metadata, SHADOWS: _shadows_metadata}
