"""Real processes: the example that answers, and what remains when one side is killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.moments import tsla_agent, tsla_bars, tsla_moment
from tests.fakes.oversight import ANSWER, ME, Desk, put, render
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.answer_schema import Answer, parse_answer
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.maker import FileMaker
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.model_config import SubagentConfig

FOREIGNER = 12_345
ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / "examples" / "answer_requests.py"
PATIENCE = SubagentConfig(timeout_seconds=120.0, poll_seconds=0.05)
ASK = """
import sys, time
from pathlib import Path
from tests.fakes.moments import tsla_agent, tsla_moment
from tests.fakes.oversight import render
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.maker import FileMaker
maker = FileMaker(Oversight(Path(sys.argv[1])), render, clock=SystemClock(), sleep=time.sleep)
maker.ask(tsla_moment(), tsla_agent())
"""
WRITE_SLOWLY = """
import sys, time
from pathlib import Path
path = Path(sys.argv[1])
with path.open("w") as file:
    path.chmod(0o600)
    file.write('{"action": "buy", "confid')
    file.flush()
    print("half", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def born() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of the test; whatever still lives is killed."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def spawn(processes: list[subprocess.Popen[str]], *words: str) -> subprocess.Popen[str]:
    made = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
    )
    processes.append(made)
    return made


def live_maker(data: Path, waiting: SubagentConfig = PATIENCE) -> FileMaker:
    sleep = time.sleep  # noqa: TID251 - another process answers meanwhile
    return FileMaker(Oversight(data), render, clock=SystemClock(), sleep=sleep, config=waiting)


def test_the_example_answers_two_agents_at_once_each_its_own(
    tmp_path: Path, born: list[subprocess.Popen[str]]
) -> None:
    spawn(born, str(EXAMPLE), str(tmp_path / "oversight"))
    agents = [tsla_agent(), tsla_agent(agent_id="agent_iwm")]
    moments = [tsla_moment(), tsla_moment(bars=tsla_bars(10))]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(live_maker(tmp_path).ask, moments, agents))
    records = [each.record for each in answers]
    assert [each.outcome for each in records if each] == [AnswerOutcome.ANSWERED] * 2
    closes = moments[0].bars.closes
    mean = float(closes[-20:].sum()) / 20
    expected = Action.BUY if float(closes[-1]) > mean else Action.HOLD
    assert [each.proposal.action for each in answers] == [expected, Action.HOLD]
    assert answers[1].proposal.rationale == "fewer than 20 bars"


def test_the_example_needs_nothing_but_python(
    tmp_path: Path, born: list[subprocess.Popen[str]]
) -> None:
    """In isolated mode there are no packages of ours; with `--once` it ends."""
    done: list[int] = []
    desk = Desk(tmp_path)

    def answer() -> None:
        place = str(tmp_path / "oversight")
        process = spawn(born, "-I", "-S", str(EXAMPLE), place, "--once")
        told, _ = process.communicate(timeout=60)
        done.append(process.returncode)
        assert "agent_tsla-" in told

    paid = desk.ask(answer)
    assert done == [0]
    assert paid.record is not None
    assert paid.record.outcome is AnswerOutcome.ANSWERED
    assert isinstance(parse_answer(paid.record.raw), Answer)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that any user may enter, which a test's own is not."""
    with tempfile.TemporaryDirectory(prefix="ztrade-open-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.skipif(ME != 0, reason="only root can start a process of another user")
def test_another_users_process_answers_where_the_folders_were_opened_to_it(
    open_place: Path,
) -> None:
    desk = Desk(open_place, answerers=[FOREIGNER])
    with desk.oversight.opened():
        desk.place.chmod(0o711)
        (desk.place / "requests").chmod(0o755)
        os.chown(desk.place / "responses", FOREIGNER, -1)
    example = open_place / EXAMPLE.name
    example.write_bytes(EXAMPLE.read_bytes())
    example.chmod(0o644)
    words = ["python3", "-I", "-S", str(example), str(desk.place), "--once"]

    def answer() -> None:
        done = subprocess.run(  # noqa: S603 - the example, as somebody else
            words, user=FOREIGNER, group=FOREIGNER, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    paid = desk.ask(answer)
    assert paid.record is not None
    assert paid.record.outcome is AnswerOutcome.ANSWERED
    (kept,) = (desk.place / "answered").glob("*.answer.json")
    assert kept.stat().st_uid == FOREIGNER
    assert desk.maker(keep_days=1.0).tidy().refused == 0


def test_an_answerer_killed_in_the_middle_of_writing_is_a_hold(
    tmp_path: Path, born: list[subprocess.Popen[str]]
) -> None:
    desk = Desk(tmp_path)

    def begin() -> None:
        process = spawn(born, "-c", WRITE_SLOWLY, str(desk.answer_path()))
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"

    def kill() -> None:
        os.kill(born[0].pid, signal.SIGKILL)
        born[0].wait()

    paid = desk.ask(begin, kill)
    assert paid.record is not None
    assert paid.record.outcome is AnswerOutcome.TIMED_OUT
    assert "it was begun and not finished in time" in paid.record.problem


def test_a_killed_askers_request_is_put_away_by_the_next_run_after_its_deadline(
    tmp_path: Path, born: list[subprocess.Popen[str]]
) -> None:
    asker = spawn(born, "-c", ASK, str(tmp_path))
    requests = tmp_path / "oversight" / "requests"
    while not list(requests.glob("*.json")):
        assert asker.poll() is None, asker.communicate()
        time.sleep(0.05)  # noqa: TID251 - until the other process has asked
    [path] = requests.glob("*.json")
    request = json.loads(path.read_text())
    desk = Desk(tmp_path)
    desk.begins = SystemClock().now() + timedelta(hours=1)
    assert desk.maker().tidy().expired == 0
    asker.send_signal(signal.SIGKILL)
    asker.wait()
    put(tmp_path / "oversight" / "responses" / request["answer_file"], json.dumps(ANSWER))
    paid = desk.ask(desk.answer)
    assert paid.proposal.action is Action.BUY
    assert path.name in desk.names("expired")
    assert desk.told[0]["request_id"] != request["request_id"]
    assert desk.refusals() == ["it came after the question had ended"]
