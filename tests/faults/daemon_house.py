"""A project of its own with its real processes: code server, daemon, web page, each to be killed.

Its agents trade coins on 1-minute bars around the clock, on invented bars, so that the present is
traded. Dagster's configuration is the project's, its patience shortened. Processes lie as in
docker-compose.yml: the code server apart, found over gRPC by page and daemon.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import yaml

from tests.fakes.terminal import PROGRAM, PROJECT, Typed
from tests.faults.daemon_minds import pause
from ztrade_core.clocks.system import SystemClock
from ztrade_core.settings.load import Settings, load_settings

DEFINITIONS = "tests.faults.daemon_definitions"
LOCATION = "ztrade_pipelines.definitions"
HISTORY = timedelta(days=2)
PATIENCE = {  # what dagster.yaml says -> what a test has time for
    "poll_interval_seconds: 30": "poll_interval_seconds: 2",
    "dequeue_interval_seconds: 2": "dequeue_interval_seconds: 1",
}
# Rules that count a minute's entries or ask for sixty daily returns: not what is tried here.
OFF = (
    "max_correlated_positions",
    "duplicate_window_seconds",
    "max_entries_per_minute",
    "max_agent_entries_per_hour",
)
AGENT = {"max_daily_trades": "100", "allocated_usd": "4000", "position_usd": "1000"}
START_SECONDS = 60.0
LOOK_SECONDS = 0.1


class House:
    """See the module. Use as a context manager: every process that is left is killed at the end."""

    def __init__(
        self, folder: Path, template: Path, agents: Sequence[tuple[str, str]], *, run_seconds: int
    ) -> None:
        """Write the project: `agents` are (agent_id, coin); a run may take `run_seconds`."""
        self.root = folder / "house"
        self.data = self.root / "data"
        self.data.mkdir(parents=True)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._groups: list[int] = []
        self._port, self._page = _free_port(), _free_port()
        shutil.copy(template, self.data / "ztrade.db")
        _write_config(self.root / "config", agents, run_seconds)
        _write_dagster(self.root, self._port)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}  # noqa: TID251
        self.environment = kept | {
            "ZTRADE_HOME": str(self.root),
            "ZTRADE_DATA_DIR": str(self.data),
            "ZTRADE_MARKET_DATA": "synthetic",
            "DAGSTER_HOME": str(self.root),
            "PYTHONPATH": str(PROJECT),
            "PYTHONHASHSEED": "0",
            "COLUMNS": "200",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for name in list(self._processes):
            self.kill(name)
        for group in self._groups:  # run workers outlive the code server that bore them
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    @property
    def settings(self) -> Settings:
        """The house's settings, as its processes read them."""
        return load_settings(environ=self.environment)

    def start(self, *names: str) -> None:
        """Start `code`, `page`, or a daemon (any name that begins with `daemon`)."""
        for name in names:
            log = (self.root / f"{name}.log").open("ab")
            words = self._words(name.split("_")[0])
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", *words],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self._groups.append(self._processes[name].pid)
            log.close()
        for name in names:
            if name in {"code", "page"}:
                _await_port(self._port if name == "code" else self._page, self.log(name))

    def _words(self, kind: str) -> tuple[str, ...]:
        port = str(self._port if kind == "code" else self._page)
        match kind:
            case "code":
                served = ("-m", DEFINITIONS, "--location-name", LOCATION)
                return ("dagster", "api", "grpc", "-h", "127.0.0.1", "-p", port, *served)
            case "page":
                return ("dagster_webserver", "-h", "127.0.0.1", "-p", port, "-w", "workspace.yaml")
            case _:
                return ("dagster._daemon", "run", "-w", "workspace.yaml")

    @property
    def running(self) -> set[str]:
        """The names of the processes that were started and not killed."""
        return set(self._processes)

    def kill(self, name: str) -> None:
        """Kill one process with SIGKILL; with the code server, not its run workers."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        """Return what a process has printed."""
        return (self.root / f"{name}.log").read_text(errors="replace")

    def spawn(self, *words: str) -> subprocess.Popen[str]:
        """Start the command `ztrade` in a process of its own."""
        return self._spawned(["-c", PROGRAM, *words])

    def execute(self, job: str) -> subprocess.Popen[str]:
        """Start `dagster job execute`, which asks neither daemon nor queue."""
        return self._spawned(["-m", "dagster", "job", "execute", "-m", DEFINITIONS, "-j", job])

    def _spawned(self, words: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, *words],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, query: str, **variables: Any) -> Any:
        """Ask the page's GraphQL, as a browser on it does; return `data`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._page}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            document = json.loads(answer.read())
        assert "errors" not in document, document
        return document["data"]


def ended(process: subprocess.Popen[str], seconds: float = 120.0) -> Typed:
    """Wait for a command; return what it answered."""
    out, err = process.communicate(timeout=seconds)
    return Typed(code=process.returncode, out=out, err=err)


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _await_port(port: int, log: str) -> None:
    for _ in range(round(START_SECONDS / LOOK_SECONDS)):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            pause(LOOK_SECONDS)
        else:
            return
    raise AssertionError(f"nothing listens on {port}: {log[-3000:]}")


def _write_dagster(root: Path, port: int) -> None:
    text = (PROJECT / "dagster.yaml").read_text()
    for said, meant in PATIENCE.items():
        assert said in text, f"dagster.yaml says no more: {said}"
        text = text.replace(said, meant)
    text = text.replace("base_dir: .ztrade/dagster", f"base_dir: {root / 'dagster'}")
    (root / "dagster.yaml").write_text(text)
    server = {"host": "127.0.0.1", "port": port, "location_name": LOCATION}
    (root / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))


def _write_config(folder: Path, agents: Iterable[tuple[str, str]], run_seconds: int) -> None:
    shutil.copytree(PROJECT / "config", folder)
    shutil.rmtree(folder / "agents")
    (folder / "agents").mkdir()
    model = (PROJECT / "config" / "agents" / "agent_btc.yaml").read_text()
    for agent_id, coin in agents:
        text = model.replace("agent_btc", agent_id).replace("BTC/USD", coin)
        text = re.sub(r"(?m)^timeframe: .*", "timeframe: 1m", text)
        for key, value in AGENT.items():
            text = re.sub(rf"(?m)^( *){key}: .*", rf"\g<1>{key}: {value}", text)
        (folder / "agents" / f"{agent_id}.yaml").write_text(text)
        (folder / "agents" / f"{agent_id}.md").write_text("# A mind of the tests\n")
    began = SystemClock().now() - HISTORY
    _rewrite(folder / "market_data.yaml", r"^history_start: .*", f"history_start: {began:%Y-%m-%d}")
    _rewrite(folder / "broker.yaml", r"^run_max_seconds: .*", f"run_max_seconds: {run_seconds}")
    for limit in OFF:
        _rewrite(folder / "risk_limits.yaml", f"^{limit}: .*", f"{limit}: off")


def _rewrite(path: Path, pattern: str, line: str) -> None:
    text, count = re.subn(f"(?m){pattern}", line, path.read_text())
    assert count == 1, f"{path.name}: {pattern}"
    path.write_text(text)
