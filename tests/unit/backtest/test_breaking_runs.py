"""A stored run with breaking news: the event loop's, saying so; without a story the run it was."""

from dataclasses import replace
from datetime import timedelta

from tests.fakes.desk import calendar
from tests.fakes.scored_stories import NOON, score_store, scored_story
from tests.unit.backtest.test_mood import BEGINS, ENDS, SERIES, TRADER, bench, stored
from tests.unit.risk.builders import company
from ztrade_core.backtest.mood import mood_of
from ztrade_core.backtest.news_ticks import news_ticks
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store
from ztrade_core.backtest.run_notes import run_notes
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.studies.evaluation import load_study_data

LISTENER = replace(TRADER, breaking_news=True)
HOUR = timedelta(hours=1)
NOTE = "breaking news of TSLA: 1 decision between bars, at most one a bar; the event loop ran"


def told(hours: float, score: float = 0.9) -> ScoredStory:
    """A story known so many hours after the first bar's open."""
    return scored_story((BEGINS - NOON) / HOUR + hours, score, delay_hours=0.0)


def listening(url: str, *stories: ScoredStory) -> Bench:
    history = stored(score_store(*stories))
    made = bench(url, history)
    house = company(LISTENER, costs=made.company.broker.costs)
    return replace(made, company=house, breaking=history)


def run(made: Bench) -> BacktestResult:
    return run_and_store(made, LISTENER.agent_id, str(BEGINS), str(ENDS))


def test_a_breaking_story_asks_the_agent_between_bars_and_the_run_says_so(sqlite_url: str) -> None:
    result = run(listening(sqlite_url, told(0.6)))

    found = result.run.config["breaking_news"]
    outcomes = result.run.config["outcomes"]
    assert isinstance(found, dict)
    assert isinstance(outcomes, dict)
    assert found["decisions"] == 1
    assert result.run.config["engine"] == "event_loop/1"
    assert "run agent_tsla between its bars" in str(result.run.config["why_not_compiled"])
    assert sum(outcomes.values()) == result.run.metrics["bars"] + 1
    assert NOTE in run_notes(result.run)


def test_the_mind_sees_the_story_that_it_is_asked_about() -> None:
    """At the story's moment the run reads what live would, and the story is in it."""
    story = told(0.6)
    history = stored(score_store(story))
    (tick,) = news_ticks(history, calendar(), LISTENER, SERIES, first=0)

    mood = mood_of(history, calendar(), SERIES, 0, news=(tick,))

    assert mood.series is not None
    seen = mood.series.as_of(tick.at)
    assert seen is not None
    assert seen == history.reading("TSLA", tick.at)
    assert [each.news_id for each in seen.headlines] == [story.news_id]
    assert mood.series.as_of(tick.at - timedelta(microseconds=1)) is None


def test_a_weak_story_leaves_the_run_as_it_was(sqlite_url: str) -> None:
    weak = told(0.6, 0.1)
    listener = run(listening(sqlite_url, weak))
    deaf = run(replace(listening(sqlite_url, weak), breaking=None))

    assert "breaking_news" not in listener.run.config
    assert (listener.trades, listener.run.config) == (deaf.trades, deaf.run.config)


def test_a_company_of_one_decides_on_news_like_the_agent_alone(sqlite_url: str) -> None:
    made = listening(sqlite_url, told(0.6), told(30.2, -0.9))
    alone = run(made)

    together = run_portfolio_and_store(made, [], str(BEGINS), str(ENDS))

    assert together.trades == alone.trades
    assert any(note.startswith("breaking news of TSLA") for note in run_notes(together.run))
    assert len(together.equity) == len(alone.equity)


def test_a_study_decides_on_bars_only_and_counts_what_it_left_out(sqlite_url: str) -> None:
    made = listening(sqlite_url, told(0.6))

    data = load_study_data(made, LISTENER, str(BEGINS), str(ENDS), [()])

    assert data.mood.entry["breaking_news"] == {"left_out": 1}
