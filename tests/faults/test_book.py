"""The book stays right when runs die or overlap between asking the broker and writing down."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.fakes.desk import DeskKit, at, bar, calm, kit_in_memory
from tests.fakes.desk_book import decisions, held, our_orders, positions
from tests.fakes.desk_broker import Once, interposed
from tests.fakes.desk_makers import proposal
from tests.fakes.desk_points import Meanwhile
from tests.faults.exam_table import Area
from tests.unit.risk.builders import BTC, IWM, TSLA, company
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError
from ztrade_core.trading.portfolio import portfolio_of

pytestmark = pytest.mark.exam(Area.RACE)

MIDNIGHT = 174  # the bar that opens at 00:00 New York of the 29th


class DiedError(Exception):
    """What a test raises where a process would die."""


def kit(buyer: AgentConfig, number: int, *others: AgentConfig) -> DeskKit:
    """A company in which `buyer` buys on bar `number`."""
    return kit_in_memory(
        script={(buyer.agent_id, iso_z(bar(number))): proposal("buy")},
        company=company(buyer, *others, max_correlated_positions=None),
    )


def dies_after_playing(made: DeskKit, as_of: datetime, agent: AgentConfig) -> None:
    def die(*_call: object) -> None:
        raise DiedError

    with pytest.raises(DiedError):
        replace(made, wrap=interposed(after={"advance": die})).cycle(as_of, agent.agent_id)


def day_base(made: DeskKit, as_of: datetime) -> float | None:
    return portfolio_of(made.desk(as_of), as_of).book.day_base_equity


def test_a_run_that_died_while_marking_midnight_leaves_no_wrong_base() -> None:
    made = kit(BTC, MIDNIGHT - 2)
    made.put_bars({"BTC/USD": calm(200, 20000.0)})
    made.cycle(at(MIDNIGHT - 2), BTC.agent_id)
    dies_after_playing(made, at(MIDNIGHT), BTC)  # the entry filled at midnight, our book is behind
    assert positions(made) == []
    made.cycle(at(MIDNIGHT), BTC.agent_id, holder="again")
    assert day_base(made, at(MIDNIGHT)) == pytest.approx(100000.0, abs=25.0)


def test_of_two_runs_that_mark_the_day_the_earlier_mark_is_the_base() -> None:
    made = kit(BTC, 10)
    made.put_bars({"BTC/USD": [*calm(MIDNIGHT, 20000.0), *[19800.0] * 20]})
    for number in (10, 11):
        made.cycle(at(number), BTC.agent_id)
    first = Once(lambda: made.cycle(at(MIDNIGHT), BTC.agent_id, holder="first"))
    late = replace(made, wrap=interposed(before={"advance": first}))
    late.cycle(at(MIDNIGHT), BTC.agent_id, holder="late")
    book = portfolio_of(made.desk(at(MIDNIGHT)), at(MIDNIGHT)).book
    assert book.day_base_equity is not None
    assert book.equity is not None
    assert book.day_base_equity - book.equity > 20.0  # the loss since midnight is not forgotten


def test_a_fill_that_the_book_does_not_know_yet_trips_no_breaker() -> None:
    made = kit(TSLA, 10, IWM)
    made.put_bars({"TSLA": calm(40), "IWM": calm(40)})
    made.cycle(at(10), TSLA.agent_id)
    script = {**made.script, (IWM.agent_id, iso_z(bar(10))): proposal("buy")}
    points = Meanwhile({"taped": lambda: dies_after_playing(made, at(11), TSLA)})
    result = replace(made, script=script, checkpoints=points).cycle(at(10), IWM.agent_id)
    with made.store.reading() as uow:
        assert uow.halts.standing(made.account) == []
    assert result.validated.outcome.value == "approved"


def test_a_mark_is_not_taken_from_cash_and_positions_of_two_moments() -> None:
    made = kit(TSLA, 10, IWM)
    made.put_bars({"TSLA": calm(40), "IWM": calm(40)})
    made.cycle(at(10), TSLA.agent_id)
    played = Once(lambda: dies_after_playing(made, at(11), TSLA))
    replace(made, wrap=interposed(before={"cash": played})).cycle(at(10), IWM.agent_id)
    whole = Once(lambda: made.cycle(at(12), TSLA.agent_id))
    replace(made, wrap=interposed(after={"cash": whole})).cycle(at(11), IWM.agent_id)
    with made.store.reading() as uow:
        equities = [mark.equity for mark in uow.accounts.snapshots(made.account, 1)]
    assert equities == pytest.approx([100000.0] * len(equities), abs=25.0)


def test_a_bar_that_arrives_late_still_fills_what_waited_for_it() -> None:
    made = kit(TSLA, 10, IWM)
    made.put_bars({"TSLA": calm(11), "IWM": calm(40)})
    made.cycle(at(10), TSLA.agent_id)
    made.cycle(at(11), IWM.agent_id)  # plays the account past a bar of TSLA that is not there
    made.put_bars({"TSLA": calm(40)[11:]}, first=11)
    made.cycle(at(12), TSLA.agent_id)
    (entry,) = our_orders(made, Role.ENTRY)
    assert entry.status is OrderStatus.FILLED
    with made.store.reading() as uow:
        (fill,) = uow.orders.fills(made.account, 1)
    assert fill.filled_at == bar(11)
    assert fill.known_at == at(12)
    assert held(made) == float(positions(made)[0].quantity)


def test_a_late_fill_is_not_missed_behind_a_newer_one() -> None:
    made = kit(TSLA, 10, BTC)
    made = replace(made, script={**made.script, (BTC.agent_id, iso_z(bar(11))): proposal("buy")})
    made.put_bars({"TSLA": calm(11), "BTC/USD": calm(40, 20000.0)})
    made.cycle(at(10), TSLA.agent_id)
    for number in (11, 12):
        made.cycle(at(number), BTC.agent_id)
    made.put_bars({"TSLA": calm(40)[11:]}, first=11)
    made.cycle(at(13), TSLA.agent_id)  # fills on bar 11, after the coin's fill on bar 12 was taken
    assert {position.symbol for position in positions(made)} == {"TSLA", "BTC/USD"}


def test_a_stop_is_not_forgiven_a_bar_that_arrived_late() -> None:
    made = kit(TSLA, 10, IWM)
    made.put_bars({"TSLA": calm(12), "IWM": calm(40)})
    for number in (10, 11):
        made.cycle(at(number), TSLA.agent_id)
    made.cycle(at(12), IWM.agent_id)
    made.put_bars({"TSLA": [100.0]}, first=12, wick=0.1)  # falls through the stop, and recovers
    made.put_bars({"TSLA": [100.1, 100.0]}, first=13)
    made.cycle(at(13), TSLA.agent_id)
    assert held(made) == 0.0
    assert positions(made) == []


def test_an_order_sent_after_a_bar_has_passed_is_not_filled_by_it() -> None:
    made = kit(TSLA, 10, IWM)
    made.put_bars({"TSLA": calm(11), "IWM": calm(40)})
    passed = Meanwhile({"admitting": lambda: made.cycle(at(11), IWM.agent_id)})
    replace(made, checkpoints=passed).cycle(at(10), TSLA.agent_id)
    made.put_bars({"TSLA": calm(40)[11:]}, first=11)
    made.cycle(at(12), TSLA.agent_id)
    fills = made.broker().fills()
    assert [fill.filled_at for fill in fills] == [bar(12)]


def test_a_run_overtaken_while_it_observes_is_refused_and_decides_nothing() -> None:
    made = kit(TSLA, 10, IWM)
    made.put_bars({"TSLA": calm(40), "IWM": calm(40)})
    overtaking = Once(lambda: made.cycle(at(11), IWM.agent_id))
    slow = replace(made, wrap=interposed(before={"advance": overtaking}))
    with pytest.raises(InputError, match="never runs backwards"):
        slow.cycle(at(10), TSLA.agent_id)
    assert [row.decision.key.agent_id for row in decisions(made)] == [IWM.agent_id]
