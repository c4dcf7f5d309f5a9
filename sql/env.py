"""Alembic's environment: runs migrations on the connection that `ztrade db upgrade` hands over.

The transaction, and on PostgreSQL the lock, are the caller's (`ztrade_core.store.migrations`).
"""

from alembic import context

from ztrade_core.store.schema import VERSION_TABLE, metadata


def run_migrations() -> None:
    """Run the pending migrations inside the caller's transaction."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise SystemExit("use `ztrade db upgrade`: it opens the transaction and takes the lock")
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        version_table=VERSION_TABLE,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run_migrations()
