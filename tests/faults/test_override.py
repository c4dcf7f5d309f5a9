"""A person's hand beside runs, crashes and missing data: halts stop entries, never exits."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.desk import DeskKit, at, bar, calm, kit_in_memory
from tests.fakes.desk_book import at_broker, held, our_orders, positions, stop_quantity
from tests.fakes.desk_broker import Fault, interposed
from tests.fakes.desk_makers import Script, proposal
from tests.fakes.desk_points import Meanwhile
from tests.faults.exam_table import Area
from tests.unit.risk.builders import IWM, TSLA, company
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import TransientBrokerError
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.override import flatten, halt, resume
from ztrade_core.trading.protection import protect
from ztrade_core.trading.watch import watch

pytestmark = pytest.mark.exam(Area.OVERRIDE)

ADA = {"who": "ada", "why": "a test"}


class DiedError(Exception):
    """What a test raises where a process would die."""


def die() -> None:
    raise DiedError


def kit(*agents: AgentConfig, sell: int | None = None) -> DeskKit:
    """Agents that buy on bar 10, and sell on `sell`."""
    agents = agents or (TSLA,)
    script: Script = {
        (agent.agent_id, iso_z(bar(number))): proposal(action)
        for agent in agents
        for action, number in (("buy", 10), ("sell", sell))
        if number is not None
    }
    made = kit_in_memory(script=script, company=company(*agents, max_correlated_positions=None))
    made.put_bars({agent.symbol: calm(40) for agent in agents})
    return made


def halted_at(made: DeskKit, point: str) -> CycleResult:
    """Run bar 10 with a halt set while the run passes `point`."""
    points = Meanwhile({point: lambda: halt(made.desk(at(10)), at=at(10), **ADA)})
    return replace(made, checkpoints=points).cycle(at(10))


def died_at(made: DeskKit, point: str, number: int = 10) -> None:
    with pytest.raises(DiedError):
        replace(made, checkpoints=Meanwhile({point: die})).cycle(at(number), holder="died")


@pytest.mark.parametrize("point", ["admitted", "submitting"])
def test_a_halt_between_admission_and_sending_keeps_the_entry_at_home(point: str) -> None:
    made = kit()
    result = halted_at(made, point)
    (order,) = our_orders(made)
    assert order.status is OrderStatus.CANCELED
    assert order.reserved_usd == 0.0
    assert result.execution is not None
    assert "halted: manual by ada: a test" in result.execution.note
    assert at_broker(made, Role.ENTRY) == []


def test_the_halt_file_keeps_the_entry_at_home_without_a_word_in_the_database(
    tmp_path: Path,
) -> None:
    made = replace(kit(), halt_signal=HaltFile(tmp_path / "HALT"))
    points = Meanwhile({"admitted": lambda: (tmp_path / "HALT").write_text("stop it")})
    replace(made, checkpoints=points).cycle(at(10))
    (order,) = our_orders(made)
    assert (order.status, order.reserved_usd) == (OrderStatus.CANCELED, 0.0)
    assert "stop it" in order.reason
    assert at_broker(made, Role.ENTRY) == []


def test_a_standing_halt_denies_the_next_entry() -> None:
    made = kit()
    halt(made.desk(at(9)), at=at(9), **ADA)
    assert made.cycle(at(10)).validated.outcome.value == "denied"
    assert our_orders(made) == []


@pytest.mark.parametrize("point", ["submitted", "acknowledged"])
def test_a_halt_while_the_entry_is_on_its_way_cancels_it(point: str) -> None:
    made = kit()
    halted_at(made, point)
    (theirs,) = at_broker(made, Role.ENTRY)
    assert theirs.status is OrderStatus.CANCELED
    watch(made.desk(at(10)), at(10), holder="watch")
    (ours,) = our_orders(made)
    assert (ours.status, ours.reserved_usd) == (OrderStatus.CANCELED, 0.0)


def test_an_entry_whose_run_died_before_sending_is_not_sent_while_halted() -> None:
    made = kit()
    died_at(made, "submitting")
    halt(made.desk(at(10)), at=at(10), **ADA)
    made.cycle(at(10), holder="again")
    assert at_broker(made, Role.ENTRY) == []
    (ours,) = our_orders(made)
    assert (ours.status, ours.reserved_usd) == (OrderStatus.CANCELED, 0.0)


def test_an_entry_whose_run_died_after_sending_is_cancelled_while_halted() -> None:
    made = kit()
    died_at(made, "submitted")
    halt(made.desk(at(10)), at=at(10), **ADA)
    made.cycle(at(10), holder="again")
    (theirs,) = at_broker(made, Role.ENTRY)
    assert theirs.status is OrderStatus.CANCELED
    assert our_orders(made)[0].status is OrderStatus.CANCELED


def test_a_breakers_halt_cancels_open_entries_even_if_its_run_died_of_it() -> None:
    made = kit(TSLA, IWM)
    made.cycle(at(10), IWM.agent_id)
    always = replace(made.company.risk, max_daily_loss_fraction=-1.0)
    tripping = replace(made, company=replace(made.company, risk=always))
    died_at(tripping, "admitted")
    assert len(made.broker().open_orders()) == 1
    tripping.cycle(at(10), TSLA.agent_id, holder="again")
    assert made.broker().open_orders() == ()
    assert at_broker(made, Role.ENTRY)[0].status is OrderStatus.CANCELED


def test_a_halt_blocks_neither_an_exit_nor_a_stop() -> None:
    made = kit(sell=13)
    for number in (10, 11):
        made.cycle(at(number))
    halt(made.desk(at(11)), at=at(11), **ADA)
    (stop,) = at_broker(made, Role.STOP)
    made.broker().cancel(stop.request.client_order_id)
    found = protect(made.desk(at(11)), at(11), holder="watch")
    assert len(found.armed) == 1
    assert stop_quantity(made) == held(made) > 0
    assert made.cycle(at(13)).validated.outcome.value == "approved"
    made.cycle(at(14))
    assert held(made) == 0.0


def test_flatten_sells_every_position_with_one_order_each_however_often() -> None:
    made = kit(TSLA, IWM)
    for number in (10, 11):
        for agent in (TSLA, IWM):
            made.cycle(at(number), agent.agent_id)
    assert len(positions(made)) == 2
    first = flatten(made.desk(at(11)), at=at(11), **ADA)
    again = flatten(made.desk(at(11)), at=at(11), **ADA)
    assert len(first.sold) == len(again.sold) == 2
    assert all("works already" in text for text in again.sold)
    assert len(at_broker(made, Role.EXIT)) == 2
    made.cycle(at(12))
    assert held(made) == 0.0
    assert positions(made) == []
    assert made.broker().open_orders() == ()


def test_a_flatten_that_died_is_finished_by_the_next() -> None:
    made = kit()
    for number in (10, 11):
        made.cycle(at(number))
    dying = replace(made, checkpoints=Meanwhile({"submitting": die}))
    with pytest.raises(DiedError):
        flatten(dying.desk(at(11)), at=at(11), **ADA)
    flatten(made.desk(at(11)), at=at(11), **ADA)
    assert len(at_broker(made, Role.EXIT)) == 1
    assert len(our_orders(made, Role.EXIT)) == 1


def test_flatten_sells_the_rest_when_a_run_takes_one_agent_over_meanwhile() -> None:
    made = kit(TSLA, IWM)
    for number in (10, 11):
        for agent in (TSLA, IWM):
            made.cycle(at(number), agent.agent_id)

    def other_run() -> None:
        protect(made.desk(at(11)), at(11), holder="other")

    flatten(
        replace(made, checkpoints=Meanwhile({"submitted": other_run})).desk(at(11)),
        at=at(11),
        **ADA,
    )
    assert len(at_broker(made, Role.EXIT)) == 2


def test_flatten_sells_the_whole_position_beside_a_partial_exit_that_works() -> None:
    made = kit(sell=12)
    part = {(TSLA.agent_id, iso_z(bar(12))): proposal("sell", quantity=10.0)}
    made = replace(made, script={**made.script, **part})
    for number in (10, 11, 12):
        made.cycle(at(number))
    flatten(made.desk(at(12)), at=at(12), **ADA)
    made.cycle(at(13))
    assert held(made) == 0.0


def test_flatten_and_halt_need_no_bar() -> None:
    made = kit()
    for number in (10, 11):
        made.cycle(at(number))
    blind = replace(made, bars=kit_in_memory().bars)
    assert halt(blind.desk(at(11)), at=at(11), **ADA).halts
    assert len(flatten(blind.desk(at(11)), at=at(11), **ADA).sold) == 1
    assert len(at_broker(made, Role.EXIT)) == 1


def test_a_resume_stores_new_baselines_and_lets_entries_in_again() -> None:
    made = kit()
    halt(made.desk(at(9)), at=at(9), **ADA)
    lifted = resume(made.desk(at(9)), who="bob", why="looked into it", at=at(9))
    assert [each.kind for each in lifted.halts] == ["manual"]
    with made.store.reading() as uow:
        mark = uow.accounts.last_snapshot(made.account, 1, kind="resume")
        ((_, when, who, why),) = uow.halts.history(made.account)
    assert mark is not None
    assert (mark.equity, mark.peak_equity) == (100000.0, 100000.0)
    assert (when, who, why) == (at(9), "bob", "looked into it")
    assert made.cycle(at(10)).validated.outcome.value == "approved"


def test_a_halt_can_be_set_again_at_the_very_moment_it_was_lifted() -> None:
    made = kit()
    for _ in range(2):
        halt(made.desk(at(9)), at=at(9), **ADA)
        resume(made.desk(at(9)), at=at(9), **ADA)
    assert halt(made.desk(at(9)), at=at(9), **ADA).halts


def test_a_halt_stands_though_the_broker_cannot_be_asked() -> None:
    made = kit()
    made.cycle(at(10))
    away = Fault(TransientBrokerError("away"), times=99)
    deaf = replace(made, wrap=interposed(before={"cancel": away, "open_orders": away}))
    done = halt(deaf.desk(at(10)), at=at(10), **ADA)
    assert done.halts
    assert len(done.failed) == 1
    found = watch(made.desk(at(10)), at(10), holder="watch")
    assert any("halted" in text for text in found.did)
    (entry,) = at_broker(made, Role.ENTRY)
    assert entry.status is OrderStatus.CANCELED
