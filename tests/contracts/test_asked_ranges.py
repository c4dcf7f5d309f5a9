"""What vendors were asked and answered: the same in memory, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.asked import MemoryAskedRanges
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.asked import AskedRange, AskedRanges
from ztrade_core.store.asked import SqlAskedRanges
from ztrade_core.store.engine import make_engine

START = datetime(2022, 11, 1, 4, tzinfo=UTC)
ONE = AskedRange(
    symbol="BTC/USD",
    timeframe=Timeframe.H1,
    vendor="alpaca",
    start=START,
    stop=START + timedelta(days=30, microseconds=1),
    rows=720,
    answered_at=START + timedelta(days=40),
)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def asked(request: pytest.FixtureRequest) -> Iterator[AskedRanges]:
    if request.param == "memory":
        yield MemoryAskedRanges()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield SqlAskedRanges(engine)
    engine.dispose()


def test_an_answer_comes_back_as_it_was_given(asked: AskedRanges) -> None:
    assert list(asked.of("BTC/USD", Timeframe.H1, "alpaca")) == []
    asked.record(ONE)
    assert list(asked.of("BTC/USD", Timeframe.H1, "alpaca")) == [ONE]


def test_answers_are_of_one_series_and_vendor_in_order_of_start(asked: AskedRanges) -> None:
    earlier = replace(ONE, start=START - timedelta(days=3))
    others = [
        replace(ONE, vendor="yahoo"),
        replace(ONE, timeframe=Timeframe.M5),
        replace(ONE, symbol="ETH/USD"),
    ]
    for each in (ONE, *others, earlier):
        asked.record(each)
    assert list(asked.of("BTC/USD", Timeframe.H1, "alpaca")) == [earlier, ONE]


def test_the_newer_answer_to_the_same_question_stands(asked: AskedRanges) -> None:
    newer = replace(ONE, rows=0, answered_at=ONE.answered_at + timedelta(days=1))
    asked.record(ONE)
    asked.record(newer)
    assert list(asked.of("BTC/USD", Timeframe.H1, "alpaca")) == [newer]
