"""Stories from CSV files: bad rows are named and cost no other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.hostile_headlines import MEGABYTE
from tests.fakes.news_store import MemoryNewsStore
from ztrade_core.errors import InputError, UnsoundDataError
from ztrade_core.news.files import COLUMNS, NewsImport, import_news

NOW = datetime(2025, 3, 10, tzinfo=UTC)
HEADER = ",".join(COLUMNS)
GOOD = "1,2025-03-03T14:30:00Z,TSLA,Deliveries rose,,Yahoo,https://example.com/1"


def put_in(folder: Path, *lines: str) -> tuple[NewsImport, MemoryNewsStore]:
    """Import a file of these lines into an empty store."""
    path = folder / "news.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8", newline="")
    return put_in_file(path)


def put_in_file(path: Path) -> tuple[NewsImport, MemoryNewsStore]:
    store = MemoryNewsStore()
    done = import_news([path], store, fetched_at=NOW, backfill_delay=timedelta(minutes=15))
    return done[0], store


def test_a_row_becomes_a_story_for_each_symbol(tmp_path: Path) -> None:
    row = '7,2025-03-03T09:30:00-05:00,TSLA BTC/USD,"Up, ""much""",A summary,Yahoo Finance,'
    done, store = put_in(tmp_path, row)
    assert (done.file, done.rows, done.taken.new, done.faults) == ("news.csv", 1, 2, ())
    first, second = store.kept
    assert (first.symbol, second.symbol, first.news_id) == ("TSLA", "BTC/USD", second.news_id)
    assert (first.headline, first.body, first.url) == ('Up, "much"', "A summary", "")
    assert first.source == "file:Yahoo-Finance"
    assert first.published_at == datetime(2025, 3, 3, 14, 30, tzinfo=UTC)
    assert first.known_at == first.published_at + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2,yesterday,TSLA,Up,,Yahoo,", "line 3, column timestamp: 'yesterday' is not an ISO 8601"),
        (
            "2,2025-03-03T14:30:00,TSLA,Up,,Yahoo,",
            "line 3, column timestamp: '2025-03-03T14:30:00'",
        ),
        ("2,2025-03-11T00:00:00Z,TSLA,Up,,Yahoo,", "line 3, column timestamp: published_at"),
        ("2,0001-01-01T00:00:00+05:00,TSLA,Up,,Yahoo,", "line 3, column timestamp: '0001-01-01"),
        ("2,2025-03-03T14:30:00Z,,Up,,Yahoo,", "line 3, column symbols: it names no symbol"),
        ("2,2025-03-03T14:30:00Z,TSLA Tesla,Up,,Yahoo,", "line 3, column symbols: symbol 'Tesla'"),
        ("2,2025-03-03T14:30:00Z,TSLA,-,,Yahoo,", "line 3, column headline: the headline has no"),
        ("2,2025-03-03T14:30:00Z,TSLA,Up,, ,", "line 3, column source: the source has no name"),
        ("2,2025-03-03T14:30:00Z,TSLA,Up, much,,Yahoo,", "line 3: 8 cells, the header has 7"),
        ("gone", "line 3: 1 cells, the header has 7"),
        ('2,2025-03-03T14:30:00Z,TSLA,5" up,,Yahoo,', "line 3: not CSV: a quote is not closed"),
        ('2,2025-03-03T14:30:00Z,TSLA,"Up,,Yahoo,', "line 3: not CSV: a quote is not closed"),
    ],
)
def test_a_bad_row_is_named_and_costs_no_other(tmp_path: Path, row: str, fault: str) -> None:
    last = GOOD.replace("1,", "3,", 1).replace("rose", "fell")
    done, store = put_in(tmp_path, GOOD, row, last)
    assert [each.text.startswith(fault) for each in done.faults] == [True], done.faults
    assert (done.rows, done.taken.new) == (3, 2)
    assert [story.headline for story in store.kept] == ["Deliveries rose", "Deliveries fell"]


def test_a_quoted_text_may_span_lines_and_the_next_line_keeps_its_number(tmp_path: Path) -> None:
    spanning = '2,2025-03-03T14:30:00Z,TSLA,"Up\r\nand\n\nup",,Yahoo,'
    done, store = put_in(tmp_path, spanning, "", "gone")
    assert store.kept[0].headline == "Up and up"
    assert [fault.line for fault in done.faults] == [7]


def test_a_headline_of_a_megabyte_is_cut_and_costs_no_other(tmp_path: Path) -> None:
    huge = f'2,2025-03-03T14:30:00Z,TSLA,"{"Up, " * (MEGABYTE // 6)}""",,Yahoo,'
    done, store = put_in(tmp_path, GOOD, huge, GOOD.replace("1,", "3,", 1).replace("rose", "fell"))
    assert done.faults == ()
    assert [len(story.headline) for story in store.kept] == [15, 300, 15]


def test_bytes_that_are_no_text_are_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    rows = [HEADER.encode(), GOOD.encode().replace(b"rose", b"\xff\xfe"), GOOD.encode(), b""]
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(rows))
    done, store = put_in_file(path)
    assert [fault.text for fault in done.faults] == ["line 2: not UTF-8 text"]
    assert [story.headline for story in store.kept] == ["Deliveries rose"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the file is empty; wanted id,timestamp"),
        ("id,timestamp\n", r"line 1: the header is 'id,timestamp'; wanted id,timestamp,symbols"),
        (HEADER + ",label\n", "url,label'; wanted"),
        ("\x1b[2J\n", "the header is ''; wanted"),
    ],
)
def test_another_header_refuses_the_file(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "news.csv"
    path.write_text(content)
    with pytest.raises(UnsoundDataError, match=rf"news\.csv: .*{reason}"):
        put_in_file(path)


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text(
        "url,source,summary,headline,symbols,timestamp,id\n,Yahoo,,Up,V,2025-03-03T14:30:00Z,1\n"
    )
    assert put_in_file(path)[1].kept[0].symbol == "V"


def test_what_is_no_file_is_refused_before_anything_is_kept(tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(f"{HEADER}\n{GOOD}\n")
    store = MemoryNewsStore()
    for path, reason in ((tmp_path, "is a directory"), (tmp_path / "no.csv", "does not exist")):
        with pytest.raises(InputError, match=reason):
            import_news([good, path], store, fetched_at=NOW, backfill_delay=timedelta())
    assert store.kept == []
