"""Many candidates at once come to what each comes to as a stored run of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk_makers import ScriptedMaker
from tests.golden.small_backtest import COIN, STOCK, series_for
from tests.unit.studies.conftest import NOW
from ztrade_core.backtest.runs import Bench, run_and_store
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.studies import Parameters, Trial
from ztrade_core.errors import ConfigError, InputError, NoDataError
from ztrade_core.studies.evaluation import agent_with, evaluate, load_study_data, window_of

RANGE = ("2022-12-28", "2022-12-29")
STOCKS: list[Parameters] = [
    (("fast", 3.0), ("slow", 8.0)),
    (("fast", 2.0), ("slow", 30.0), ("take_profit_fraction", 0.01)),
    (("fast", 5.0), ("max_daily_trades", 1.0), ("slow", 6.0)),
    (("min_confidence", 1.0),),
    (("position_usd", 900.0), ("stop_loss_fraction", 0.005)),
]
COINS: list[Parameters] = [
    (("period", 20.0),),
    (("entry_z", 0.5), ("period", 5.0)),
    (("exit_z", 0.0), ("max_consecutive_losses", 1.0), ("period", 12.0)),
    (("position_usd", 50.0), ("risk_usd", 1.0), ("take_profit_fraction", 0.005)),
]
CASES = [(STOCK, STOCKS), (COIN, COINS)]


def stored(
    bench: Bench, agent: AgentConfig, parameters: Parameters, asked: tuple[str, str] = RANGE
) -> dict[str, object]:
    """What the database has of a run of its own, over the same range."""
    house = replace(bench.company, agents=(agent_with(agent, parameters),))
    done = run_and_store(replace(bench, company=house), agent.agent_id, *asked)
    kept = bench.backtests.run(done.run.run_id)
    assert kept is not None
    return {**kept.metrics}


def evaluated(
    bench: Bench,
    agent: AgentConfig,
    tried: Sequence[Parameters],
    asked: tuple[str, str] = RANGE,
) -> list[Trial]:
    return evaluate(bench, load_study_data(bench, agent, *asked, tried), tried)


@pytest.mark.parametrize(("agent", "tried"), CASES)
def test_figures_are_those_of_a_stored_run_to_the_last_bit(
    bench: Bench, agent: AgentConfig, tried: list[Parameters]
) -> None:
    trials = evaluated(bench, agent, tried)
    assert [trial.parameters for trial in trials] == tried
    assert [trial.number for trial in trials] == list(range(len(tried)))
    assert not any(trial.why_not_compiled for trial in trials)
    assert sum(int(trial.metrics["trades"] or 0) > 0 for trial in trials) >= 3
    for trial in trials:
        own = stored(bench, agent, trial.parameters)
        assert trial.metrics == own
        assert list(trial.metrics) == list(own)


@pytest.mark.parametrize(("agent", "tried"), CASES)
def test_the_event_loop_comes_to_the_same_and_says_why_it_ran(
    bench: Bench, agent: AgentConfig, tried: list[Parameters]
) -> None:
    looped = evaluated(replace(bench, kernel_folder=None), agent, tried)
    assert {trial.why_not_compiled for trial in looped} == {
        "no folder for compiled kernels is given"
    }
    compiled = evaluated(bench, agent, tried)
    assert [replace(trial, why_not_compiled="") for trial in looped] == compiled


def test_one_candidate_that_only_the_loop_decides_does_not_stop_the_others(bench: Bench) -> None:
    """Of a coin at $4 a position holds 1e11 lots, and not every such number keeps its last one."""
    series = series_for(COIN)
    cheap = {name: getattr(series, name) * 1e-4 for name in ("opens", "highs", "lows", "closes")}
    bars = MemoryBarStore()
    many = replace(series, volumes=series.volumes * 1e6, **cheap)
    bars.upsert([many], source="test", ingested_at=NOW)
    bench = replace(bench, bars=bars)
    often = (("max_consecutive_losses", 50.0), ("max_daily_trades", 50.0), ("period", 8.0))
    tried: list[Parameters] = [
        (("entry_z", 0.5), *often, ("position_usd", 30.0), ("risk_usd", 1.0)),
        (("entry_z", 0.5), *often),
        (("period", 20.0), ("position_usd", 30.0), ("risk_usd", 1.0)),
    ]
    asked = ("2022-12-28T01:40:00Z", "2022-12-29")
    trials = evaluated(bench, COIN, tried, asked)
    assert [trial.why_not_compiled for trial in trials] == [
        "",
        "a position does not lie on the lot's grid",
        "",
    ]
    assert [trial.metrics for trial in trials] == [
        stored(bench, COIN, each, asked) for each in tried
    ]


def test_few_bars_are_played_rather_than_compiled_unless_many_are_tried(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """156 bars, one candidate: fewer than what a kernel is worth."""
    folder = tmp_path_factory.mktemp("none_built")
    asked = replace(bench, kernel_folder=folder, worth_bars=1_000_000)
    assert "played sooner" in evaluated(asked, STOCK, STOCKS[:1])[0].why_not_compiled
    assert not list(folder.iterdir())


def test_progress_is_told_after_each_candidate(bench: Bench) -> None:
    told: list[tuple[int, int]] = []
    data = load_study_data(bench, STOCK, *RANGE, STOCKS)
    evaluate(bench, data, STOCKS, lambda done, total: told.append((done, total)))
    assert told == [(number, 5) for number in range(1, 6)]


def test_a_range_that_begins_later_than_now_is_refused(bench: Bench) -> None:
    late = (bench.clock.now() + timedelta(days=1)).date().isoformat()
    with pytest.raises(InputError, match=f"start {late} lies in the future: it is"):
        load_study_data(bench, STOCK, late, "2099-01-01", STOCKS[:1])


def test_no_candidates_are_no_trials(bench: Bench) -> None:
    assert evaluated(bench, STOCK, []) == []


def test_the_warm_up_is_that_of_the_longest_look_back(bench: Bench) -> None:
    """A crossover of 30 bars looks back 31; the second session alone is decided on."""
    data = load_study_data(bench, STOCK, "2022-12-29", "2022-12-29", STOCKS)
    assert (data.first, len(data.series)) == (31, 31 + 78)


@pytest.mark.parametrize(("agent", "tried", "hour"), [(STOCK, STOCKS, 17), (COIN, COINS, 9)])
def test_a_window_is_a_run_over_that_range(
    bench: Bench, agent: AgentConfig, tried: list[Parameters], hour: int
) -> None:
    """Of 62 minutes: the bar that is not complete by their end is not decided on."""
    begins = datetime(2022, 12, 28, hour, 0, tzinfo=UTC)
    ends = begins + timedelta(minutes=62)
    data = window_of(load_study_data(bench, agent, *RANGE, tried), begins, ends)
    assert len(data.series) - data.first == 12
    for trial in evaluate(bench, data, tried):
        house = replace(bench.company, agents=(agent_with(agent, trial.parameters),))
        own = run_and_store(
            replace(bench, company=house), agent.agent_id, begins.isoformat(), ends.isoformat()
        )
        assert trial.metrics == own.run.metrics


def test_a_window_without_bars_is_said(bench: Bench) -> None:
    data = load_study_data(bench, STOCK, *RANGE, STOCKS)
    night = datetime(2022, 12, 28, 22, 0, tzinfo=UTC)
    with pytest.raises(NoDataError, match="no bars of TSLA"):
        window_of(data, night, night + timedelta(hours=2))


def test_another_mind_has_no_parameters_to_vary(bench: Bench) -> None:
    scripted = replace(bench, maker_of=lambda _: ScriptedMaker({}))
    with pytest.raises(InputError, match="a study varies the parameters of a strategy"):
        load_study_data(scripted, STOCK, *RANGE, STOCKS)


def test_a_candidate_that_cannot_be_is_refused_before_anything_runs(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="fast: 9 must be less than slow"):
        load_study_data(bench, STOCK, *RANGE, [(("fast", 9.0), ("slow", 8.0))])
