"""The hub over real HTTP on 127.0.0.1: one model's files, or silence.

`how`: `serve`; `silence` (connections are taken, nothing is answered); `stall` (half of the weights,
then nothing); `absent` (404); `forge` (other weights of the same size than the hub tells of).
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from typing_extensions import override

from tests.fakes.finbert import COMMIT, NAME

WEIGHTS = "model.safetensors"


class FakeHub:
    """The fake; see the module. `asked` has every path, `url` is its address."""

    def __init__(self, folder: Path, *, how: str = "serve") -> None:
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.how = how
        self.asked: list[str] = []
        self.over = threading.Event()
        self._http = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self})
        )
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def entries(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "file",
                "path": name,
                "rfilename": name,
                "size": len(content),
                "oid": hashlib.sha1(content).hexdigest(),  # noqa: S324 - git's own
                "blobId": hashlib.sha1(content).hexdigest(),  # noqa: S324 - git's own
                "lfs": _lfs(content) if name == WEIGHTS else None,
            }
            for name, content in self.files.items()
        ]


def _lfs(content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"oid": digest, "sha256": digest, "size": len(content), "pointerSize": 130}


class _Handler(BaseHTTPRequestHandler):
    """One connection to a hub."""

    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        self.hub.asked.append(path)
        if self.hub.how == "silence":
            self.hub.over.wait(30)
            self.close_connection = True
        elif self.hub.how == "absent":
            self._send(b'{"error":"Repository not found"}', 404, X_Error_Code="RepoNotFound")
        elif path.startswith(f"/api/models/{NAME}/tree/"):
            self._send(json.dumps(self.hub.entries()).encode())
        elif path.startswith(f"/api/models/{NAME}"):
            told = {"id": NAME, "sha": COMMIT, "siblings": self.hub.entries()}
            self._send(json.dumps(told).encode())
        else:
            self._file(path.rsplit("/", 1)[-1], with_body=with_body)

    def _file(self, name: str, *, with_body: bool) -> None:
        content = self.hub.files[name]
        tag = hashlib.sha256(content).hexdigest()
        if self.hub.how == "forge" and name == WEIGHTS:
            content = content[:-1] + bytes([content[-1] ^ 1])
        stalls = self.hub.how == "stall" and name == WEIGHTS and with_body
        sent = content[: len(content) // 2] if stalls else content
        self._send(
            sent if with_body else b"",
            length=len(content),
            ETag=f'"{tag}"',
            X_Repo_Commit=COMMIT,
        )
        if stalls:
            self.hub.over.wait(30)
            self.close_connection = True

    def _send(
        self, body: bytes, status: int = 200, *, length: int | None = None, **headers: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    @override
    def log_message(self, *_: object) -> None:
        pass
