"""Who decides in a backtest: recordings repeat, models cost, and the bars a model may know stand apart."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.desk_makers import ScriptedMaker
from tests.fakes.kernels import kernel_folder
from tests.fakes.models import ScriptedModel
from tests.unit.backtest.builders import STOCK, script_of, wide_open
from tests.unit.backtest.stored import NOW, SERIES, TRADING
from ztrade_core.backtest.decided_by import RunOptions
from ztrade_core.backtest.mind_text import mind_lines
from ztrade_core.backtest.overfit import guards_of
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.backtest.tear_sheet import page
from ztrade_core.backtest.tear_sheet_content import Archive, read_sheet
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.budgeted import OVERPRICED, SPENT
from ztrade_core.decision_makers.recorded import NO_ENTRY, Recording
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine

SCRIPT = script_of(SERIES, TRADING, STOCK.agent_id)
ENTRIES = {slot: answer for (_, slot), answer in SCRIPT.items()}
RECORDING = Recording(agent_id=STOCK.agent_id, source="test", entries=ENTRIES)
BARS = len(SERIES)
BenchOf = Callable[..., Bench]


@pytest.fixture
def bench_of(sqlite_url: str) -> Iterator[BenchOf]:
    engine = make_engine(sqlite_url)
    bars = MemoryBarStore()
    bars.upsert([SERIES], source="test", ingested_at=NOW)

    def bench(maker: DecisionMaker, **changes: Any) -> Bench:
        made = Bench(
            company=wide_open(),
            bars=bars,
            backtests=SqlBacktestStore(engine),
            calendar=calendar(),
            clock=SimulatedClock(NOW),
            maker_of=lambda _: maker,
            kernel_folder=kernel_folder(),
            recording_of=lambda _, asked: replace(RECORDING, source=asked),
        )
        return replace(made, **changes)

    yield bench
    engine.dispose()


def run(bench: Bench, **by: Any) -> BacktestResult:
    return run_and_store(
        bench, STOCK.agent_id, "2022-12-27", "2022-12-29", options=RunOptions(**by)
    )


def test_a_recording_leaves_what_its_mind_left_and_tells_its_digest(bench_of: BenchOf) -> None:
    bench = bench_of(ScriptedMaker(SCRIPT))
    first, again = run(bench), run(bench, recorded="ledger")
    assert again.trades == first.trades
    assert len(again.trades) == 6
    assert again.equity == first.equity
    assert again.run.metrics == first.run.metrics
    assert again.run.config["engine"] == "session/1"
    assert again.run.config["recorded"] == {
        "source": "ledger",
        "digest": RECORDING.digest,
        "entries": 6,
        "skipped": 0,
        "answered": 6,
        "in_range": 6,
        "first_without_bar": None,
    }
    assert again.run.config["holds"] == {NO_ENTRY: BARS - 6}
    assert mind_lines(again.run)[1] == "answered: 6 of 36 bars"
    assert "recorded" not in first.run.config
    assert mind_lines(first.run) == []


def test_a_recording_is_the_same_by_the_event_loop(bench_of: BenchOf) -> None:
    compiled = run(bench_of(ScriptedMaker({})), recorded="ledger")
    looped = run(bench_of(ScriptedMaker({}), kernel_folder=None), recorded="ledger")
    assert looped.run.config["engine"] == "event_loop/1"
    assert (looped.trades, looped.equity) == (compiled.trades, compiled.equity)
    assert looped.run.config["holds"] == compiled.run.config["holds"]


def test_a_recording_of_an_agent_that_a_person_decides_for_is_repeated(bench_of: BenchOf) -> None:
    house = wide_open()
    by_hand = replace(
        house, agents=tuple(replace(agent, mode=Mode.MANUAL) for agent in house.agents)
    )
    bench = bench_of(ScriptedMaker({}), company=by_hand)
    done = run(bench, recorded="ledger")
    looped = run(replace(bench, kernel_folder=None), recorded="ledger")
    assert len(done.trades) == 6
    assert (looped.trades, looped.equity) == (done.trades, done.equity)


def tape(*slots: str) -> Callable[..., Recording]:
    """A recording of buys in these slots."""
    buy = next(answer for answer in ENTRIES.values() if answer.action is Action.BUY)
    entries = dict.fromkeys(slots, buy)
    return lambda *_: replace(RECORDING, source="file tape.jsonl", entries=entries)


def test_slots_within_the_days_that_are_no_bar_are_a_warning(bench_of: BenchOf) -> None:
    """A slot of another day is none of the range."""
    slots = ("2022-12-27T14:30:00Z", "2022-12-28T14:31:00Z", "2022-12-29T03:00:00Z")
    bench = bench_of(
        ScriptedMaker({}), recording_of=tape(*slots, "2021-01-05T14:30:00Z", "2023-01-03T14:30:00Z")
    )
    done = run(bench, recorded="tape.jsonl")
    told = done.run.config["recorded"]
    assert isinstance(told, dict)
    assert (told["in_range"], told["answered"], told["entries"]) == (3, 1, 5)
    assert guards_of(done.run, [], bench.backtests).warnings[-1] == (
        "2 of 3 recorded slots within these days, the first of them 2022-12-28T14:31:00Z, are no bar"
        " of the run: what was decided there is not repeated"
    )
    whole = run(bench_of(ScriptedMaker({})), recorded="ledger")
    assert not any(
        "recorded" in each for each in guards_of(whole.run, [], bench.backtests).warnings
    )


def test_a_recording_without_one_slot_that_is_a_bar_is_refused(bench_of: BenchOf) -> None:
    bench = bench_of(ScriptedMaker({}), recording_of=tape("2022-12-28T14:31:00Z"))
    with pytest.raises(
        InputError,
        match=r"file tape.jsonl: none of its 1 slot .* is a bar of TSLA 5m from 2022-12-27 to",
    ):
        run(bench, recorded="tape.jsonl")
    assert bench.backtests.runs() == []


def test_a_recording_of_another_agent_is_refused(bench_of: BenchOf) -> None:
    other = replace(RECORDING, agent_id="agent_btc")
    bench = bench_of(ScriptedMaker({}), recording_of=lambda *_: other)
    with pytest.raises(InputError, match="the recording is agent_btc's, not agent_tsla's"):
        run(bench, recorded="file.jsonl")


def test_a_model_without_a_budget_is_refused_before_it_is_asked(bench_of: BenchOf) -> None:
    model = ScriptedModel(SCRIPT)
    with pytest.raises(InputError, match=r"scripted-model-1, which costs up to 0.05 USD an answer"):
        run(bench_of(model))
    assert model.asked == []


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ({"budget_usd": 1.0}, "which costs nothing: leave the budget out"),
        ({"budget_usd": 1.0, "recorded": "ledger"}, "a recording costs nothing"),
    ],
)
def test_a_budget_is_refused_where_nothing_is_spent(
    bench_of: BenchOf, by: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run(bench_of(ScriptedMaker({})), **by)


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), float("inf")])
def test_a_budget_is_a_number_above_0(bench_of: BenchOf, budget: float) -> None:
    """Whoever decides: that a strategy costs nothing is not what is wrong with it."""
    for maker in (ScriptedModel(SCRIPT), ScriptedMaker(SCRIPT)):
        with pytest.raises(InputError, match="must be a number above 0"):
            run(bench_of(maker), budget_usd=budget)


def test_asking_ends_when_the_rest_does_not_pay_for_the_dearest_answer(bench_of: BenchOf) -> None:
    """0.25 USD at 0.0625 an answer, 0.125 at most: after two the rest is 0.125, after three 0.0625."""
    model = ScriptedModel(SCRIPT, cost_usd=0.0625, most=0.125)
    done = run(bench_of(model), budget_usd=0.25).run
    assert len(model.asked) == 3
    assert done.metrics["model_calls"] == 3
    assert done.metrics["model_cost_usd"] == 0.1875
    assert done.config["holds"] == {SPENT: BARS - 3, "as scripted": 3}
    assert "33 bars were not asked: the rest of the budget did not pay for it" in "\n".join(
        mind_lines(done)
    )


def test_a_model_that_costs_more_than_its_most_is_not_asked_again(bench_of: BenchOf) -> None:
    model = ScriptedModel(SCRIPT, cost_usd=0.5, most=0.125)
    done = run(bench_of(model), budget_usd=100.0).run
    assert done.metrics["model_calls"] == 1
    assert done.metrics["model_cost_usd"] == 0.5
    assert done.config["holds"] == {OVERPRICED: BARS - 1, "as scripted": 1}


@pytest.mark.parametrize("cost", [float("nan"), -0.1])
def test_a_cost_that_is_none_ends_the_run(bench_of: BenchOf, cost: float) -> None:
    with pytest.raises(InputError, match="as the cost of an answer"):
        run(bench_of(ScriptedModel(SCRIPT, cost_usd=cost)), budget_usd=1.0)


def test_a_sleeping_model_costs_only_when_it_wakes(bench_of: BenchOf) -> None:
    house = wide_open()
    wake = WakeConditions(every_bars=12)
    house = replace(house, agents=tuple(replace(agent, wake=wake) for agent in house.agents))
    model = ScriptedModel({})
    done = run(bench_of(model, company=house), budget_usd=1.0).run
    assert done.metrics["model_calls"] == 3
    assert model.asked == [f"2022-12-{day}T14:30:00Z" for day in (27, 28, 29)]
    assert done.config["holds"][wake.reason] == BARS - 3  # type: ignore[index]


def test_nobody_is_asked_twice_where_the_loop_has_to_run(bench_of: BenchOf) -> None:
    """A sell of a part is the loop's; the answers before it are known and paid for."""
    sells = {
        **SCRIPT,
        (STOCK.agent_id, list(ENTRIES)[1]): replace(list(ENTRIES.values())[1], quantity=3.0),
    }
    model = ScriptedModel(sells)
    done = run(bench_of(model), budget_usd=10.0).run
    assert done.config["engine"] == "event_loop/1"
    assert done.config["why_not_compiled"] == "a proposal sells a part of a position"
    assert len(model.asked) == len(set(model.asked)) == BARS
    assert done.metrics["model_calls"] == BARS


