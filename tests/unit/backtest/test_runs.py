"""A backtest as a user asks for it: ranges, warm-up, what is stored, and one clear error else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import bar, calendar
from tests.fakes.desk_makers import ScriptedMaker, proposal
from tests.unit.backtest.builders import STOCK, bars_of, script_of, wide_open
from ztrade_core.backtest.ranges import parse_range
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
DAYS = [datetime(2022, 12, day, 14, 30, tzinfo=UTC) for day in (27, 28, 29)]
BARS_A_DAY = 6
OPENED = [day + timedelta(minutes=5 * number) for day in DAYS for number in range(BARS_A_DAY)]
SERIES = bars_of([(100.0, 102.0, 99.0, 100.0 + n / 10) for n in range(18)], opened=OPENED)
BenchOf = Callable[[Mapping[int, Proposal]], Bench]
BUY, SELL = proposal("buy", quantity=10.0), proposal("sell")


@pytest.fixture
def bench_of(sqlite_url: str) -> Iterator[BenchOf]:
    engine = make_engine(sqlite_url)
    bars = MemoryBarStore()
    bars.upsert([SERIES], source="test", ingested_at=NOW)

    def bench(answers: Mapping[int, Proposal]) -> Bench:
        script = script_of(SERIES, answers, STOCK.agent_id)
        return Bench(
            company=wide_open(),
            bars=bars,
            backtests=SqlBacktestStore(engine),
            calendar=calendar(),
            clock=SimulatedClock(NOW),
            maker_of=lambda _: ScriptedMaker(script),
        )

    yield bench
    engine.dispose()


def run(bench: Bench, start: str = "2022-12-28", end: str = "2022-12-29") -> BacktestResult:
    return run_and_store(bench, "agent_tsla", start, end)


def test_days_are_new_york_days_and_the_last_one_is_included() -> None:
    assert parse_range("2022-03-13", "2022-03-13") == (
        datetime(2022, 3, 13, 5, 0, tzinfo=UTC),  # summer time begins at 02:00 that day
        datetime(2022, 3, 14, 4, 0, tzinfo=UTC),
    )


def test_an_instant_with_an_offset_is_taken_as_it_is() -> None:
    start, end = parse_range("2022-12-28T15:00:00Z", "2022-12-28T16:00:00-05:00")
    assert start == datetime(2022, 12, 28, 15, 0, tzinfo=UTC)
    assert end == datetime(2022, 12, 28, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2022-12-29", "2022-12-28", "start 2022-12-29 is not before end 2022-12-28"),
        ("2022-12-28T15:00:00Z", "2022-12-28T15:00:00Z", "is not before"),
        ("yesterday", "2022-12-28", "start 'yesterday': write a day"),
        ("2022-12-28", "2022-12-32", "end '2022-12-32': write a day"),
        ("2022-12-28T15:00:00", "2022-12-29", "with an offset"),
        ("2022-12-28", "9999-12-31", "outside every calendar"),
    ],
)
def test_a_bad_range_ends_in_one_clear_error(start: str, end: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_range(start, end)


def test_an_unknown_agent_is_named_with_those_there_are(bench_of: BenchOf) -> None:
    with pytest.raises(InputError, match=r"no agent 'agent_spy'.*agent_tsla, agent_btc"):
        run_and_store(bench_of({}), "agent_spy", "2022-12-28", "2022-12-29")


def test_a_range_without_bars_says_what_there_is(bench_of: BenchOf) -> None:
    with pytest.raises(NoDataError, match="the store has 2022-12-27T14:30:00Z to 2022-12-29"):
        run(bench_of({}), "2022-12-01", "2022-12-02")


def test_a_symbol_without_any_bar_says_how_to_bring_some(bench_of: BenchOf) -> None:
    with pytest.raises(NoDataError, match="ztrade data import"):
        run_and_store(bench_of({}), "agent_btc", "2022-12-28", "2022-12-29")


def test_bars_before_the_start_warm_up_and_are_not_traded(bench_of: BenchOf) -> None:
    bench = bench_of(dict.fromkeys(range(18), BUY))
    result = run(bench)
    assert result.equity[0].timestamp == bar(0) + timedelta(minutes=5)
    assert len(result.equity) == 12
    assert result.trades[0].timestamp == bar(1)
    assert result.run.metrics["bars"] == 12
    assert result.run.config["data"]["first_bar"] == "2022-12-28T14:30:00Z"  # type: ignore[index]


def test_the_first_decision_sees_the_warm_up(bench_of: BenchOf) -> None:
    seen: list[int] = []

    class Looking(ScriptedMaker):
        @override
        def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
            seen.append(len(snapshot.bars))
            return super().propose(snapshot, agent)

    run(replace(bench_of({}), maker_of=lambda _: Looking({})))
    assert seen == [3] * 12  # the scripted mind looks back three bars


def test_an_open_position_at_the_end_is_marked_and_is_no_trade(bench_of: BenchOf) -> None:
    result = run(bench_of({6: BUY}))
    assert [fill.action for fill in result.trades] == ["buy"]
    assert result.run.metrics["trades"] == 0
    last = result.equity[-1]
    assert last.portfolio_value - last.cash_balance == pytest.approx(10.0 * 101.7, rel=1e-12)


def test_what_was_run_is_stored_whole(bench_of: BenchOf) -> None:
    bench = bench_of({6: BUY, 8: SELL})
    result = run(bench)
    stored = bench.backtests.run(result.run.run_id)
    assert stored == result.run
    assert bench.backtests.trades(result.run.run_id) == result.trades
    assert bench.backtests.equity(result.run.run_id) == result.equity


def test_the_same_request_at_the_same_moment_is_the_same_run(bench_of: BenchOf) -> None:
    bench = bench_of({6: BUY, 8: SELL})
    first, second = run(bench), run(bench)
    assert first == second
    assert len(bench.backtests.runs()) == 1


def test_bars_after_the_end_change_nothing(bench_of: BenchOf) -> None:
    bench = bench_of({6: BUY, 8: SELL, 12: BUY})
    short, whole = run(bench, end="2022-12-28"), run(bench)
    assert whole.trades[: len(short.trades)] == short.trades
    assert whole.equity[: len(short.equity)] == short.equity


def test_progress_is_told_for_every_bar(bench_of: BenchOf) -> None:
    told: list[tuple[int, int]] = []
    run_and_store(
        bench_of({}),
        "agent_tsla",
        "2022-12-29",
        "2022-12-29",
        lambda done, of: told.append((done, of)),
    )
    assert told == [(number, 6) for number in range(1, 7)]


def test_bars_that_the_calendar_expects_and_the_store_lacks_are_counted(bench_of: BenchOf) -> None:
    """Six of 78 bars of the 28th, six of the 29th: 72 are missing in between, in one gap."""
    found = run(bench_of({}))
    data = found.run.config["data"]
    assert isinstance(data, dict)
    assert (data["missing_bars"], data["longest_gap_bars"]) == (72, 72)
    assert data["longest_gap"] == ["2022-12-28T15:00:00Z", "2022-12-28T20:55:00Z"]
    assert found.run.metrics["missing_bars"] == 72
    whole = run(bench_of({}), "2022-12-28", "2022-12-28")
    assert whole.run.metrics["missing_bars"] == 0


def test_an_end_that_no_calendar_reaches_is_the_present(bench_of: BenchOf) -> None:
    found = run(bench_of({}), "2022-12-28", "2099-12-30")
    assert found.run.end == NOW
    assert len(found.equity) == 12
