"""`ztrade sentiment score-stored`, and runs that leave sentiment out, at the terminal and on the page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.scored_stories import NOON, scored_story, story_of
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, House
from ztrade_core.backtest.run_notes import run_notes
from ztrade_core.store.engine import make_engine
from ztrade_core.store.news import SqlNewsStore

RANGE = {"start": "2022-12-28", "end": "2022-12-28"}
GOOD = scored_story(-2, headline="Tesla raises its profit guidance after record sales")
SILENT = scored_story(-1, headline="\N{ROCKET}\N{ROCKET}")


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=140)
    made.use_database(sqlite_template)
    return made


def put(terminal: Terminal) -> None:
    engine = make_engine(f"sqlite:///{terminal.data / 'ztrade.db'}")
    SqlNewsStore(engine).put([story_of(GOOD), story_of(SILENT)])
    engine.dispose()


def test_what_has_no_score_is_scored_and_a_second_run_scores_nothing(terminal: Terminal) -> None:
    put(terminal)
    hint = "2 not scored: `ztrade sentiment score-stored`"
    assert hint in terminal.type("sentiment", "status").out
    [first] = terminal.type("sentiment", "score-stored", "--json").document()["symbols"]
    assert (first["symbol"], first["done"]["stories"], first["done"]["scored"]) == ("TSLA", 2, 2)
    assert first["done"]["without_words"] == 1
    [again] = terminal.type("sentiment", "score-stored", "--json").document()["symbols"]
    assert again["done"]["scored"] == 0
    shown = terminal.type("sentiment", "score-stored", "--symbols", "TSLA")
    assert "0 stories scored" in shown.out
    assert hint not in terminal.type("sentiment", "status").out


def test_without_news_it_says_what_brings_some(terminal: Terminal) -> None:
    assert "`ztrade news import PATH...`" in terminal.type("sentiment", "score-stored").out
    assert terminal.type("sentiment", "score-stored", "--json").document()["symbols"] == []


def test_a_symbol_without_news_is_refused_by_name(terminal: Terminal) -> None:
    put(terminal)
    refused = terminal.type("sentiment", "score-stored", "--symbols", "IWM")
    assert refused.code != 0
    assert "no news of IWM is stored; there is some of TSLA" in refused.err


def test_a_rehearsal_tells_of_stories_known_then_that_nobody_scored(house: House) -> None:
    house.workshop.news.put([story_of(GOOD)])
    desk = house.workshop.rehearsal_desk(NOON)
    assert desk.sentiment is not None
    [note] = desk.sentiment.unheard("TSLA", NOON)
    assert note.startswith("1 headline of TSLA known then is not scored by lexicon@")
    before = GOOD.known_at - timedelta(microseconds=1)
    assert desk.sentiment.unheard("TSLA", before) == ()
    house.workshop.sentiment.refresh("TSLA", NOON)
    assert desk.sentiment.unheard("TSLA", NOON) == ()


@pytest.mark.parametrize("job", ["backtest", "portfolio_backtest"])
def test_a_run_without_sentiment_knows_no_news_and_says_so(house: House, job: str) -> None:
    published = datetime(2022, 12, 28, 14, tzinfo=UTC)
    house.workshop.news.put([story_of(GOOD)])
    house.workshop.sentiment.score("TSLA", (published - timedelta(days=900), NOON))
    one = {"agent_id": AGENT} if job == "backtest" else {"agents": [AGENT]}
    result: dg.ExecuteInProcessResult = house.run(job, RANGE | one | {"without_sentiment": True})
    assert result.success
    [run] = house.workshop.backtests.runs()
    assert run.config["sentiment"] == "left out"
    assert "sentiment was left out, as asked: the run knew no news" in run_notes(run)
