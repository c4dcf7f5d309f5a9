"""`ztrade news`: import, status, show, fetch, as a person types them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.real_news import real_news
from tests.fakes.terminal import Terminal

HEADER = "id,timestamp,symbols,headline,summary,source,url"
GOOD = "1,2025-03-03T14:30:00Z,TSLA MSFT,Deliveries rose,All of it,Yahoo,https://example.com/1"


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on an empty, migrated store."""
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    return made


def news_file(folder: Path, *rows: str) -> str:
    path = folder / "news.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return str(path)


def test_good_rows_enter_bad_ones_are_named_and_the_exit_code_tells(
    terminal: Terminal, tmp_path: Path
) -> None:
    typed = terminal.type("news", "import", news_file(tmp_path, GOOD, "2,soon,TSLA,Up,,Yahoo,"))
    assert typed.code == 3, typed.err
    assert "news.csv: line 3, column timestamp: 'soon' is not an ISO 8601 instant" in typed.out
    shown = terminal.type("news", "status", "--json").document()
    assert [(each["symbol"], each["stories"]) for each in shown["symbols"]] == [
        ("MSFT", 1),
        ("TSLA", 1),
    ]


def test_a_files_name_is_text_only(terminal: Terminal, tmp_path: Path) -> None:
    path = Path(news_file(tmp_path, GOOD, "2,soon,TSLA,Up,,Yahoo,"))
    named = path.rename(tmp_path / "\x1b]0;owned\x07[red]a\x9b2J.csv")
    shown = terminal.type("news", "import", str(named)).out
    assert "[red]a" in shown
    assert all(letter.isprintable() or letter == "\n" for letter in shown)


def test_a_second_import_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    path = news_file(tmp_path, GOOD)
    first = terminal.type("news", "import", path, "--json").document()
    second = terminal.type("news", "import", path, "--json").document()
    done = {"file": "news.csv", "rows": 1, "refused": 0, "faults": []}
    assert first == {"files": [done | {"new": 2, "known_before": 0}]}
    assert second == {"files": [done | {"new": 0, "known_before": 2}]}


def test_an_import_names_the_next_step_when_something_is_new(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = news_file(tmp_path, GOOD)
    next_step = "2 new: `ztrade sentiment score-stored` scores them"
    assert next_step in terminal.type("news", "import", path).out
    assert "score-stored" not in terminal.type("news", "import", path).out


def test_the_real_headlines_go_in_and_are_shown(terminal: Terminal) -> None:
    path = str(real_news("headlines_dow10_2025.csv"))
    assert terminal.type("news", "import", path, "--json").document()["files"][0]["new"] == 461
    assert "file:SeekingAlpha 13" in terminal.type("news", "status").out
    typed = terminal.type("news", "show", "MSFT", "--limit", "2")
    assert "MSFT, META, AAPL, AMZN: One" in typed.out
    assert "49 older ones" in typed.out


def test_a_range_of_stories_is_shown_the_newest_first(terminal: Terminal, tmp_path: Path) -> None:
    other = "2,2025-03-04T14:30:00Z,TSLA,Deliveries fell,,Yahoo,"
    terminal.type("news", "import", news_file(tmp_path, GOOD, other))
    words = ("news", "show", "TSLA", "--json", "--from", "2025-03-03T14:30:00Z")
    shown = terminal.type(*words).document()
    assert [each["headline"] for each in shown["shown"]] == ["Deliveries fell", "Deliveries rose"]
    assert shown["shown"][1]["known_at"] == "2025-03-03T14:45:00Z"
    shown = terminal.type(*words, "--to", "2025-03-04T14:30:00Z", "--limit", "1").document()
    assert (shown["stories"], shown["shown"][0]["body"]) == (1, "All of it")


def test_strangers_text_reaches_the_terminal_as_text_only(
    terminal: Terminal, tmp_path: Path
) -> None:
    rows = [
        f'{number},2025-03-03T14:30:00Z,TSLA,"{quoted}","{quoted}","[red]{number}",javascript:1'
        for number, headline in enumerate(HOSTILE)
        if len(headline) < 1000 and "\ud800" not in headline
        for quoted in [headline.replace('"', '""')]
    ]
    done = terminal.type("news", "import", news_file(tmp_path, *rows), "--json").document()
    assert done["files"][0]["new"] == len(rows) > 150
    shown = terminal.type("news", "show", "TSLA", "--limit", "1000")
    assert shown.code == 0, shown.err
    assert "[bold red]" in shown.out
    assert all(letter.isprintable() or letter == "\n" for letter in shown.out)
    document = json.loads(terminal.type("news", "show", "TSLA", "--limit", "1000", "--json").out)
    assert {each["url"] for each in document["shown"]} == {None}


def test_hostile_rows_that_are_bad_are_named_without_their_escapes(
    terminal: Terminal, tmp_path: Path
) -> None:
    row = "1,\x1b[2J\x1b]0;owned\x07[bold]now[/]\u202e,TSLA,Up,,Yahoo,"
    typed = terminal.type("news", "import", news_file(tmp_path, row))
    assert typed.code == 3
    assert "column timestamp: '[bold]now[/]' is not" in typed.out
    assert all(letter.isprintable() or letter == "\n" for letter in typed.out)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("import", "no.csv"), "no.csv does not exist"),
        (("show", "tsla"), "'tsla' is no symbol; write a stock as TSLA"),
        (("fetch", "--symbols", "tsla"), "'tsla' is no symbol; write a stock as TSLA"),
        (
            ("show", "TSLA", "--from", "2025-01-02T00:00:00Z", "--to", "2025-01-01T00:00:00Z"),
            "the range begins at 2025-01-02",
        ),
    ],
)
def test_a_wrong_request_is_one_line(
    terminal: Terminal, words: tuple[str, ...], reason: str
) -> None:
    typed = terminal.type("news", *words)
    assert typed.code == 2
    assert reason in typed.err
    assert typed.err.count("\n") == 1


def test_an_empty_store_says_what_to_do(terminal: Terminal) -> None:
    assert "`ztrade news fetch` asks the sources" in terminal.type("news", "status").out
    assert "no stories about TSLA in that range" in terminal.type("news", "show", "TSLA").out


def test_with_files_nobody_is_asked_and_that_is_said(terminal: Terminal) -> None:
    typed = terminal.type("news", "fetch", "--symbols", "TSLA")
    assert typed.code == 3
    assert "nobody to ask: stories come from files only" in typed.out


def test_invented_stories_come_marked_as_such(terminal: Terminal) -> None:
    words = ("news", "fetch", "--symbols", "TSLA", "BTC/USD", "--days", "40", "--json")
    windows = terminal.type(*words, ZTRADE_MARKET_DATA="synthetic").document()["windows"]
    assert [each["symbol"] for each in windows] == ["TSLA", "TSLA", "BTC/USD", "BTC/USD"]
    assert all(each["complete"] and each["new"] > 0 for each in windows)
    shown = terminal.type("news", "show", "TSLA", "--json", "--limit", "1000").document()
    assert {each["source"] for each in shown["shown"]} == {"synthetic:demo"}
    newest = datetime.fromisoformat(shown["shown"][0]["published_at"])
    assert newest > datetime.now(UTC) - timedelta(days=3)  # noqa: TID251 - the command's clock
