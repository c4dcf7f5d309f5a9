"""Backtests of several minds: the rows of a rehearsal, bar by bar, and what models among them cost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import SESSION_BARS, STEP, at, bar, calendar, kit_in_memory
from tests.fakes.desk_makers import ScriptedMaker
from tests.fakes.ensembles import (
    CROSSING,
    REVERTING,
    VotingKit,
    minds_of,
    model_saying,
    voter,
    voting_company,
    voting_kit,
)
from tests.fakes.kernels import kernel_folder
from tests.fakes.models import ScriptedModel
from tests.fakes.real_bars import real_bars
from tests.fakes.series import random_closes
from tests.unit.backtest.builders import STOCK, script_of, wide_open
from tests.unit.backtest.stored import NOW, SERIES, TRADING
from ztrade_core.assembly.retention import longest_lookback
from ztrade_core.backtest.decided_by import RunOptions
from ztrade_core.backtest.engines import run_agent
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.ensemble import ensemble_of
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Company, MindChoice, Mode, StrategyChoice, Vote
from ztrade_core.domain.decisions import Action, Decision
from ztrade_core.domain.time import from_micros
from ztrade_core.errors import InputError
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.ports.mind import DecisionMaker, Member
from ztrade_core.settings.company import with_digest
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine
from ztrade_core.studies.canary import Effort, look_for_peeking
from ztrade_core.studies.canary_findings import CanaryInput, Data, Future
from ztrade_core.studies.canary_subject import why_not_judged
from ztrade_core.studies.evaluation import load_study_data
from ztrade_core.trading.cycle import CycleResult

QUICK = StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 3.0)))
STRATEGIES = {"cross": CROSSING, "revert": REVERTING, "quick": QUICK}
REAL_BARS = 234  # three sessions
OWN = ("decision_id", "client_order_id", "snapshot_hash", "book", "key")
CUTOFF = date(2022, 12, 27)


def ensemble(vote: Vote = Vote.MAJORITY) -> DecisionMaker:
    found = minds_of(STRATEGIES)(Mode.ENSEMBLE, voter(STRATEGIES, vote))
    assert found is not None
    return found


def loop_input(kit: VotingKit, series: BarSeries, vote: Vote, first: int) -> LoopInput:
    return LoopInput(
        company=kit.company,
        agent=kit.company.agents[0],
        maker=ensemble(vote),
        calendar=calendar(),
        series=series,
        first=first,
        source="test",
    )


def told(decision: Decision) -> dict[str, object]:
    """A decision without what names its account and its book."""
    return {
        name: getattr(decision, name) for name in Decision.__dataclass_fields__ if name not in OWN
    } | {"slot": decision.key.slot}


def decision_of(result: CycleResult) -> Decision:
    assert result.validated.admission is not None
    return result.validated.admission.row.decision


def require_equal_bar_by_bar(kit: VotingKit, series: BarSeries, vote: Vote) -> list[Decision]:
    """Rehearse the bars and backtest them by session and by loop; return the rehearsal's decisions."""
    given = loop_input(kit, series, vote, first=0)
    looped: list[CycleResult] = []
    output = run_loop(given, watcher=looped.append)
    done = run_agent(given, kernel_folder())
    assert (done.engine, done.output) == ("session/1", output)
    moments = [from_micros(int(stamp)) + STEP for stamp in series.timestamps]
    rehearsed = [decision_of(kit.cycle(moment)) for moment in moments]
    for one, result in zip(rehearsed, looped, strict=True):
        assert told(one) == told(decision_of(result))
    return rehearsed


def patient(company: Company) -> Company:
    """The company without the breaker that a rehearsal's person lifts, and a backtest's next day."""
    agents = tuple(
        replace(each, limits=replace(each.limits, max_consecutive_losses=999))
        for each in company.agents
    )
    return with_digest(replace(company, agents=agents))


def require_lively(decisions: list[Decision]) -> None:
    actions = {each.proposal.action for each in decisions}
    assert actions == set(Action)
    votes = {dict(each.proposal.factors)["member/cross"] for each in decisions}
    assert len(votes) > 1
    assert any(each.quantity > 0.0 for each in decisions)


