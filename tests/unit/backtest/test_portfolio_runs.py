"""Several agents in one account as a user asks for it: what is stored, and one clear error else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.unit.backtest.shared_account import (
    BTC,
    BUY,
    FIRST,
    IWM,
    LAST,
    TRADING,
    TSLA,
    Answers,
    calendar,
    market,
    rising,
    shared_bench,
)
from ztrade_core.backtest.overfit import guards_of
from ztrade_core.backtest.portfolio_report import (
    COMPANY,
    AgentPart,
    agent_parts,
    pairs_of,
    shortened,
)
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.model_config import NO_MODELS
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.errors import ConfigError, InputError, NoDataError
from ztrade_core.performance.trades import closed_trades
from ztrade_core.settings.agents import load_agents
from ztrade_core.store.backtests import SqlBacktestStore

PROJECT = Path(__file__).resolve().parents[3]
BenchOf = Callable[..., Bench]


@pytest.fixture
def bench_of(backtests: SqlBacktestStore) -> BenchOf:
    def bench(
        series: Sequence[BarSeries], answers: Answers | None = None, **rules: object
    ) -> Bench:
        return shared_bench(backtests, series, answers or {}, **rules)

    return bench


def run(
    bench: Bench, *agent_ids: str, start: str = "2022-12-28", end: str = "2022-12-29"
) -> BacktestResult:
    return run_portfolio_and_store(bench, agent_ids, start, end)


def part_of(result: BacktestResult, agent_id: str) -> AgentPart:
    [found] = [each for each in agent_parts(result.run) if each.agent_id == agent_id]
    return found


def test_no_agent_can_bear_the_companys_name(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    folder.mkdir()
    text = (PROJECT / "config" / "agents" / "agent_tsla.yaml").read_text()
    (folder / f"{COMPANY}.yaml").write_text(
        text.replace("agent_id: agent_tsla", f"agent_id: {COMPANY}")
    )
    (folder / f"{COMPANY}.md").write_text("Calm.")
    with pytest.raises(ConfigError, match=r"agent_id.*agent_"):
        load_agents(folder, tmp_path, NO_MODELS)


def test_agents_of_any_timeframe_share_one_account(bench_of: BenchOf) -> None:
    bench = bench_of(market(), TRADING)
    result = run(bench)
    stored = bench.backtests.run(result.run.run_id)
    assert stored == result.run
    assert bench.backtests.trades(result.run.run_id) == result.trades
    assert bench.backtests.equity(result.run.run_id) == result.equity
    assert result.run.agent_id == COMPANY
    assert {fill.symbol for fill in result.trades} == {"BTC/USD", "IWM", "TSLA"}
    assert result.run.metrics["capital_usd"] == 100_000.0
    assert result.run.config["annualised_with_days"] == 365
    assert [each.agent_id for each in agent_parts(result.run)] == [
        "agent_btc",
        "agent_iwm",
        "agent_tsla",
    ]


def test_stocks_alone_make_a_year_of_252_days(bench_of: BenchOf) -> None:
    result = run(bench_of(market(), TRADING), "agent_tsla", "agent_iwm")
    assert result.run.config["annualised_with_days"] == 252
    assert {fill.symbol for fill in result.trades} == {"IWM", "TSLA"}


def test_what_agents_earn_is_what_the_account_gains(bench_of: BenchOf) -> None:
    result = run(bench_of(market(), TRADING))
    gained = result.equity[-1].portfolio_value - 100_000.0
    earned = [float(each.figures["pnl_usd"] or 0.0) for each in agent_parts(result.run)]
    assert sum(earned) == pytest.approx(gained, abs=1e-6)
    assert gained != 0.0
    for each in agent_parts(result.run):
        own = [t for t in closed_trades(result.trades) if t.symbol == each.symbol]
        assert each.figures["trades"] == len(own)
        assert each.figures["total_return"] == pytest.approx(
            float(each.figures["pnl_usd"] or 0.0) / each.allocated_usd
        )
    assert part_of(result, "agent_iwm").figures["trades"] == 1  # the second is open at the end


def test_an_agent_alone_trades_as_it_does_by_itself(bench_of: BenchOf) -> None:
    bench = bench_of(market(), TRADING)
    alone = run_and_store(bench, "agent_tsla", "2022-12-28", "2022-12-29")
    shared = run(bench, "agent_tsla")
    assert shared.trades == alone.trades
    assert [p.timestamp for p in shared.equity] == [p.timestamp for p in alone.equity]
    for mine, its in zip(shared.equity, alone.equity, strict=True):
        gained = its.portfolio_value - TSLA.allocated_usd
        assert mine.portfolio_value - 100_000.0 == pytest.approx(gained, abs=1e-9)


def test_a_company_rule_denies_and_is_told_by_agent(bench_of: BenchOf) -> None:
    """Room for IWM's $1,805 and no share of TSLA beside it: who comes second is denied."""
    answers = {"agent_iwm": {28: BUY}, "agent_tsla": {90: BUY, 91: BUY}}
    result = run(bench_of(market(), answers, max_gross_exposure_fraction=0.0185))
    assert part_of(result, "agent_iwm").denials == {}
    denied = part_of(result, "agent_tsla")
    assert denied.denied == denied.figures["denied"] == 2
    assert denied.denials["RULE_006"] == 2
    assert denied.denial_shares()["RULE_006"] == 1.0
    assert result.run.config["denials"]["RULE_006"] == 2  # type: ignore[index]


