"""The judge of a fault at Alpaca: the fake's own ledger first, then whether our book agrees with it.

Nothing here goes through trading code or the Alpaca adapter: rows are read as they lie, the fake's
orders as it keeps them, under its lock.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from sqlalchemy.engine import Engine

from tests.fakes.alpaca_cover import COIN_MINIMUM
from tests.fakes.alpaca_ledger import ENDED, AlpacaLedger, FakeOrder
from tests.fakes.alpaca_orders import STOPS, is_coin, lot_of
from tests.fakes.alpaca_server import AlpacaServer
from tests.faults.alpaca_rows import AlpacaRows, Terms
from tests.faults.alpaca_rules import rule_breaks
from tests.faults.judge import Findings, chain_faults, reservation_fault, slots_decided_twice
from ztrade_core.store.transactions import reading

NOT_SENT = {"intended", "submitting", "unknown"}
GIVEN_UP = {"rejected", "canceled", "expired"}
FEES = (0.0, 25.0)


def judge_alpaca(
    engine: Engine,
    broker: AlpacaServer | AlpacaLedger,
    account: str = "paper",
    *,
    naked_limit_seconds: float = 30.0,
    fee_bps: tuple[float, float] = FEES,
    terms: Terms | None = None,
) -> Findings:
    """Compare the fake with our book; `fee_bps` of stocks and of coins, `terms` what the case allows."""
    ledger = broker.ledger if isinstance(broker, AlpacaServer) else broker
    given = Terms() if terms is None else terms
    findings = Findings()
    with ledger.lock, reading(engine) as connection:
        rows = AlpacaRows(connection, ledger, account)
        for check in (_intents, _strangers, _conduct):
            check(rows, findings, given)
        _naked(rows, findings, timedelta(seconds=naked_limit_seconds))
        if given.settled:
            for check in (_lost, _orders, _fills, _stops):
                check(rows, findings, given)
            _positions(rows, findings, given, fee_bps)
            for row in rows.ours.values():
                findings.wrong += reservation_fault(row, fee_bps[is_coin(row["symbol"])])
        if given.company is not None:
            findings.rule_breaks += rule_breaks(rows, given, given.company.risk, fee_bps)
        if given.with_chain:
            findings.wrong += chain_faults(connection)
    return findings


Check = Callable[[AlpacaRows, Findings, Terms], None]


def _intents(rows: AlpacaRows, findings: Findings, _terms: Terms) -> None:
    findings.wrong += slots_decided_twice(rows.decisions)
    for kind, group in _by_intent(rows).items():
        if len(group) > 1:
            findings.duplicated.append(f"{kind}: {sorted(group)}")


def _by_intent(rows: AlpacaRows) -> dict[str, set[str]]:
    """Group what is or was at the broker: entries by slot, standing exits by position."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for order_id, chain in rows.theirs.items():
        row, newest = rows.ours.get(order_id), chain[-1]
        if row is None:
            continue
        has_filled = any(order.filled > 0 for order in chain)
        if row["role"] == "entry" and (newest.status != "rejected" or has_filled):
            groups[f"entry of {row['agent_id']} decided on {row['decided_bar']}"].add(order_id)
        if row["role"] == "exit" and newest.status not in GIVEN_UP | {"replaced"}:
            groups[f"exit of {row['position_id']}"].add(order_id)
    return groups


def _strangers(rows: AlpacaRows, findings: Findings, terms: Terms) -> None:
    for order in rows.by_id.values():
        root = rows.root(order)
        if root is order and root.client_order_id not in rows.ours.keys() | terms.foreign:
            findings.wrong.append(
                f"order {root.client_order_id} is at the broker and not in our book"
            )


def _conduct(rows: AlpacaRows, findings: Findings, terms: Terms) -> None:
    """What the broker saw and must never see."""
    findings.wrong += [f"violation: {each}" for each in rows.ledger.violations]
    if not terms.may_repeat:
        findings.wrong += [
            f"{each} was sent again without looking it up" for each in rows.ledger.repeated
        ]
    taken = [(each, n) for each, n in rows.ledger.accepted.items() if n > 1]
    findings.duplicated += [f"{each} accepted {n} times" for each, n in taken]


def _naked(rows: AlpacaRows, findings: Findings, limit: timedelta) -> None:
    ledger = rows.ledger
    spans = list(ledger.naked_spans)
    for symbol, since in ledger.naked_since.items():
        spans.append((symbol, since, ledger.now, ledger.held[symbol]))
    findings.unprotected += [
        f"{symbol}: up to {quantity} without a stop for {(stop - start).total_seconds():.1f} s"
        for symbol, start, stop, quantity in spans
        if stop - start > limit
    ]


