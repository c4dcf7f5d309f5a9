"""An equity curve as columns: 24 bytes a mark, where a point as an object takes 160."""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from typing_extensions import override

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.bars import FloatArray, IntArray
from ztrade_core.domain.time import from_micros, to_micros


class EquityCurve(Sequence[EquityPoint]):
    """Marks as three arrays of one length; points are made when asked for.

    `timestamps` are microseconds since the epoch. Equal to every sequence of the same points. A slice is a
    view of the same memory; nobody writes to it.
    """

    __slots__ = ("cash_balances", "portfolio_values", "timestamps")
    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __init__(
        self, timestamps: IntArray, portfolio_values: FloatArray, cash_balances: FloatArray
    ) -> None:
        if not len(timestamps) == len(portfolio_values) == len(cash_balances):
            raise ValueError("an equity curve's columns differ in length")
        self.timestamps = timestamps
        self.portfolio_values = portfolio_values
        self.cash_balances = cash_balances

    @override
    def __len__(self) -> int:
        return len(self.timestamps)

    @overload
    def __getitem__(self, index: int) -> EquityPoint: ...
    @overload
    def __getitem__(self, index: slice) -> "EquityCurve": ...
    @override
    def __getitem__(self, index: int | slice) -> "EquityPoint | EquityCurve":
        at, values, cash = self.timestamps, self.portfolio_values, self.cash_balances
        if isinstance(index, slice):
            return EquityCurve(at[index], values[index], cash[index])
        return _point(int(at[index]), float(values[index]), float(cash[index]))

    @override
    def __iter__(self) -> Iterator[EquityPoint]:
        at, values, cash = self.timestamps, self.portfolio_values, self.cash_balances
        return map(_point, at.tolist(), values.tolist(), cash.tolist())

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, EquityCurve):
            return all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in EquityCurve.__slots__
            )
        if isinstance(other, Sequence) and not isinstance(other, str | bytes):
            return len(self) == len(other) and all(map(EquityPoint.__eq__, self, other))
        return NotImplemented

    @override
    def __repr__(self) -> str:
        ends = [*self[:1], *self[1:][-1:]]
        return f"EquityCurve({len(self)} marks: {', '.join(map(repr, ends))})"


def curve_of(points: Sequence[EquityPoint]) -> EquityCurve:
    """Return points as columns; a curve is returned as it is. A naive instant raises ValueError."""
    if isinstance(points, EquityCurve):
        return points
    return EquityCurve(
        np.array([to_micros(point.timestamp) for point in points], dtype=np.int64),
        np.array([point.portfolio_value for point in points], dtype=np.float64),
        np.array([point.cash_balance for point in points], dtype=np.float64),
    )


def _point(at: int, value: float, cash: float) -> EquityPoint:
    return EquityPoint(timestamp=from_micros(at), portfolio_value=value, cash_balance=cash)
