"""What travels between the ops of a cycle: ids, as small dicts of plain values.

State lives in the store; an op that is run again from the page finds everything there by id.
"""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_pipelines.resources import Ztrade

if TYPE_CHECKING:
    from ztrade_core.trading.desk import CycleRequest, TradingDesk

DECISION = "decision"
ORDER = "order"
SHADOWS = "shadows"
APPROVED = "approved"
WAITS = "waits_for_a_person"

Edge = dict[str, Any]


def moment_edge(
    desk: "TradingDesk", request: "CycleRequest", *, snapshot_hash: str, book: str
) -> Edge:
    """Return what `observe` hands on. `book` is the book's mark before the run touched it."""
    return {
        "account": desk.account,
        "as_of": iso_z(request.as_of),
        "snapshot_hash": snapshot_hash,
        "dry_run": request.dry_run,
        "book": book,
    }


def answer_edge(moment: Edge, key: SlotKey) -> Edge:
    """Return what `decide` hands on: where the answer is taped."""
    return {**moment, "tape": asdict(key)}


def approved_edge(answer: Edge, decision_id: str) -> Edge:
    """Return what `validate` hands on when there is an order to send."""
    return {**answer, "decision_id": decision_id}


def as_of(edge: Edge) -> datetime:
    """Return the moment of the cycle."""
    return parse_instant(edge["as_of"])


def tape_key(edge: Edge) -> SlotKey:
    """Return where the answer is taped."""
    return SlotKey(**edge["tape"])


def request_of(edge: Edge, agent_id: str, *, holder: str) -> "CycleRequest":
    """Return the request as far as the stages after the answer need it."""
    from ztrade_core.trading.desk import CycleRequest  # noqa: PLC0415  (the trading floor)

    return CycleRequest(
        agent_id=agent_id, as_of=as_of(edge), holder=holder, dry_run=edge["dry_run"]
    )


def desk_of(ztrade: Ztrade, edge: Edge) -> "TradingDesk":
    """Return the desk that `observe` worked at."""
    return ztrade.desk(edge["account"], as_of(edge))
