"""Retention and compaction, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.store_rooms import everything, write_everything
from tests.fakes.store_rows import NOON, minutes, position, series
from tests.unit.risk.builders import TSLA, company
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.backtests import BacktestRun, EquityPoint
from ztrade_core.domain.configuration import RetentionConfig
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import StoreError
from ztrade_core.market_data.admission import BARS_BEFORE
from ztrade_core.market_data.retention import (
    RetentionPlan,
    RetentionTools,
    apply_retention,
    plan_retention,
)
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.migrations import require_current
from ztrade_core.store.retention import SqlRetention, compact
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.store.tables.simulation import SIMULATED_ACCOUNTS

BARS = 20_000
LAST = BARS - 1
MUCH_LATER = NOON + timedelta(days=1000)
POLICY = RetentionConfig(bars=((Timeframe.M5, 90),), backtest_curves=90)
FREE_SYMBOL = "NVDA"  # no agent's


@pytest.fixture
def tools(engine: Engine) -> RetentionTools:
    return RetentionTools(
        bars=SqlBarStore(engine),
        retention=SqlRetention(engine),
        calendar=ExchangeSessions(),
        clock=SimulatedClock(MUCH_LATER),
        company=company(correlation_returns=10),
        lookback_of=lambda _agent: 50,
    )


def put(engine: Engine, count: int, symbol: str = FREE_SYMBOL) -> None:
    made = [series(count, symbol=symbol)]
    SqlBarStore(engine).upsert(made, source="file", ingested_at=NOON)


def opened(index: int) -> datetime:
    return minutes(5 * index)


def apply(tools: RetentionTools, plan: RetentionPlan, chunk: int = 7000) -> list[tuple[str, int]]:
    return list(apply_retention(tools, plan, chunk=chunk))


def held(engine: Engine, symbol: str = FREE_SYMBOL) -> list[datetime]:
    found = [one for one in SqlBarStore(engine).status() if one.symbol == symbol]
    return [found[0].first_open, found[0].last_open] if found else []


def test_what_goes_is_told_first_and_then_is_what_goes(
    engine: Engine, tools: RetentionTools
) -> None:
    put(engine, BARS)
    plan = plan_retention(tools, POLICY)
    kept = BARS_BEFORE[Timeframe.M5] + 1
    (told,) = plan.bars
    assert (told.rows, told.of_rows) == (BARS - kept, BARS)
    assert told.before == opened(BARS - kept)
    assert "1,700 bars are looked at" in told.kept_for
    assert f"{BARS - kept:,} of {BARS:,} bars" in told.said
    assert held(engine) == [NOON, opened(LAST)]
    assert apply(tools, plan) == [("NVDA 5m", 7000), ("NVDA 5m", 7000), ("NVDA 5m", 4299)]
    assert held(engine) == [opened(BARS - kept), opened(LAST)]
    assert SqlBarStore(engine).status()[0].rows == kept
    assert plan_retention(tools, POLICY).is_empty


def test_only_what_is_old_goes(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS)
    ninety_days_on = replace(tools, clock=SimulatedClock(opened(1000) + timedelta(days=90)))
    plan = plan_retention(ninety_days_on, POLICY)
    assert [(one.rows, one.before, one.kept_for) for one in plan.bars] == [(1000, opened(1000), "")]
    apply(ninety_days_on, plan)
    assert held(engine) == [opened(1000), opened(LAST)]


def test_a_timeframe_that_is_not_named_is_kept(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS)
    plan = plan_retention(tools, RetentionConfig(bars=((Timeframe.M1, 1),)))
    assert plan.bars == ()
    assert plan.is_empty
    assert apply(tools, plan) == []
    assert held(engine) == [NOON, opened(LAST)]


def test_a_run_that_broke_off_is_run_again(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS)
    broken = apply_retention(tools, plan_retention(tools, POLICY), chunk=1000)
    assert next(broken) == ("NVDA 5m", 1000)
    broken.close()
    assert held(engine) == [opened(1000), opened(LAST)]
    apply(tools, plan_retention(tools, POLICY))
    assert SqlBarStore(engine).status()[0].rows == BARS_BEFORE[Timeframe.M5] + 1


def test_what_an_open_position_needs_stays(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS, "TSLA")
    with SqlStore(engine).locked() as unit:
        unit.positions.put(position(opened_at=opened(5000), timeframe=Timeframe.M5))
    (told,) = plan_retention(tools, POLICY).bars
    assert told.before == opened(4950)  # 50 bars of look-back before the entry
    assert told.kept_for == "the position of agent_tsla in the account rehearsal"
    apply(tools, plan_retention(tools, POLICY))
    assert held(engine, "TSLA") == [opened(4950), opened(LAST)]


def test_a_position_that_came_after_the_plan_is_seen(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS, "TSLA")
    plan = plan_retention(tools, POLICY)
    with SqlStore(engine).locked() as unit:
        unit.positions.put(position(opened_at=opened(100), timeframe=Timeframe.M5))
    apply(tools, plan)
    assert held(engine, "TSLA") == [opened(50), opened(LAST)]


def test_a_position_of_a_former_epoch_is_history(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS, "TSLA")
    with SqlStore(engine).locked() as unit:
        unit.positions.put(position(opened_at=opened(5000), timeframe=Timeframe.M5))
    with engine.begin() as connection:
        account = {"account": "rehearsal", "account_epoch": 2, "initial_cash": 1.0, "cash": 1.0}
        connection.execute(
            SIMULATED_ACCOUNTS.insert(), account | {"opened_at": NOON, "advanced_to": NOON}
        )
    assert tools.retention.needs() == []


def test_an_agent_s_look_back_and_correlations_stay(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS, TSLA.symbol)
    deep = replace(tools, lookback_of=lambda _agent: 19_500)
    (told,) = plan_retention(deep, POLICY).bars
    assert told.before == opened(LAST - 19_500)
    (told,) = plan_retention(tools, POLICY).bars
    assert "correlation rule reads 10 sessions" in told.kept_for
    assert told.before < opened(LAST) - timedelta(days=15)


def run(run_id: str, created_at: datetime) -> BacktestRun:
    return BacktestRun(
        run_id=run_id,
        agent_id="agent_tsla",
        start=NOON,
        end=minutes(9),
        metrics={"trades": 1},
        config={},
        status="finished",
        created_at=created_at,
    )


def test_old_equity_curves_go_and_their_runs_stay(engine: Engine, tools: RetentionTools) -> None:
    backtests = SqlBacktestStore(engine)
    points = [
        EquityPoint(timestamp=minutes(n), portfolio_value=1.0, cash_balance=1.0) for n in range(9)
    ]
    for number in range(30):
        backtests.save(run(f"old{number}", NOON), [], points)
    backtests.save(run("new", MUCH_LATER), [], points)
    plan = plan_retention(tools, POLICY)
    assert (plan.curves.runs, plan.curves.points) == (30, 270)
    assert apply(tools, plan) == [("backtest curves", 180), ("backtest curves", 90)]
    assert len(backtests.runs()) == 31
    assert backtests.equity("old7") == []
    assert backtests.equity("new") == points


def test_nothing_else_is_ever_touched(engine: Engine, tools: RetentionTools) -> None:
    with SqlStore(engine).locked() as unit:
        write_everything(unit, 1)
        before = everything(unit)
    put(engine, BARS)
    apply(tools, plan_retention(tools, POLICY))
    compact(engine)
    with SqlStore(engine).locked() as unit:
        assert everything(unit) == before


def test_compaction_gives_space_back_and_counts_anew(engine: Engine, tools: RetentionTools) -> None:
    put(engine, BARS)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM bar_counts"))
    assert SqlBarStore(engine).status() == []
    compact(engine)
    assert SqlBarStore(engine).status()[0].rows == BARS
    apply(tools, plan_retention(tools, POLICY))
    before, after = compact(engine, full=True)
    assert after < before
    assert held(engine) == [opened(BARS - BARS_BEFORE[Timeframe.M5] - 1), opened(LAST)]
    require_current(engine)


def test_compaction_beside_a_writer_says_what_to_do(sqlite_url: str) -> None:
    engine, other = (make_engine(sqlite_url, patience_seconds=0.1) for _ in range(2))
    with other.begin() as connection:
        connection.execute(sa.text("DELETE FROM bar_counts"))
        with pytest.raises(StoreError, match="another process held the database too long"):
            compact(engine)
    engine.dispose()
    other.dispose()
