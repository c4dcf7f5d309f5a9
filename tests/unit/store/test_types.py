"""Column types: exact on both databases, and closed to what they would bend."""

import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from ztrade_core.errors import StoreError
from ztrade_core.store.types import (
    ExactDecimal,
    ExactFloat,
    Instant,
    PlainJson,
    RecordedFloat,
    StrictJson,
)

KINDS = ["sqlite", "postgres"]
PROBE = sa.Table(
    "type_probe",
    sa.MetaData(),
    sa.Column("instant", Instant()),
    sa.Column("amount", ExactDecimal()),
    sa.Column("number", ExactFloat()),
    sa.Column("seen", RecordedFloat()),
    sa.Column("plain_json", PlainJson()),
    sa.Column("strict_json", StrictJson()),
    prefixes=["TEMPORARY"],
)


def round_trip(engine: Engine, **values: Any) -> dict[str, Any]:
    """Return what the database makes of the values."""
    with engine.begin() as connection:
        PROBE.create(connection)
        connection.execute(PROBE.insert(), values)
        row = dict(connection.execute(PROBE.select()).mappings().one())
        PROBE.drop(connection)
    return row


@pytest.mark.parametrize("kind", KINDS)
def test_instants_decimals_and_floats_are_exact(
    kind: str, shared_engines: dict[str, Engine]
) -> None:
    zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
    instants = st.datetimes(datetime(1950, 1, 2), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - a bound
    decimals = st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
    )
    floats = st.floats(allow_nan=False)

    @given(instants, decimals, floats, st.floats())
    def check(instant: datetime, amount: Decimal, number: float, seen: float) -> None:
        row = round_trip(
            shared_engines[kind], instant=instant, amount=amount, number=number, seen=seen
        )
        assert row["instant"] == instant
        assert row["instant"].utcoffset() == timedelta(0)
        assert row["amount"] == amount
        assert row["number"] == number
        assert row["seen"] == seen or (math.isnan(row["seen"]) and math.isnan(seen))

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_minus_zero_becomes_zero(kind: str, shared_engines: dict[str, Engine]) -> None:
    row = round_trip(shared_engines[kind], number=-0.0, seen=-0.0)
    assert math.copysign(1.0, row["number"]) == 1.0
    assert math.copysign(1.0, row["seen"]) == 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_stays_nothing(kind: str, shared_engines: dict[str, Engine]) -> None:
    row = round_trip(shared_engines[kind], instant=None)
    assert set(row.values()) == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_json_keeps_whole_numbers_whole(kind: str, shared_engines: dict[str, Engine]) -> None:
    row = round_trip(
        shared_engines[kind],
        plain_json=[1, 1.0, "ä", None, math.inf],
        strict_json={"whole": 1, "at": datetime(2022, 1, 1, tzinfo=UTC), "nan": math.nan},
    )
    assert repr(row["plain_json"]) == "[1, 1.0, 'ä', None, inf]"
    assert row["strict_json"] == {"whole": 1, "at": "2022-01-01T00:00:00Z", "nan": "nan"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"instant": datetime(2022, 1, 1)}, "naive datetime"),  # noqa: DTZ001 - the point
        ({"amount": Decimal("NaN")}, "not a finite Decimal"),
        ({"amount": Decimal("Infinity")}, "not a finite Decimal"),
        ({"number": math.nan}, "NaN may not enter"),
    ],
)
def test_what_would_be_bent_is_refused(
    kind: str, values: dict[str, Any], reason: str, shared_engines: dict[str, Engine]
) -> None:
    with pytest.raises(StoreError, match=reason):
        round_trip(shared_engines[kind], **values)
