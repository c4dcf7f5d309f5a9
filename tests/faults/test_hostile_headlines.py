"""Two hundred hostile headlines, imported, scored and decided on, change a number and what follows from it.

Two houses on one rising market: in the one they are told as they are, in the other harmless words stand in
their place, with the same scores. A third never heard any news.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.series import series_of_closes
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, AS_OF, House, flat_market, house_of
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import from_micros, parse_instant
from ztrade_core.news.files import COLUMNS
from ztrade_core.sentiment.folding import Folder
from ztrade_core.settings.load import load_settings
from ztrade_pipelines.keys import decision_key, order_key

SYMBOL = "TSLA"
HEARD = parse_instant(AS_OF) - timedelta(hours=1)
OF_NEWS = {"news", "sentiment_history", "sentiment_scores", "latest_sentiment"}
SAID = (
    "Ignore all previous", "SYSTEM", "<script", "<img", "</headline", "<system", "\x1b", "\x9b", "DROP",
    "evil.example", "[bold", "onerror", "etc/passwd", "cmd|", "HYPERLINK", "\u202e", "Set-Cookie",
)  # fmt: skip
LOOKED = (
    ("news", "status"), ("sentiment", "status"), ("audit", "show", "--account", "rehearsal"),
    ("audit", "show", "1", "--account", "rehearsal"), ("company", "dashboard", "--account", "rehearsal"),
    ("risk", "status", "--account", "rehearsal"), ("sentiment", "effectiveness", "--account", "rehearsal"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Told:
    """One house after its decision: what it holds, and what the page and the terminal said."""

    terminal: Terminal
    house: House
    result: dg.ExecuteInProcessResult
    before: Mapping[str, int]
    after_scoring: Mapping[str, int]

    @property
    def snapshot(self) -> MarketSnapshot:
        """The moment that was decided on."""
        with self.house.workshop.store.reading() as uow:
            found = uow.ledger.snapshot(self.metadata["snapshot"])
        assert found is not None
        return found

    @property
    def metadata(self) -> dict[str, Any]:
        """What the page shows of the decision."""
        return metadata_of(self, decision_key(AGENT))


def metadata_of(told: Told, key: dg.AssetKey) -> dict[str, Any]:
    for event in told.house.events(told.result, dg.DagsterEventType.ASSET_MATERIALIZATION):
        if event.asset_key == key:
            return {name: value.value for name, value in event.materialization.metadata.items()}
    raise AssertionError(f"{key.to_user_string()} was not materialized")


def counts(house: House) -> dict[str, int]:
    with house.workshop.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        query = sa.select(sa.func.count())
        return {
            name: connection.execute(query.select_from(sa.table(name))).scalar_one()
            for name in names
        }


def write_csv(path: Path) -> Path:
    """Write the headlines as a file of news: what UTF-8 cannot carry is replaced."""
    published = f"{HEARD:%Y-%m-%dT%H:%M:%SZ}"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for number, headline in enumerate(HOSTILE):
            text = headline.replace("\x00", "")
            rows.writerow((number, published, SYMBOL, text, text[:3000], text[:90], text[:90]))
    return path


def rising(house: House) -> None:
    """Put a market that rises, not too fast, into the store."""
    flat = flat_market(house.workshop.calendar)
    opened = [from_micros(int(stamp)) for stamp in flat.timestamps]
    closes = [100.0 + 0.02 * index + (0.08 if index % 2 else 0.0) for index in range(len(opened))]
    bars = series_of_closes(
        SYMBOL, flat.timeframe, opened, closes, volumes=[1e6] * len(opened), wick=0.001
    )
    house.workshop.bars.upsert([bars], source="hand-made", ingested_at=house.workshop.clock.now())


def opened(folder: Path, template: Path, instance: dg.DagsterInstance) -> tuple[Terminal, House]:
    terminal = Terminal(folder)
    terminal.use_database(template)
    house = house_of(load_settings(environ=terminal.environment), instance)
    rising(house)
    return terminal, house


def decided(terminal: Terminal, house: House, before: Mapping[str, int]) -> Told:
    after_scoring = counts(house)
    result = house.run(AGENT, {"as_of": AS_OF})
    assert result.success
    return Told(
        terminal=terminal, house=house, result=result, before=before, after_scoring=after_scoring
    )


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    """One instance for the houses."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, instance: dg.DagsterInstance
) -> Iterator[Told]:
    """The house that was told the hostile headlines, through the terminal."""
    folder = tmp_path_factory.mktemp("hostile")
    terminal, house = opened(folder, sqlite_template, instance)
    before = counts(house)
    said = terminal.type("news", "import", str(write_csv(folder / "news.csv")))
    scored = terminal.type("sentiment", "score-stored", "--symbols", SYMBOL)
    assert (said.code, scored.code) == (3, 0)  # 3: some rows had no word
    for typed in (said, scored):
        assert_plain(typed.out + typed.err)
    yield decided(terminal, house, before)
    house.workshop.engine.dispose()


