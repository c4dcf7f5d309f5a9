"""A split on a simulated account: quantities, levels, money and trades, however the bars are kept.

46 TSLA are bought at 100 on the eve, under a stop of 97 and a target of 106; the split is 3:1 unless said.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from tests.fakes.desk import DeskKit, kit_on
from tests.fakes.desk_points import Meanwhile
from tests.fakes.split_days import LATER, MIDNIGHT, after, put_days, split
from tests.fakes.split_store import MemorySplitStore
from tests.unit.trading.builders import (
    fills,
    house,
    position,
)
from tests.unit.trading.floor import DiedError
from tests.unit.trading.split_house import BOUGHT, EVE, bought, rows
from ztrade_core.store.splits import SqlSplitStore
from ztrade_core.trading.portfolio import portfolio_of
from ztrade_core.trading.reconciliation import reconcile


def resting(kit: DeskKit) -> list[tuple[str, Decimal, Decimal | None]]:
    return sorted(
        (o.request.role.value, o.request.quantity, o.request.stop_price or o.request.limit_price)
        for o in kit.broker().open_orders()
    )


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_position_stop_and_target_are_rebased_and_the_gap_triggers_nothing(source: str) -> None:
    """97 / 3 = 32.333..., up to the tick; 106 / 3 = 35.333...: 33.33 at the open is between them."""
    kit = bought((33.33, 33.33), source=source)
    done = kit.cycle(after(1, 1))
    held = position(kit)
    assert held is not None
    assert (held.quantity, held.stop_price, held.target_price) == (
        Decimal(138),
        Decimal("32.34"),
        Decimal("35.34"),
    )
    assert held.average_price == pytest.approx(100.0 / 3.0, rel=1e-15)
    assert (held.cost_usd, held.realised_usd) == (4600.0, 0.0)
    assert kit.broker().positions() == {"TSLA": 138.0}
    assert resting(kit) == [
        ("stop", Decimal(138), Decimal("32.34")),
        ("target", Decimal(138), Decimal("35.34")),
    ]
    assert len(fills(kit)) == 1
    assert "re-based TSLA 3:1: 46 to 138 shares" in done.observed.notes
    seen = done.observed.snapshot.position
    assert seen is not None
    assert (seen.quantity, seen.stop_price, seen.target_price) == (138.0, 32.34, 35.34)


def test_the_record_keeps_what_was_before() -> None:
    kit = bought((33.33,))
    kit.cycle(after(1, 0))
    (row,) = rows(kit)
    assert (row.quantity_before, row.stop_before, row.target_before, row.average_before) == (
        Decimal(46),
        Decimal(97),
        Decimal(106),
        100.0,
    )
    assert (row.quantity_after, row.fraction, row.source) == (Decimal(138), 0.0, "by hand")
    assert len(row.orders) == 2


def test_bars_that_had_the_split_taken_out_from_the_start_are_shown_as_of_the_day() -> None:
    """A vendor that adjusts delivered the eve's 33.33 after the split: then, it was 100."""
    kit = bought((33.33, 33.33), first=(100 / 3,) * 4, source="stub:split", ingested_at=LATER)
    before = position(kit)
    assert before is not None
    assert before.quantity == Decimal(46)
    kit.cycle(after(1, 1))
    held = position(kit)
    assert held is not None
    assert held.quantity == Decimal(138)


def test_bars_of_one_scale_that_do_not_say_so_leave_the_position_alone() -> None:
    kit = bought((100.0, 100.0), source="file")
    kit.cycle(after(1, 1))
    held = position(kit)
    assert held is not None
    assert (held.quantity, held.stop_price) == (Decimal(46), Decimal(97))
    assert rows(kit) == []


def test_without_known_splits_a_desk_rebases_nothing_as_in_a_backtest() -> None:
    kit = bought((100.0, 100.0), None)
    kit.cycle(after(1, 1))
    held = position(kit)
    assert held is not None
    assert held.quantity == Decimal(46)


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_it_happens_once_however_often_one_looks(source: str) -> None:
    kit = bought((33.33, 33.33, 33.33), source=source)
    for number in range(3):
        kit.cycle(after(1, number))
        reconcile(kit.desk(after(1, number)), after(1, number))
    held = position(kit)
    assert held is not None
    assert held.quantity == Decimal(138)
    assert len(rows(kit)) == 1


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_a_split_that_is_learnt_late_is_applied_when_it_is_known(source: str) -> None:
    """The account stood past the ex-date's first moment already, nobody had told of the split."""
    kit = bought((33.33, 33.33), None, source=source)
    kit.broker().advance(kit.desk(MIDNIGHT).market.view(MIDNIGHT), MIDNIGHT)
    known = MemorySplitStore([split()])
    late = DeskKit(
        store=kit.store,
        simulations=kit.simulations,
        bars=kit.bars,
        company=kit.company,
        script=kit.script,
        splits=known,
    )
    late.cycle(after(1, 1))
    held = position(late)
    assert held is not None
    assert (held.quantity, held.stop_price) == (Decimal(138), Decimal("32.34"))


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_killed_between_the_broker_and_our_book_the_book_follows_at_the_next_look(
    source: str,
) -> None:
    kit = bought((33.33, 33.33), source=source)
    moment = after(1, 0)
    kit.broker().advance(kit.desk(moment).market.view(moment), moment)
    assert kit.broker().positions() == {"TSLA": 138.0}
    before = position(kit)
    assert before is not None
    assert before.quantity == Decimal(46)
    report = reconcile(kit.desk(moment), moment)
    assert report.rebased == ("re-based TSLA 3:1: 46 to 138 shares",)
    assert report.clean
    held = position(kit)
    assert held is not None
    assert held.quantity == Decimal(138)


