"""Filings from the SEC, against a local server of invented lists in the documented shape."""

from datetime import UTC, datetime

import pytest

from tests.fakes.sec_edgar import (
    COMPANY,
    CONTACT,
    NOW,
    OTHER,
    Filed,
    SecVendor,
    sec_news,
)
from ztrade_core.errors import (
    VendorRefusedError,
)
from ztrade_core.news.sec_forms import headline_of

START = datetime(2022, 11, 1, tzinfo=UTC)
RESULTS = Filed(
    number=1, day="2022-11-10", clock="20221110162159", listed="2022-11-10T21:21:59.000Z"
)
ACCEPTED = datetime(2022, 11, 10, 21, 21, 59, tzinfo=UTC)
LIST = f"/submissions/CIK{COMPANY:010}.json"


def test_a_filing_becomes_a_headline_of_form_and_items() -> None:
    with sec_news(SecVendor([RESULTS])) as (source, server):
        found = source.fetch("TSLA", START, NOW)
        base = server.url
    (story,) = found.stories
    assert story.headline == "TSLA files 8-K: Results of Operations and Financial Condition"
    assert story.body == (
        "Results of Operations and Financial Condition; Financial Statements and Exhibits"
    )
    assert (story.external_id, story.symbols) == ("0001234567-22-000001", ("TSLA",))
    assert (story.source, story.changed_at) == ("sec:8-K", None)
    folder = "/Archives/edgar/data/1234567/000123456722000001"
    assert story.url == f"{base}{folder}/0001234567-22-000001-index.htm"
    assert story.published_at == ACCEPTED
    assert found.notes == ()
    assert [each.path for each in server.seen] == [
        "/files/company_tickers.json",
        LIST,
        f"{folder}/0001234567-22-000001-index-headers.html",
    ]


@pytest.mark.parametrize(
    "listed",
    [
        "2022-11-10T16:21:59.000Z",  # New York's clock, though it says Z
        "2022-11-10T21:21:59.000Z",  # UTC
        "2022-11-11T02:21:59.000Z",  # shifted twice
    ],
)
def test_the_headers_clock_counts_whatever_the_list_says(listed: str) -> None:
    filed = Filed(number=1, day="2022-11-10", clock="20221110162159", listed=listed)
    with sec_news(SecVendor([filed])) as (source, _):
        (story,) = source.fetch("TSLA", START, NOW).stories
    assert story.published_at == ACCEPTED


def test_without_a_header_the_latest_reading_of_the_list_counts_and_is_told() -> None:
    with sec_news(SecVendor([RESULTS], headers=False)) as (source, _):
        found = source.fetch("TSLA", START, NOW)
    assert found.stories[0].published_at == datetime(2022, 11, 11, 2, 21, 59, tzinfo=UTC)
    assert found.notes == (
        "1 timed by the list of filings, up to 5 hours late: their headers were not read",
    )


def test_what_is_accepted_in_the_evening_is_published_the_next_morning() -> None:
    evening = Filed(
        number=1, day="2022-11-14", clock="20221111184500", listed="2022-11-11T23:45:00.000Z"
    )
    with sec_news(SecVendor([evening])) as (source, _):
        (story,) = source.fetch("TSLA", START, NOW).stories
        friday = datetime(2022, 11, 11, 23, 50, tzinfo=UTC)
        assert source.fetch("TSLA", START, friday).stories == ()
    assert story.published_at == datetime(2022, 11, 14, 11, 0, tzinfo=UTC)  # Monday, 06:00 New York


