"""Models among several agents: asked within one budget, and split at their training cutoffs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.fakes.desk_makers import ScriptedMaker
from tests.fakes.models import ScriptedModel
from tests.unit.backtest.shared_account import (
    COIN_BUY,
    SELL,
    TRADING,
    TSLA,
    calendar,
    house,
    market,
    script,
    shared_bench,
)
from ztrade_core.backtest.decided_by import RunOptions, cutoff_of_recording
from ztrade_core.backtest.mind_text import mind_lines
from ztrade_core.backtest.portfolio_report import AgentPart, agent_parts
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.backtest.tear_sheet import page
from ztrade_core.backtest.tear_sheet_content import Archive, read_sheet
from ztrade_core.decision_makers.budgeted import SPENT
from ztrade_core.decision_makers.recorded import Recording
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.model_config import ModelConfig
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.store.backtests import SqlBacktestStore

SERIES = market()
SCRIPT = script(SERIES, TRADING)


def bench_of(backtests: SqlBacktestStore, models: dict[str, ScriptedModel]) -> Bench:
    """A bench on which some agents are decided by models, the others by a script for nothing."""
    scripted = ScriptedMaker(SCRIPT)

    def maker_of(agent: AgentConfig) -> DecisionMaker:
        return models.get(agent.agent_id, scripted)

    return replace(shared_bench(backtests, SERIES, TRADING), maker_of=maker_of)


def run(
    bench: Bench, agent_ids: Sequence[str] = (), budget_usd: float | None = None
) -> BacktestResult:
    return run_portfolio_and_store(
        bench, agent_ids, "2022-12-28", "2022-12-29", budget_usd=budget_usd
    )


def parts(result: BacktestResult) -> dict[str, AgentPart]:
    return {each.agent_id: each for each in agent_parts(result.run)}


def test_models_without_a_budget_are_refused_before_they_are_asked(
    backtests: SqlBacktestStore,
) -> None:
    model = ScriptedModel(SCRIPT)
    with pytest.raises(
        InputError,
        match=r"agent_tsla by scripted-model-1\), and asking them costs money: name a budget",
    ):
        run(bench_of(backtests, {"agent_tsla": model}))
    assert model.asked == []


def test_a_budget_is_refused_where_no_model_decides(backtests: SqlBacktestStore) -> None:
    with pytest.raises(InputError, match="leave the budget out"):
        run(bench_of(backtests, {}), budget_usd=1.0)


def test_models_share_one_budget(backtests: SqlBacktestStore) -> None:
    """10 answers of 0.125 USD at 0.25 most leave 0.125 of 1.375: the eleventh is not paid for."""
    models = {
        name: ScriptedModel(SCRIPT, cost_usd=0.125, most=0.25)
        for name in ("agent_tsla", "agent_iwm")
    }
    done = run(bench_of(backtests, models), budget_usd=1.375)
    asked = sum(len(model.asked) for model in models.values())
    assert asked == done.run.metrics["model_calls"] == 10
    assert all(model.asked for model in models.values())
    assert done.run.metrics["model_cost_usd"] == 1.25
    holds = {name: dict(part.holds) for name, part in parts(done).items()}
    assert SPENT in holds["agent_tsla"]
    assert SPENT not in holds["agent_btc"]


def test_the_account_is_clean_after_the_latest_cutoff_each_agent_after_its_own(
    backtests: SqlBacktestStore,
) -> None:
    models = {
        "agent_tsla": ScriptedModel(SCRIPT, cutoff=date(2022, 12, 27)),
        "agent_iwm": ScriptedModel(SCRIPT, cutoff=date(2022, 12, 28)),
    }
    done = run(bench_of(backtests, models), budget_usd=100.0)
    assert done.run.config["model"] == {
        "name": "scripted-model-1",
        "training_cutoff": "2022-12-28",
        "budget_usd": 100.0,
        "unasked": 0,
    }
    midnight = datetime(2022, 12, 29, 5, tzinfo=UTC)  # in New York
    known = [point for point in done.equity if point.timestamp <= midnight]
    assert done.run.metrics["contaminated_bars"] == len(known) > 0
    assert done.run.metrics["clean_bars"] == len(done.equity) - len(known) > 0
    found = parts(done)
    assert (found["agent_btc"].is_model, found["agent_btc"].clean_pnl_usd) == (False, None)
    whole = found["agent_tsla"].figures["pnl_usd"]
    assert found["agent_tsla"].clean_pnl_usd == whole  # it began after the cutoff
    iwm = found["agent_iwm"]
    assert iwm.clean_pnl_usd is not None
    assert iwm.clean_pnl_usd != iwm.figures["pnl_usd"]


def test_what_is_clean_and_what_is_not_add_up(backtests: SqlBacktestStore) -> None:
    """The first day's part is what a run that ends with it comes to."""
    model = ScriptedModel(SCRIPT, cutoff=date(2022, 12, 28))
    bench = bench_of(backtests, {"agent_iwm": model})
    both = parts(run(bench, ["agent_iwm"], 100.0))["agent_iwm"]
    first = run_portfolio_and_store(
        bench, ["agent_iwm"], "2022-12-28", "2022-12-28", budget_usd=100.0
    )
    before = parts(first)["agent_iwm"]
    assert before.clean_pnl_usd is None  # nothing comes after the cutoff
    earned = float(both.figures["pnl_usd"] or 0.0) - float(before.figures["pnl_usd"] or 0.0)
    assert both.clean_pnl_usd == pytest.approx(earned, abs=1e-9)


