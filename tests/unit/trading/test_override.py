"""A person's hand: who may halt and resume what, and which baselines a resume stores."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.desk import ACCOUNT, DeskKit, at
from tests.fakes.desk_broker import Fault, interposed
from tests.fakes.desk_makers import proposal
from tests.fakes.store_rows import halt as any_halt
from tests.unit.trading.builders import (
    BUY,
    IWM,
    TSLA,
    at_bar,
    fills,
    house,
    kit,
    marks,
    orders,
    position,
)
from ztrade_core.errors import InputError, TransientBrokerError
from ztrade_core.trading.deciding import decide
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.gateway import admit
from ztrade_core.trading.observation import observe
from ztrade_core.trading.override import flatten, halt, resume

WHO = {"who": "ada", "why": "a test"}


def standing(desk_kit: DeskKit) -> list[tuple[str | None, str]]:
    with desk_kit.store.reading() as uow:
        return [(each.agent_id, each.kind) for each in uow.halts.standing(ACCOUNT)]


def pair(**answers: object) -> DeskKit:
    closes = {"TSLA": (100.0,) * 4, "IWM": (200.0,) * 4}
    return kit(answers.get("script"), closes=closes, of=house(TSLA, IWM))  # type: ignore[arg-type]


@pytest.mark.parametrize(("who", "why"), [("", "storm"), ("ada", " ")])
def test_an_override_without_a_name_or_a_reason_is_refused(who: str, why: str) -> None:
    desk = kit().desk(at(0))
    for hand in (halt, resume, flatten):
        with pytest.raises(InputError, match="who and why"):
            hand(desk, who=who, why=why, at=at(0))


def test_an_unknown_agent_cannot_be_halted() -> None:
    desk_kit = kit()
    with pytest.raises(InputError, match="agent_spy"):
        halt(desk_kit.desk(at(0)), at=at(0), agent_id="agent_spy", **WHO)
    assert standing(desk_kit) == []


def test_a_halt_set_twice_stands_once() -> None:
    desk_kit = kit()
    for _ in range(2):
        halt(desk_kit.desk(at(0)), at=at(0), **WHO)
    assert standing(desk_kit) == [(None, "manual")]


def test_a_halt_of_one_agent_cancels_only_its_entries() -> None:
    desk_kit = pair(script={at_bar(0): BUY, at_bar(0, IWM.agent_id): BUY})
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(0), IWM.agent_id)
    told = halt(desk_kit.desk(at(0)), at=at(0), agent_id=IWM.agent_id, **WHO)
    assert len(told.canceled) == 1
    status = {o.request.agent_id: o.status.value for o in orders(desk_kit)}
    assert status == {"agent_tsla": "accepted", "agent_iwm": "canceled"}


def test_a_halt_stands_and_says_so_when_the_broker_cannot_be_asked() -> None:
    down = Fault(TransientBrokerError("no route"), times=99)
    desk_kit = replace(kit(), wrap=interposed(before={"epoch": down}))
    told = halt(desk_kit.desk(at(0)), at=at(0), **WHO)
    assert [each.kind for each in told.halts] == ["manual"]
    assert told.failed == ("open entries could not be looked for: no route",)


def test_a_resume_of_one_agent_lifts_its_halts_alone() -> None:
    desk_kit = pair()
    halt(desk_kit.desk(at(0)), at=at(0), **WHO)
    halt(desk_kit.desk(at(0)), at=at(0), agent_id=IWM.agent_id, **WHO)
    told = resume(desk_kit.desk(at(0)), at=at(0), agent_id=IWM.agent_id, **WHO)
    assert [each.agent_id for each in told.halts] == [IWM.agent_id]
    assert standing(desk_kit) == [(None, "manual")]


def test_lifting_an_agents_pause_stores_no_company_baseline() -> None:
    desk_kit = kit()
    desk_kit.cycle(at(0))
    with desk_kit.store.locked() as uow:
        uow.halts.add(ACCOUNT, any_halt(agent_id=TSLA.agent_id, kind="consecutive_losses"))
    resume(desk_kit.desk(at(1)), at=at(1), **WHO)
    assert marks(desk_kit, "resume") == []


def test_lifting_a_company_halt_stores_peak_and_day_base_anew() -> None:
    desk_kit = kit()
    desk_kit.cycle(at(0))
    halt(desk_kit.desk(at(0)), at=at(0), **WHO)
    resume(desk_kit.desk(at(1)), at=at(1), **WHO)
    (baseline,) = marks(desk_kit, "resume")
    assert (baseline.at, baseline.equity, baseline.peak_equity) == (at(1), 100_000.0, 100_000.0)


def test_a_resume_that_fails_lifts_nothing() -> None:
    desk_kit = kit()
    halt(desk_kit.desk(at(0)), at=at(0), **WHO)
    down = Fault(TransientBrokerError("no route"), times=99)
    deaf = replace(desk_kit, wrap=interposed(before={"positions": down}))
    with pytest.raises(TransientBrokerError):
        resume(deaf.desk(at(0)), at=at(0), **WHO)
    assert standing(desk_kit) == [(None, "manual")]


def test_a_resume_with_nothing_to_lift_changes_nothing() -> None:
    desk_kit = kit()
    assert resume(desk_kit.desk(at(0)), at=at(0), **WHO).halts == ()
    assert marks(desk_kit) == []


def test_flatten_of_one_agent_leaves_the_other() -> None:
    desk_kit = pair(script={at_bar(0): BUY, at_bar(0, IWM.agent_id): BUY})
    for number in (0, 1):
        for agent in (IWM, TSLA):
            desk_kit.cycle(at(number), agent.agent_id)
    told = flatten(desk_kit.desk(at(1)), at=at(1), agent_id=TSLA.agent_id, **WHO)
    assert len(told.sold) == 1
    assert told.failed == ()
    for agent in (IWM, TSLA):
        desk_kit.cycle(at(2), agent.agent_id)
    assert list(desk_kit.broker().positions()) == ["IWM"]
    assert standing(desk_kit) == [(TSLA.agent_id, "manual")]


def test_flatten_sells_the_rest_too_where_an_unsent_exit_sells_a_part() -> None:
    desk_kit = kit({at_bar(0): BUY, at_bar(1): proposal("sell", quantity=6.0)})
    desk_kit.cycle(at(0))
    desk = desk_kit.desk(at(1))
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(1), holder="died")
    observed = observe(desk, request)
    admit(desk, observed.snapshot, decide(desk, request, observed.snapshot))
    told = flatten(desk_kit.desk(at(1)), at=at(1), **WHO)
    exits = [o.request.quantity for o in orders(desk_kit) if o.request.role.value == "exit"]
    assert (told.failed, exits) == ((), [Decimal(6), Decimal(40)])  # of 46 held
    desk_kit.cycle(at(2))
    assert position(desk_kit) is None


def test_what_is_flattened_within_a_bar_sells_after_that_bar_not_at_its_past_open() -> None:
    """Bar 2 opened at 100 and closed at 98: sold two minutes into it, the price is bar 3's 98."""
    desk_kit = kit({at_bar(0): BUY}, closes=(100.0, 100.0, 98.0, 98.0, 98.0))
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1))
    within = at(1) + timedelta(minutes=2)
    flatten(desk_kit.desk(within), at=within, **WHO)
    desk_kit.cycle(at(2))
    assert position(desk_kit) is not None
    desk_kit.cycle(at(3))
    assert position(desk_kit) is None
    assert (fills(desk_kit)[-1].price, fills(desk_kit)[-1].filled_at) == (Decimal("98.0"), at(2))


def test_what_is_flattened_as_a_bar_completes_sells_at_the_next_open() -> None:
    desk_kit = kit({at_bar(0): BUY}, closes=(100.0, 100.0, 98.0, 98.0, 98.0))
    desk_kit.cycle(at(0))
    desk_kit.cycle(at(1))
    flatten(desk_kit.desk(at(1)), at=at(1), **WHO)
    desk_kit.cycle(at(2))
    assert position(desk_kit) is None
    assert fills(desk_kit)[-1].price == Decimal("100.0")
