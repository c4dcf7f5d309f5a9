"""A backtest reads stored sentiment, says whose and how much, and is what it was where there is none."""

from dataclasses import replace
from datetime import timedelta

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.portfolios import MOMENTUM
from tests.fakes.score_store import MemoryScoreStore
from tests.fakes.scored_stories import NOON, SCORER, score_store, scored_story, story_of
from tests.fakes.sentiment_config import SENTIMENT
from tests.golden.small_backtest import COINS, STOCK, series_for
from tests.unit.risk.builders import company
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store
from ztrade_core.backtest.run_notes import run_notes
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.time import from_micros
from ztrade_core.ports.sentiment import ScoreStore, SentimentHistory
from ztrade_core.sentiment.stored import StoredSentiment
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.migrations import upgrade

TRADER = replace(STOCK, strategy=MOMENTUM)
SERIES = series_for(TRADER)
BEGINS = from_micros(int(SERIES.timestamps[0]))
ENDS = from_micros(int(SERIES.timestamps[-1])) + timedelta(days=1)


def bench(url: str, history: SentimentHistory | None) -> Bench:
    upgrade(url)
    bars = MemoryBarStore()
    bars.upsert([SERIES], source="test", ingested_at=ENDS)
    return Bench(
        company=company(TRADER, costs=COINS),
        bars=bars,
        backtests=SqlBacktestStore(make_engine(url)),
        calendar=calendar(),
        clock=SimulatedClock(ENDS + timedelta(days=1)),
        maker_of=lambda _: StrategyMaker(),
        sentiment=history,
    )


def early(score: float) -> ScoredStory:
    """A story known an hour before the first bar."""
    return scored_story((BEGINS - NOON) / timedelta(hours=1) - 1, score)


def run(url: str, history: SentimentHistory | None) -> BacktestResult:
    return run_and_store(bench(url, history), TRADER.agent_id, str(BEGINS), str(ENDS))


def stored(store: ScoreStore) -> StoredSentiment:
    return StoredSentiment(store, SCORER, SENTIMENT)


def test_good_and_bad_news_are_traded_otherwise_and_the_run_says_whose(sqlite_url: str) -> None:
    bad, good = (run(sqlite_url, stored(score_store(early(each)))) for each in (-1.0, 1.0))
    assert bad.trades != good.trades
    found = good.run.config["sentiment"]
    assert isinstance(found, dict)
    assert (found["scorer"], found["stories"], found["unscored"]) == (SCORER, 1, 0)
    assert 0 < found["bars_with_sentiment"] <= found["bars"] == good.run.metrics["bars"]
    [note] = [note for note in run_notes(good.run) if "sentiment of" in note]
    assert note.startswith(f"sentiment of TSLA by {SCORER}: 1 headline, ")


def test_a_symbol_without_stories_runs_as_before_there_was_news(sqlite_url: str) -> None:
    other = replace(early(1.0), symbol="IWM")
    without, beside = run(sqlite_url, None), run(sqlite_url, stored(score_store(other)))
    assert "sentiment" not in beside.run.config
    assert beside.run.config == without.run.config
    assert beside.trades == without.trades
    assert not [note for note in run_notes(beside.run) if "sentiment of" in note]


def test_stories_that_nobody_scored_are_told_loudly(sqlite_url: str) -> None:
    unscored = MemoryScoreStore(MemoryNewsStore([story_of(early(1.0))]))
    blind, without = run(sqlite_url, stored(unscored)), run(sqlite_url, None)
    assert blind.trades == without.trades
    notes = run_notes(blind.run)
    assert f"1 headline of TSLA is not scored by {SCORER}" in " ".join(notes)


def test_a_portfolio_tells_it_by_agent(sqlite_url: str) -> None:
    made = bench(sqlite_url, stored(score_store(early(1.0))))
    result = run_portfolio_and_store(made, [], str(BEGINS), str(ENDS))
    [agent] = result.run.config["agents"]  # type: ignore[misc]
    assert agent["sentiment"]["stories"] == 1
    assert any(note.startswith("sentiment of TSLA") for note in run_notes(result.run))