def test_holding_puts_the_whole_capital_into_the_instruments(bench_of: BenchOf) -> None:
    """A third each; after the last bars each part is worth what its price made of it."""
    result = run(bench_of(market()))
    first, last = result.baseline[0], result.baseline[-1]
    assert [p.timestamp for p in result.baseline] == [p.timestamp for p in result.equity]
    assert first.portfolio_value == pytest.approx(100_000.0, rel=2e-3)
    expected = 0.0
    for bars in market():
        decided = bars.window(
            int(bars.timestamps.searchsorted(to_micros(datetime(2022, 12, 28, 5, tzinfo=UTC)))),
            len(bars),
        )
        expected += 100_000.0 / 3.0 * float(decided.closes[-1] / decided.opens[0])
    assert last.portfolio_value == pytest.approx(expected, rel=4e-3)  # costs and whole shares
    assert result.run.metrics["buy_and_hold_total_return"] == pytest.approx(
        last.portfolio_value / 100_000.0 - 1.0
    )


def test_an_agent_without_bars_in_the_range_is_one_clear_line(bench_of: BenchOf) -> None:
    series = [bars for bars in market() if bars.symbol != "IWM"]
    with pytest.raises(
        NoDataError, match=r"^agent_iwm: no bars of IWM 15m .*leave this agent out"
    ) as raised:
        run(bench_of(series))
    assert "\n" not in str(raised.value)
    early = rising(IWM, FIRST - timedelta(days=20), FIRST - timedelta(days=10), 180.0)
    with pytest.raises(NoDataError, match=r"agent_iwm: .*the store has 2022-12-07"):
        run(bench_of([*series, early]))


def test_the_run_covers_what_all_agents_have_and_says_so(bench_of: BenchOf) -> None:
    """BTC begins at noon of the 28th only: nobody decides before, and what was asked for is told."""
    noon = datetime(2022, 12, 28, 17, tzinfo=UTC)
    series = [rising(BTC, noon, LAST, 20_000.0), *market()[1:]]
    result = run(bench_of(series, {"agent_tsla": {90: BUY}, "agent_iwm": {50: BUY}}))
    assert result.run.start == noon
    assert min(point.timestamp for point in result.equity) > noon
    assert [fill.symbol for fill in result.trades] == ["IWM"]  # TSLA's bar 90 lies before noon
    assert "all agents have bars from 2022-12-28T17:00:00Z" in shortened(result.run)
    assert shortened(run(bench_of(market())).run) == ""


def test_bars_that_never_meet_are_one_clear_line(bench_of: BenchOf) -> None:
    middle = FIRST + timedelta(days=1, hours=14)
    series = [
        rising(BTC, FIRST, middle, 20_000.0),
        rising(IWM, middle + timedelta(hours=5), LAST, 180.0),
    ]
    with pytest.raises(NoDataError, match=r"no common range \(agent_btc .*; agent_iwm .*\)"):
        run(bench_of(series), "agent_btc", "agent_iwm", start="2022-12-27")


