"""How many bars of which source a series holds, kept beside the bars.

The store adds what it inserts; what leaves, or changes its source, is counted by triggers, whoever
deletes or updates.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

FUNCTION = "recount_bars"
_GONE = (
    "UPDATE bar_counts SET bars = bars - 1 WHERE symbol = old.symbol"
    " AND timeframe = old.timeframe AND source = old.source"
)
_CAME = (
    "INSERT INTO bar_counts (symbol, timeframe, source, bars)"
    " VALUES (new.symbol, new.timeframe, new.source, 1)"
    " ON CONFLICT (symbol, timeframe, source) DO UPDATE SET bars = bars + 1"
)


def upgrade() -> None:
    """Build the table, count what is there, guard the counts."""
    op.create_table(
        "bar_counts",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("bars", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "timeframe", "source", name=op.f("pk_bar_counts")),
    )
    op.execute(
        "INSERT INTO bar_counts (symbol, timeframe, source, bars)"
        " SELECT symbol, timeframe, source, count(*) FROM market_bars"
        " GROUP BY symbol, timeframe, source"
    )
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgres_triggers()


def downgrade() -> None:
    """Drop the table and its triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("gone", "renamed"):
            op.execute(f"DROP TRIGGER market_bars_{name}")
    else:
        for name in ("gone", "renamed", "emptied"):
            op.execute(f"DROP TRIGGER market_bars_{name} ON market_bars")
        op.execute(f"DROP FUNCTION {FUNCTION}()")
    op.drop_table("bar_counts")


def _sqlite_triggers() -> None:
    op.execute(f"CREATE TRIGGER market_bars_gone AFTER DELETE ON market_bars BEGIN {_GONE}; END")
    op.execute(
        "CREATE TRIGGER market_bars_renamed AFTER UPDATE OF symbol, timeframe, source ON market_bars"
        " WHEN (old.symbol, old.timeframe, old.source) <> (new.symbol, new.timeframe, new.source)"
        f" BEGIN {_GONE}; {_CAME}; END"
    )


def _postgres_triggers() -> None:
    taken = (
        "UPDATE bar_counts held SET bars = held.bars - found.bars FROM"
        " (SELECT symbol, timeframe, source, count(*) AS bars FROM gone GROUP BY 1, 2, 3) found"
        " WHERE (held.symbol, held.timeframe, held.source)"
        " = (found.symbol, found.timeframe, found.source);"
    )
    added = (
        "INSERT INTO bar_counts (symbol, timeframe, source, bars)"
        " SELECT symbol, timeframe, source, count(*) FROM came GROUP BY 1, 2, 3"
        " ON CONFLICT (symbol, timeframe, source)"
        " DO UPDATE SET bars = bar_counts.bars + excluded.bars;"
    )
    op.execute(
        f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608 - constants
        f" IF TG_OP = 'TRUNCATE' THEN DELETE FROM bar_counts; RETURN NULL; END IF; {taken}"
        f" IF TG_OP = 'UPDATE' THEN {added} END IF; RETURN NULL; END $$"
    )
    for name, event, tables in (
        ("gone", "DELETE", "REFERENCING OLD TABLE AS gone"),
        ("renamed", "UPDATE", "REFERENCING OLD TABLE AS gone NEW TABLE AS came"),
        ("emptied", "TRUNCATE", ""),
    ):
        op.execute(
            f"CREATE TRIGGER market_bars_{name} AFTER {event} ON market_bars {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
        )