def test_a_run_that_dies_after_its_book_was_rebased_does_it_no_second_time() -> None:
    kit = bought((33.33, 33.33))

    def die() -> None:
        raise DiedError

    dying = DeskKit(
        store=kit.store,
        simulations=kit.simulations,
        bars=kit.bars,
        company=kit.company,
        splits=kit.splits,
        checkpoints=Meanwhile({"observed": die}),
    )
    with pytest.raises(DiedError):
        dying.cycle(after(1, 0))
    kit.cycle(after(1, 1))
    held = position(kit)
    assert held is not None
    assert held.quantity == Decimal(138)
    assert len(rows(kit)) == 1


@pytest.mark.parametrize("source", ["stub:raw", "file"])
def test_a_reverse_split_pays_the_rest_of_a_share_in_cash(source: str) -> None:
    """46 at 1:10 are 4.6: 4 shares stay, 0.6 x 1000 = 600 USD are paid; the cost falls by as much."""
    kit = bought((1000.0, 1000.0), 0.1, source=source)
    cash = kit.broker().cash()
    done = kit.cycle(after(1, 1))
    held = position(kit)
    assert held is not None
    assert (held.quantity, held.stop_price, held.target_price) == (
        Decimal(4),
        Decimal("970.0"),
        Decimal("1060.0"),
    )
    assert held.cost_usd == pytest.approx(4000.0)
    assert kit.broker().cash() - cash == pytest.approx(600.0)
    assert "re-based TSLA 1:10: 46 to 4 shares, 600.00 USD in lieu" in done.observed.notes


def test_a_small_split_is_applied_though_the_bar_that_was_bought_in_closed_half_as_far_away() -> (
    None
):
    """21:20 is 5 %: bought at 100 in a bar that closed at 103, which is shown as 98.10 from then on."""
    kit = bought((103.0 / 1.05,) * 2, 1.05, first=(100.0, 103.0, 103.0, 103.0))
    kit.cycle(after(1, 1))
    assert kit.broker().positions() == {"TSLA": 48.0}
    assert len(rows(kit)) == 1


def test_a_fall_in_the_bar_that_was_bought_in_is_not_taken_for_a_small_split() -> None:
    kit = bought((97.3,) * 2, 1.05, first=(100.0, 97.3, 97.3, 97.3), source="file")
    kit.cycle(after(1, 1))
    assert kit.broker().positions() == {"TSLA": 46.0}
    assert rows(kit) == []


@given(
    ratio=st.sampled_from([2.0, 3.0, 1.5, 20.0, 0.5, 0.1, 1 / 3, 0.04, 1.05]),
    cents=st.integers(9_900, 10_300),
    source=st.sampled_from(["stub:raw", "file"]),
)
def test_equity_and_the_days_base_stay_to_the_cent(ratio: float, cents: int, source: str) -> None:
    """The same bar before and after: what a share lost the count gained, or cash did.

    The base is marked at midnight: bars that step have the price of before there, and the account its shares.
    """
    close = cents / 100
    kit = bought((close / ratio,), ratio, first=(*EVE[:3], close), source=source)
    before = portfolio_of(kit.desk(after(0, 3)), after(0, 3)).book
    kit.cycle(after(1, 0))
    book = portfolio_of(kit.desk(after(1, 0)), after(1, 0)).book
    assert len(rows(kit)) == 1
    assert book.equity is not None
    assert before.equity is not None
    assert book.day_base_equity is not None
    assert abs(book.equity - before.equity) < 0.005
    assert abs(book.day_base_equity - before.equity) < 0.005


def test_on_either_database_it_is_the_same(engine: Engine) -> None:
    splits = SqlSplitStore(engine)
    splits.put([split()])
    kit = kit_on(engine, script=BOUGHT, company=house(), splits=splits)
    put_days(kit, EVE, (33.33, 33.33))
    kit.cycle(after(0, 0))
    kit.cycle(after(0, 3))
    for number in range(2):
        kit.cycle(after(1, number))
    held = position(kit)
    assert held is not None
    assert (held.quantity, held.stop_price) == (Decimal(138), Decimal("32.34"))
    assert kit.broker().positions() == {"TSLA": 138.0}
    assert len(rows(kit)) == 1
