"""Splits that are known: the same in memory, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.fakes.split_store import MemorySplitStore
from ztrade_core.domain.splits import Split
from ztrade_core.errors import UnsoundDataError
from ztrade_core.store.engine import make_engine
from ztrade_core.store.splits import SqlSplitStore

Splits = MemorySplitStore | SqlSplitStore
TSLA = Split(symbol="TSLA", ex_date=date(2022, 8, 25), ratio=3.0, source="alpaca")
EARLIER = Split(symbol="TSLA", ex_date=date(2020, 8, 31), ratio=5.0, source="by hand: wiki")
REVERSE = Split(symbol="GE", ex_date=date(2021, 8, 2), ratio=0.125, source="yahoo")
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def splits(request: pytest.FixtureRequest) -> Iterator[Splits]:
    if request.param == "memory":
        yield MemorySplitStore()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlSplitStore(engine)
    engine.dispose()


def test_splits_come_back_as_they_were_told_oldest_first(splits: Splits) -> None:
    assert splits.of("TSLA") == ()
    assert splits.put([TSLA, REVERSE, EARLIER]) == 3
    assert splits.of("TSLA") == (EARLIER, TSLA)
    assert splits.of("GE") == (REVERSE,)
    assert splits.symbols() == ("GE", "TSLA")


def test_the_ex_date_itself_counts_as_known_until_then(splits: Splits) -> None:
    splits.put([TSLA, EARLIER])
    assert splits.of("TSLA", until=date(2022, 8, 24)) == (EARLIER,)
    assert splits.of("TSLA", until=date(2022, 8, 25)) == (EARLIER, TSLA)
    assert splits.of("TSLA", until=date(2020, 8, 30)) == ()


def test_a_ratio_keeps_every_bit(splits: Splits) -> None:
    odd = replace(TSLA, ratio=1.0 / 3.0)
    splits.put([odd])
    assert splits.of("TSLA") == (odd,)


def test_a_second_telling_changes_nothing_and_the_first_source_stands(splits: Splits) -> None:
    assert splits.put([TSLA]) == 1
    assert splits.put([replace(TSLA, source="yahoo")]) == 0
    assert splits.of("TSLA") == (TSLA,)


def test_another_ratio_for_the_day_is_refused_and_nothing_of_it_is_kept(splits: Splits) -> None:
    splits.put([TSLA])
    with pytest.raises(UnsoundDataError, match=r"TSLA 2022-08-25: yahoo tells 5 .* 3 are kept"):
        splits.put([EARLIER, replace(TSLA, ratio=5.0, source="yahoo")])
    assert splits.of("TSLA") == (TSLA,)


def test_a_removed_split_is_forgotten_and_may_be_told_anew(splits: Splits) -> None:
    splits.put([TSLA, EARLIER])
    assert splits.remove("TSLA", TSLA.ex_date) is True
    assert splits.remove("TSLA", TSLA.ex_date) is False
    assert splits.of("TSLA") == (EARLIER,)
    assert splits.put([replace(TSLA, ratio=4.0)]) == 1


def test_the_last_answer_of_a_vendor_is_remembered(splits: Splits) -> None:
    assert splits.answered_at("TSLA") is None
    splits.note_answer("TSLA", "alpaca", NOON)
    splits.note_answer("TSLA", "yahoo", NOON + timedelta(days=1))
    splits.note_answer("GE", "alpaca", NOON)
    assert splits.answered_at("TSLA") == NOON + timedelta(days=1)
    assert splits.answered_at("GE") == NOON
