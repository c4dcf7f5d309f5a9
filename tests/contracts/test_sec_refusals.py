"""What goes wrong between us and the SEC: bounds hold, and each failure is one clear error."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.noted_pace import NotedPace
from tests.fakes.sec_edgar import (
    COMPANY,
    CONTACT,
    NOW,
    OTHER,
    Filed,
    SecVendor,
    columns_of,
    sec_news,
)
from tests.fakes.secrets_told import everything_told
from tests.fakes.vendor_faults import FAULTS, QUICK, UsedUp
from tests.fakes.vendor_server import Answer, Asked, json_answer
from ztrade_core.errors import (
    DataError,
    NoDataError,
    RateLimitedError,
    TransientDataError,
    UnsoundDataError,
    VendorRefusedError,
)
from ztrade_core.news.sec import MOST_HEADERS

START = datetime(2022, 11, 1, tzinfo=UTC)
RESULTS = Filed(
    number=1, day="2022-11-10", clock="20221110162159", listed="2022-11-10T21:21:59.000Z"
)
ACCEPTED = datetime(2022, 11, 10, 21, 21, 59, tzinfo=UTC)
LIST = f"/submissions/CIK{COMPANY:010}.json"


def instead(path: str, answer: Answer) -> Callable[[Asked], Answer]:
    """EDGAR, with one path gone wrong."""
    vendor = SecVendor([RESULTS])
    return lambda asked: answer if asked.path == path else vendor(asked)


def test_who_files_without_end_is_read_within_bounds() -> None:
    filings = [
        Filed(number=n, day="2022-11-10", clock="20221110162159", listed="2022-11-10T21:21:59Z")
        for n in range(MOST_HEADERS + 20)
    ]
    with sec_news(SecVendor(filings)) as (source, server):
        found = source.fetch("TSLA", START, NOW)
        assert len(server.seen) == 2 + MOST_HEADERS
    assert len(found.stories) == MOST_HEADERS + 20
    assert found.notes[0].startswith("20 timed by the list of filings")


def test_older_lists_without_end_end() -> None:
    older = {
        f"CIK{COMPANY:010}-submissions-{n:03}.json": ("2022-01-01", "2022-12-31", [])
        for n in range(1, 99)
    }
    with (
        sec_news(SecVendor([], older=older)) as (source, _),
        pytest.raises(TransientDataError, match="pages on beyond"),
    ):
        source.fetch("TSLA", START, NOW)


def test_another_companys_list_is_refused() -> None:
    with (
        sec_news(SecVendor([RESULTS], company=OTHER)) as (source, _),
        pytest.raises(UnsoundDataError, match="about another company"),
    ):
        source.fetch("TSLA", START, NOW)


def lists(recent: Any, files: Any = ()) -> Answer:
    return json_answer({"cik": COMPANY, "filings": {"recent": recent, "files": list(files)}})


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lists([]), UnsoundDataError, "the list of filings is none"),
        (lists({"form": []}), UnsoundDataError, "lacks one of"),
        (lists({**columns_of([RESULTS]), "form": []}), UnsoundDataError, "different lengths"),
        (lists({**columns_of([RESULTS]), "filingDate": ["soon"]}), UnsoundDataError, "date"),
        (
            lists({**columns_of([RESULTS]), "accessionNumber": ["../../x"]}),
            UnsoundDataError,
            "not numbered as the SEC",
        ),
        (
            lists(columns_of([]), [{"name": "../x", "filingFrom": "2022-01-01"}]),
            UnsoundDataError,
            "not named as documented",
        ),
        (json_answer({"cik": COMPANY}), TransientDataError, "not understood"),
        (json_answer({}, 401), VendorRefusedError, "HTTP 401"),
        (json_answer({}, 403), VendorRefusedError, "check vendors.sec.contact"),
        (json_answer({}, 404), NoDataError, "HTTP 404"),
        (json_answer({}, 429, Retry_After="9"), RateLimitedError, "2022-11-25T15:42:09Z"),
        (json_answer({}, 500), TransientDataError, "HTTP 500"),
    ],
)
def test_every_failure_is_one_clear_error(
    answer: Answer, kind: type[DataError], words: str
) -> None:
    with sec_news(instead(LIST, answer)) as (source, server):
        with pytest.raises(DataError) as told:
            source.fetch("TSLA", START, NOW)
        assert len(server.seen) == 2
    assert type(told.value) is kind
    assert words in str(told.value)
    assert CONTACT not in str(told.value)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("path", ["/files/company_tickers.json", LIST])
def test_what_is_no_answer_ends_in_one_error(name: str, path: str) -> None:
    with sec_news(instead(path, FAULTS[name]), limits=QUICK) as (source, server):
        with pytest.raises(TransientDataError) as told:
            source.fetch("TSLA", START, NOW)
        assert len(server.seen) == (1 if path.startswith("/files") else 2)
    assert CONTACT not in everything_told(told.value)


@pytest.mark.parametrize(
    "header",
    [
        Answer(body=b"<html>Bad gateway</html>"),
        Answer(body=b""),
        Answer(body=b"ACCEPTANCE-DATETIME&gt;20229999999999"),
    ],
)
def test_a_header_that_tells_no_time_leaves_it_to_the_list(header: Answer) -> None:
    path = f"/Archives/edgar/data/{COMPANY}/000123456722000001/{RESULTS.accession}"
    with sec_news(instead(f"{path}-index-headers.html", header)) as (source, _):
        found = source.fetch("TSLA", START, NOW)
    assert found.stories[0].published_at == ACCEPTED + timedelta(hours=5)
    assert len(found.notes) == 1


def test_a_header_that_cannot_be_asked_for_fails_the_question() -> None:
    path = f"/Archives/edgar/data/{COMPANY}/000123456722000001/{RESULTS.accession}"
    failing = instead(f"{path}-index-headers.html", json_answer({}, 500))
    with sec_news(failing) as (source, _), pytest.raises(TransientDataError, match="HTTP 500"):
        source.fetch("TSLA", START, NOW)


def test_a_limit_that_is_used_up_ends_it_before_it_is_asked() -> None:
    with sec_news(SecVendor([]), pace=UsedUp(NOW)) as (source, server):
        with pytest.raises(RateLimitedError, match="used up"):
            source.fetch("TSLA", START, NOW)
        assert server.seen == []


def test_tickers_that_are_none_are_refused() -> None:
    for told in ({}, {"0": 7}, {"0": {"ticker": "TSLA"}}):
        answer = instead("/files/company_tickers.json", json_answer(told))
        with sec_news(answer) as (source, _), pytest.raises(TransientDataError):
            source.fetch("TSLA", START, NOW)


def test_a_429_lets_everybody_rest_until_its_time() -> None:
    pace = NotedPace()
    answer = json_answer({}, status=429, Retry_After="7")
    with sec_news(lambda _: answer, pace=pace) as (source, _), pytest.raises(RateLimitedError):
        source.fetch("TSLA", NOW - timedelta(days=1), NOW)
    assert pace.rests == [NOW + timedelta(seconds=7)]
