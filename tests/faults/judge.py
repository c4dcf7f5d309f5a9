"""The judge of a fault: the simulated broker's own tables first, then whether our book agrees.

Nothing here goes through trading code: rows are read as they lie.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ztrade_core.domain.chain import EMPTY_HEAD, first_fault
from ztrade_core.domain.orders import TERMINAL
from ztrade_core.store.sql_ledger import SqlLedger
from ztrade_core.store.tables.ledger import DECISIONS
from ztrade_core.store.tables.simulation import (
    SIMULATED_FILLS,
    SIMULATED_ORDERS,
    SIMULATED_POSITIONS,
)
from ztrade_core.store.tables.trading import FILLS, ORDERS, POSITIONS_BY_AGENT
from ztrade_core.store.transactions import reading

ENDED = {status.value for status in TERMINAL}
DUST = Decimal("1e-9")


@dataclass(kw_only=True)
class Findings:
    """What is wrong on an account; all empty when every promise held."""

    duplicated: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unprotected: list[str] = field(default_factory=list)
    rule_breaks: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Every finding, with its kind."""
        return [
            f"{each.name}: {text}" for each in fields(self) for text in getattr(self, each.name)
        ]


def judge_account(
    engine: Engine, account: str, *, fee_bps: float = 0.0, with_chain: bool = True
) -> Findings:
    """Look at every epoch of an account, at the broker and in our book; and at the whole chain."""
    with reading(engine) as connection:
        rows = _Rows(connection, account)
        findings = Findings()
        _intents(rows, findings)
        _orders(rows, findings, fee_bps)
        _positions(rows, findings)
        _stops(rows, findings)
        if with_chain:
            findings.wrong += chain_faults(connection)
    return findings


def chain_faults(connection: Connection) -> list[str]:
    """Return where the ledger's chain does not verify; empty when it does."""
    fault = first_fault(SqlLedger(connection).rows(), after=EMPTY_HEAD)
    return [] if fault is None else [f"chain: row {fault.sequence} {fault.problem}"]


def slots_decided_twice(decisions: Iterable[Any]) -> list[str]:
    """Return the slots of which there are several decisions."""
    slots = Counter((row["account_epoch"], row["agent_id"], row["slot"]) for row in decisions)
    return [f"slot {slot} decided {n} times" for slot, n in slots.items() if n > 1]


def reservation_fault(row: Any, fee_bps: float) -> list[str]:
    """Return what is wrong with what an order of our book reserves: only an open entry does."""
    due = 0.0
    if row["role"] == "entry" and row["status"] not in ENDED:
        worst = float(row["quantity"]) * float(row["limit_price"] or row["reference_price"])
        due = worst + worst * fee_bps / 10000.0
    if abs(row["reserved_usd"] - due) <= 1e-6:
        return []
    return [f"order {row['client_order_id']} reserves {row['reserved_usd']}, not {due}"]


class _Rows:
    def __init__(self, connection: Connection, account: str) -> None:
        def of(table: sa.Table) -> list[Any]:
            return list(
                connection.execute(table.select().where(table.c.account == account)).mappings()
            )

        self.decisions = of(DECISIONS)
        self.ours = {row["client_order_id"]: row for row in of(ORDERS)}
        self.our_fills = of(FILLS)
        self.our_positions = of(POSITIONS_BY_AGENT)
        self.theirs = {row["client_order_id"]: row for row in of(SIMULATED_ORDERS)}
        self.their_fills = of(SIMULATED_FILLS)
        self.their_positions = of(SIMULATED_POSITIONS)
        self.epoch = max((row["account_epoch"] for row in self.their_orders()), default=1)

    def their_orders(self) -> Iterable[Any]:
        return self.theirs.values()


def _intents(rows: _Rows, findings: Findings) -> None:
    findings.wrong += slots_decided_twice(rows.decisions)
    for decision in rows.decisions:
        wanted = decision["client_order_id"]
        if wanted is None:
            continue
        role = "entry" if decision["action"] == "buy" else "exit"
        placed = [
            row
            for row in rows.their_orders()
            if row["account_epoch"] == decision["account_epoch"]
            and row["agent_id"] == decision["agent_id"]
            and row["role"] == role
            and row["decided_bar"].isoformat().replace("+00:00", "Z") == decision["slot"]
        ]
        if wanted not in rows.theirs:
            findings.lost.append(f"{role} {wanted} of slot {decision['slot']}")
        if len(placed) > 1:
            findings.duplicated.append(f"{role} of slot {decision['slot']}: {len(placed)}")
    exits: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows.their_orders():
        if row["role"] == "exit" and row["status"] != "canceled":
            exits[row["position_id"]].append(row["client_order_id"])
    findings.duplicated += [f"exits {ids}" for ids in exits.values() if len(ids) > 1]


def _orders(rows: _Rows, findings: Findings, fee_bps: float) -> None:
    for order_id in sorted(rows.theirs.keys() - rows.ours.keys()):
        findings.wrong.append(f"order {order_id} is at the broker and not in our book")
    for order_id, ours in rows.ours.items():
        theirs = rows.theirs.get(order_id)
        if theirs is not None and ours["status"] != theirs["status"]:
            said = f"we say {ours['status']}, the broker {theirs['status']}"
            findings.wrong.append(f"order {order_id}: {said}")
        findings.wrong += reservation_fault(ours, fee_bps)
    fills = {row["fill_id"] for row in rows.their_fills}
    if fills != {row["fill_id"] for row in rows.our_fills}:
        findings.wrong.append("our fills are not the broker's")


def _positions(rows: _Rows, findings: Findings) -> None:
    by_fills: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for fill in rows.their_fills:
        sign = 1 if fill["side"] == "buy" else -1
        kept = sign * fill["quantity"] - fill["fee_quantity"]
        by_fills[fill["account_epoch"], fill["symbol"]] += kept
    filled = {key: quantity for key, quantity in by_fills.items() if abs(quantity) > DUST}
    for name, held in (("the broker", rows.their_positions), ("our book", rows.our_positions)):
        shown = {
            (row["account_epoch"], row["symbol"]): Decimal(str(row["quantity"])) for row in held
        }
        same = shown.keys() == filled.keys() and all(
            abs(shown[key] - filled[key]) <= DUST for key in shown
        )
        if not same:
            findings.wrong.append(f"{name} holds {shown}, fills make {filled}")


def _stops(rows: _Rows, findings: Findings) -> None:
    """Of the epoch that stands: nobody protects an account that was reset."""
    for held in rows.their_positions:
        if held["account_epoch"] != rows.epoch:
            continue
        covered, leaving = Decimal(0), Decimal(0)
        for row in rows.their_orders():
            if row["arrival"] is not None and row["position_id"] == held["position_id"]:
                covered += row["quantity"] if row["role"] == "stop" else 0
                leaving += row["quantity"] if row["role"] == "exit" else 0
        quantity = Decimal(str(held["quantity"]))
        if covered != quantity and leaving < quantity:
            findings.unprotected.append(f"{held['symbol']}: stops {covered}, held {quantity}")
