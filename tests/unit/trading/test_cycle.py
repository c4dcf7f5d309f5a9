"""Whole cycles: the ledger and the fills rebuild the book, the chain verifies, anchors advance."""

from decimal import Decimal

import pytest

from tests.fakes.desk import ACCOUNT, DeskKit, at
from tests.fakes.desk_makers import proposal
from tests.unit.trading.builders import (
    BTC,
    BUY,
    COSTS,
    IWM,
    SELL,
    TSLA,
    at_bar,
    fills,
    house,
    kit,
    marks,
    orders,
    position,
    trades,
)
from ztrade_core.domain.accounts import StoredPosition
from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, ChainHead, first_fault, order_digest
from ztrade_core.domain.orders import Side, entry_order_id
from ztrade_core.errors import InputError
from ztrade_core.trading.audit import verify_ledger
from ztrade_core.trading.bookkeeping import book_fill
from ztrade_core.trading.cycle import execute
from ztrade_core.trading.stages import stored_admission

BARS = 20
WAVE = tuple(100.0 + 4.0 * ((number % 8) - 4) / 4 for number in range(BARS))


@pytest.fixture(scope="module")
def busy() -> DeskKit:
    """Three agents through twenty bars of ups, downs, stops, targets and partial exits."""
    answers = {}
    for agent in (TSLA, IWM, BTC):
        for number in range(BARS):
            wish = {0: BUY, 2: proposal("sell", quantity=3.0), 5: SELL}.get(number % 6)
            if wish is not None:
                answers[at_bar(number, agent.agent_id)] = wish
    closes = {"TSLA": WAVE, "IWM": WAVE[3:] + WAVE[:3], "BTC/USD": WAVE}
    rules = {"max_gross_exposure_fraction": None, "costs": COSTS}
    desk_kit = kit(answers, closes=closes, of=house(TSLA, IWM, BTC, **rules))
    for number in range(BARS):
        for agent in (BTC, IWM, TSLA):
            desk_kit.cycle(at(number), agent.agent_id)
    return desk_kit


def rebuilt(desk_kit: DeskKit) -> tuple[dict[str, StoredPosition], int]:
    """The positions that the fills alone make, and how many trades they closed."""
    requests = {order.request.client_order_id: order.request for order in orders(desk_kit)}
    held: dict[str, StoredPosition] = {}
    closed = 0
    for fill in fills(desk_kit):
        request = requests[fill.client_order_id]
        booked = book_fill(ACCOUNT, 1, held.pop(fill.agent_id, None), fill, request)
        closed += booked.trade is not None
        if booked.position is not None:
            held[fill.agent_id] = booked.position
    return held, closed


def test_the_fills_rebuild_every_position_and_trade(busy: DeskKit) -> None:
    held, closed = rebuilt(busy)
    assert closed == len(trades(busy)) > 3
    for agent in (TSLA, IWM, BTC):
        assert position(busy, agent.agent_id) == held.get(agent.agent_id)


def test_the_sum_of_fills_is_what_the_broker_holds(busy: DeskKit) -> None:
    totals: dict[str, Decimal] = {}
    for fill in fills(busy):
        kept = fill.quantity - fill.fee_quantity
        signed = kept if fill.side is Side.BUY else -fill.quantity
        totals[fill.symbol] = totals.get(fill.symbol, Decimal(0)) + signed
    held = {symbol: float(total) for symbol, total in totals.items() if total}
    assert held == busy.broker().positions()


def test_cash_is_what_the_fills_left_and_equity_adds_up(busy: DeskKit) -> None:
    broker = busy.broker()
    last = marks(busy, "mark")[-1]
    assert last.cash == broker.cash()
    worth = sum(quantity * WAVE_END[symbol] for symbol, quantity in broker.positions().items())
    assert last.equity == pytest.approx(broker.cash() + worth, rel=1e-15)
    assert last.gross_exposure == pytest.approx(worth, rel=1e-15)


WAVE_END = {"TSLA": WAVE[-1], "IWM": (WAVE[3:] + WAVE[:3])[-1], "BTC/USD": WAVE[-1]}


def test_every_order_is_one_that_the_ledger_or_a_position_asked_for(busy: DeskKit) -> None:
    with busy.store.reading() as uow:
        rows = {row.decision.decision_id: row for row in uow.ledger.rows()}
    for order in orders(busy):
        if order.decision_id is None:
            assert order.request.role.value in {"stop", "target"}
            continue
        row = rows[order.decision_id]
        request, decision = order.request, row.decision
        assert request.client_order_id == entry_order_id(
            decision.key, request.symbol, request.side, 1
        )
        assert row.order_digest == order_digest(request)
        assert decision.quantity == float(request.quantity)


