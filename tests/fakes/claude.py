"""Claude over real HTTP on 127.0.0.1: answers by a function of what it was asked, and goes wrong on demand.

`with ClaudeServer(answer) as server:` serves POST; `server.url` is its address, `server.seen` has every
request's body and headers. Bodies of messages are made here in the shape that was recorded.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
from pydantic import SecretStr
from typing_extensions import override

from tests.fakes.vendor_server import Answer, _tell
from tests.unit.risk.builders import RISK
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.automated.client import ClaudeClient
from ztrade_core.decision_makers.automated.maker import AutomatedMaker
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.domain.model_config import PUBLISHED_PRICES, ModelConfig

CANARY = "sk-ant-canary-0123456789"
PROMPTS = Path(__file__).parents[2] / "config" / "prompts" / "automated"
CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "anthropic"
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
USAGE = {
    "input_tokens": 1_000,
    "output_tokens": 100,
    "cache_creation_input_tokens": 2_000,
    "cache_read_input_tokens": 400,
}
HOLD: Mapping[str, Any] = {
    "action": "hold",
    "confidence": 0.6,
    "rationale": "nothing moved",
    "stop_price": None,
    "target_price": None,
    "quantity": None,
    "fraction": None,
}


@dataclass(frozen=True, kw_only=True)
class AskedOfClaude:
    """One request: its path, its body as text and as JSON, headers by lower-case name."""

    path: str
    text: str
    body: Any
    headers: Mapping[str, str]


def message(*content: Mapping[str, Any], stop: str | None = "end_turn", **changes: Any) -> Any:
    """Return a message of the vendor with these blocks."""
    return {
        "model": "claude-sonnet-5-5",
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": USAGE,
    } | changes


def text_block(text: str) -> dict[str, Any]:
    """Return a block of text."""
    return {"type": "text", "text": text}


def tool_block(answer: Any, name: str = "decide") -> dict[str, Any]:
    """Return a call of a tool."""
    return {"type": "tool_use", "id": "toolu_01", "name": name, "input": answer}


def answering(body: Any, status: int = 200, **headers: str) -> Callable[[Any], Answer]:
    """Return what answers each request with this body: a value as JSON, bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status=status, body=raw, headers=named)


def deciding(answer: Any) -> Callable[[Any], Answer]:
    """Return what answers each request with this answer as structured output."""
    return answering(message(text_block(json.dumps(answer))))


def contract(name: str) -> Any:
    """Return a recorded exchange, or skip the test and say so."""
    path = CONTRACTS / name
    if not path.is_file():
        pytest.skip(f"NOT TESTED ON RECORDED ANSWERS: {path} does not exist")
    return json.loads(path.read_text())


class Bench:
    """A maker before a server: time is simulated and stands still but for waits, which are listed."""

    def __init__(self, address: str, **settings: Any) -> None:
        self.clock = SimulatedClock(START)
        self.waits: list[float] = []
        config = ModelConfig(address=address, **{"deadline_seconds": 5.0, **settings})
        self.client = ClaudeClient(config, SecretStr(CANARY), clock=self.clock, wait=self._wait)
        self.maker = AutomatedMaker(
            self.client,
            load_prompts(PROMPTS),
            prices=PUBLISHED_PRICES,
            risk=RISK,
            clock=self.clock,
        )

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))


class ClaudeServer:
    """The fake; see the module."""

    def __init__(self, *answers: Callable[[AskedOfClaude], Answer]) -> None:
        self._answers = answers
        self.seen: list[AskedOfClaude] = []
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"server_": self})
        )
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, asked: AskedOfClaude) -> Answer:
        """Answer by the functions in order; the last one answers all that follow."""
        self.seen.append(asked)
        return self._answers[min(len(self.seen), len(self._answers)) - 1](asked)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server_: ClaudeServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        asked = AskedOfClaude(
            path=self.path,
            text=text,
            body=json.loads(text),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        try:
            _tell(self, self.server_.answer(asked), self.server_.closing)
        except OSError:
            self.close_connection = True  # whoever asked has given up

    def do_GET(self) -> None:
        self.do_POST()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""
