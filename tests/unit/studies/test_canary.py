"""The canary over a store: its range, its moments, how much it compares, and one clear error else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.models import ScriptedModel
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
from ztrade_core.studies.canary_subject import why_not_judged

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
    named = report.named
    assert 0 < report.drawn <= QUICK.drawn
    assert {each.name for each in named} == {
        moments.AFTER_ENTRY,
        moments.IN_POSITION,
        moments.LAST_OF_SESSION,
        moments.FIRST_THIRD,
        moments.BEFORE_END,
    }
    assert [each.at for each in report.moments] == sorted(each.at for each in report.moments)
    assert report.kernel.moments == len(report.moments)
    assert report.kernel.runs == 2 * len(named) + report.drawn
    bars = sum((1 if each.is_drawn else 2) * (each.index + 1) for each in report.moments)
    assert report.kernel.bars == bars
    assert (report.loop.runs, report.loop.bars) == (3 * len(named), 3 * 10 * len(named))
    assert report.loop.moments == len(named)
    assert report.kernel.fills > 0
    assert (
        f"does not look ahead at {len(report.moments)} moments in the compiled kernel and"
        f" {len(named)} moments in the event loop"
    ) in report.line()


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
    assert 2 * report.loop.bars == 3 * report.kernel.bars  # without moments at random: once more


def test_one_bar_is_enough(bench: Bench) -> None:
    asked = ("2022-12-14T14:30:00Z", "2022-12-14T14:35:00Z")
    report = check_stored(bench, AGENT, asked, effort=QUICK)
    assert report.passed, report.line()
    assert len(report.moments) == 1
    assert report.loop.decisions == 3


def test_without_a_kernel_positions_are_looked_for_in_the_loop() -> None:
    report = look_for_peeking(canary_input(), effort=QUICK)
    assert report.passed, report.line()
    assert report.kernel.runs == 0
    assert moments.AFTER_ENTRY in {each.name for each in report.moments}
    assert moments.AT_RANDOM not in {each.name for each in report.moments}


def test_the_bounded_window_is_told(bench: Bench) -> None:
    report = check_stored(bench, AGENT, ("2022-12-14", "2022-12-14"), effort=replace(QUICK))
    assert report.window_bars == QUICK.window_bars != WINDOW_BARS


@pytest.mark.parametrize(("affordable", "drawn"), [(0, 0), (600, 3), (10**9, 50)])
def test_no_more_moments_are_drawn_than_bars_may_be_played(affordable: int, drawn: int) -> None:
    """390 bars, 20 of them warm-up: a run up to a moment is 185 bars long on average."""
    effort = replace(QUICK, drawn=50, drawn_bars=affordable)
    given = canary_input(kernel_folder=kernel_folder(), kernel=whole_kernel())
    report = look_for_peeking(given, effort=effort)
    assert drawn - 12 <= report.drawn <= drawn  # a bar drawn twice, or named, is one moment


def test_a_model_is_not_asked(bench: Bench) -> None:
    """Not one snapshot reaches it."""
    model = ScriptedModel({})
    modelled = replace(bench, maker_of=lambda _: model)
    with pytest.raises(InputError, match=r"agent_tsla is decided by the model .* without a budget"):
        check_stored(modelled, AGENT)
    with pytest.raises(InputError, match="without a budget"):
        look_for_peeking(canary_input(mind_of=lambda _: model), effort=QUICK)
    assert model.asked == []
    assert "a canary does not ask" in why_not_judged(modelled, AGENT)


def test_a_run_of_another_mind_is_not_judged(bench: Bench) -> None:
    """Nothing is held against the strategy that is configured."""
    assert why_not_judged(bench, AGENT) == ""
    run = run_and_store(bench, AGENT, "2022-12-14", "2022-12-14").run
    assert why_not_judged(bench, AGENT) == ""
    told = {
        "repeated a recording (tape.jsonl)": {"recorded": {"source": "tape.jsonl"}},
        "was decided by the model m/1": {"model": {"name": "m/1"}},
        "was decided by buy_and_hold": {"agent": {"strategy": {"name": "buy_and_hold"}}},
    }
    for number, (said, config) in enumerate(told.items(), start=1):
        newer = replace(
            run,
            run_id=f"bt-{number}",
            config={**run.config, **config},
            created_at=run.created_at + timedelta(minutes=number),
        )
        bench.backtests.save(newer, [], [])
        assert why_not_judged(bench, AGENT).startswith(f"not judged: the run bt-{number} {said}")


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
