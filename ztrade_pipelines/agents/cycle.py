"""What the ops do: each calls one stage of core, and describes what that left.

Imported when an op runs. Every stage finds what is stored and goes on from there, so an op may be
run again from the page.
"""

from collections.abc import Iterator

import dagster as dg

from ztrade_core.assembly.places import place_of
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.errors import BrokerError
from ztrade_core.trading.cycle import Validated, record
from ztrade_core.trading.desk import CycleRequest, TradingDesk, stored_snapshot
from ztrade_core.trading.leases import release_leases
from ztrade_core.trading.looking import observe_or_show
from ztrade_core.trading.portfolio import book_mark
from ztrade_core.trading.requests import parse_as_of
from ztrade_core.trading.shadows import ask_shadows
from ztrade_core.trading.stages import (
    decide_stage,
    execute_stage,
    stored_admission,
    stored_tape,
    validate_stage,
)
from ztrade_pipelines import keys, ui
from ztrade_pipelines.agents import describe, edges
from ztrade_pipelines.agents.asking import request_of
from ztrade_pipelines.agents.by_hand import WAITING, shown_request
from ztrade_pipelines.agents.checks import evaluations
from ztrade_pipelines.agents.config import CycleConfig
from ztrade_pipelines.agents.voting_view import votes_metadata
from ztrade_pipelines.portfolio.report import report_portfolio
from ztrade_pipelines.resources import PAPER, REHEARSAL, Ztrade, clear_failures


def observe_moment(
    context: dg.OpExecutionContext, agent: AgentConfig, config: CycleConfig, ztrade: Ztrade
) -> dg.Output[edges.Edge]:
    """Freeze the moment to decide on; hand its ids on."""
    with clear_failures():
        past = parse_as_of(config.as_of, ztrade.now())
        desk = ztrade.desk(PAPER if past is None else REHEARSAL, past)
        as_of = past or desk.clock.now()
        request = request_of(
            config, agent, ztrade.workshop(), as_of=as_of, holder=context.run.run_id
        )
        book = book_mark(desk)
        observed, waits = observe_or_show(desk, request)
        shown = shown_request(context, agent, ztrade, observed) if waits else {}
    _tag_run(context, desk, request)
    moment = edges.moment_edge(desk, request, snapshot_hash=observed.snapshot_hash, book=book)
    place = place_of(desk, observed.key.account_epoch)
    told = describe.observed_metadata(observed, place, company=desk.company)
    return dg.Output({**moment, edges.WAITS: waits}, metadata=shown | told)


def _tag_run(context: dg.OpExecutionContext, desk: TradingDesk, request: CycleRequest) -> None:
    tags = {
        keys.AGENT_TAG: request.agent_id,
        keys.ACCOUNT_TAG: desk.account,
        keys.AS_OF_TAG: request.as_of.isoformat(timespec="seconds"),
    }
    if request.dry_run:
        tags[keys.DRY_RUN_TAG] = "true"
    context.instance.add_run_tags(context.run.run_id, tags)


def decide_once(
    context: dg.OpExecutionContext,
    agent: AgentConfig,
    config: CycleConfig,
    ztrade: Ztrade,
    moment: edges.Edge,
) -> Iterator[dg.Output[edges.Edge]]:
    """Have the moment answered; hand on where the answer is taped. Nothing while a person is waited for."""
    if moment.get(edges.WAITS):
        context.log.info(WAITING, moment["snapshot_hash"])
        return
    with clear_failures():
        desk = edges.desk_of(ztrade, moment)
        request = request_of(
            config,
            agent,
            ztrade.workshop(),
            as_of=edges.as_of(moment),
            holder=context.run.run_id,
        )
        tape = decide_stage(desk, request, moment["snapshot_hash"])
        metadata = describe.tape_metadata(tape) | _answers_told(desk, tape)
    yield dg.Output(edges.answer_edge(moment, tape.key), metadata=metadata)


