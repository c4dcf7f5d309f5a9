"""Decisions on news: their slot, whom they refuse, one a bar, and from which bar on they fill."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.fakes.by_hand import Said
from tests.fakes.desk import DAY_OPENS, SESSION_BARS, SESSION_OPENS, DeskKit, at, bar, kit_in_memory
from tests.fakes.desk_book import decisions
from tests.fakes.desk_makers import Script, proposal
from tests.unit.brokers.builders import series_of_rows
from tests.unit.trading.builders import BTC, BUY, SELL, TSLA, at_bar, fills, house, orders
from ztrade_core.domain.decisions import Outcome
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.errors import InputError
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest

SHORT = timedelta(minutes=2)
INSIDE = bar(2) + SHORT  # bar 1 is complete, bar 2 is running
STORIES = {
    ("s1", "TSLA"): bar(2) + timedelta(minutes=1),
    ("s2", "TSLA"): bar(2) + timedelta(minutes=3),
    ("s3", "TSLA"): bar(3) + timedelta(minutes=1),
    ("late", "TSLA"): bar(SESSION_BARS - 1) + timedelta(minutes=1),
    ("btc", "BTC/USD"): bar(2),
}
ON_S1 = (TSLA.agent_id, "news:s1")


def known(news_id: str, symbol: str) -> datetime | None:
    return STORIES.get((news_id, symbol))


def priced(number: int) -> tuple[float, ...]:
    """Bar `number` opens at 100.00 + 0.02 a bar, closes 0.01 higher."""
    opened = 100.0 + 0.02 * number
    return (opened, opened + 0.5, opened - 0.5, opened + 0.01, 1e6)


def made(answers: Script, count: int = 8) -> DeskKit:
    kit = kit_in_memory(script=answers, company=house(TSLA, BTC), stories=known)
    kit.bars.upsert(
        [series_of_rows([priced(number) for number in range(count)])],
        source="test",
        ingested_at=SESSION_OPENS,
    )
    return kit


def manual(kit: DeskKit, as_of: datetime, action: str = "buy") -> CycleResult:
    request = CycleRequest(
        agent_id=TSLA.agent_id, as_of=as_of, holder="person", writer=Said(proposal(action))
    )
    return run_cycle(kit.desk(as_of), request)


def test_a_story_has_its_own_slot_and_sees_the_last_complete_bar() -> None:
    result = made({}).cycle(INSIDE, story="s1")

    snapshot = result.observed.snapshot
    assert snapshot.key.slot == "news:s1"
    assert (snapshot.bars.last_open, snapshot.decided_bar) == (bar(1), bar(2))
    assert snapshot.as_of == INSIDE


def test_an_entry_on_news_fills_at_the_next_bars_open() -> None:
    """Bar 2 opened at 100.04 before the story; bar 3 opens at 100.06, below the limit of 100.23."""
    kit = made({ON_S1: BUY})

    assert kit.cycle(INSIDE, story="s1").validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
    kit.cycle(at(2))
    assert fills(kit) == []
    kit.cycle(at(3))

    (entry,) = fills(kit)
    assert (entry.price, entry.filled_at) == (Decimal("100.06"), bar(3))


def test_an_entry_on_news_ends_with_the_bar_it_may_fill_in() -> None:
    """Bar 3 opens at 101 and stays above the limit: the entry expires when it is complete."""
    kit = made({ON_S1: BUY}, count=3)
    high = [(101.0, 102.0, 100.9, 101.0, 1e6)] * 3
    stamps = [bar(3), bar(4), bar(5)]
    kit.bars.upsert([series_of_rows(high, opened=stamps)], source="t", ingested_at=bar(0))

    kit.cycle(INSIDE, story="s1")
    kit.cycle(at(2))
    waiting = [o for o in orders(kit) if o.request.role is Role.ENTRY]
    kit.cycle(at(3))

    assert [order.is_working for order in waiting] == [True]
    assert [order.status for order in orders(kit)] == [OrderStatus.EXPIRED]


def test_an_exit_on_news_sells_at_the_next_bars_open() -> None:
    """Bought at bar 1's open on bar 0; sold on the story within bar 2, at bar 3's open of 100.06."""
    kit = made({at_bar(0): BUY, ON_S1: SELL})
    kit.cycle(at(0))
    kit.cycle(at(1))

    kit.cycle(INSIDE, story="s1")
    kit.cycle(at(3))

    assert [(fill.price, fill.filled_at) for fill in fills(kit)] == [
        (Decimal("100.02"), bar(1)),
        (Decimal("100.06"), bar(3)),
    ]


def test_an_entry_on_news_of_the_sessions_last_bar_is_a_hold() -> None:
    kit = made({(TSLA.agent_id, "news:late"): BUY}, count=SESSION_BARS)

    result = kit.cycle(bar(SESSION_BARS - 1) + SHORT, story="late")

    assert result.validated.outcome is Outcome.HELD
    assert "is the last bar of its session" in result.validated.reason


def test_a_decision_by_hand_within_a_bar_fills_at_the_next_bars_open_too() -> None:
    kit = made({})

    manual(kit, INSIDE)
    kit.cycle(at(2))
    assert fills(kit) == []
    kit.cycle(at(3))

    (entry,) = fills(kit)
    assert (entry.price, entry.filled_at) == (Decimal("100.06"), bar(3))


def test_a_decision_by_hand_at_a_bars_completion_fills_as_the_schedules_do() -> None:
    kit = made({})

    result = manual(kit, at(1))
    kit.cycle(at(2))

    (entry,) = fills(kit)
    assert (entry.price, entry.filled_at) == (Decimal("100.04"), bar(2))
    assert "bar_in_progress" not in result.observed.snapshot.header()


@pytest.mark.parametrize(("late", "filled"), [(60, 2), (61, 3)])
def test_a_bars_own_run_has_the_next_open_for_a_minute(late: int, filled: int) -> None:
    """Later, bar 2's open is a price of the past, and stories of since then were read."""
    kit = made({at_bar(1): BUY})

    kit.cycle(at(1) + timedelta(seconds=late))
    kit.cycle(at(2))
    kit.cycle(at(3))

    assert [fill.filled_at for fill in fills(kit)] == [bar(filled)]


