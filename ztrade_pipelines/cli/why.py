"""`ztrade why`: from a fill or an order back to the vendor's row, as a tree or one JSON document."""

import click

from ztrade_core.domain.orders import Fill, Order
from ztrade_core.trading.trail import SeenStory, Trail, TrailRooms, trail_of
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.decisions import decision_document
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.why_view import trail_tree


@click.command(cls=ZtradeCommand)
@click.argument("which", metavar="DECISION|ORDER")
@json_option
def why(which: str, *, as_json: bool) -> None:
    """Show why: fill, order, rules, decision, answer, headlines and bars, to the vendor's row.

    DECISION|ORDER is a decision's id, an order's own id (zt1-...) or the broker's id of it.
    """
    workshop = office().workshop
    rooms = TrailRooms(store=workshop.store, bars=workshop.bars, news=workshop.news)
    trail = trail_of(rooms, which)
    if as_json:
        emit_json(_document(trail))
    else:
        show(trail_tree(trail))


def _document(trail: Trail) -> dict[str, object]:
    row, tape, asked = trail.row, trail.tape, trail.asked
    return {
        "asked_about": None if asked is None else asked.request.client_order_id,
        "fills": [_fill(fill) for fill in trail.fills],
        "orders": [_order(order) for order in trail.orders],
        "decision": decision_document(row),
        "answer": None
        if tape is None
        else {"mode": tape.mode, "run_id": tape.run_id, "taped_at": tape.taped_at},
        "seen": _seen(trail),
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


def _order(order: Order) -> dict[str, object]:
    request = order.request
    return {
        "client_order_id": request.client_order_id,
        "broker_order_id": order.broker_order_id,
        "decision_id": order.decision_id,
        "role": request.role,
        "side": request.side,
        "type": request.type,
        "quantity": request.quantity,
        "filled_quantity": order.filled_quantity,
        "limit_price": request.limit_price,
        "stop_price": request.stop_price,
        "target_price": request.target_price,
        "status": order.status,
        "created_at": order.created_at,
        "reason": order.reason,
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
