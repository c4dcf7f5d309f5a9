"""Connections that can be given up from another thread, and never send after that.

A `Call` is one exchange with a server. Whoever waits for it may abandon it: its socket is shut, and a
connection that is only then established (a name server or a handshake that took its time) is closed
before a byte of the request was sent. What does not belong here: fences, bodies, errors of vendors.
"""

import socket
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_working = threading.local()


class AbandonedError(OSError):
    """The call was given up before its connection stood."""


class Call:
    """One exchange, as both threads see it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._abandoned = False
        self._socket: Any = None

    def begin(self) -> None:
        """Tie this call to the thread that will make it."""
        _working.call = self

    def connected(self, sock: Any) -> None:
        """Take note of the socket; AbandonedError when nobody waits any more."""
        with self._lock:
            if self._abandoned:
                raise AbandonedError("given up before it was sent")
            self._socket = sock

    def abandon(self) -> None:
        """Shut the socket, or forbid the one to come."""
        with self._lock:
            self._abandoned = True
            if self._socket is not None:
                try:
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except (OSError, TypeError):
                    return  # it had ended by itself


def _note_connection(connection: HTTPConnection) -> None:
    call: Call | None = getattr(_working, "call", None)
    if call is None:
        return
    try:
        call.connected(connection.sock)
    except AbandonedError:
        connection.close()
        raise


class _WatchedHttp(HTTPConnection):
    @override
    def connect(self) -> None:
        super().connect()
        _note_connection(self)


class _WatchedHttps(HTTPSConnection):
    @override
    def connect(self) -> None:
        super().connect()
        _note_connection(self)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHttp

    @override
    def _put_conn(self, conn: Any) -> None:
        _close(conn)
        super()._put_conn(None)


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHttps

    @override
    def _put_conn(self, conn: Any) -> None:
        _close(conn)
        super()._put_conn(None)


def _close(connection: Any) -> None:
    """Close a connection after use: one that the other side drops meanwhile would swallow an order."""
    if connection is not None:
        connection.close()


class WatchedAdapter(HTTPAdapter):
    """requests' adapter with such connections, and without any retry."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
