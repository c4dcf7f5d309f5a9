"""A server on loopback that repeats every key it is shown: in JSON, text, HTML, headers, addresses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

SHOWN = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY", "Authorization")
MODES = ("refusal", "unauthorized", "html", "text", "headers", "redirect", "not the order", "cut")


class EchoServer:
    """`mode` is how it answers; `shown` counts the requests that brought a key."""

    def __init__(self) -> None:
        self.mode = MODES[0]
        self.shown = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self._http.block_on_close = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator["EchoServer"]:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()

    def answer(self, said: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers that repeat what was said."""
        body, page = _body(self.mode, said), f"<html><h1>502</h1><pre>{said}</pre></html>"
        answers: dict[str, tuple[int, str, dict[str, str]]] = {
            "refusal": (422, body, {}),
            "unauthorized": (401, body, {}),
            "html": (502, page, {}),
            "text": (200, f"debug: {said}", {}),
            "headers": (500, "", {"X-Debug": said, "Set-Cookie": f"key={said}"}),
            "redirect": (307, "", {"Location": f"https://example.invalid/?key={said}"}),
            "not the order": (200, body, {}),
            "cut": (200, said, {"Content-Length": str(len(said) + 100)}),
        }
        status, text, headers = answers[self.mode]
        return status, text.encode(), headers


def _body(mode: str, said: str) -> str:
    """Return JSON as Alpaca writes it: a no, or an order that is none."""
    codes = {"refusal": 42210000, "unauthorized": 40110000}
    if mode in codes:
        return json.dumps({"code": codes[mode], "message": f"no: {said}"})
    return json.dumps({"id": said, "status": said, "account_number": said})


def _handler_of(server: EchoServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = " ".join(self.headers[name] for name in SHOWN if self.headers.get(name))
            server.shown += bool(said)
            status, body, more = server.answer(said)
            self.send_response_only(status, said if server.mode == "headers" else None)
            for name, value in {"Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        do_POST = do_GET  # noqa: N815 - the names that http.server looks for
        do_DELETE = do_GET  # noqa: N815
        do_PATCH = do_GET  # noqa: N815

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
