"""The kinds of field that configuration files have: each a type, its range and an example.

Numbers are strict: a YAML integer serves where a fraction is meant, texts and booleans do not, and
NaN and infinities are refused. `Switchable` takes the word `off`, which is None inside.
"""

import re
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ztrade_core.domain.configuration import is_vendor_address
from ztrade_core.domain.time import Timeframe

Number = TypeVar("Number", int, float)

MAX_USD = 1e12
_STOCK = re.compile(r"[A-Z]{1,5}(\.[A-Z])?")
_CRYPTO = re.compile(r"[A-Z][A-Z0-9]{1,9}/USD")
_AGENT_ID = re.compile(r"agent_[a-z0-9][a-z0-9_]{0,49}")


class StrictModel(BaseModel):
    """A mapping of a configuration file: no unknown key, no missing one, no conversion."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def _off_is_none(value: Any) -> Any:
    if value is None:
        raise ValueError("empty; write a number, or the word off")
    return None if value == "off" else value


def _check_symbol(symbol: str) -> str:
    if _STOCK.fullmatch(symbol) or _CRYPTO.fullmatch(symbol):
        return symbol
    raise ValueError("not a symbol; write a stock as TSLA, crypto as BTC/USD")


def _check_agent_id(agent_id: str) -> str:
    if _AGENT_ID.fullmatch(agent_id):
        return agent_id
    raise ValueError(
        "not an agent id; write agent_ and then lower-case letters, digits and _, e.g. agent_tsla"
    )


def _check_vendor_url(url: str) -> str:
    if is_vendor_address(url):
        return url
    raise ValueError(
        "not a vendor's address; write https:// and the host, without a path"
        " (http:// for 127.0.0.1 with its port only)"
    )


def _check_day(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise ValueError("no such day; write YYYY-MM-DD, e.g. 2018-01-01") from error
        if date(1970, 1, 1) <= day <= date(2100, 1, 1):
            return text
    raise ValueError("not a day from 1970 to 2100; write YYYY-MM-DD, e.g. 2018-01-01")


def _check_text(text: str) -> str:
    if text.strip() and text.isprintable():
        return text
    raise ValueError("blank or unprintable; write a line of text")


def _timeframe(value: Any) -> Any:
    known = {timeframe.value: timeframe for timeframe in Timeframe}
    if isinstance(value, str) and value in known:
        return known[value]
    raise ValueError(f"not a timeframe; write one of {', '.join(known)}")


Switchable = Annotated[Number | None, BeforeValidator(_off_is_none)]

Share = Annotated[float, Field(gt=0, le=1)]
Usd = Annotated[float, Field(gt=0, le=MAX_USD)]
BasisPoints = Annotated[float, Field(ge=0, le=1000)]
StopFraction = Annotated[float, Field(ge=0.005, le=0.20)]
TargetFraction = Annotated[float, Field(ge=0.005, le=10)]
Confidence = Annotated[float, Field(ge=0, le=1)]
Multiple = Annotated[float, Field(gt=0, le=1000)]
Count = Annotated[int, Field(ge=1, le=1000)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Text = Annotated[str, Field(max_length=500), AfterValidator(_check_text)]
AgentId = Annotated[str, AfterValidator(_check_agent_id)]
Symbol = Annotated[str, AfterValidator(_check_symbol)]
Day = Annotated[str, AfterValidator(_check_day)]
VendorUrl = Annotated[str, AfterValidator(_check_vendor_url)]
BarTimeframe = Annotated[Timeframe, BeforeValidator(_timeframe)]
