"""Reconciliations in SQL: what is asked of a row has columns, the rest is its report in JSON."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.accounts import Reconciliation, ReconciliationReport
from ztrade_core.domain.storable import storable_text
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.ports.reconciliations import Reconciliations
from ztrade_core.store.codecs import Row
from ztrade_core.store.statements import matching
from ztrade_core.store.tables.trading import RECONCILIATIONS

_COUNTS = ("fills_added", "orders_updated")
_TEXTS = ("foreign", "mismatches", "accepted")


class SqlReconciliations(Reconciliations):
    """Reconciliations of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def put(self, found: Reconciliation) -> None:
        newest = self._newest(found.report.account, found.account_epoch, 1)
        if newest and found.is_quiet and _value_of(newest[0]).is_quiet:
            same = RECONCILIATIONS.c.id == newest[0]["id"]
            self._connection.execute(RECONCILIATIONS.update().where(same).values(_row_of(found)))
        else:
            self._connection.execute(RECONCILIATIONS.insert().inline(), _row_of(found))

    @override
    def last(self, account: str, account_epoch: int) -> Reconciliation | None:
        return next(iter(self.recent(account, account_epoch, 1)), None)

    @override
    def recent(self, account: str, account_epoch: int, limit: int = 20) -> list[Reconciliation]:
        return [_value_of(row) for row in self._newest(account, account_epoch, limit)]

    def _newest(self, account: str, account_epoch: int, limit: int) -> list[sa.RowMapping]:
        table = RECONCILIATIONS
        mine = table.select().where(matching(table, account=account, account_epoch=account_epoch))
        rows = self._connection.execute(mine.order_by(table.c.id.desc()).limit(limit))
        return list(rows.mappings().all())


def _row_of(found: Reconciliation) -> Row:
    report = found.report
    return {
        "account": report.account,
        "account_epoch": found.account_epoch,
        "at": report.at,
        "clean": found.clean,
        "report": {
            **{name: getattr(report, name) for name in _COUNTS},
            "adopted": _storable(report.adopted),
            "rebased": _storable(report.rebased),
            "found_foreign": _storable(report.foreign),
            "found_mismatches": _storable(report.mismatches),
            **{name: _storable(getattr(found, name)) for name in _TEXTS},
            "cleared_by": storable_text(found.cleared_by),
            "cleared_why": storable_text(found.cleared_why),
            "cleared_at": None if found.cleared_at is None else iso_z(found.cleared_at),
        },
    }


def _storable(texts: tuple[str, ...]) -> list[str]:
    return [storable_text(text) for text in texts]


def _value_of(row: Any) -> Reconciliation:
    content = row["report"]
    cleared_at = content["cleared_at"]
    return Reconciliation(
        account_epoch=row["account_epoch"],
        report=ReconciliationReport(
            account=row["account"],
            at=row["at"],
            **{name: content[name] for name in _COUNTS},
            adopted=tuple(content["adopted"]),
            foreign=tuple(content["found_foreign"]),
            mismatches=tuple(content["found_mismatches"]),
            rebased=tuple(content.get("rebased", ())),  # rows of before have none
        ),
        **{name: tuple(content[name]) for name in _TEXTS},
        cleared_by=content["cleared_by"],
        cleared_why=content["cleared_why"],
        cleared_at=None if cleared_at is None else parse_instant(cleared_at),
    )
