"""The ledger is append-only by trigger, and an application role may not even try."""

import sqlalchemy as sa
import structlog
from alembic import op

revision = "0006"
down_revision = "0005"

LEDGER = ("decisions", "risk_verdicts", "decision_inputs", "ledger_anchors")
ROLE = "ztrade_app"
FUNCTION = "refuse_ledger_change"


def upgrade() -> None:
    """Guard the ledger."""
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
        return
    _postgres_triggers()
    if _role_exists() or _create_role():
        _grant()


def downgrade() -> None:
    """Take the guards away; the role stays, other databases of the cluster may use it."""
    if op.get_bind().dialect.name == "sqlite":
        for table in LEDGER:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
        return
    if _role_exists():
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {ROLE}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {ROLE}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {ROLE}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {ROLE}")
    for table in LEDGER:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    op.execute(f"DROP FUNCTION {FUNCTION}()")


def _sqlite_triggers() -> None:
    for table in LEDGER:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _postgres_triggers() -> None:
    op.execute(
        f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        " END $$"
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
        )


def _role_exists() -> bool:
    found = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    return op.get_bind().execute(found, {"role": ROLE}).first() is not None


def _create_role() -> bool:
    connection = op.get_bind()
    allowed = connection.execute(
        sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    ).scalar()
    if not allowed:
        structlog.get_logger("ztrade.sql").warning(
            "ledger_role_missing",
            role=ROLE,
            consequence="triggers alone guard the ledger",
            do=f"as an administrator: CREATE ROLE {ROLE} NOLOGIN; then run migration 0006 again",
        )
        return False
    try:
        with connection.begin_nested():
            connection.execute(sa.text(f"CREATE ROLE {ROLE} NOLOGIN"))
    except sa.exc.IntegrityError:  # another database of the cluster created it this moment
        return _role_exists()
    return True


def _grant() -> None:
    ledger = ", ".join(LEDGER)
    later = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {ledger} FROM {ROLE}",
        f"REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
        f"{later} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE}",
        f"{later} USAGE, SELECT ON SEQUENCES TO {ROLE}",
    ):
        op.execute(statement)