def test_bars_up_to_the_training_cutoff_are_contaminated(bench_of: BenchOf) -> None:
    """Twelve bars a day; the cutoff's day itself may be in the training data."""
    model = ScriptedModel(SCRIPT, cutoff=date(2022, 12, 28))
    done = run(bench_of(model), budget_usd=10.0)
    figures = done.run.metrics
    assert (figures["contaminated_bars"], figures["clean_bars"]) == (24, 12)
    before, last = done.equity[23].portfolio_value, done.equity[-1].portfolio_value
    assert figures["clean/total_return"] == last / before - 1.0
    assert figures["clean/total_return"] != figures["total_return"]
    assert done.run.config["model"] == {
        "name": "scripted-model-1",
        "training_cutoff": "2022-12-28",
        "budget_usd": 10.0,
        "unasked": 0,
    }
    assert "contaminated: 24 bars; the 12 clean ones alone: return" in mind_lines(done.run)[2]


def test_a_tear_sheet_splits_off_what_a_model_may_have_known(bench_of: BenchOf) -> None:
    """A strategy's sheet has no such section; one whose bars are all clean has no such table."""
    bench = bench_of(ScriptedModel(SCRIPT, cutoff=date(2022, 12, 28)))
    split = page_of(bench, run(bench, budget_usd=10.0))
    assert "Who decided" in split
    assert "contaminated" in split
    assert "may remember how the market went" in split
    clean = bench_of(ScriptedModel(SCRIPT, cutoff=date(2020, 1, 1)))
    assert "may remember" not in page_of(clean, run(clean, budget_usd=10.0))
    plain = bench_of(ScriptedMaker(SCRIPT))
    assert "Who decided" not in page_of(plain, run(plain))


