"""`ztrade sentiment status` and `effectiveness` at the terminal."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.scored_stories import NOON, scored_story, story_of
from tests.fakes.terminal import Terminal
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.store.engine import make_engine
from ztrade_core.store.news import SqlNewsStore
from ztrade_core.store.sentiment import SqlScoreStore


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=140)
    made.use_database(sqlite_template)
    return made


def put(terminal: Terminal, scored: ScoredStory, *others: ScoredStory) -> None:
    """Keep stories, of which the first is scored."""
    engine = make_engine(f"sqlite:///{terminal.data / 'ztrade.db'}")
    SqlNewsStore(engine).put([story_of(each) for each in (scored, *others)])
    SqlScoreStore(engine).put([scored])
    engine.dispose()


def test_status_counts_what_is_scored_and_what_is_not(terminal: Terminal) -> None:
    put(terminal, scored_story(-2), scored_story(-1))
    document = terminal.type("sentiment", "status", "--json").document()
    [found] = document["symbols"]
    assert document["scorer"] == "lexicon@2"
    assert (found["symbol"], found["stories"]) == ("TSLA", 2)
    assert (found["scored"], found["unscored"], found["reading"]) == (1, 1, None)
    shown = terminal.type("sentiment", "status")
    assert "TSLA" in shown.out
    assert "no news" in shown.out
    assert f"{NOON - timedelta(hours=1):%Y-%m-%d}" in shown.out


def test_without_news_it_says_so(terminal: Terminal) -> None:
    assert "no news is stored" in terminal.type("sentiment", "status").out
    assert terminal.type("sentiment", "status", "--json").document()["symbols"] == []


def test_effectiveness_without_decisions_says_so(terminal: Terminal) -> None:
    shown = terminal.type("sentiment", "effectiveness")
    assert "no decision of account paper saw any sentiment yet" in shown.out
    document = terminal.type("sentiment", "effectiveness", "--json").document()
    assert (document["decisions"], document["records"]) == (0, [])


def test_an_unknown_agent_is_refused(terminal: Terminal) -> None:
    shown = terminal.type("sentiment", "effectiveness", "--agent", "agent_x")
    assert shown.code != 0
    assert "no agent 'agent_x'" in shown.err