@pytest.mark.parametrize("vote", Vote)
def test_synthetic_bars_give_a_rehearsals_decisions_by_session_and_by_loop(vote: Vote) -> None:
    kit = voting_kit(kit_in_memory(), STRATEGIES, company=voting_company(STRATEGIES, vote))
    kit.put_bars({"TSLA": random_closes(4, SESSION_BARS)}, volume=1e6)
    series = kit.bars.read("TSLA", kit.company.agents[0].timeframe)
    require_lively(require_equal_bar_by_bar(kit, series, vote))


def test_recorded_bars_give_a_rehearsals_decisions_by_session_and_by_loop() -> None:
    file = read_bar_file(
        real_bars("TSLA_5m_2022.csv"), ExchangeSessions(), datetime(2026, 11, 1, tzinfo=UTC)
    )
    whole = file.series[0]
    begin = int(whole.timestamps.searchsorted(int(bar(0).timestamp()) * 1_000_000))
    series = whole.window(begin, begin + REAL_BARS)
    kit = voting_kit(kit_in_memory(), STRATEGIES, company=patient(voting_company(STRATEGIES)))
    kit.bars.upsert([series], source="test", ingested_at=bar(0))
    require_lively(require_equal_bar_by_bar(kit, series, Vote.MAJORITY))


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Two models and a strategy on a bench."""

    bench: Bench
    models: tuple[ScriptedModel, ScriptedModel]

    def run(self, budget: float | None = 100.0) -> BacktestResult:
        asked = RunOptions(budget_usd=budget)
        return run_and_store(self.bench, STOCK.agent_id, "2022-12-27", "2022-12-29", options=asked)


@pytest.fixture
def paid(sqlite_url: str) -> Iterator[Paid]:
    engine = make_engine(sqlite_url)
    bars = MemoryBarStore()
    bars.upsert([SERIES], source="test", ingested_at=NOW)
    script = script_of(SERIES, TRADING, STOCK.agent_id)
    models = (ScriptedModel(script, cutoff=CUTOFF), ScriptedModel(script, cost_usd=0.01, most=0.02))
    names: dict[str, Any] = {"ada": models[0], "bob": models[1], "sma": CROSSING}
    agent = voter(names, agent=STOCK)
    house = replace(wide_open(), agents=(agent,))
    bench = Bench(
        company=house,
        bars=bars,
        backtests=SqlBacktestStore(engine),
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda one: minds_of(names)(Mode.ENSEMBLE, one) or ScriptedMaker({}),
        kernel_folder=kernel_folder(),
    )
    yield Paid(bench=bench, models=models)
    engine.dispose()


def test_models_among_the_members_cost_what_they_cost_together(paid: Paid) -> None:
    done = paid.run()
    config, metrics = done.run.config, done.run.metrics
    assert config["engine"] == "session/1"
    assert (metrics["model_calls"], len(paid.models[0].asked)) == (36, 36)
    assert metrics["model_cost_usd"] == pytest.approx(36 * 0.04)
    model = config["model"]
    assert isinstance(model, dict)
    assert (model["name"], model["training_cutoff"]) == ("scripted-model-1", None)
    assert metrics["clean_bars"] == 0, "what one model was trained on is not known"
    assert len(done.trades) == 6


def test_models_among_the_members_need_a_budget_and_keep_to_it(paid: Paid) -> None:
    with pytest.raises(InputError, match=r"costs up to 0\.07 USD an answer: name a budget"):
        paid.run(budget=None)
    done = paid.run(budget=0.30)
    assert done.run.metrics["model_cost_usd"] <= 0.30
    assert 0 < len(paid.models[0].asked) < 36


def test_the_cutoff_is_the_latest_of_the_models() -> None:
    first, second = model_saying(), model_saying()
    dated = [replace(first, cutoff=CUTOFF), replace(second, cutoff=date(2023, 6, 1))]
    choices = voter({"ada": first, "bob": second}).ensemble
    assert choices is not None
    members = [
        Member(choice=choice, maker=maker)
        for choice, maker in zip(choices.members, dated, strict=True)
    ]
    maker = ensemble_of(Vote.MAJORITY, members)
    assert getattr(maker, "training_cutoff", None) == date(2023, 6, 1)
    free = ensemble()
    assert not hasattr(free, "training_cutoff")


def test_a_canary_plays_strategies_that_vote_and_asks_no_models(paid: Paid) -> None:
    kit = voting_kit(kit_in_memory(), STRATEGIES)
    kit.put_bars({"TSLA": random_closes(4, 40)}, volume=1e6)
    series = kit.bars.read("TSLA", kit.company.agents[0].timeframe)
    given = CanaryInput(
        company=kit.company,
        agent=kit.company.agents[0],
        calendar=calendar(),
        data=Data(series=series),
        first=5,
        source="test",
        mind_of=lambda _: ensemble(),
        kernel_folder=kernel_folder(),
    )
    report = look_for_peeking(given, effort=Effort(window_bars=8, futures=(Future.CRASH,)))
    assert report.passed, report.line()
    assert report.loop.decisions > 0
    assert report.why_not_compiled == "ensemble:majority/1 decides, which is no strategy"
    model = replace(given, mind_of=lambda _: paid.bench.maker_of(paid.bench.company.agents[0]))
    with pytest.raises(InputError, match="which a canary would ask without a budget"):
        look_for_peeking(model, effort=Effort(window_bars=8, futures=(Future.CRASH,)))


def test_a_canary_speaks_only_for_the_members_that_a_run_was_decided_by(paid: Paid) -> None:
    agent = voter(STRATEGIES, agent=STOCK)
    house = replace(paid.bench.company, agents=(agent,))
    bench = replace(paid.bench, company=house, maker_of=lambda _: ensemble())
    done = run_and_store(bench, STOCK.agent_id, "2022-12-27", "2022-12-29")
    assert done.run.config["engine"] == "session/1"
    assert why_not_judged(bench, STOCK.agent_id) == ""
    fewer = {name: STRATEGIES[name] for name in ("cross", "quick")}
    changed = replace(house, agents=(voter(fewer, agent=STOCK),))
    said = why_not_judged(replace(bench, company=changed), STOCK.agent_id)
    assert "was decided by other minds" in said


def test_bars_are_kept_for_the_longest_look_back_of_any_member_or_shadow() -> None:
    slow = StrategyChoice(name="sma_crossover", parameters=(("fast", 10.0), ("slow", 400.0)))
    own = longest_lookback(STOCK)
    assert longest_lookback(voter({"quick": QUICK, "slow": slow}, agent=STOCK)) > 400
    shadow = MindChoice(name="slow", mode=Mode.STRATEGY, strategy=slow)
    assert longest_lookback(replace(STOCK, shadows=(shadow,))) > 400 > own


def test_a_study_of_parameters_refuses_an_ensemble(paid: Paid) -> None:
    with pytest.raises(InputError, match="decided by ensemble:majority/1: a study varies"):
        load_study_data(paid.bench, paid.bench.company.agents[0], "2022-12-27", "2022-12-29", [])


def test_a_member_sees_no_more_in_a_longer_window_than_alone() -> None:
    """Its answer depends on its own look-back only, though another's is longer."""
    kit = voting_kit(
        kit_in_memory(),
        {
            "quick": QUICK,
            "slow": StrategyChoice(
                name="sma_crossover", parameters=(("fast", 10.0), ("slow", 30.0))
            ),
        },
    )
    kit.put_bars({"TSLA": random_closes(4, 60)})
    agent = kit.company.agents[0]
    assert agent.ensemble is not None
    alone = agent.with_mind(agent.ensemble.members[0])
    for number in range(35, 60):
        snapshot = kit.cycle(at(number)).observed.snapshot
        needed = StrategyMaker().lookback_bars(alone)
        assert len(snapshot.bars) > needed
        short = replace(
            snapshot, bars=snapshot.bars.window(len(snapshot.bars) - needed, len(snapshot.bars))
        )
        assert StrategyMaker().propose(short, alone) == StrategyMaker().propose(snapshot, alone)


def test_the_shipped_project_has_no_ensemble_to_surprise_anybody() -> None:
    folder = Path(__file__).resolve().parents[3] / "config" / "agents"
    assert not [path.name for path in folder.glob("*.yaml") if "mode: ensemble" in path.read_text()]
