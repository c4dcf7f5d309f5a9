"""Column types that are exact on SQLite and on PostgreSQL alike.

Instants are aware UTC, decimals keep every digit, floats keep every bit. What a database would
bend silently (naive instants, NaN, rounding) is refused here. What does not belong: tables.
"""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from ztrade_core.domain.canonical import plain
from ztrade_core.domain.time import from_micros, require_utc, to_micros

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A growing row number: an identity on PostgreSQL, the rowid on SQLite."""


class Instant(TypeDecorator[datetime]):
    """`timestamptz` on PostgreSQL, integer epoch microseconds on SQLite; refuses naive values."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return require_utc(value) if dialect.name == "postgresql" else to_micros(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else from_micros(value)


class ExactDecimal(TypeDecorator[Decimal]):
    """Unconstrained NUMERIC on PostgreSQL, TEXT on SQLite; refuses NaN and infinities."""

    impl = sa.Numeric()
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric())
        return dialect.type_descriptor(sa.Text())

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"{value!r} is not a finite Decimal")
        return value if dialect.name == "postgresql" else format(value, "f")

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class ExactFloat(TypeDecorator[float]):
    """DOUBLE that refuses NaN; minus zero becomes zero, as SQLite makes it."""

    impl = sa.Double()
    cache_ok = True

    @override
    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        if value is None:
            return None
        number = float(value) + 0.0
        if math.isnan(number):
            raise ValueError("NaN may not enter the store")
        return number


class _RawDouble(sa.types.UserDefinedType[Any]):
    """A DOUBLE column whose values pass as they are."""

    cache_ok = True

    @override
    def get_col_spec(self, **kw: Any) -> str:
        return "DOUBLE"


class RecordedFloat(TypeDecorator[float]):
    """DOUBLE for the record of what was seen, NaN too: SQLite, which has none, keeps the text."""

    impl = sa.Double()
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_RawDouble() if dialect.name == "sqlite" else sa.Double())

    @override
    def process_bind_param(self, value: float | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        number = float(value) + 0.0
        return "nan" if math.isnan(number) and dialect.name == "sqlite" else number

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> float | None:
        return None if value is None else float(value)


class PlainJson(TypeDecorator[Any]):
    """JSON text of plain values. Python's `NaN` token is read back, so the column is TEXT."""

    impl = sa.Text()
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class StrictJson(TypeDecorator[Any]):
    """JSON that SQL can query; instants become text, NaN and infinities the texts `nan`, `inf`."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else plain(value)
