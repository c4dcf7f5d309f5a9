"""Splits in memory, with the contracts of `ztrade_core.ports.splits`."""

from collections.abc import Sequence
from datetime import date, datetime

from typing_extensions import override

from ztrade_core.domain.splits import Split, refuse_another
from ztrade_core.ports.splits import SplitAnswers, SplitStore


class MemorySplitStore(SplitStore, SplitAnswers):
    """Splits by symbol and day."""

    def __init__(self, splits: Sequence[Split] = ()) -> None:
        self._held = {(one.symbol, one.ex_date): one for one in splits}
        self.answers: dict[str, tuple[str, datetime]] = {}

    @override
    def put(self, splits: Sequence[Split]) -> int:
        after = dict(self._held)
        for one in splits:
            refuse_another(after.setdefault((one.symbol, one.ex_date), one), one)
        changed = len(after) - len(self._held)
        self._held = after
        return changed

    @override
    def of(self, symbol: str, *, until: date | None = None) -> tuple[Split, ...]:
        mine = [one for one in self._held.values() if one.symbol == symbol]
        known = [one for one in mine if until is None or one.ex_date <= until]
        return tuple(sorted(known, key=lambda one: one.ex_date))

    @override
    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({symbol for symbol, _ in self._held}))

    @override
    def remove(self, symbol: str, ex_date: date) -> bool:
        return self._held.pop((symbol, ex_date), None) is not None

    @override
    def answered_at(self, symbol: str) -> datetime | None:
        found = self.answers.get(symbol)
        return None if found is None else found[1]

    @override
    def note_answer(self, symbol: str, vendor: str, at: datetime) -> None:
        self.answers[symbol] = (vendor, at)