def test_the_chain_verifies_and_counts_every_cycle(busy: DeskKit) -> None:
    audit = verify_ledger(busy.store)
    assert audit.fault is None
    assert audit.rows == 3 * BARS
    with busy.store.reading() as uow:
        assert first_fault(uow.ledger.rows(), after=EMPTY_HEAD) is None


def test_the_anchor_is_the_head_of_the_last_cycle(busy: DeskKit) -> None:
    with busy.store.reading() as uow:
        anchor, head = uow.ledger.last_anchor(), uow.ledger.head()
    assert anchor is not None
    assert ChainHead(sequence=anchor.sequence, digest=anchor.digest) == head
    assert (anchor.anchored_at, anchor.place) == (at(BARS - 1), "run")


def test_anchors_advance_with_every_decision_and_not_without_one() -> None:
    desk_kit = kit()
    heads = [desk_kit.cycle(at(number)).head for number in (0, 1, 1)]
    assert [None if head is None else head.sequence for head in heads] == [1, 2, 2]


def test_a_broken_chain_is_not_anchored_over_so_the_next_entry_is_denied_too() -> None:
    desk_kit = kit({at_bar(2): BUY})
    desk_kit.cycle(at(0))
    outside = Anchor(sequence=1, digest="0" * 64, anchored_at=at(0), place="outside")
    with desk_kit.store.locked() as uow:
        uow.ledger.put_anchor(outside)
    desk_kit.cycle(at(1))  # a hold: it reports the fault, and must not bury it under a new anchor
    with desk_kit.store.reading() as uow:
        assert uow.ledger.last_anchor() == outside
    entry = desk_kit.cycle(at(2)).validated
    assert entry.outcome.value == "denied"
    assert [v.rule_id for v in entry.verdicts if not v.passed] == ["RULE_007"]


def test_every_position_carries_a_stop_for_all_of_it_after_every_cycle(busy: DeskKit) -> None:
    stops: dict[str, float] = {}
    for order in busy.broker().open_orders():
        if order.request.role.value == "stop":
            symbol = order.request.symbol
            stops[symbol] = stops.get(symbol, 0.0) + float(order.request.quantity)
    assert stops == busy.broker().positions()


def test_an_exit_that_ended_unfilled_is_sent_again_under_a_new_id() -> None:
    desk_kit = kit({at_bar(0): BUY, at_bar(1): SELL})
    desk_kit.cycle(at(0))
    decided = desk_kit.cycle(at(1)).validated.admission
    assert decided is not None
    assert decided.order is not None
    desk_kit.broker().cancel(decided.order.request.client_order_id)
    desk = desk_kit.desk(at(1))
    desk_kit.cycle(at(1))  # reconciles: the exit is known to be cancelled
    admission = stored_admission(desk, decided.row.decision.decision_id)
    execute(desk, admission, holder="again", at=at(1))
    exits = [o for o in orders(desk_kit) if o.request.role.value == "exit"]
    assert len({o.request.client_order_id for o in exits}) == len(exits) == 2
    assert sum(o.is_working for o in exits) == 1


def test_an_exit_of_a_former_position_does_not_sell_the_next() -> None:
    desk_kit = kit({at_bar(0): BUY, at_bar(1): SELL, at_bar(3): BUY})
    desk_kit.cycle(at(0))
    decided = desk_kit.cycle(at(1)).validated.admission
    assert decided is not None
    assert decided.order is not None
    for number in (2, 3, 4):
        desk_kit.cycle(at(number))
    assert position(desk_kit) is not None
    desk = desk_kit.desk(at(4))
    admission = stored_admission(desk, decided.row.decision.decision_id)
    execute(desk, admission, holder="again", at=at(4))
    assert [o.request.role.value for o in desk.broker.open_orders()] == ["stop", "target"]


def test_an_unknown_agent_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"no agent 'agent_spy'.*agent_tsla"):
        kit().cycle(at(0), "agent_spy")


def test_a_slot_without_a_new_bar_is_continued_and_not_decided_anew() -> None:
    desk_kit = kit({at_bar(0): BUY})
    first = desk_kit.cycle(at(0))
    again = desk_kit.cycle(at(0), holder="other")
    assert (first.observed.resumed, again.observed.resumed) == (False, True)
    assert again.observed.snapshot_hash == first.observed.snapshot_hash
    with desk_kit.store.reading() as uow:
        assert uow.ledger.head().sequence == 1


def test_without_bars_the_cycle_holds_and_says_so() -> None:
    desk_kit = kit(closes={"IWM": (100.0,)})
    result = desk_kit.cycle(at(0))
    assert result.validated.outcome.value == "held"
    assert result.observed.key.slot.startswith("none:")
