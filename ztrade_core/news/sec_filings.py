"""The SEC's list of a company's filings, as its JSON has it, and when a filing could be read.

Two moments are told of a filing. `acceptanceDateTime` of the list ends in `Z`, yet for some filers it is
New York's clock and for others it is shifted a second time: it cannot be trusted to some five hours.
The filing's own header has `ACCEPTANCE-DATETIME`, always New York's clock: it is what counts. Where the
header cannot be had the list's time is taken as New York's clock, the latest of its readings.
What is accepted after 17:30 New York is dated, and shown, on the next business day from 06:00 on, so a
filing is published at the later of its acceptance and 06:00 New York of its filing date.
Source: SEC, EDGAR Application Programming Interfaces; EDGAR Filer Manual II (hours of operation).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from ztrade_core.domain.time import NEW_YORK, parse_instant
from ztrade_core.errors import UnsoundDataError

COLUMNS = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "items")
SHOWN_FROM = time(6, 0)
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
_PAGE = re.compile(r"CIK\d{10}-submissions-\d{3}\.json", re.ASCII)
_ACCEPTED = re.compile(r"ACCEPTANCE-DATETIME(?:&gt;|>)\s*(\d{14})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One row of the list; `accepted` is its text as it stands there."""

    accession: str
    filed: date
    accepted: str
    form: str
    items: str

    @property
    def is_sound(self) -> bool:
        """Whether number and form are what the SEC writes."""
        return bool(_ACCESSION.fullmatch(self.accession)) and self.form.isascii()

    @property
    def folder(self) -> str:
        """The filing's folder below its company's."""
        return self.accession.replace("-", "")


def filings_of(columns: Any) -> Iterator[Filing]:
    """Yield the filings of a list, which is written as columns.

    Raises:
        UnsoundDataError: a column is absent, of another length, or a date is none.
    """
    if not isinstance(columns, Mapping):
        raise UnsoundDataError("the list of filings is none")
    lists = [columns.get(name) for name in COLUMNS]
    if not all(isinstance(each, list) for each in lists):
        raise UnsoundDataError(f"the list of filings lacks one of {', '.join(COLUMNS)}")
    if len({len(each) for each in lists if isinstance(each, list)}) > 1:
        raise UnsoundDataError("the list of filings has columns of different lengths")
    for row in zip(*(each for each in lists if isinstance(each, list)), strict=True):
        accession, filed, accepted, form, items = (str(each or "") for each in row)
        try:
            day = date.fromisoformat(filed)
        except ValueError:
            raise UnsoundDataError("a filing's date is none") from None
        yield Filing(accession=accession, filed=day, accepted=accepted, form=form, items=items)


def older_pages(filings: Mapping[str, Any], first: date, last: date) -> list[str]:
    """Return the names of the older lists that hold filings dated from `first` to `last`."""
    pages = filings.get("files") or []
    found = []
    for page in pages if isinstance(pages, list) else []:
        try:
            name = str(page["name"])
            begins = date.fromisoformat(page["filingFrom"])
            ends = date.fromisoformat(page["filingTo"])
        except (KeyError, TypeError, ValueError):
            raise UnsoundDataError("an older list of filings is not named as documented") from None
        if not _PAGE.fullmatch(name):
            raise UnsoundDataError("an older list of filings is not named as documented")
        if begins <= last and ends >= first:
            found.append(name)
    return found


def accepted_in(header: str) -> datetime | None:
    """Return when a filing's header says that it was accepted; None when it does not."""
    found = _ACCEPTED.search(header)
    if found is None:
        return None
    try:
        clock = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=NEW_YORK)
    except ValueError:
        return None
    return clock.astimezone(UTC)


def accepted_at_latest(filing: Filing) -> datetime | None:
    """Return the latest that the list's time can mean; None when it is no time."""
    try:
        told = parse_instant(filing.accepted)
    except ValueError:
        return None
    return told.replace(tzinfo=NEW_YORK).astimezone(UTC)


def shown_at(filing: Filing, accepted: datetime) -> datetime:
    """Return from when on a filing could be read."""
    opened = datetime.combine(filing.filed, SHOWN_FROM, tzinfo=NEW_YORK).astimezone(UTC)
    return max(accepted, opened)
