"""A driver's errors in our words: what happened and what to do, without passwords or row values."""

import psycopg
from sqlalchemy.engine import Engine, ExceptionContext

from ztrade_core.errors import StoreError


def scrubbed(engine: Engine) -> str:
    """Return the engine's URL without its password."""
    return engine.url.render_as_string(hide_password=True)


def translate(context: ExceptionContext) -> BaseException | None:
    """Answer SQLAlchemy's `handle_error` with the StoreError to raise instead.

    A failed ping of a pooled connection is left to the pool, which then connects anew.
    """
    if context.is_pre_ping or context.engine is None:
        return None
    error = context.original_exception
    if isinstance(error, StoreError):
        return None
    return store_error(context.engine, error, lost=context.is_disconnect)


def store_error(engine: Engine, error: BaseException, *, lost: bool = False) -> StoreError:
    """Return the StoreError for an error of the driver or of SQLAlchemy."""
    lost = lost or isinstance(error, psycopg.OperationalError)
    return StoreError(f"{scrubbed(engine)}: {_explain(error, lost=lost)}")


def _explain(error: BaseException, *, lost: bool) -> str:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    lowered = reason.lower()
    if "locked" in lowered or "lock timeout" in lowered:
        return f"another process held the database too long ({reason}); find it, then try again"
    if "disk is full" in lowered or "no space" in lowered:
        return f"the disk is full ({reason}); free space, then try again"
    if "no such table" in lowered or ("relation" in lowered and "does not exist" in lowered):
        return f"the schema is missing or behind ({reason}); run `ztrade db upgrade`"
    if lost:
        return (
            f"the connection failed ({reason}); whether this transaction was kept is not known:"
            " run it again, which finds out"
        )
    return reason