@pytest.mark.parametrize("answers", [{47: COIN_BUY, 60: SELL}, {30: COIN_BUY, 47: SELL}])
def test_what_fills_at_the_first_clean_open_is_clean_with_all_its_costs(
    backtests: SqlBacktestStore, answers: dict[int, Proposal]
) -> None:
    """Coins trade through midnight: bar 47 ends with the cutoff's day, its order fills as bar 48 opens."""
    model = ScriptedModel(script(SERIES, {"agent_btc": answers}), cutoff=date(2022, 12, 28))
    done = run(bench_of(backtests, {"agent_btc": model}), ["agent_btc"], 100.0)
    midnight = datetime(2022, 12, 29, 5, tzinfo=UTC)  # in New York
    marks = [point.portfolio_value for point in done.equity if point.timestamp <= midnight]
    clean = parts(done)["agent_btc"].clean_pnl_usd
    assert clean == pytest.approx(done.equity[-1].portfolio_value - marks[-1], abs=1e-6)


def test_an_unknown_cutoff_leaves_nothing_clean_and_is_told(backtests: SqlBacktestStore) -> None:
    models = {
        "agent_tsla": ScriptedModel(SCRIPT, cutoff=date(2020, 1, 1)),
        "agent_iwm": ScriptedModel(SCRIPT),
    }
    done = run(bench_of(backtests, models), budget_usd=100.0)
    assert done.run.metrics["clean_bars"] == 0
    assert parts(done)["agent_iwm"].clean_pnl_usd is None
    assert any("no figure is clean" in line for line in mind_lines(done.run))
    bars = shared_bench(backtests, SERIES, {}).bars
    archive = Archive(company=house(), bars=bars, backtests=backtests, calendar=calendar())
    assert "after its training cutoff" in page(read_sheet(archive, done.run))


@pytest.mark.parametrize(
    ("makers", "models", "day"),
    [
        (["strategy:sma_crossover/1"], None, None),
        (["manual"], None, None),
        (["automated:m-1/1", "strategy:x/1"], ("m-1",), date(2022, 12, 27)),
        (["automated:m-2/1"], ("m-2",), None),
        (["subagent/1"], ("file",), None),
        (["file"], ("m-1",), date(2022, 12, 27)),
    ],
)
def test_a_recording_of_a_models_answers_knows_what_it_knew(
    makers: list[str], models: tuple[str, ...] | None, day: date | None
) -> None:
    model = ModelConfig(model="m-1", training_cutoff=date(2022, 12, 27))
    agent = replace(TSLA, mode=Mode.AUTOMATED, model=model)
    entries = {
        f"2022-12-28T15:{minute:02}:00Z": Proposal(
            action=Action.HOLD, confidence=0.5, rationale="r", maker=maker
        )
        for minute, maker in enumerate(makers)
    }
    recording = Recording(agent_id=agent.agent_id, source="test", entries=entries)
    found = cutoff_of_recording(recording, agent)
    assert found == (None if models is None else Cutoff(models=models, day=day))


def test_a_sleeping_model_costs_only_when_it_wakes(backtests: SqlBacktestStore) -> None:
    """IWM's 15-minute bars of two sessions are 52: every tenth is asked, six of them, TSLA's all."""
    models = {name: ScriptedModel(SCRIPT) for name in ("agent_tsla", "agent_iwm")}
    bench = bench_of(backtests, models)
    sleepy = tuple(
        replace(each, wake=WakeConditions(every_bars=10)) if each.agent_id == "agent_iwm" else each
        for each in bench.company.agents
    )
    asleep = replace(bench, company=replace(bench.company, agents=sleepy))
    run(asleep, ["agent_tsla", "agent_iwm"], 100.0)
    bars = {each.symbol: each for each in SERIES}
    assert len(models["agent_iwm"].asked) == 6
    assert len(models["agent_tsla"].asked) == 2 * 78
    opened = [iso_z(from_micros(int(stamp))) for stamp in bars["IWM"].timestamps]
    decided = [slot for slot in opened if "2022-12-28" <= slot[:10] <= "2022-12-29"]
    assert models["agent_iwm"].asked == decided[::10]


def test_a_sleeping_agent_alone_is_asked_as_it_is_by_itself(backtests: SqlBacktestStore) -> None:
    """Its fills wake it between every fourth bar; in the company's account as in its own."""
    together, alone = (ScriptedModel(SCRIPT) for _ in range(2))
    wake = WakeConditions(every_bars=4, on_fill=True, on_risk_event=True)

    def sleepy(model: ScriptedModel) -> Bench:
        bench = bench_of(backtests, {"agent_tsla": model})
        agents = tuple(
            replace(each, wake=wake) if each.agent_id == "agent_tsla" else each
            for each in bench.company.agents
        )
        return replace(bench, company=replace(bench.company, agents=agents))

    run(sleepy(together), ["agent_tsla"], 100.0)
    options = RunOptions(budget_usd=100.0)
    run_and_store(sleepy(alone), "agent_tsla", "2022-12-28", "2022-12-29", options=options)
    assert together.asked == alone.asked
    assert len(together.asked) > 2 * 78 // 4