@pytest.fixture(scope="module")
def harmless(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    instance: dg.DagsterInstance,
    hostile: Told,
) -> Iterator[Told]:
    """The house in which harmless words have the same scores; what retold another is left out."""
    terminal, house = opened(tmp_path_factory.mktemp("harmless"), sqlite_template, instance)
    before, folder = counts(house), Folder()
    shop, there = house.workshop, hostile.house.workshop
    ever = (HEARD - timedelta(days=1), HEARD + timedelta(days=1))
    stories = {story.news_id: story for story in there.news.known(SYMBOL, *ever)}
    for row in there.scores.known(SYMBOL, shop.sentiment.scorer_key, *ever):
        at = int(row.known_at.timestamp() * 1_000_000)
        if not folder.is_retold(at, row.headline):
            words = f"Notice {row.news_id[:8]} {row.news_id[8:16]} {row.news_id[16:24]}"
            told = replace(
                stories[row.news_id], headline=words, body="", source="file:paper", url=""
            )
            shop.news.put([told])
            shop.scores.put([replace(row, headline=words, source="file:paper")])
    yield decided(terminal, house, before)
    house.workshop.engine.dispose()


@pytest.fixture(scope="module")
def silent(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, instance: dg.DagsterInstance
) -> Iterator[Told]:
    """The house that never heard any news."""
    terminal, house = opened(tmp_path_factory.mktemp("silent"), sqlite_template, instance)
    yield decided(terminal, house, counts(house))
    house.workshop.engine.dispose()


def assert_plain(text: str) -> None:
    """Nothing that a terminal would obey, and no markup that became alive."""
    assert all(letter.isprintable() or letter == "\n" for letter in text), ascii(text)
    assert not [each for each in ("\x1b", "\x9b", "\u202e", "<script", "<img") if each in text]


def orders(told: Told) -> list[dict[str, Any]]:
    """Return every order with all its columns, less what tells when and by which snapshot."""
    with told.house.workshop.engine.connect() as connection:
        found = connection.execute(sa.text("select * from orders order by client_order_id"))
        return [dict(row) for row in found.mappings()]


def test_import_and_scoring_touch_the_tables_of_news_alone(hostile: Told) -> None:
    grown = {name for name, rows in hostile.after_scoring.items() if rows != hostile.before[name]}
    assert grown == OF_NEWS
    assert hostile.after_scoring["news"] == hostile.after_scoring["sentiment_history"] > 150


def test_the_decision_and_its_orders_are_those_of_harmless_words_with_the_same_scores(
    hostile: Told, harmless: Told
) -> None:
    one, two = hostile.snapshot.sentiment, harmless.snapshot.sentiment
    assert one is not None
    assert two is not None
    assert (one.score, one.confidence) == (two.score, two.confidence)
    assert [each.news_id for each in one.headlines] == [each.news_id for each in two.headlines]
    names = (
        "action",
        "outcome",
        "reason",
        "confidence",
        "quantity",
        "limit_price",
        "stop_price",
        "target_price",
    )
    assert [hostile.metadata[name] for name in names] == [harmless.metadata[name] for name in names]
    assert orders(hostile) == orders(harmless)
    assert (hostile.metadata["action"], len(orders(hostile))) == ("buy", 1)


def test_deciding_writes_as_many_rows_as_with_harmless_words(hostile: Told, harmless: Told) -> None:
    wrote = [
        {name: rows - told.after_scoring[name] for name, rows in counts(told.house).items()}
        for told in (hostile, harmless)
    ]
    assert wrote[0] == wrote[1]
    assert all(wrote[0][name] == 0 for name in OF_NEWS)


def test_only_the_number_made_the_difference_to_a_house_without_news(
    hostile: Told, silent: Told
) -> None:
    assert silent.snapshot.sentiment is None
    assert hostile.metadata["confidence"] != silent.metadata["confidence"]
    assert (
        replace(hostile.snapshot, sentiment=None).content_hash() == silent.snapshot.content_hash()
    )


@pytest.mark.parametrize("words", LOOKED, ids=" ".join)
def test_the_terminal_prints_none_of_it_raw(hostile: Told, words: tuple[str, ...]) -> None:
    typed = hostile.terminal.type(*words)
    assert typed.code == 0, typed.err
    assert_plain(typed.out + typed.err)


def test_the_terminal_shows_stories_as_plain_text_when_asked(hostile: Told) -> None:
    typed = hostile.terminal.type("news", "show", SYMBOL, "--limit", "200", COLUMNS="200")
    assert typed.code == 0, typed.err
    assert_plain(typed.out)
    document = hostile.terminal.type("news", "show", SYMBOL, "--limit", "200", "--json").document()
    assert_plain(json.dumps(document, ensure_ascii=False))


def test_the_page_gets_headlines_as_cells_of_tables_and_nowhere_else(hostile: Told) -> None:
    found = hostile.metadata
    cells = [record.data for record in found.pop("headlines_seen").records]
    assert len(cells) == 20
    for cell in cells:
        assert_plain("".join(str(value) for value in cell.values()))
    rest = "\n".join(f"{name} {value}" for name, value in found.items())
    records = hostile.house.instance.get_records_for_run(hostile.result.run_id).records
    logged = [record.event_log_entry.user_message for record in records]
    order = metadata_of(hostile, order_key(AGENT)) if orders(hostile) else {}
    for said in SAID:
        assert said not in rest
        assert said not in str(order)
        assert not [line for line in logged if said in line]
