"""Canonical text: one value, one text, whatever type carries it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from ztrade_core.domain.canonical import canonical_json, plain
from ztrade_core.domain.orders import Side


@dataclass(frozen=True)
class Row:
    side: Side
    at: datetime
    price: Decimal


def test_values_become_plain_text_with_sorted_keys() -> None:
    row = Row(side=Side.BUY, at=datetime(2022, 12, 28, 15, tzinfo=UTC), price=Decimal("1.500"))
    assert canonical_json(row) == '{"at":"2022-12-28T15:00:00Z","price":"1.5","side":"buy"}'
    assert plain(date(2022, 1, 2)) == "2022-01-02"


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("nan"), "nan"), (float("inf"), "inf"), (-float("inf"), "-inf"), (0.1, 0.1)],
)
def test_numpys_scalars_read_as_pythons(value: float, text: object) -> None:
    assert plain(value) == plain(np.float64(value)) == text
    assert canonical_json([np.float64(value)]) == canonical_json([value])
