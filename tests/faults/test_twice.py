"""The same bar twice, two processes at once, a run that wakes up late: one decision, one order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import DAY_OPENS, STEP, DeskKit, at, bar, calm, kit_in_memory, kit_on
from tests.fakes.desk_book import at_broker, decisions, held, our_orders, positions
from tests.fakes.desk_makers import Script, proposal
from tests.fakes.desk_points import Meanwhile
from tests.faults.exam_table import Area
from tests.faults.jobs import kit_for
from tests.faults.judge import judge_account
from tests.faults.nursery import Job, Nursery
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError
from ztrade_core.trading.cycle import execute, run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.stages import execute_stage

pytestmark = pytest.mark.exam(Area.RACE)

ROUNDS = 20


class DiedError(Exception):
    """What a test raises where a process would die."""


def die() -> None:
    raise DiedError


def script(**answers: int) -> Script:
    """`buy=10` buys on bar 10."""
    return {(TSLA.agent_id, iso_z(bar(n))): proposal(action) for action, n in answers.items()}


def kit(**answers: int) -> DeskKit:
    made = kit_in_memory(script=script(**answers))
    made.put_bars({"TSLA": calm(40)})
    return made


def test_the_same_bar_twice_is_one_decision_and_one_order(engine: Engine) -> None:
    made = kit_on(engine, script=script(buy=10))
    made.put_bars({"TSLA": calm(40)})
    first = made.cycle(at(10), holder="first")
    second = made.cycle(at(10) + timedelta(minutes=1), holder="second")
    assert second.observed.resumed
    assert second.observed.snapshot_hash == first.observed.snapshot_hash
    assert second.execution is not None
    assert second.execution.note == "already accepted"
    assert len(decisions(made)) == 1
    assert len(at_broker(made, Role.ENTRY)) == 1
    assert judge_account(engine, made.account).all == []


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_two_processes_at_once_make_one_decision_and_one_order(
    name: str,
    request: pytest.FixtureRequest,
    engine_of: Callable[[str], Engine],
    nursery: Nursery,
    campaign: Callable[[int], int],
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    engine = engine_of(url)
    lines = {f"{TSLA.agent_id} {iso_z(bar(10))}": "buy"}
    kit_for(engine, "any", "pair", lines).put_bars({"TSLA": calm(40)})
    for number in range(campaign(ROUNDS)):
        account = f"round-{number}"
        spec = {"kit": [url, account, "pair", lines], "as_of": iso_z(at(10))}
        jobs = [
            Job(name="cycle", arguments={**spec, "agent_id": TSLA.agent_id, "holder": holder})
            for holder in ("left", "right")
        ]
        ends = nursery.run(*jobs)
        assert [end.raised for end in ends] == [None, None]
        assert [end.returned["outcome"] for end in ends] == ["approved", "approved"]
        made = kit_for(engine, account, "pair", lines)
        assert len(decisions(made)) == 1
        assert len(at_broker(made, Role.ENTRY)) == 1
        assert judge_account(engine, account).all == []


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_two_people_who_flatten_at_once_sell_once(
    name: str,
    request: pytest.FixtureRequest,
    engine_of: Callable[[str], Engine],
    nursery: Nursery,
    campaign: Callable[[int], int],
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    engine = engine_of(url)
    lines = {f"{TSLA.agent_id} {iso_z(bar(10))}": "buy"}
    kit_for(engine, "any", "pair", lines).put_bars({"TSLA": calm(40)})
    for number in range(campaign(ROUNDS)):
        account = f"round-{number}"
        made = kit_for(engine, account, "pair", lines)
        for step in (10, 11):
            made.cycle(at(step))
        spec = {"kit": [url, account, "pair", lines], "at": iso_z(at(11))}
        people = [Job(name="flatten", arguments={**spec, "who": who}) for who in ("ada", "bob")]
        assert [end.raised for end in nursery.run(*people)] == [None, None]
        assert len(at_broker(made, Role.EXIT)) == 1
        made.cycle(at(12))
        assert held(made) == 0.0
        assert judge_account(engine, account).all == []


def test_a_run_that_wakes_after_another_took_over_sends_nothing_twice() -> None:
    made = kit(buy=10)
    slow = replace(
        made, checkpoints=Meanwhile({"submitting": lambda: made.cycle(at(10), holder="second")})
    )
    woken = slow.cycle(at(10), holder="first")
    assert woken.execution is not None
    assert "leaves it alone" in woken.execution.note
    assert len(decisions(made)) == 1
    assert len(at_broker(made, Role.ENTRY)) == 1
    assert our_orders(made, Role.ENTRY)[0].status is OrderStatus.ACCEPTED


def test_a_decision_is_judged_on_the_moment_its_answer_was_given_for() -> None:
    made = kit(buy=10)

    def answers_and_dies() -> None:
        dying = replace(made, checkpoints=Meanwhile({"taped": die}))
        with pytest.raises(DiedError):
            dying.cycle(at(10) + timedelta(seconds=1), holder="other")

    slow = replace(made, checkpoints=Meanwhile({"observed": answers_and_dies}))
    slow.cycle(at(10), holder="slow")
    ((decision),) = [row.decision for row in decisions(made)]
    with made.store.reading() as uow:
        seen = uow.ledger.snapshot(decision.snapshot_hash)
    assert seen is not None
    assert seen.as_of == decision.as_of


def test_a_run_that_wakes_after_its_bar_has_passed_sends_nothing() -> None:
    made = kit(buy=10)

    def meanwhile() -> None:
        later = made.desk(at(11), now=at(11) + timedelta(hours=1))
        run_cycle(later, CycleRequest(agent_id=TSLA.agent_id, as_of=at(11), holder="second"))

    slow = replace(made, checkpoints=Meanwhile({"submitting": meanwhile}))
    slow.cycle(at(10), holder="first")
    assert our_orders(made, Role.ENTRY)[0].status is OrderStatus.EXPIRED
    assert at_broker(made, Role.ENTRY) == []


def test_a_rehearsal_after_a_reset_decides_the_same_bar_anew() -> None:
    made = kit(buy=10)
    made.cycle(at(10))
    made.broker().reset(DAY_OPENS)
    made.cycle(at(10))
    rows = [row.decision for row in decisions(made)]
    assert [row.key.account_epoch for row in rows] == [1, 2]
    assert [row.outcome.value for row in rows] == ["approved", "approved"]
    assert len({row.client_order_id for row in rows}) == 2
    assert len({row.decision_id for row in rows}) == 2


def test_a_dry_run_claims_nothing() -> None:
    made = kit(buy=11)
    made.cycle(at(10))
    before = made.broker().account_time(), made.broker().cash()
    dry = made.cycle(at(11), dry_run=True, holder="dry")
    assert dry.validated.outcome.value == "approved"
    assert dry.execution is None
    assert (made.broker().account_time(), made.broker().cash()) == before
    assert len(decisions(made)) == 1
    assert our_orders(made) == []
    real = made.cycle(at(11), holder="real")
    assert not real.observed.resumed
    assert real.validated.outcome.value == "approved"
    assert len(at_broker(made, Role.ENTRY)) == 1


def test_a_dry_run_does_not_open_the_account() -> None:
    made = kit(buy=10)
    made.cycle(at(20), dry_run=True)
    assert replace(made, opened_at=DAY_OPENS - timedelta(days=7)).broker().account_time() == (
        DAY_OPENS - timedelta(days=7)
    )


@pytest.mark.parametrize("back", [STEP, timedelta(days=1)])
def test_an_account_never_runs_backwards_and_says_what_to_do(back: timedelta) -> None:
    made = kit(buy=10)
    made.cycle(at(10))
    with pytest.raises(InputError, match=r"never runs backwards.*ztrade rehearsal reset"):
        made.cycle(at(10) - back)
    assert len(decisions(made)) == 1


def test_a_dry_run_before_the_accounts_time_would_know_later_trades_and_is_refused() -> None:
    made = kit(buy=10)
    made.cycle(at(10))
    with pytest.raises(InputError, match="would see its later trades"):
        made.cycle(at(9), dry_run=True)


def test_a_moment_before_the_account_was_opened_is_refused_with_the_same_words() -> None:
    made = kit()
    with pytest.raises(InputError, match="never runs backwards"):
        made.cycle(DAY_OPENS - timedelta(hours=9))


def test_an_exit_run_again_never_sells_a_later_position() -> None:
    again = {(TSLA.agent_id, iso_z(bar(14))): proposal("buy")}
    made = kit_in_memory(script={**script(buy=10, sell=12), **again})
    made.put_bars({"TSLA": [*calm(13), *[96.0] * 27]})  # bar 13 falls through the stop
    for number in (10, 11):
        made.cycle(at(number))
    sold = made.cycle(at(12))
    assert sold.validated.admission is not None
    decision_id = sold.validated.admission.row.decision.decision_id
    (exit_order,) = at_broker(made, Role.EXIT)
    made.broker().cancel(exit_order.request.client_order_id)
    for number in (13, 14, 15):
        made.cycle(at(number))
    (second,) = positions(made)
    execute_stage(made.desk(at(15)), decision_id, holder="again", at=at(15))
    made.cycle(at(16))
    assert positions(made) == [second]
    assert held(made) == float(second.quantity)


def test_two_runs_that_repeat_an_exit_send_one_more_not_two() -> None:
    made = kit(buy=10, sell=12)
    for number in (10, 11):
        made.cycle(at(number))
    sold = made.cycle(at(12))
    admission = sold.validated.admission
    assert admission is not None
    (exit_order,) = at_broker(made, Role.EXIT)
    made.broker().cancel(exit_order.request.client_order_id)
    reconcile(made.desk(at(12)), at(12))
    ended = replace(admission, order=our_orders(made, Role.EXIT)[-1])
    for holder in ("left", "right"):
        execute(made.desk(at(12)), ended, holder=holder, at=at(12))
    working = [o for o in at_broker(made, Role.EXIT) if o.status is OrderStatus.ACCEPTED]
    assert len(working) == 1
