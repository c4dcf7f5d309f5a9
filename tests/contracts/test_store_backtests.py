"""Backtests, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.store_rows import NOON, minutes
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.errors import InputError, StoreError
from ztrade_core.store.backtests import SqlBacktestStore

TRADES = [
    BacktestFill(
        timestamp=minutes(1), action="buy", symbol="TSLA", quantity=2 / 3, price=109.1, pnl=None
    ),
    BacktestFill(
        timestamp=minutes(1), action="sell", symbol="TSLA", quantity=2 / 3, price=105.8, pnl=-0.0
    ),
]
EQUITY = [
    EquityPoint(timestamp=minutes(n), portfolio_value=10_000.0 + n / 3, cash_balance=0.1 + 0.2)
    for n in range(1000)
]


@pytest.fixture
def backtests(engine: Engine) -> SqlBacktestStore:
    return SqlBacktestStore(engine)


def run(run_id: str = "abc1", minute: float = 0, agent_id: str = "agent_tsla") -> BacktestRun:
    return BacktestRun(
        run_id=run_id,
        agent_id=agent_id,
        start=NOON,
        end=minutes(99),
        metrics={"sharpe": 1 / 3, "trades": 2, "calmar": None, "source": "ours"},
        config={"agent": {"symbol": "TSLA"}, "fees": [1.5, 2]},
        status="finished",
        created_at=minutes(minute),
    )


def test_a_run_comes_back_whole(backtests: SqlBacktestStore) -> None:
    backtests.save(run(), TRADES, EQUITY)
    assert backtests.run("abc1") == run()
    assert backtests.trades("abc1") == TRADES
    assert backtests.equity("abc1") == EQUITY


def test_the_same_run_is_replaced(backtests: SqlBacktestStore) -> None:
    backtests.save(run(), TRADES, EQUITY)
    backtests.save(replace(run(), status="failed: storm"), TRADES[:1], [])
    assert backtests.runs() == [replace(run(), status="failed: storm")]
    assert backtests.trades("abc1") == TRADES[:1]
    assert backtests.equity("abc1") == []


def test_runs_come_newest_first(backtests: SqlBacktestStore) -> None:
    for one in (run("a", 1), run("b", 3), run("c", 2, "agent_btc")):
        backtests.save(one, [], [])
    assert [one.run_id for one in backtests.runs()] == ["b", "c", "a"]
    assert [one.run_id for one in backtests.runs(limit=1)] == ["b"]
    assert [one.run_id for one in backtests.runs("agent_btc")] == ["c"]


def test_a_run_is_found_by_an_unambiguous_beginning(backtests: SqlBacktestStore) -> None:
    for run_id in ("abc", "abcd", "abx_", "abxy"):
        backtests.save(run(run_id), [], [])
    found = {key: backtests.run(key) for key in ("abc", "abcd", "abx_", "zzz", "AB")}
    assert {key: one and one.run_id for key, one in found.items()} == {
        "abc": "abc",
        "abcd": "abcd",
        "abx_": "abx_",
        "zzz": None,
        "AB": None,
    }
    with pytest.raises(InputError, match="ambiguous"):
        backtests.run("ab")


def test_a_run_with_nan_is_refused_whole(backtests: SqlBacktestStore) -> None:
    bad = EquityPoint(timestamp=NOON, portfolio_value=float("nan"), cash_balance=0.0)
    with pytest.raises(StoreError, match=r"portfolio_value at .* is NaN"):
        backtests.save(run(), TRADES, [*EQUITY, bad])
    assert backtests.runs() == []


def test_trials_are_the_agents_finished_runs_that_overlap(backtests: SqlBacktestStore) -> None:
    """Half open at both ends: a run that ends where the range begins does not overlap it."""
    times = {
        "whole": (NOON, minutes(99)),
        "within": (minutes(10), minutes(20)),
        "around": (minutes(-10), minutes(200)),
        "before": (minutes(-10), NOON),
        "after": (minutes(99), minutes(100)),
        "last": (minutes(98), minutes(300)),
    }
    for number, (name, (start, end)) in enumerate(times.items()):
        made = replace(run(name, number), start=start, end=end, metrics={"name": name})
        backtests.save(made, [], [])
    backtests.save(replace(run("failed"), status="failed: storm"), [], [])
    backtests.save(run("theirs", agent_id="agent_btc"), [], [])
    found = backtests.trials("agent_tsla", NOON, minutes(99))
    assert [metrics["name"] for metrics in found] == ["whole", "within", "around", "last"]
    assert backtests.trials("agent_iwm", NOON, minutes(99)) == []
