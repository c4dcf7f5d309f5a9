"""The canary over a store: its range, its moments, how much it compares, and one clear error else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder
from tests.unit.risk.builders import company
from tests.unit.studies.canary_cases import QUICK, REVERTING, bars, canary_input
from ztrade_core.backtest.runs import Bench, run_and_store
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.time import from_micros
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine
from ztrade_core.studies import canary_moments as moments
from ztrade_core.studies.canary import WINDOW_BARS, Effort, check_stored, look_for_peeking

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
AGENT = REVERTING.agent_id


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    engine = make_engine(sqlite_url)
    store = MemoryBarStore()
    store.upsert([bars()], source="test", ingested_at=NOW)
    yield Bench(
        company=company(REVERTING),
        bars=store,
        backtests=SqlBacktestStore(engine),
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: StrategyMaker(),
        kernel_folder=kernel_folder(),
    )
    engine.dispose()


def test_every_stored_bar_is_looked_at_in_both_engines(bench: Bench) -> None:
    report = check_stored(bench, AGENT, effort=QUICK)
    assert report.passed, report.line()
    assert (report.begins, report.why_not_compiled) == (bars_begin(), "")
    named = [each for each in report.moments if each.name != moments.AT_RANDOM]
    assert {each.name for each in named} == {
        moments.AFTER_ENTRY,
        moments.IN_POSITION,
        moments.LAST_OF_SESSION,
        moments.FIRST_THIRD,
        moments.BEFORE_END,
    }
    assert [each.at for each in report.moments] == sorted(each.at for each in report.moments)
    assert report.kernel.runs == 2 * len(report.moments)
    assert report.kernel.bars == 2 * sum(each.index + 1 for each in report.moments)
    assert (report.loop.runs, report.loop.bars) == (2 * len(named), 2 * 10 * len(named))
    assert report.kernel.fills > 0
    assert "does not look ahead" in report.line()


def bars_begin() -> datetime:
    return from_micros(int(bars().timestamps[0]))


def test_the_usual_range_is_that_of_the_newest_run(bench: Bench) -> None:
    run_and_store(bench, AGENT, "2022-12-14", "2022-12-14")
    report = check_stored(bench, AGENT, effort=QUICK)
    assert report.begins == datetime(2022, 12, 14, 14, 30, tzinfo=UTC)
    assert report.ends == datetime(2022, 12, 14, 21, 0, tzinfo=UTC)
    asked = check_stored(bench, AGENT, ("2022-12-15", "2022-12-15"), effort=QUICK)
    assert asked.begins == datetime(2022, 12, 15, 14, 30, tzinfo=UTC)


def test_the_whole_range_is_played_in_the_loop_when_asked_for(bench: Bench) -> None:
    effort = Effort(window_bars=None, drawn=0)
    report = check_stored(bench, AGENT, ("2022-12-14", "2022-12-14"), effort=effort)
    assert report.passed, report.line()
    last = max(report.moments, key=lambda each: each.index)
    assert last.name == moments.BEFORE_END
    assert report.loop.bars == report.kernel.bars  # without moments at random: the same stretches


def test_one_bar_is_enough(bench: Bench) -> None:
    asked = ("2022-12-14T14:30:00Z", "2022-12-14T14:35:00Z")
    report = check_stored(bench, AGENT, asked, effort=QUICK)
    assert report.passed, report.line()
    assert len(report.moments) == 1
    assert report.loop.decisions == 2


def test_without_a_kernel_positions_are_looked_for_in_the_loop() -> None:
    report = look_for_peeking(canary_input(), effort=QUICK)
    assert report.passed, report.line()
    assert report.kernel.runs == 0
    assert moments.AFTER_ENTRY in {each.name for each in report.moments}
    assert moments.AT_RANDOM not in {each.name for each in report.moments}


def test_the_bounded_window_is_told(bench: Bench) -> None:
    report = check_stored(bench, AGENT, ("2022-12-14", "2022-12-14"), effort=replace(QUICK))
    assert report.window_bars == QUICK.window_bars != WINDOW_BARS


def test_bad_requests_are_one_clear_error(bench: Bench) -> None:
    with pytest.raises(InputError, match=r"no agent 'agent_spy'.*agent_tsla"):
        check_stored(bench, "agent_spy")
    with pytest.raises(InputError, match="is not before end"):
        check_stored(bench, AGENT, ("2022-12-15", "2022-12-14"))
    with pytest.raises(NoDataError, match="the store has 2022-12-12"):
        check_stored(bench, AGENT, ("2022-11-15", "2022-11-16"))
    empty = replace(bench, bars=MemoryBarStore())
    with pytest.raises(NoDataError, match="ztrade data import"):
        check_stored(empty, AGENT)
