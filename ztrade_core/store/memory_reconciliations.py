"""Reconciliations in memory: what happened, and the quiet one after it."""

from collections import defaultdict
from itertools import islice

from typing_extensions import override

from ztrade_core.domain.accounts import Reconciliation
from ztrade_core.ports.reconciliations import Reconciliations
from ztrade_core.store.journal import Journal


class MemoryReconciliations(Reconciliations):
    """One list an account and epoch, in order of arrival."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[tuple[str, int], list[Reconciliation]] = defaultdict(list)

    @override
    def put(self, found: Reconciliation) -> None:
        rows = self._rows[found.report.account, found.account_epoch]
        if rows and rows[-1].is_quiet and found.is_quiet:
            former = rows[-1]
            self._journal.note(lambda: rows.__setitem__(-1, former))
            rows[-1] = found
        else:
            self._journal.note(rows.pop)
            rows.append(found)

    @override
    def last(self, account: str, account_epoch: int) -> Reconciliation | None:
        rows = self._rows.get((account, account_epoch))
        return rows[-1] if rows else None

    @override
    def recent(self, account: str, account_epoch: int, limit: int = 20) -> list[Reconciliation]:
        return list(islice(reversed(self._rows.get((account, account_epoch), [])), limit))
