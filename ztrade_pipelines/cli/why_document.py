"""A trail as one JSON document: every word that is kept, as it is kept."""

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import KeptAnswer
from ztrade_core.domain.orders import Fill
from ztrade_core.trading.trail import SeenStory, Trail
from ztrade_core.trading.trail_minds import HeardMind
from ztrade_pipelines.cli.decisions import decision_document
from ztrade_pipelines.cli.portfolio_view import order_document


def trail_document(trail: Trail) -> dict[str, object]:
    """Return the trail as plain values."""
    row, asked = trail.row, trail.asked
    return {
        "asked_about": None if asked is None else asked.request.client_order_id,
        "fills": [_fill(fill) for fill in trail.fills],
        "orders": [
            order_document(order) | {"decision_id": order.decision_id} for order in trail.orders
        ],
        "decision": decision_document(row),
        "answer": _mind(trail.mind),
        "members": [_mind(member) for member in trail.members],
        "seen": _seen(trail),
    }


def _mind(mind: HeardMind) -> dict[str, object] | None:
    if mind.tape is None and not mind.answers and not mind.name:
        return None
    tape = {} if mind.tape is None else _tape(mind.tape)
    return {
        "name": mind.name or None,
        "problem": mind.problem or None,
        **tape,
        "asked": [_answer(kept) for kept in mind.answers],
        "questions_without_answer": mind.lost,
    }


def _tape(tape: Tape) -> dict[str, object]:
    proposal = tape.proposal
    return {
        "mode": tape.mode,
        "run_id": tape.run_id,
        "taped_at": tape.taped_at,
        "maker": proposal.maker,
        "action": proposal.action,
        "confidence": proposal.confidence,
        "rationale": proposal.rationale,
        "stop_price": proposal.stop_price,
        "target_price": proposal.target_price,
        "quantity": proposal.quantity,
        "factors": [list(factor) for factor in proposal.factors],
    }


def _answer(kept: KeptAnswer) -> dict[str, object]:
    record = kept.record
    return {
        "attempt": kept.attempt,
        "run_id": kept.run_id,
        "maker": record.maker,
        "model": record.model,
        "asked_at": record.asked_at,
        "outcome": record.outcome,
        "problem": record.problem,
        "cost": record.cost,
        "prompt_digest": record.prompt_digest,
        "settings": record.settings,
        "question": record.question,
        "raw": record.raw,
    }


def _fill(fill: Fill) -> dict[str, object]:
    return {
        "fill_id": fill.fill_id,
        "client_order_id": fill.client_order_id,
        "role": fill.role,
        "side": fill.side,
        "quantity": fill.quantity,
        "price": fill.price,
        "fee_usd": fill.fee_usd,
        "filled_at": fill.filled_at,
        "known_at": fill.known_at,
    }


def _seen(trail: Trail) -> dict[str, object]:
    snapshot, reading = trail.snapshot, None if trail.snapshot is None else trail.snapshot.sentiment
    if snapshot is None:
        return {"problem": trail.problem}
    return {
        "problem": None,
        "snapshot_hash": trail.row.decision.snapshot_hash,
        "as_of": snapshot.as_of,
        "bars": len(snapshot.bars),
        "bar_source": snapshot.bar_source,
        "issues": list(snapshot.issues),
        "decision_bar": trail.bar,
        "position": snapshot.position,
        "open_orders": list(snapshot.open_orders),
        "sentiment": None
        if reading is None
        else {
            "score": reading.score,
            "confidence": reading.confidence,
            "scorer": reading.scorer,
            "headlines": [_headline(seen) for seen in trail.stories],
        },
    }


def _headline(seen: SeenStory) -> dict[str, object]:
    headline, story = seen.headline, seen.story
    return {
        "news_id": headline.news_id,
        "headline": headline.headline,
        "source": headline.source,
        "published_at": headline.published_at,
        "score": headline.score,
        "confidence": headline.confidence,
        "ingested_at": None if story is None else story.ingested_at,
        "known_at": None if story is None else story.known_at,
        "url": None if story is None else story.url,
        "is_stored": story is not None,
    }
