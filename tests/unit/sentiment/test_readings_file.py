"""Readings from a file: sound ones are served as of a range, every bad cell is named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.time import to_micros
from ztrade_core.errors import InputError, UnsoundDataError
from ztrade_core.sentiment.readings_file import FileSentiment, read_readings

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
HEADER = "known_at,score,confidence"
SOUND = (
    f"{HEADER}\n2022-12-28T12:00:00Z,0.5,0.25\n\n2022-12-28T08:00:00-05:00,,\n"
    "2022-12-28T14:00:00Z,-1,1\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "readings.csv"
    path.write_text(SOUND)
    return path


def problem_of(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(UnsoundDataError) as caught:
        read_readings(path)
    return str(caught.value)


def test_readings_are_those_of_the_file_and_empty_cells_are_no_news(file: Path) -> None:
    known = read_readings(file)
    assert known.known_at.tolist() == [to_micros(NOON + timedelta(hours=n)) for n in range(3)]
    assert [None if x != x else x for x in known.scores.tolist()] == [0.5, None, -1.0]  # noqa: PLR0124
    assert known.scorer == "file:readings.csv"
    assert known.as_of(NOON + timedelta(minutes=90)) is None


def moments(*hours: float) -> IntArray:
    return np.array([to_micros(NOON + timedelta(hours=each)) for each in hours], dtype=np.int64)


def test_a_range_begins_with_the_last_reading_before_it(file: Path) -> None:
    history = FileSentiment(file, "TSLA")
    found = history.series("TSLA", moments(0.5, 1.5))
    assert found is not None
    assert found.scores.tolist()[0] == 0.5
    assert len(found) == 2
    before = history.series("TSLA", moments(-2, -0.25))
    assert before is not None
    assert len(before) == 0
    assert history.series("IWM", moments(0, 24)) is None
    assert history.series("TSLA", moments()) is None


def test_columns_may_stand_in_any_order(file: Path) -> None:
    file.write_text("confidence,known_at,score\n0.25,2022-12-28T12:00:00Z,0.5\n")
    known = read_readings(file)
    assert (known.scores.tolist(), known.confidences.tolist()) == ([0.5], [0.25])


def test_every_bad_cell_is_named_by_line_and_column(file: Path) -> None:
    said = problem_of(
        file,
        f"{HEADER}\n2022-12-28T12:00:00Z,1.5,0.5\n2022-12-28T11:00:00Z,0.5,0.5\n"
        "2022-12-28T13:00:00,0.5,nan\n2022-12-28T14:00:00Z,,0.5\n2022-12-28T15:00:00Z,0.5,1_0\n",
    )
    assert said == (
        "readings.csv: line 2, score: '1.5' is not a number within -1..1;"
        " line 3, known_at: 2022-12-28T11:00:00Z is not after 2022-12-28T12:00:00Z;"
        " line 4, known_at: '2022-12-28T13:00:00' is not an ISO 8601 instant with its offset, like"
        " 2022-02-02T14:30:00Z;"
        " line 4, confidence: 'nan' is not a number within 0..1;"
        " line 5, score: '' is not a number within -1..1;"
        " line 6, confidence: '1_0' is not a number within 0..1"
    )


def test_of_many_bad_cells_ten_are_named_and_the_others_counted(file: Path) -> None:
    rows = [f"2022-12-28T12:00:{n:02}Z,2,0.5" for n in range(25)]
    said = problem_of(file, "\n".join([HEADER, *rows]))
    assert said.count("score: '2'") == 10
    assert said.endswith("; and 15 more")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1 has the columns none; needed are known_at,score,confidence"),
        ("time,score,confidence\n", "line 1 has the columns time,score,confidence; needed are"),
        (f"{HEADER}\n", "the file has no readings"),
        (f"{HEADER}\n2022-12-28T12:00:00Z,0.5\n", "line 2 has 2 columns, not 3"),
        (f'{HEADER}\n"2022\n', "not a CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_file_of_readings_is_refused(file: Path, text: str, problem: str) -> None:
    assert problem in problem_of(file, text)


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    file.write_bytes(HEADER.encode() + b"\n\xff\xfe,1,1\n")
    with pytest.raises(UnsoundDataError, match="not a CSV file in UTF-8"):
        read_readings(file)


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file: give a CSV file with known_at"):
        read_readings(tmp_path / "none.csv")
