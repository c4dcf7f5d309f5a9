"""Rebasings in memory."""

from datetime import date

from typing_extensions import override

from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.ports.rebasings import Rebasings
from ztrade_core.store.journal import Journal


class MemoryRebasings(Rebasings):
    """One row a position and split."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[tuple[str, int, str, date], Rebasing] = {}

    @override
    def add(self, rebasing: Rebasing) -> bool:
        one = rebasing
        key = (one.account, one.account_epoch, one.position_id, one.ex_date)
        if key in self._rows:
            return False
        self._journal.note(lambda: self._rows.pop(key))
        self._rows[key] = rebasing
        return True

    @override
    def of_position(self, account: str, account_epoch: int, position_id: str) -> list[Rebasing]:
        mine = self.all(account, account_epoch)
        return [each for each in mine if each.position_id == position_id]

    @override
    def all(self, account: str, account_epoch: int) -> list[Rebasing]:
        rows = [
            each
            for each in self._rows.values()
            if (each.account, each.account_epoch) == (account, account_epoch)
        ]
        return sorted(rows, key=lambda each: (each.ex_date, each.position_id))
