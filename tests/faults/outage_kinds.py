"""What can be down or hang while a person acts, each for real and each undone afterwards."""

import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager

from tests.faults.daemon_records import Records, until

PATIENCE = 120.0
SLOW, FED = "agent_slow", "agent_steady_fed"
PROCESSES = ("code", "page", "daemon")
Outage = Callable[[Records], AbstractContextManager[None]]


@contextmanager
def hung_mind(records: Records) -> Iterator[None]:
    """A run of the slow agent sits in `decide`."""
    before = len(records.asked(SLOW))
    run = records.house.execute(SLOW)
    until(lambda: len(records.asked(SLOW)) > before, PATIENCE, "a mind that hangs")
    try:
        yield
        assert run.poll() is None
    finally:
        run.kill()
        run.communicate()


@contextmanager
def silent_feed(records: Records) -> Iterator[None]:
    """A run waits in `observe` for a host that accepts connections and never answers."""
    told = records.house.data / "feed"
    with socket.create_server(("127.0.0.1", 0)) as host:
        told.write_text(str(host.getsockname()[1]))
        run = records.house.execute(FED)
        try:
            line, _ = host.accept()
            with closing(line):
                assert line.recv(5) == b"GET /"
                yield
                assert run.poll() is None
        finally:
            run.kill()
            run.communicate()
            told.unlink()


def without(*names: str) -> Outage:
    """Return the outage of processes: killed with SIGKILL, started again afterwards."""

    @contextmanager
    def outage(records: Records) -> Iterator[None]:
        for name in names:
            records.house.kill(name)
        yield
        records.house.start(*names)

    return outage


@contextmanager
def locked_storage(records: Records) -> Iterator[None]:
    """Another program holds every file of Dagster's own storage."""
    with ExitStack() as stack:
        for path in sorted((records.house.root / "dagster").rglob("*.db")):
            held = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)
            stack.callback(held.close)
            held.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def everything(records: Records) -> Iterator[None]:
    """A mind and the feed hang, and every process of Dagster is dead."""
    with hung_mind(records), silent_feed(records), without(*PROCESSES)(records):
        yield
