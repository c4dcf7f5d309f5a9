"""The whole schema: importing this module fills `METADATA` with every table.

The tables live one topic a file in `ztrade_core.store.tables`; migrations in `sql/` build them.
A test holds both to be the same on both databases.
"""

import sqlalchemy as sa

from ztrade_core.store.tables import (
    answers,
    asked,
    backtests,
    ledger,
    market,
    rebasings,
    simulation,
    studies,
    trading,
)
from ztrade_core.store.tables.metadata import METADATA

VERSION_TABLE = "schema_migrations"
APPEND_ONLY = (
    ledger.DECISIONS,
    ledger.RISK_VERDICTS,
    ledger.DECISION_INPUTS,
    ledger.LEDGER_ANCHORS,
    answers.MODEL_QUESTIONS,
    answers.MODEL_ANSWERS,
)
TOPICS = (market, asked, ledger, answers, trading, simulation, rebasings, backtests, studies)


def metadata() -> sa.MetaData:
    """Return the metadata with every table in it."""
    return METADATA
