"""Real headlines of 2025 through everything: imported, scored, decided on, backtested with and without.

Ten Dow stocks on daily bars. What is asserted of the headlines is numbers and times; none is quoted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from typing_extensions import override

from tests.fakes.real_bars import real_bars
from tests.fakes.real_news import real_news
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import PROJECT, House, house_of
from tests.pipelines.dow import AGENTS, SYMBOLS, write_dow_config
from ztrade_core.assembly.news_days import score_days
from ztrade_core.backtest.runs import run_once
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import parse_instant
from ztrade_core.news.gathering import NewsWindow
from ztrade_core.sentiment.stored import StoredSentiment
from ztrade_core.settings.load import load_settings
from ztrade_core.store.sentiment import SqlScoreStore
from ztrade_pipelines.keys import decision_key
from ztrade_pipelines.resources import Ztrade

AGENT, SYMBOL = "agent_ba", "BA"
BEFORE_SCORING = "2025-03-03T21:05:00Z"
AS_OF = "2025-05-14T20:05:00Z"  # five minutes after the close of a day with news
STORIES = 461  # 400 headlines, of one symbol or several each
SPAN = {"start": "2024-12-13", "end": "2025-07-31"}


@dataclass(frozen=True, kw_only=True)
class Town:
    """The terminal and the page over one store that holds bars, headlines and scores."""

    terminal: Terminal
    house: House
    imported: dict[str, Any]
    unscored_run: dg.ExecuteInProcessResult
    scored: dict[str, Any]

    def type(self, *words: str) -> Any:
        """Run a command on this store and return its document."""
        return self.terminal.type(*words, "--json", **self.more).document()

    @property
    def more(self) -> dict[str, str]:
        """Where the ten agents are."""
        return {"ZTRADE_CONFIG_DIR": self.terminal.environment["ZTRADE_CONFIG_DIR"]}

    @property
    def agent(self) -> AgentConfig:
        """The agent that is looked at closely."""
        found = self.house.settings.company.agent(AGENT)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Iterator[Town]:
    """Import bars and headlines, rehearse once before anything is scored, then score."""
    bars, news = real_bars("DOW10_1d_2024-12_2025-07.csv"), real_news("headlines_dow10_2025.csv")
    folder = tmp_path_factory.mktemp("town")
    terminal = Terminal(folder)
    terminal.use_database(sqlite_template)
    config = write_dow_config(PROJECT / "config", folder / "config")
    terminal.environment["ZTRADE_CONFIG_DIR"] = str(config)
    more = {"ZTRADE_CONFIG_DIR": str(config)}
    terminal.type("data", "import", str(bars), "--json", **more).document()
    imported = terminal.type("news", "import", str(news), "--json", **more).document()
    with dg.DagsterInstance.ephemeral() as instance:
        settings = load_settings(root=PROJECT, environ=terminal.environment)
        house = house_of(settings, instance)
        unscored = house.run(AGENT, {"as_of": BEFORE_SCORING})
        scored = terminal.type("sentiment", "score-stored", "--json", **more).document()
        yield Town(
            terminal=terminal,
            house=house,
            imported=imported,
            unscored_run=unscored,
            scored=scored,
        )
        house.workshop.engine.dispose()


@pytest.fixture(scope="module")
def decided(town: Town) -> dict[str, Any]:
    """What the page shows of a rehearsed decision."""
    result = town.house.run(AGENT, {"as_of": AS_OF})
    assert result.success
    return shown(town.house, result)


def shown(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    for event in house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION):
        if event.asset_key == decision_key(AGENT):
            return {name: value.value for name, value in event.materialization.metadata.items()}
    raise AssertionError("nothing was decided")


def snapshot(house: House, found: dict[str, Any]) -> MarketSnapshot:
    with house.workshop.store.reading() as uow:
        kept = uow.ledger.snapshot(found["snapshot"])
    assert kept is not None
    return kept


def test_every_headline_enters_and_is_scored_once(town: Town) -> None:
    [file] = town.imported["files"]
    assert (file["rows"], file["new"], file["refused"]) == (400, STORIES, 0)
    assert [one["symbol"] for one in town.scored["symbols"]] == list(SYMBOLS)
    assert sum(one["done"]["scored"] for one in town.scored["symbols"]) == STORIES
    again = town.type("sentiment", "score-stored")
    assert [one["done"]["scored"] for one in again["symbols"]] == [0] * 10
    status = town.type("sentiment", "status")
    assert [(one["unscored"], one["scored"] > 25) for one in status["symbols"]] == [(0, True)] * 10


def test_the_page_scores_nothing_that_the_terminal_scored(town: Town) -> None:
    start = datetime(2025, 5, 12, tzinfo=UTC)
    window = NewsWindow(symbol=SYMBOL, start=start, stop=start + timedelta(days=5))
    scored = score_days(town.house.workshop, window)
    assert (scored.done.scored, scored.unscored) == (0, 0)
    assert len(scored.rows) == scored.stories > 0


def test_a_rehearsal_before_scoring_says_that_nobody_scored_what_was_known(town: Town) -> None:
    assert shown(town.house, town.unscored_run)["sentiment"] == "-"
    handled = town.house.events(town.unscored_run, dg.DagsterEventType.STEP_OUTPUT)
    notes = [str(each.event_specific_data.metadata.get("notes", "")) for each in handled]
    assert any("not scored by lexicon" in note for note in notes)


def test_a_decision_rests_on_the_headlines_known_then_and_records_them(
    town: Town, decided: dict[str, Any]
) -> None:
    frozen, as_of = snapshot(town.house, decided), parse_instant(AS_OF)
    assert frozen.sentiment is not None
    kept = {
        story.news_id: story for story in town.house.workshop.news.published(SYMBOL, EVER, as_of)
    }
    seen = [kept[headline.news_id] for headline in frozen.sentiment.headlines]
    assert seen
    assert all(story.known_at <= as_of for story in seen)
    assert all(story.known_at == story.published_at + timedelta(minutes=15) for story in seen)
    assert all(as_of - story.published_at <= timedelta(hours=4 * 24) for story in seen)
    rows = decided["headlines_seen"].records
    assert [row.data["headline"] for row in rows] == [
        headline.headline for headline in frozen.sentiment.headlines
    ]
    assert decided["sentiment"] == frozen.sentiment.score
    assert frozen.sentiment.scorer == "lexicon@2"


def test_a_backtest_reads_what_the_rehearsal_read(town: Town, decided: dict[str, Any]) -> None:
    reading = snapshot(town.house, decided).sentiment
    closed = parse_instant("2025-05-14T20:00:00Z")
    assert reading is not None
    at_close = town.house.workshop.sentiment.reading(SYMBOL, closed)
    assert at_close is not None
    assert {each.news_id for each in at_close.headlines} == {
        each.news_id for each in reading.headlines
    }
    assert abs(at_close.score) > abs(reading.score)  # five minutes fresher


def test_the_company_differs_with_and_without_sentiment_and_says_so(town: Town) -> None:
    runs = []
    for left_out in (False, True):
        config = SPAN | {"start": "2025-04-01", "without_sentiment": left_out}
        assert town.house.run("portfolio_backtest", config).success
        runs.append(town.house.workshop.backtests.runs("company", 1)[0])
    heard, deaf = runs
    assert heard.metrics["total_return"] != deaf.metrics["total_return"]
    assert heard.metrics["trades"] != deaf.metrics["trades"]
    assert deaf.config["sentiment"] == "left out"
    agents: Any = heard.config["agents"]
    assert [one["agent"]["agent_id"] for one in agents] == list(AGENTS)
    for one in agents:
        assert one["sentiment"]["stories"] > 10
        assert one["sentiment"]["unscored"] == 0
        assert 0.2 < one["sentiment"]["bars_with_sentiment"] / one["sentiment"]["bars"] < 0.9


def test_the_study_compares_with_without_and_late(town: Town) -> None:
    result = town.house.run("sensitivity", SPAN | {"kind": "sentiment", "agent_id": AGENT})
    assert result.success
    [study] = town.house.workshop.studies.studies()
    assert study.config["variants"] == ["with", "without", "1 bar late", "1 hour late"]
    trials = town.house.workshop.studies.trials(study.study_id)
    heard = [int(trial.metrics["bars_with_sentiment"] or 0) for trial in trials]
    assert heard[1] == 0
    assert min(heard[0], heard[2], heard[3]) > 40
    assert trials[0].metrics["total_return"] != trials[1].metrics["total_return"]


class Turned(SqlScoreStore):
    """A store in which what became known after a moment says the opposite, and loudly."""

    def __init__(self, house: House, after: datetime) -> None:
        super().__init__(house.workshop.engine)
        self._after = after

    @override
    def known(self, symbol: str, scorer: str, start: datetime, stop: datetime) -> list[ScoredStory]:
        return [self._told(each) for each in super().known(symbol, scorer, start, stop)]

    def _told(self, each: ScoredStory) -> ScoredStory:
        if each.known_at <= self._after or each.score is None:
            return each
        return replace(each, score=-1.0 if each.score > 0 else 1.0, confidence=1.0)


def test_later_news_changes_nothing_that_was_decided_before_it(town: Town) -> None:
    cut, span = datetime(2025, 5, 1, 20, tzinfo=UTC), (SPAN["start"], SPAN["end"])
    bench = Ztrade(lambda: town.house.workshop).bench()
    settings = town.house.settings.company.sentiment
    turned = StoredSentiment(Turned(town.house, cut), "lexicon@2", settings)
    true, other = (
        run_once(one, town.agent, span) for one in (bench, replace(bench, sentiment=turned))
    )
    early = [
        [point for point in result.equity if point.timestamp <= cut] for result in (true, other)
    ]
    assert early[0] == early[1]
    assert len(early[0]) > 80
    assert true.equity[-1] != other.equity[-1]  # the change was one that counts


EVER = datetime(1970, 1, 1, tzinfo=UTC)