def test_holes_are_counted_for_each_agent(bench_of: BenchOf) -> None:
    series = market()
    kept = np.ones(len(series[1]), dtype=np.bool_)
    kept[[30, 31, 35]] = False
    names = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    holed = replace(series[1], **{name: getattr(series[1], name)[kept] for name in names})
    result = run(bench_of([series[0], holed, series[2]]))
    assert part_of(result, "agent_iwm").missing_bars == 3
    assert part_of(result, "agent_tsla").missing_bars == 0
    assert result.run.metrics["missing_bars"] == 3


@pytest.mark.parametrize(
    ("agent_ids", "message"),
    [
        (("agent_spy",), r"no agent 'agent_spy'.*agent_btc, agent_iwm, agent_tsla"),
        (("agent_tsla", "agent_tsla"), "named more than once"),
        ((COMPANY,), "no agent 'company'"),
    ],
)
def test_a_bad_name_is_one_clear_line(
    bench_of: BenchOf, agent_ids: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run(bench_of(market()), *agent_ids)


def test_a_bad_range_is_refused_as_for_one_agent(bench_of: BenchOf) -> None:
    with pytest.raises(InputError, match="is not before end"):
        run(bench_of(market()), start="2022-12-29", end="2022-12-28")


def test_a_range_that_begins_later_than_now_is_refused(bench_of: BenchOf) -> None:
    with pytest.raises(InputError, match="start 2099-01-01 lies in the future"):
        run(bench_of(market()), start="2099-01-01", end="2099-02-01")


def test_the_bars_of_all_agents_say_whether_compiling_pays(
    bench_of: BenchOf, tmp_path: Path
) -> None:
    bench = replace(bench_of(market()), maker_of=lambda _: StrategyMaker(), kernel_folder=tmp_path)
    result = run(replace(bench, worth_bars=1_000_000))
    bars = sum(each.bars for each in agent_parts(result.run))
    assert bars > max(each.bars for each in agent_parts(result.run))
    said = f"{bars} bars are played sooner than their strategies are compiled"
    assert result.run.config["why_not_compiled"] == said


def test_correlations_at_the_end_are_kept(bench_of: BenchOf) -> None:
    """With room for as many returns; three days give too few, which counts as correlated."""
    found = pairs_of(run(bench_of(market())).run)
    assert {(pair.first, pair.second) for pair in found} == {
        ("BTC/USD", "IWM"),
        ("BTC/USD", "TSLA"),
        ("IWM", "TSLA"),
    }
    assert all(pair.value is None and pair.is_correlated for pair in found)
    month = market(FIRST - timedelta(days=30), LAST)
    known = pairs_of(run(bench_of(month, correlation_returns=10, correlation_min_overlap=5)).run)
    assert all(pair.value is not None and pair.overlap == 10 for pair in known)


def test_a_run_without_trades_says_why_for_every_agent(bench_of: BenchOf) -> None:
    result = run(bench_of(market()))
    assert result.trades == []
    for each in agent_parts(result.run):
        assert sum(each.holds.values()) == each.outcomes["held"] == each.bars > 0
    assert sum(result.run.config["holds"].values()) == result.run.metrics["bars"]  # type: ignore[attr-defined]


def test_runs_of_the_company_are_its_trials(bench_of: BenchOf) -> None:
    bench = bench_of(market(), TRADING)
    run(bench, "agent_tsla")
    result = run(bench)
    trades = closed_trades(result.trades)
    assert len(bench.backtests.trials(COMPANY, result.run.start, result.run.end)) == 2
    assert guards_of(result.run, trades, bench.backtests).trials == 2
    assert bench.backtests.trials("agent_tsla", result.run.start, result.run.end) == []


def test_progress_counts_the_bars_of_all_agents(bench_of: BenchOf) -> None:
    told: list[tuple[int, int]] = []
    bench = bench_of(market())
    result = run_portfolio_and_store(
        bench, (), "2022-12-29", "2022-12-29", lambda done, of: told.append((done, of))
    )
    bars = result.run.metrics["bars"]
    assert told == [(number, bars) for number in range(1, 24 + 26 + 78 + 1)]


def test_all_of_them_decide_together_at_one_instant(bench_of: BenchOf) -> None:
    """At 21:00Z all three have a bar that completes: the account is marked once."""
    result = run(bench_of(market()))
    marks = [point.timestamp for point in result.equity]
    assert len(marks) == len(set(marks))
    stock = calendar().expected_bars(AssetClass.STOCK, Timeframe.M5, FIRST, LAST)
    assert stock[-1] + timedelta(minutes=5) in marks
