"""The four ops of an agent's cycle: observe -> decide -> validate -> execute.

Each calls one stage of core and describes what it left. Edges carry ids; the ids of the asset
outputs are what Dagster keeps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from ztrade_core.domain.chain import ChainHead
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.trading.cycle import Validated, record
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.leases import release_leases
from ztrade_core.trading.observation import observe
from ztrade_core.trading.portfolio import book_mark
from ztrade_core.trading.requests import parse_as_of
from ztrade_core.trading.stages import (
    decide_stage,
    execute_stage,
    stored_admission,
    stored_snapshot,
    stored_tape,
    validate_stage,
)
from ztrade_pipelines import keys
from ztrade_pipelines.agents import describe, edges
from ztrade_pipelines.agents.checks import check_output, evaluations
from ztrade_pipelines.agents.config import CycleConfig, request_of
from ztrade_pipelines.portfolio.assets import report_portfolio
from ztrade_pipelines.resources import PAPER, REHEARSAL, Ztrade, clear_failures

DECISION = "decision"
ORDER = "order"
APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOps:
    """One agent's ops."""

    observe: dg.OpDefinition
    decide: dg.OpDefinition
    validate: dg.OpDefinition
    execute: dg.OpDefinition


def cycle_ops(agent: AgentConfig, checks: Sequence[dg.AssetCheckSpec]) -> CycleOps:
    """Return the ops of an agent, named after it."""
    return CycleOps(
        observe=_observe_op(agent),
        decide=_decide_op(agent),
        validate=_validate_op(agent, checks),
        execute=_execute_op(agent),
    )


def _observe_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_observe",
        description="Bring bars and account up to the moment, reconcile, protect, and freeze what"
        " may be known: the snapshot that the decision sees.",
        ins={"bars": dg.In(dg.Nothing)},
        out=dg.Out(dict, description="Ids: account, moment, snapshot."),
    )
    def observe_moment(
        context: dg.OpExecutionContext, config: CycleConfig, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.Output[edges.Edge]:
        with clear_failures():
            past = parse_as_of(config.as_of, ztrade.now())
            desk = ztrade.desk(PAPER if past is None else REHEARSAL, past)
            as_of = past or desk.clock.now()
            request = request_of(config, agent.agent_id, as_of=as_of, holder=context.run.run_id)
            book = book_mark(desk)
            observed = observe(desk, request)
        _tag_run(context, desk, request)
        moment = edges.moment_edge(
            desk,
            as_of=as_of,
            snapshot_hash=observed.snapshot_hash,
            dry_run=config.dry_run,
            book=book,
        )
        return dg.Output(moment, metadata=describe.observed_metadata(observed))

    return observe_moment


def _tag_run(context: dg.OpExecutionContext, desk: TradingDesk, request: CycleRequest) -> None:
    tags = {
        keys.AGENT_TAG: request.agent_id,
        keys.ACCOUNT_TAG: desk.account,
        keys.AS_OF_TAG: request.as_of.isoformat(timespec="seconds"),
    }
    if request.dry_run:
        tags[keys.DRY_RUN_TAG] = "true"
    context.instance.add_run_tags(context.run.run_id, tags)


def _decide_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_decide",
        description="Ask the decision maker once for this bar, and tape its answer as it arrives.",
        out=dg.Out(dict, description="Ids: where the answer is taped."),
    )
    def decide(
        context: dg.OpExecutionContext,
        moment: edges.Edge,
        config: CycleConfig,
        ztrade: dg.ResourceParam[Ztrade],
    ) -> dg.Output[edges.Edge]:
        with clear_failures():
            desk = edges.desk_of(ztrade, moment)
            request = request_of(
                config, agent.agent_id, as_of=edges.as_of(moment), holder=context.run.run_id
            )
            tape = decide_stage(desk, request, moment["snapshot_hash"])
        return dg.Output(edges.answer_edge(moment, tape.key), metadata=describe.tape_metadata(tape))

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
        context: dg.OpExecutionContext, answer: edges.Edge, ztrade: dg.ResourceParam[Ztrade]
    ) -> Iterator[dg.Output[edges.Edge] | dg.AssetCheckResult]:
        with clear_failures():
            desk = edges.desk_of(ztrade, answer)
            validated = validate_stage(
                desk, _request(context, agent, answer), edges.tape_key(answer)
            )
        yield _decision_output(desk, answer, validated)
        yield from evaluations(agent.agent_id, validated.verdicts, validated.outcome)
        admission = validated.admission
        if admission is None:
            return
        with clear_failures():
            _anchor(context, desk, answer)
            if admission.order is None:
                _close(context, desk, answer)
        if admission.order is not None:
            decision_id = admission.row.decision.decision_id
            yield dg.Output(edges.approved_edge(answer, decision_id), APPROVED)

    return validate


def _request(context: dg.OpExecutionContext, agent: AgentConfig, edge: edges.Edge) -> CycleRequest:
    return CycleRequest(
        agent_id=agent.agent_id,
        as_of=edges.as_of(edge),
        holder=context.run.run_id,
        dry_run=edge["dry_run"],
    )


def _decision_output(
    desk: TradingDesk, answer: edges.Edge, validated: Validated
) -> dg.Output[edges.Edge]:
    tape = stored_tape(desk, edges.tape_key(answer))
    snapshot = stored_snapshot(desk, tape.snapshot_hash)
    head: ChainHead | None = None
    if validated.admission is not None:
        with desk.store.reading() as uow:
            head = uow.ledger.head()
    return dg.Output(
        {"account": desk.account, "slot": snapshot.key.slot, "outcome": validated.outcome.value},
        DECISION,
        metadata=describe.decision_metadata(validated, tape, snapshot, head),
    )


def _anchor(context: dg.OpExecutionContext, desk: TradingDesk, edge: edges.Edge) -> None:
    """Anchor the chain's head: it was shown on the page, outside the database."""
    head = record(desk, place=f"dagster run {context.run.run_id}", at=edges.as_of(edge))
    context.log.info("chain head %s:%s", head.sequence, head.digest)


def _close(context: dg.OpExecutionContext, desk: TradingDesk, edge: edges.Edge) -> None:
    """End a cycle: give the leases back; show the portfolio when the cycle changed the book."""
    release_leases(desk, holder=context.run.run_id)
    if book_mark(desk) != edge["book"]:
        report_portfolio(context, desk, edge["as_of"])


def _execute_op(agent: AgentConfig) -> dg.OpDefinition:
    @dg.op(
        name=f"{agent.agent_id}_execute",
        description="Send the admitted order once, find out what became of it, and see that every"
        " position carries its stop.",
        out={ORDER: dg.Out(dict, is_required=False, description="Ids of the order.")},
    )
    def execute(
        context: dg.OpExecutionContext, approved: edges.Edge, ztrade: dg.ResourceParam[Ztrade]
    ) -> Iterator[dg.Output[edges.Edge]]:
        with clear_failures():
            desk = edges.desk_of(ztrade, approved)
            holder, at = context.run.run_id, edges.as_of(approved)
            execution = execute_stage(desk, approved["decision_id"], holder=holder, at=at)
            order = stored_admission(desk, approved["decision_id"]).order
        if order is not None:
            ids = {"client_order_id": order.request.client_order_id, "status": order.status.value}
            yield dg.Output(ids, ORDER, metadata=describe.order_metadata(order, execution))
        with clear_failures():
            _close(context, desk, approved)

    return execute
