"""New York months."""

from datetime import UTC, datetime

import pytest

from ztrade_core.errors import InputError
from ztrade_core.studies.walk_forward_months import month_at, month_of, months_from, stretches


def test_a_month_begins_and_ends_at_new_york_s_midnight() -> None:
    """March 2022 begins in winter time (05:00 UTC) and ends in summer time (04:00 UTC)."""
    march = month_of("2022-03")
    assert march.begins == datetime(2022, 3, 1, 5, tzinfo=UTC)
    assert march.ends == datetime(2022, 4, 1, 4, tzinfo=UTC)


def test_an_instant_lies_in_new_york_s_month() -> None:
    assert month_at(datetime(2022, 12, 1, 4, 59, tzinfo=UTC)).text == "2022-11"
    assert month_at(datetime(2022, 12, 1, 5, 0, tzinfo=UTC)).text == "2022-12"


def test_months_are_counted_over_new_year() -> None:
    assert month_of("2022-12").later(1).text == "2023-01"
    assert month_of("2022-01").later(-13).text == "2020-12"
    asked = months_from(month_of("2022-11"), month_of("2023-02"))
    assert [month.text for month in asked] == ["2022-11", "2022-12", "2023-01", "2023-02"]
    assert months_from(month_of("2023-01"), month_of("2022-12")) == []


def test_stretches_have_no_hole() -> None:
    months = [month_of(text) for text in ("2022-11", "2022-12", "2023-01", "2023-03", "2023-05")]
    found = [(first.text, last.text) for first, last in stretches(months)]
    assert found == [("2022-11", "2023-01"), ("2023-03", "2023-03"), ("2023-05", "2023-05")]
    assert stretches([]) == []


@pytest.mark.parametrize(
    "text", ["", "2022", "2022-13", "2022-00", "2022-5", "0000-01", "2022-05-01"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="write a year and a month like 2022-05"):
        month_of(text)