def test_summer_time_is_new_yorks() -> None:
    july = Filed(
        number=1, day="2022-07-20", clock="20220720163000", listed="2022-07-20T16:30:00.000Z"
    )
    with sec_news(SecVendor([july])) as (source, _):
        (story,) = source.fetch("TSLA", datetime(2022, 7, 1, tzinfo=UTC), NOW).stories
    assert story.published_at == datetime(2022, 7, 20, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "items", "headline"),
    [
        ("8-K", "5.02", "TSLA files 8-K: Departure or Election of Directors or Certain Officers"),
        ("8-K", "9.01", "TSLA files 8-K: Financial Statements and Exhibits"),
        ("8-K", "7.01,8.01", "TSLA files 8-K: Regulation FD Disclosure; Other Events"),
        ("8-K", "9.99", "TSLA files 8-K: Item 9.99"),
        ("8-K", "", "TSLA files 8-K: Current Report"),
        ("10-Q", "", "TSLA files 10-Q: Quarterly Report"),
        ("10-K/A", "", "TSLA files 10-K/A: Annual Report"),
        ("6-K", "", "TSLA files 6-K: Report of a Foreign Issuer"),
        ("SC 13G/A", "", "TSLA is named in SC 13G/A: Beneficial Ownership"),
        (
            "SCHEDULE 13D",
            "",
            "TSLA is named in SCHEDULE 13D: Beneficial Ownership, with Intent to Influence",
        ),
    ],
)
def test_headlines(form: str, items: str, headline: str) -> None:
    assert headline_of("TSLA", form, items) == headline


def test_only_telling_forms_are_read() -> None:
    forms = ["4", "144", "S-8", "10-Q", "SC 13G/A", "DEF 14A"]
    filings = [
        Filed(number=n, day="2022-11-10", clock="20221110162159", listed="", form=form, items="")
        for n, form in enumerate(forms)
    ]
    with sec_news(SecVendor(filings)) as (source, server):
        found = source.fetch("TSLA", START, NOW)
        assert len(server.seen) == 2 + 2
    assert [each.source for each in found.stories] == ["sec:10-Q", "sec:SC-13G"]


def test_older_lists_are_read_where_the_range_needs_them() -> None:
    first, second = (f"CIK{COMPANY:010}-submissions-00{n}.json" for n in (1, 2))
    early = Filed(number=9, day="2020-02-03", clock="20200203120000", listed="")
    older = {
        first: ("2019-01-01", "2021-12-31", [early]),
        second: ("1999-01-01", "2018-12-31", []),
    }
    with sec_news(SecVendor([RESULTS], older=older)) as (source, server):
        recent = source.fetch("TSLA", START, NOW)
        assert not any("submissions-0" in each.path for each in server.seen)
        found = source.fetch("TSLA", datetime(2020, 1, 1, tzinfo=UTC), NOW)
        paths = [each.path for each in server.seen]
    assert len(recent.stories) == 1
    assert sorted(each.external_id for each in found.stories) == [
        RESULTS.accession,
        early.accession,
    ]
    assert f"/submissions/{first}" in paths
    assert f"/submissions/{second}" not in paths


def test_the_list_of_tickers_is_read_once_and_knows_share_classes() -> None:
    with sec_news(SecVendor([], company=OTHER)) as (source, server):
        assert source.calls("BRK.B", START, NOW) == 2
        source.fetch("BRK.B", START, NOW)
        assert source.calls("BRK.B", START, NOW) == 1
        source.fetch("BRK.B", START, NOW)
        paths = [each.path for each in server.seen]
    assert paths.count("/files/company_tickers.json") == 1
    assert paths[1] == f"/submissions/CIK{OTHER:010}.json"


def test_a_symbol_that_is_no_company_has_no_filings_and_says_so() -> None:
    with sec_news(SecVendor([])) as (source, _):
        found = source.fetch("SPY", START, NOW)
    assert found.stories == ()
    assert found.notes == ("the SEC lists no company under SPY",)


def test_the_contact_is_told_with_every_request_and_nothing_is_asked_without_one() -> None:
    with sec_news(SecVendor([RESULTS])) as (source, server):
        source.fetch("TSLA", START, NOW)
        assert {each.headers["user-agent"] for each in server.seen} == {CONTACT}
    with sec_news(SecVendor([RESULTS]), contact=None) as (source, server):
        assert not source.supports("TSLA")
        assert source.calls("TSLA", START, NOW) == 0
        with pytest.raises(VendorRefusedError, match=r"vendors\.sec\.contact"):
            source.fetch("TSLA", START, NOW)
        assert server.seen == []


def test_coins_have_no_filings() -> None:
    with sec_news(SecVendor([])) as (source, server):
        assert not source.supports("BTC/USD")
        with pytest.raises(VendorRefusedError, match="stocks only"):
            source.fetch("BTC/USD", START, NOW)
        assert server.seen == []
