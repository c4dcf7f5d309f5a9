"""The gateway: a slot is claimed once, entries are judged in one transaction, exits are not blocked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.desk import ACCOUNT, DeskKit, at
from tests.fakes.desk_makers import proposal
from tests.unit.trading.builders import (
    BUY,
    IWM,
    SELL,
    TSLA,
    at_bar,
    fills,
    house,
    kit,
    only,
    orders,
    position,
)
from ztrade_core.domain.chain import chain_digest, order_digest
from ztrade_core.domain.decisions import Outcome
from ztrade_core.errors import StoreError
from ztrade_core.risk.judge import rules_for
from ztrade_core.trading.gateway import admit
from ztrade_core.trading.override import halt
from ztrade_core.trading.stages import execute_stage, stored_admission

WHO = {"who": "ada", "why": "a test"}


def test_an_entry_within_every_limit_is_approved_as_it_was_sized() -> None:
    result = kit({at_bar(0): BUY}).cycle(at(0))
    assert result.validated.outcome is Outcome.APPROVED
    assert result.validated.admission is not None
    order = result.validated.admission.order
    assert order is not None
    assert order.request.quantity == Decimal(46)
    assert order.reserved_usd == 46.0 * 100.2


def test_a_limit_that_shrinks_an_order_makes_it_resized() -> None:
    desk_kit = kit({at_bar(0): BUY}, of=house(max_symbol_fraction=0.02))
    result = desk_kit.cycle(at(0))
    assert result.validated.outcome is Outcome.RESIZED
    assert "resized from 46 to 19" in result.validated.reason
    assert only(desk_kit, "entry").request.quantity == Decimal(19)


def test_a_denied_entry_names_its_rule_and_leaves_no_order() -> None:
    desk_kit = kit({at_bar(0): proposal("buy", stop_price=101.0)})
    result = desk_kit.cycle(at(0))
    assert result.validated.outcome is Outcome.DENIED
    assert "RULE_003" in result.validated.reason
    assert orders(desk_kit) == []
    assert result.validated.admission is not None
    assert result.validated.admission.row.decision.client_order_id is None


@pytest.mark.parametrize("action", ["buy", "sell", "hold"])
def test_every_decision_has_one_verdict_a_rule(action: str) -> None:
    desk_kit = kit({at_bar(0): proposal(action)})
    verdicts = desk_kit.cycle(at(0)).validated.verdicts
    assert [v.rule_id for v in verdicts] == [r.rule_id for r in rules_for(desk_kit.company)]


def test_a_claimed_slot_is_returned_as_it_was_decided() -> None:
    desk_kit = kit({at_bar(0): BUY})
    first = desk_kit.cycle(at(0)).validated.admission
    again = replace(desk_kit, script={at_bar(0): proposal("hold")}).cycle(at(0), holder="other")
    assert first is not None
    assert again.validated.admission is not None
    assert (first.fresh, again.validated.admission.fresh) == (True, False)
    assert again.validated.admission.row == first.row
    assert len(orders(desk_kit)) == 1


def test_another_answer_for_a_claimed_slot_claims_nothing() -> None:
    desk_kit = kit({at_bar(0): BUY})
    result = desk_kit.cycle(at(0))
    tape = replace(result.tape, proposal=proposal("sell"))
    admission = admit(desk_kit.desk(at(0)), result.observed.snapshot, tape)
    assert admission.row.decision.proposal == result.tape.proposal


def test_decision_verdicts_and_order_are_one_row_of_the_chain() -> None:
    desk_kit = kit({at_bar(0): BUY})
    desk_kit.cycle(at(0))
    with desk_kit.store.reading() as uow:
        (row,) = list(uow.ledger.rows())
    order = only(desk_kit, "entry")
    assert row.order_digest == order_digest(order.request)
    assert row.digest == chain_digest(
        row.previous_digest, 1, row.decision, row.verdicts, row.order_digest
    )


def test_a_halt_denies_entries_and_lets_exits_through() -> None:
    desk_kit = kit({at_bar(0): BUY, at_bar(2): SELL, at_bar(3): BUY})
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1))
    halt(desk_kit.desk(at(1)), at=at(1), **WHO)
    sold, denied = desk_kit.cycle(at(2)), desk_kit.cycle(at(3))
    assert sold.validated.outcome is Outcome.APPROVED
    assert any(not v.passed for v in sold.validated.verdicts)  # it reports, and blocks nothing
    assert [fill.role.value for fill in fills(desk_kit)] == ["entry", "exit"]
    assert denied.validated.outcome is Outcome.DENIED
    assert "RULE_008" in denied.validated.reason


def test_a_halt_denies_even_where_the_rule_on_halts_is_off() -> None:
    desk_kit = kit({at_bar(0): BUY}, of=house(respect_halts=False))
    halt(desk_kit.desk(at(0)), at=at(0), **WHO)
    assert desk_kit.cycle(at(0)).validated.outcome is Outcome.DENIED


def losing(of_rules: dict[str, object]) -> DeskKit:
    """TSLA falls 2.5 % after its entry; IWM asks for an entry in the same minute."""
    answers = {at_bar(0): BUY, at_bar(1, IWM.agent_id): BUY, at_bar(2, IWM.agent_id): BUY}
    closes = {"TSLA": (100.0, 100.0, 97.5, 97.5), "IWM": (200.0, 200.0, 200.0, 200.0)}
    return kit(answers, closes=closes, of=house(TSLA, IWM, **of_rules))


def test_a_breaker_halts_in_the_transaction_that_judged_and_cancels_open_entries() -> None:
    desk_kit = losing({"max_daily_loss_fraction": 0.001})  # $115 are lost, $100 are the limit
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1), IWM.agent_id)
    result = desk_kit.cycle(at(1))
    assert result.validated.admission is not None
    assert result.validated.admission.halted == ()
    tripped = replace(desk_kit, script={}).cycle(at(2))
    assert tripped.validated.admission is not None
    (set_now,) = tripped.validated.admission.halted
    assert (set_now.kind, set_now.agent_id, set_now.who) == ("daily_loss", None, "breaker")
    with desk_kit.store.reading() as uow:
        assert uow.halts.standing(ACCOUNT) == [set_now]
    denied = desk_kit.cycle(at(2), IWM.agent_id)
    assert denied.validated.outcome is Outcome.DENIED
    assert denied.validated.admission is not None
    assert denied.validated.admission.halted == ()  # it stands already


def test_a_breaker_cancels_the_entry_of_another_agent_at_the_broker() -> None:
    desk_kit = losing({"max_daily_loss_fraction": 0.001})
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1))
    late = {at_bar(2, IWM.agent_id): BUY}
    replace(desk_kit, script=late, company=house(TSLA, IWM)).cycle(at(2), IWM.agent_id)
    assert desk_kit.broker().open_orders()[-1].request.agent_id == IWM.agent_id
    desk_kit.cycle(at(2))
    (entry,) = [o for o in orders(desk_kit) if o.request.agent_id == IWM.agent_id]
    assert entry.status.value == "canceled"
    assert position(desk_kit) is not None  # its stop still stands
    assert [o.request.role.value for o in desk_kit.broker().open_orders()] == ["stop", "target"]


def test_a_second_exit_is_not_asked_for_while_one_works() -> None:
    desk_kit = kit({at_bar(0): BUY, at_bar(2): proposal("sell", quantity=10.0), at_bar(3): SELL})
    desk_kit.put_bars({"TSLA": [100.0] * 9}, first=3, volume=0.0)
    results = [desk_kit.cycle(at(number)) for number in range(4)]
    assert results[2].validated.outcome is Outcome.APPROVED
    assert results[3].validated.outcome is Outcome.HELD
    assert "is working already" in results[3].validated.reason


def test_a_dry_run_on_a_fresh_account_is_judged_as_its_first_run_would_be() -> None:
    desk_kit = kit({at_bar(0): BUY})
    dry = desk_kit.cycle(at(0), dry_run=True)
    real = desk_kit.cycle(at(0))
    assert [(v.rule_id, v.passed, v.observed) for v in dry.validated.verdicts] == [
        (v.rule_id, v.passed, v.observed) for v in real.validated.verdicts
    ]


def test_a_dry_run_claims_nothing_and_may_repeat() -> None:
    desk_kit = kit({at_bar(0): BUY})
    first, second = desk_kit.cycle(at(0), dry_run=True), desk_kit.cycle(at(0), dry_run=True)
    assert first.validated.outcome is second.validated.outcome is Outcome.APPROVED
    assert (first.execution, first.head) == (None, None)
    assert orders(desk_kit) == []
    assert desk_kit.cycle(at(0)).validated.outcome is Outcome.APPROVED


def test_an_unknown_decision_cannot_be_executed() -> None:
    with pytest.raises(StoreError, match="no decision d-nothing"):
        execute_stage(kit().desk(at(0)), "d-nothing", holder="run", at=at(0))


def test_a_stored_admission_is_the_one_that_was_made() -> None:
    desk_kit = kit({at_bar(0): BUY})
    made = desk_kit.cycle(at(0)).validated.admission
    assert made is not None
    stored = stored_admission(desk_kit.desk(at(0)), made.row.decision.decision_id)
    assert stored.row == made.row
    assert stored.order is not None
    assert made.order is not None
    assert stored.order.request == made.order.request
