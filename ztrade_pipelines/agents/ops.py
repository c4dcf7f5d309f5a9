"""The ops of an agent's cycle: observe -> decide -> validate -> execute, then its shadows if it has any.

Declarations only: names, inputs, outputs. What an op does is in `cycle`, imported when it runs, so
that a process which only loads the definitions does not load the trading floor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig
from ztrade_pipelines.agents.checks import check_output
from ztrade_pipelines.agents.config import CycleConfig
from ztrade_pipelines.agents.edges import APPROVED, DECISION, ORDER, SHADOWS, Edge
from ztrade_pipelines.resources import Ztrade


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOps:
    """One agent's ops; `shadow` None where it has no shadows."""

    observe: dg.OpDefinition
    decide: dg.OpDefinition
    validate: dg.OpDefinition
    execute: dg.OpDefinition
    shadow: dg.OpDefinition | None


def cycle_ops(agent: AgentConfig, checks: Sequence[dg.AssetCheckSpec]) -> CycleOps:
    """Return the ops of an agent, named after it."""
    return CycleOps(
        observe=_observe_op(agent),
        decide=_decide_op(agent),
        validate=_validate_op(agent, checks),
        execute=_execute_op(agent),
        shadow=_shadow_op(agent) if agent.shadows else None,
    )


def _observe_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_observe",
        description="Bring bars, news and account up to the moment, reconcile, protect, and freeze what"
        " may be known: the snapshot that the decision sees.",
        ins={"bars": dg.In(dg.Nothing), "sentiment": dg.In(dg.Nothing)},
        out=dg.Out(dict, description="Ids: account, moment, snapshot."),
    )
    def observe(
        context: dg.OpExecutionContext, config: CycleConfig, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.Output[Edge]:
        from ztrade_pipelines.agents.cycle import observe_moment  # noqa: PLC0415

        return observe_moment(context, agent, config, ztrade)

    return observe


def _decide_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_decide",
        description="Ask the decision maker once for this bar, and tape its answer as it arrives. Nothing"
        " follows while a person is waited for: the step observe shows what they are asked.",
        out=dg.Out(dict, is_required=False, description="Ids: where the answer is taped."),
    )
    def decide(
        context: dg.OpExecutionContext,
        moment: Edge,
        config: CycleConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> Iterator[dg.Output[Edge]]:
        from ztrade_pipelines.agents.cycle import decide_once  # noqa: PLC0415

        yield from decide_once(context, agent, config, ztrade, moment)

    return decide


def _validate_op(agent: AgentConfig, checks: Sequence[dg.AssetCheckSpec]) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_validate",
        description="Put the answer under every rule in one locked transaction: decision, verdicts,"
        " reservation and order intent are written together, once.",
        out={
            DECISION: dg.Out(dict, description="Ids of the decision."),
            **{check_output(spec): dg.Out(description=spec.description) for spec in checks},
            APPROVED: dg.Out(dict, is_required=False, description="Only when there is an order."),
        },
    )
    def validate(
        context: dg.OpExecutionContext, answer: Edge, ztrade: dg.ResourceParam[Ztrade]
    ) -> Iterator[dg.Output[Edge] | dg.AssetCheckResult]:
        from ztrade_pipelines.agents.cycle import validate_answer  # noqa: PLC0415

        yield from validate_answer(context, agent, ztrade, answer)

    return validate


def _execute_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_execute",
        description="Send the admitted order once, find out what became of it, and see that every"
        " position carries its stop.",
        out={ORDER: dg.Out(dict, is_required=False, description="Ids of the order.")},
    )
    def execute(
        context: dg.OpExecutionContext, approved: Edge, ztrade: dg.ResourceParam[Ztrade]
    ) -> Iterator[dg.Output[Edge]]:
        from ztrade_pipelines.agents.cycle import execute_order  # noqa: PLC0415

        yield from execute_order(context, ztrade, approved)

    return execute


def _shadow_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_shadow",
        description="Ask the agent's shadows about the moment that was decided on, when all that was decided"
        " is sent and protected. They are recorded, judged, and trade nothing.",
        # Of several steps behind one Nothing, skipped ones (`execute`, without an order) are passed over.
        ins={"answer": dg.In(dict), "traded": dg.In(dg.Nothing)},
        out={SHADOWS: dg.Out(dict, is_required=False, description="Only when shadows were asked.")},
    )
    def shadow(
        context: dg.OpExecutionContext, answer: Edge, ztrade: dg.ResourceParam[Ztrade]
    ) -> Iterator[dg.Output[Edge]]:
        from ztrade_pipelines.agents.cycle import shadow_decision  # noqa: PLC0415

        yield from shadow_decision(context, ztrade, answer)

    return shadow