def _lost(rows: AlpacaRows, findings: Findings, _terms: Terms) -> None:
    for decision in rows.decisions:
        wanted = decision["client_order_id"]
        if wanted is None or wanted in rows.theirs:
            continue
        row = rows.ours.get(wanted)
        if row is None:
            findings.lost.append(f"{wanted} of slot {decision['slot']} is not in our book")
        elif row["status"] not in GIVEN_UP or not row["reason"]:
            findings.lost.append(f"{wanted} of slot {decision['slot']}: {row['status']}")


def _orders(rows: AlpacaRows, findings: Findings, _terms: Terms) -> None:
    for order_id, row in rows.ours.items():
        chain = rows.theirs.get(order_id)
        if chain is None:
            if row["status"] not in GIVEN_UP:
                findings.wrong.append(
                    f"order {order_id}: we say {row['status']}, the broker has none"
                )
            continue
        newest, filled = chain[-1], Decimal(0)
        for order in chain:
            filled += order.filled
        if newest.is_open and not newest.is_live:
            continue
        theirs = _status(newest, filled)
        if row["status"] != theirs:
            said = f"we say {row['status']}, the broker {theirs}"
            findings.wrong.append(f"order {order_id}: {said}")
        if row["filled_quantity"] != filled:
            said = f"we say {row['filled_quantity']} filled, the broker {filled}"
            findings.wrong.append(f"order {order_id}: {said}")


def _status(order: FakeOrder, filled: Decimal) -> str:
    if order.status in ENDED:
        return "canceled" if order.status == "replaced" else order.status
    return "partially_filled" if filled > 0 else "accepted"


def _fills(rows: AlpacaRows, findings: Findings, terms: Terms) -> None:
    theirs = {}
    for fill in rows.ledger.fills:
        order = rows.by_id[fill["order_id"]]
        if not rows.is_foreign(order, terms):
            amounts = (Decimal(fill["qty"]), Decimal(fill["price"]))
            theirs[fill["id"]] = (rows.our_id(order), fill["side"], *amounts)
    ours = {
        fill_id: (row["client_order_id"], row["side"], row["quantity"], row["price"])
        for fill_id, row in rows.our_fills.items()
    }
    for fill_id in sorted(theirs.keys() | ours.keys()):
        if theirs.get(fill_id) != ours.get(fill_id):
            said = f"we say {ours.get(fill_id)}, the broker {theirs.get(fill_id)}"
            findings.wrong.append(f"fill {fill_id}: {said}")


def _positions(
    rows: AlpacaRows, findings: Findings, terms: Terms, fee_bps: tuple[float, float]
) -> None:
    filled = rows.filled_by_symbol(terms, fee_bps)
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows.our_positions:
        ours[row["symbol"]] += Decimal(str(row["quantity"]))
    theirs = Counter(rows.ledger.held)
    theirs.subtract(rows.ledger.foreign_held)
    for symbol in sorted(filled.keys() | ours.keys() | theirs.keys()):
        due = filled.get(symbol, Decimal(0))
        for name, held in (("the broker", theirs[symbol]), ("our book", ours[symbol])):
            if abs(held - due) >= lot_of(symbol):
                findings.wrong.append(f"{name} holds {held} {symbol}, fills make {due}")


def _stops(rows: AlpacaRows, findings: Findings, terms: Terms) -> None:
    """Open stops equal what is held, or exits that sell all of it are on their way."""
    ledger = rows.ledger
    for symbol in sorted(ledger.held.keys() | {order.symbol for order in ledger.working()}):
        lot = lot_of(symbol)
        held = ledger.held.get(symbol, Decimal(0)) - ledger.foreign_held.get(symbol, Decimal(0))
        whole = (held / lot).quantize(Decimal(1), rounding=ROUND_DOWN) * lot
        sells = [
            order for order in _live_sells(ledger, symbol) if not rows.is_foreign(order, terms)
        ]
        stops = sum((o.remaining for o in sells if o.type in STOPS), Decimal(0))
        singles = [o for o in sells if o.type not in STOPS and o.pair is None]
        leaving = sum((order.remaining for order in singles), Decimal(0))
        if stops > whole:
            findings.wrong.append(f"{symbol}: stops {stops}, held {held}")
        is_naked = symbol in ledger.naked_since
        if is_naked or (stops + leaving < whole and not _is_dust(symbol, held)):
            findings.unprotected.append(f"{symbol}: stops {stops}, exits {leaving}, held {held}")


def _live_sells(ledger: AlpacaLedger, symbol: str) -> Iterator[FakeOrder]:
    for order in ledger.working():
        if order.symbol == symbol and order.side == "sell" and order.is_live:
            yield order


def _is_dust(symbol: str, held: Decimal) -> bool:
    return is_coin(symbol) and held < COIN_MINIMUM