def test_the_regular_decision_that_follows_finds_the_entry_open_and_adds_none() -> None:
    kit = made({ON_S1: BUY, at_bar(2): BUY})

    kit.cycle(INSIDE, story="s1")
    after = kit.cycle(at(2))

    assert after.validated.outcome is Outcome.DENIED
    assert "RULE_009" in after.validated.reason
    kit.cycle(at(3))
    assert len(fills(kit)) == 1


@pytest.mark.parametrize(
    ("story", "as_of", "said"),
    [
        ("nothing", INSIDE, "there is no story 'nothing' of TSLA"),
        ("btc", INSIDE, "story btc is about BTC/USD, and agent_tsla trades TSLA"),
        ("s2", INSIDE, "after 2022-12-28T14:42:00Z: nothing is decided on what was not known"),
        ("s1", at(2), "before the bar in progress, which began at 2022-12-28T14:45:00Z"),
        ("s1", at(4) + SHORT, "before the bar in progress"),
    ],
)
def test_a_story_that_may_not_be_decided_on_is_refused_before_anything_is_written(
    story: str, as_of: datetime, said: str
) -> None:
    kit = made({})

    with pytest.raises(InputError, match=said):
        kit.cycle(as_of, story=story)

    assert decisions(kit) == []
    assert kit.broker().account_time() == DAY_OPENS  # the account was not played


def test_a_second_story_of_a_bar_is_refused_and_the_next_bars_is_not() -> None:
    kit = made({})
    kit.cycle(INSIDE, story="s1")

    with pytest.raises(InputError, match=r"has decided on news:s1 since .*: one story a bar"):
        kit.cycle(bar(2) + 2 * SHORT, story="s2")
    kit.cycle(bar(3) + SHORT, story="s3")

    assert [row.decision.key.slot for row in decisions(kit)] == ["news:s1", "news:s3"]


def test_the_same_story_again_continues_its_decision_whatever_the_time() -> None:
    kit = made({ON_S1: BUY})
    first = kit.cycle(INSIDE, story="s1")

    again = kit.cycle(bar(5) + SHORT, story="s1")

    assert again.observed.resumed
    assert again.observed.snapshot_hash == first.observed.snapshot_hash
    assert len(decisions(kit)) == 1


def test_a_dry_run_on_a_story_claims_nothing() -> None:
    kit = made({ON_S1: BUY})

    kit.cycle(INSIDE, story="s1", dry_run=True)

    assert decisions(kit) == []
    kit.cycle(INSIDE, story="s1")
    assert len(decisions(kit)) == 1
