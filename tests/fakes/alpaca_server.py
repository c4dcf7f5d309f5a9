"""A fake Alpaca trading API: real HTTP on 127.0.0.1, its ledger as judge, faults on demand.

`with AlpacaServer() as server:` serves; `server.wire()` is the transport to inject, which sends what
was addressed to the paper host to this server instead, `server.data_wire()` what was addressed to the
data host. `server.fault(Fault(...))` makes the next matching request go wrong. `server.seen` has the last
requests as they arrived (at least 1,000), `server.requests` counts all; `server.on_request` is called with each
before it is carried out. The ledger's lock is the server's; between cases another ledger may take its place.
"""

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Response
from typing_extensions import override

from tests.fakes.alpaca_ledger import AlpacaLedger, RefusalError
from tests.fakes.alpaca_routes import Seen, routed
from ztrade_core.brokers.alpaca.fence import PAPER_URL
from ztrade_core.wires.watched import WatchedAdapter

DATA_URL = "https://data.alpaca.markets"
SEEN_KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to the next `times` requests whose method and path start like these.

    `acts` False: the request is not carried out. `how`: `status` (answer `status` with `body`),
    `reset` (the connection is cut without an answer), `truncate` (half of the true answer), `drip` (a byte
    each `seconds`), `drip_headers`, `silence` (nothing for `seconds`), `redirect` (to `location`).
    """

    method: str
    path: str
    how: str = "status"
    times: int = 1
    acts: bool = True
    status: int = 504
    body: bytes = b'{"message": "gateway timeout"}'
    seconds: float = 0.2
    location: str = "https://api.alpaca.markets/v2/account"


class AlpacaServer:
    """The fake; see the module."""

    def __init__(self, ledger: AlpacaLedger | None = None) -> None:
        self.ledger = AlpacaLedger() if ledger is None else ledger
        self.seen: list[Seen] = []
        self.requests: Counter[str] = Counter()
        self.requests_left: int | None = None
        self.stopping = threading.Event()
        self.on_request: Callable[[Seen], object] = _nothing
        self._faults: list[list[Any]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def lock(self) -> threading.RLock:
        """The ledger's lock: whoever holds it sees no request half carried out."""
        return self.ledger.lock

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def wire(self) -> "LoopbackWire":
        return LoopbackWire(self.url)

    def data_wire(self) -> "LoopbackWire":
        return LoopbackWire(self.url, DATA_URL)

    def note(self, seen: Seen) -> None:
        """Remember a request; of many the last."""
        with self.lock:
            self.requests[f"{seen.method} {seen.path.split('/')[2]}"] += 1
            self.seen.append(seen)
            if len(self.seen) >= 2 * SEEN_KEPT:
                del self.seen[:-SEEN_KEPT]

    def fault(self, *faults: Fault) -> None:
        with self.lock:
            self._faults += [[fault, fault.times] for fault in faults]

    def take_fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for entry in self._faults:
                fault, left = entry
                if left > 0 and fault.method == method and path.startswith(fault.path):
                    entry[1] -= 1
                    return fault  # type: ignore[no-any-return]
        return None

    def answer(self, seen: Seen) -> tuple[int, Any]:
        try:
            with self.lock:
                return routed(self.ledger, seen)
        except RefusalError as refusal:
            return refusal.status, refusal.body


class LoopbackWire(WatchedAdapter):
    """Sends to a local server what is addressed to `origin`, and nothing else."""

    def __init__(self, url: str, origin: str = PAPER_URL) -> None:
        super().__init__()
        self._url = url
        self._origin = origin

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        assert request.url is not None
        assert request.url.startswith(self._origin + "/")
        request.url = self._url + request.url.removeprefix(self._origin)
        return super().send(request, *args, **kwargs)


def _nothing(_seen: Seen) -> None:
    """What usually happens besides."""


def _handler_of(server: AlpacaServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _serve(server, self)

        do_POST = do_GET  # noqa: N815 - the names that http.server looks for
        do_DELETE = do_GET  # noqa: N815
        do_PATCH = do_GET  # noqa: N815

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def _serve(server: AlpacaServer, handler: BaseHTTPRequestHandler) -> None:
    split = urlsplit(handler.path)
    length = int(handler.headers.get("Content-Length") or 0)
    raw = handler.rfile.read(length)
    seen = Seen(
        method=handler.command,
        path=split.path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers=dict(handler.headers.items()),
        body=json.loads(raw) if raw else None,
    )
    fault = server.take_fault(seen.method, seen.path)
    server.note(seen)
    server.on_request(seen)
    status, body = server.answer(seen) if fault is None or fault.acts else (200, {})
    whole = b"" if body is None else json.dumps(body).encode()
    try:
        _HOW[None if fault is None else fault.how](server, handler, fault, (status, whole))
    except OSError:
        handler.close_connection = True


def _send(handler: Any, status: int, body: bytes, length: int | None = None, **more: str) -> None:
    handler.send_response(status)
    if status != 204:
        handler.send_header("Content-Type", "application/json; charset=UTF-8")
        handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in more.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()


def _plain(server: Any, handler: Any, _fault: Any, answer: tuple[int, bytes]) -> None:
    left = server.requests_left
    told = {} if left is None else {"X-RateLimit-Remaining": str(left)}
    _send(handler, *answer, **told)


def _status(_server: Any, handler: Any, fault: Fault, _answer: tuple[int, bytes]) -> None:
    _send(handler, fault.status, fault.body)


def _reset(_server: Any, handler: Any, _fault: Fault, _answer: tuple[int, bytes]) -> None:
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    handler.connection.close()


def _truncate(_server: Any, handler: Any, _fault: Fault, answer: tuple[int, bytes]) -> None:
    _send(handler, answer[0], answer[1][: len(answer[1]) // 2], len(answer[1]))
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _drip(server: Any, handler: Any, fault: Fault, answer: tuple[int, bytes]) -> None:
    _send(handler, answer[0], b"", len(answer[1]))
    _bytewise(server, handler, fault, answer[1])


def _drip_headers(server: Any, handler: Any, fault: Fault, _answer: tuple[int, bytes]) -> None:
    _bytewise(server, handler, fault, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000)


def _bytewise(server: Any, handler: Any, fault: Fault, body: bytes) -> None:
    for number in range(len(body)):
        if server.stopping.wait(fault.seconds):
            return
        handler.wfile.write(body[number : number + 1])
        handler.wfile.flush()


def _silence(server: Any, handler: Any, fault: Fault, _answer: tuple[int, bytes]) -> None:
    server.stopping.wait(fault.seconds)
    handler.close_connection = True


def _redirect(_server: Any, handler: Any, fault: Fault, answer: tuple[int, bytes]) -> None:
    _send(handler, 307, answer[1], Location=fault.location)


_HOW: dict[str | None, Callable[..., None]] = {
    None: _plain,
    "status": _status,
    "reset": _reset,
    "truncate": _truncate,
    "drip": _drip,
    "drip_headers": _drip_headers,
    "silence": _silence,
    "redirect": _redirect,
}
