"""A data vendor over real HTTP on 127.0.0.1: answers by a function, and goes wrong on demand.

`with VendorServer(answer) as server:` serves; `server.url` is the base address. `answer` gets what was
asked (`Asked`) and returns an `Answer`. `server.seen` has every request in order.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

CHUNK = b"x" * 65536


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request: path without the query, the query's parameters, headers by lower-case name."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the vendor says. `how`: `whole`; `truncate` (half of the body); `drip` (a byte each

    `seconds`); `silence` (nothing for `seconds`); `reset` (the connection is cut); `flood` (`flood_bytes`
    of junk, announced).
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    how: str = "whole"
    seconds: float = 0.05
    flood_bytes: int = 1 << 30


def json_answer(content: Any, status: int = 200, **headers: str) -> Answer:
    """Return an answer with a JSON body; `Retry_After=2` becomes the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=json.dumps(content).encode(), headers=named)


class VendorServer:
    """The fake; see the module."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.seen: list[Asked] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler_of(server: VendorServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = Asked(
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
            )
            server.seen.append(asked)
            try:
                _tell(self, server.answer(asked), server.closing)
            except OSError:
                self.close_connection = True  # whoever asked has given up

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing on the terminal."""

    return Handler


def _tell(handler: BaseHTTPRequestHandler, answer: Answer, closing: threading.Event) -> None:
    handler.close_connection = True
    if answer.how == "silence":
        closing.wait(answer.seconds)
        return
    if answer.how == "reset":
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.close()
        return
    length = answer.flood_bytes if answer.how == "flood" else len(answer.body)
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    handler.send_header("Content-Length", str(length))
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    for piece in _pieces(answer, closing):
        handler.wfile.write(piece)
        handler.wfile.flush()


def _pieces(answer: Answer, closing: threading.Event) -> Any:
    if answer.how == "truncate":
        yield answer.body[: len(answer.body) // 2]
    elif answer.how == "drip":
        for at in range(len(answer.body)):
            closing.wait(answer.seconds)
            yield answer.body[at : at + 1]
    elif answer.how == "flood":
        for _ in range(answer.flood_bytes // len(CHUNK)):
            yield CHUNK
    else:
        yield answer.body