def validate_answer(
    context: dg.OpExecutionContext, agent: AgentConfig, ztrade: Ztrade, answer: edges.Edge
) -> Iterator[dg.Output[edges.Edge] | dg.AssetCheckResult]:
    """Put the answer under the rules: the decision, then every verdict, then the order if any."""
    with clear_failures():
        desk = edges.desk_of(ztrade, answer)
        request = edges.request_of(answer, agent.agent_id, holder=context.run.run_id)
        validated = validate_stage(desk, request, edges.tape_key(answer))
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
        yield dg.Output(edges.approved_edge(answer, decision_id), edges.APPROVED)


def _decision_output(
    desk: TradingDesk, answer: edges.Edge, validated: Validated
) -> dg.Output[edges.Edge]:
    tape = stored_tape(desk, edges.tape_key(answer))
    snapshot = stored_snapshot(desk, tape.snapshot_hash)
    head = None
    if validated.admission is not None:
        with desk.store.reading() as uow:
            head = uow.ledger.head()
    return dg.Output(
        {"account": desk.account, "slot": snapshot.key.slot, "outcome": validated.outcome.value},
        edges.DECISION,
        metadata=describe.decision_metadata(
            validated,
            tape,
            snapshot,
            head,
            place_of(desk, snapshot.key.account_epoch),
            company=desk.company,
        )
        | _answers_told(desk, tape),
    )


def _answers_told(desk: TradingDesk, tape: Tape) -> ui.Metadata:
    with desk.store.reading() as uow:
        own = describe.answer_metadata(uow.answers.of_slot(tape.key), tape.run_id)
        return own | votes_metadata(uow, tape)


def _anchor(context: dg.OpExecutionContext, desk: TradingDesk, edge: edges.Edge) -> None:
    """Anchor the chain's head: it was shown on the page, outside the database."""
    head = record(desk, place=f"dagster run {context.run.run_id}", at=edges.as_of(edge))
    context.log.info("chain head %s:%s", head.sequence, head.digest)


def _close(context: dg.OpExecutionContext, desk: TradingDesk, edge: edges.Edge) -> None:
    """End a cycle: give the leases back; show the portfolio when the cycle changed the book.

    What was decided and sent stands whether or not the portfolio can be shown now.
    """
    release_leases(desk, holder=context.run.run_id)
    try:
        if book_mark(desk) != edge["book"]:
            report_portfolio(context, desk, edges.as_of(edge))
    except BrokerError as error:
        context.log.warning("company/portfolio waits for the next reconcile: %s", error)


def execute_order(
    context: dg.OpExecutionContext, ztrade: Ztrade, approved: edges.Edge
) -> Iterator[dg.Output[edges.Edge]]:
    """Send the order of a stored decision once; describe what became of it."""
    with clear_failures():
        desk = edges.desk_of(ztrade, approved)
        holder, at = context.run.run_id, edges.as_of(approved)
        execution = execute_stage(desk, approved["decision_id"], holder=holder, at=at)
        order = stored_admission(desk, approved["decision_id"]).order
    if order is not None:
        ids = {"client_order_id": order.request.client_order_id, "status": order.status.value}
        yield dg.Output(ids, edges.ORDER, metadata=describe.order_metadata(order, execution))
    with clear_failures():
        _close(context, desk, approved)


def shadow_decision(
    context: dg.OpExecutionContext, ztrade: Ztrade, answer: edges.Edge
) -> Iterator[dg.Output[edges.Edge]]:
    """Ask the shadows about what was decided; describe what they said, or log why none was asked."""
    with clear_failures():
        desk = edges.desk_of(ztrade, answer)
        shadows = ask_shadows(desk, edges.tape_key(answer), holder=context.run.run_id)
    if shadows.note:
        context.log.info("no shadow was asked: %s", shadows.note)
    if shadows.problem:
        context.log.warning("shadows wait for the slot's next run: %s", shadows.problem)
    if shadows.answers:
        slots = [each.tape.key.slot for each in shadows.answers]
        metadata = describe.shadow_metadata(shadows)
        yield dg.Output({"slots": slots}, edges.SHADOWS, metadata=metadata)
