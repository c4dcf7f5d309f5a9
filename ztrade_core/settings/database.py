"""DATABASE_URL: which databases there are, and how their URLs are made unambiguous."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from ztrade_core.errors import ConfigError

_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "postgresql+psycopg2": "postgresql+psycopg2",
}


def database_url(url: str | None, *, root: Path, default: Path, where: str) -> str:
    """Return the URL with its driver; a relative SQLite file is under the project, not the cwd.

    None is SQLite in the file `default`. An in-memory SQLite is refused: runs could not share it.
    The message never repeats the URL, which may hold a password.
    """
    if url is None:
        return f"sqlite:///{default}"
    scheme, separator, rest = url.partition("://")
    if not separator or not url.isprintable():
        raise ConfigError(f"{where}: not a database URL; write e.g. sqlite:///ztrade.db")
    if scheme in _SQLITE:
        return f"{scheme}:///{_sqlite_file(rest, root, where)}"
    if scheme in _POSTGRESQL:
        return f"{_POSTGRESQL[scheme]}://{rest}"
    raise ConfigError(f"{where}: unknown kind of database; write sqlite:///... or postgresql://...")


def database_place(url: str) -> str:
    """Return the URL for people: no user, no password, no query."""
    if url.startswith(_SQLITE):
        return url.partition("?")[0]
    try:
        parts = urlsplit(url)
        host = parts.hostname or "localhost"
    except ValueError:
        return url.partition("://")[0]
    return f"{parts.scheme}://{host}{parts.path}"


def _sqlite_file(rest: str, root: Path, where: str) -> str:
    file, mark, query = rest.removeprefix("/").partition("?")
    if not rest.startswith("/") or not file or file == ":memory:" or "mode=memory" in query:
        raise ConfigError(
            f"{where}: SQLite needs a file that runs share; write sqlite:///ztrade.db"
        )
    if re.match(r"file:", file):
        raise ConfigError(f"{where}: SQLite's file: form is not taken; write sqlite:///ztrade.db")
    return f"{root / file}{mark}{query}"