def page_of(bench: Bench, done: BacktestResult) -> str:
    archive = Archive(
        company=bench.company, bars=bench.bars, backtests=bench.backtests, calendar=bench.calendar
    )
    return page(read_sheet(archive, done.run))


@pytest.mark.parametrize("cutoff", [None, date(2022, 12, 29), date(2030, 1, 1)])
def test_an_unknown_or_late_cutoff_leaves_nothing_clean(
    bench_of: BenchOf, cutoff: date | None
) -> None:
    done = run(bench_of(ScriptedModel(SCRIPT, cutoff=cutoff)), budget_usd=10.0).run
    assert (done.metrics["contaminated_bars"], done.metrics["clean_bars"]) == (BARS, 0)
    assert [
        done.metrics[f"clean/{name}"] for name in ("total_return", "sharpe", "max_drawdown")
    ] == [None] * 3
    assert "no figure is clean" in mind_lines(done)[2]


def test_an_old_cutoff_leaves_all_clean(bench_of: BenchOf) -> None:
    done = run(bench_of(ScriptedModel(SCRIPT, cutoff=date(2021, 1, 1))), budget_usd=10.0).run
    assert (done.metrics["contaminated_bars"], done.metrics["clean_bars"]) == (0, BARS)
    assert done.metrics["clean/total_return"] == done.metrics["total_return"]
    assert done.metrics["clean/max_drawdown"] == done.metrics["max_drawdown"]
