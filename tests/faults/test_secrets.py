"""No secret leaves the process: a day's story with canaries in place of every key and password.

Then everything it left is searched: tables, database files, Dagster's storage, logs, output, errors with
their local values, arguments of processes.
"""

import base64
import sqlite3
import subprocess
import sys
import traceback
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pytest
from sqlalchemy.engine import make_url

from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.terminal import PROJECT, Terminal
from tests.faults.exam_table import Area, Exam
from tests.faults.teeth_canaries import CANARIES, ENVIRONMENT, PASSWORDS, Search
from tests.faults.teeth_day import VARIABLES, Day, asked_of_an_echo, laid_out, refusing
from tests.faults.teeth_patches import applied, variant, wrong
from tests.faults.teeth_variants import VARIANTS
from tests.pipelines.at_alpaca import BUY, NOW, AlpacaTerminal, open_market
from tests.pipelines.conftest import AGENT
from ztrade_core.domain.time import parse_instant
from ztrade_core.errors import StoreError
from ztrade_core.store.migrations import upgrade

BY_HAND = ("--manual", "--action", "buy", "--confidence", "0.9", "--rationale", "a test")
REASON = ("--reason", "a test", "--who", "tester")


@pytest.fixture
def search() -> Search:
    return Search()


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        open_market(made)
        yield made


@pytest.fixture
def day(server: AlpacaServer, tmp_path: Path) -> Iterator[Day]:
    folder = tmp_path / "dagster"
    folder.mkdir()
    with dg.DagsterInstance.local_temp(tempdir=str(folder)) as made:
        yield Day(server=server, instance=made, folder=tmp_path)


@pytest.fixture(autouse=True)
def canaries_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's own environment holds them too: frameworks like to print it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def concluded(search: Search, exam: Exam, *, fewest: int) -> None:
    """Record a search, and that it looked at something."""
    exam.record(Area.SECRETS, cases=1, findings={"secrets": len(search.found)})
    assert search.found == []
    assert len(search.places) >= fewest


def test_a_day_in_dagster_leaves_no_secret(
    day: Day,
    sqlite_url: str,
    search: Search,
    exam: Exam,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    day.searched(search, day.lived(sqlite_url))
    search.text("output", "".join(capfd.readouterr()))
    search.text("logging", caplog.text)
    concluded(search, exam, fewest=500)


def test_a_secret_that_is_planted_in_a_run_is_found_wherever_it_went(
    day: Day, sqlite_url: str, search: Search
) -> None:
    with day.house(0, sqlite_url) as made:
        assert made.run(AGENT, {**BUY, "manual_rationale": f"because of {SECRET}"}).success
    day.searched(search, made)
    places = " ".join(search.found)
    for place in ("table decisions", "run agent_tsla", "event of agent_tsla", "runs.db: runs"):
        assert f"in {place}" in places
    assert ".db: event_logs" in places


def test_a_rule_that_raises_logs_no_secret_among_its_local_values(
    day: Day, sqlite_url: str, search: Search, exam: Exam, capfd: pytest.CaptureFixture[str]
) -> None:
    where = "ztrade_core.risk.rules.rule_014_fat_finger:FatFingerRule.judge"
    raising = wrong(where, lambda _right: lambda *_args: 1 // 0)
    broken = variant("a rule that raises", "", "", raising)
    with applied(broken) as hits, day.house(0, sqlite_url) as made:
        assert made.run(AGENT, BUY).success
    assert hits[where] > 0
    output = "".join(capfd.readouterr())
    assert "ZeroDivisionError" in output
    search.text("output", output)
    day.searched(search, made)
    concluded(search, exam, fewest=100)


def test_a_day_on_postgresql_leaves_no_password(
    day: Day, postgres_url: str, search: Search, exam: Exam, capfd: pytest.CaptureFixture[str]
) -> None:
    url = make_url(postgres_url).set(password=PASSWORDS["DATABASE_URL"])
    with day.house(0, url.render_as_string(hide_password=False)) as made:
        assert made.run(AGENT, BUY).success
        with made.workshop.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE fills RENAME TO fills_no_more")
        assert not made.run("reconcile").success
    day.searched(search, made)
    search.text("output", "".join(capfd.readouterr()))
    concluded(search, exam, fewest=100)


def test_a_day_at_the_terminal_shows_no_secret(
    server: AlpacaServer, tmp_path: Path, sqlite_template: Path, search: Search, exam: Exam
) -> None:
    terminal = AlpacaTerminal(terminal=Terminal(tmp_path, width=300), server=server)
    terminal.prepare(sqlite_template)
    for how, words in (
        ("", ("broker", "check")),
        ("keys", ("broker", "check")),
        ("page", ("reconcile",)),
        ("page", ("agent", "run", AGENT, *BY_HAND)),
        ("order", ("agent", "run", AGENT, *BY_HAND)),
        ("", ("company", "dashboard")),
        ("page", ("halt", *REASON)),
        ("page", ("flatten", *REASON)),
        ("", ("risk", "status")),
        ("page", ("--debug", "reconcile")),
    ):
        server._faults.clear()
        if how:
            server.fault(refusing(how))
        answer = terminal.type(*words, **ENVIRONMENT)
        assert answer.code in {0, 1}, answer.err
        search.text(f"{how} {words}", answer.out + answer.err)
    search.folder(tmp_path)
    concluded(search, exam, fewest=200)


def test_no_error_holds_a_key_that_the_broker_repeats(
    tmp_path: Path, sqlite_url: str, search: Search, exam: Exam, capfd: pytest.CaptureFixture[str]
) -> None:
    failed, shown = asked_of_an_echo(search, tmp_path, sqlite_url)
    search.text("output", "".join(capfd.readouterr()))
    assert shown > 100
    assert failed > 80
    concluded(search, exam, fewest=500)


def test_a_leak_that_is_planted_in_the_wire_is_found(
    tmp_path: Path, sqlite_url: str, search: Search
) -> None:
    with applied(VARIANTS["keys not struck out"]):
        asked_of_an_echo(search, tmp_path, sqlite_url)
    assert any("submit of refusal" in each for each in search.found)


def started(server: AlpacaServer, folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start `ztrade` on the fake in a process of its own."""
    launch = f"main({server.url!r}, {server.url!r}, {list(words)!r}, now={NOW!r})"
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", f"from tests.fakes.alpaca_launch import main; {launch}"],
        cwd=PROJECT,
        env={**Terminal(folder, width=200).environment, **VARIABLES, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(search: Search, child: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command, looking at the arguments of all processes meanwhile; return code and text."""
    while True:
        search.arguments()
        try:
            out, err = child.communicate(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
        search.text("a command's output", out + err)
        return child.returncode, out + err


@pytest.mark.parametrize("how", ["", "keys"])
def test_the_check_of_the_broker_in_a_process_of_its_own_shows_no_key(
    how: str, day: Day, sqlite_template: Path, search: Search, exam: Exam
) -> None:
    laid_out(day.folder / "home", sqlite_template)
    if how:
        day.server.fault(refusing(how))
    code, text = finished(search, started(day.server, day.folder / "home", "broker", "check"))
    assert code == (1 if how else 0), text
    assert "alpaca paper account" in text or how
    search.folder(day.folder)
    concluded(search, exam, fewest=10)


def test_a_database_that_cannot_be_reached_keeps_its_password(
    server: AlpacaServer, tmp_path: Path, search: Search, exam: Exam
) -> None:
    secret = PASSWORDS["DATABASE_URL"]
    urls = [
        f"postgresql://ztrade:{quote(secret, safe='')}@127.0.0.1:1/ztrade",
        f"postgresql://ztrade:{quote(secret, safe='')}@127.0.0.1:port/ztrade",
        f"postgresql+nothing://ztrade:{quote(secret, safe='')}@127.0.0.1/ztrade",
        f"postgresql://ztrade:{secret}@127.0.0.1:1/ztrade",
    ]
    terminal = Terminal(tmp_path)
    with pytest.raises(StoreError) as raised:
        upgrade(urls[0].replace("postgresql", "postgresql+psycopg", 1))
    search.text("a traceback", "".join(traceback.format_exception(raised.value)))
    for url in urls:
        for words in (("db", "upgrade"), ("company", "dashboard"), ("risk", "status")):
            answer = terminal.type(*words, DATABASE_URL=url, **ENVIRONMENT)
            assert answer.code != 0
            search.text(f"{words} on {url.partition(':')[0]}", answer.out + answer.err)
    child = started(server, tmp_path / "child", "broker", "check", DATABASE_URL=urls[0])
    code, _ = finished(search, child)
    assert code != 0
    search.folder(tmp_path)
    concluded(search, exam, fewest=12)


SECRET = CANARIES["ANTHROPIC_API_KEY"]
PLANTS: dict[str, bytes] = {
    "plain": SECRET.encode(),
    "capitals": SECRET.upper().encode(),
    "url-encoded": f"?key={quote(SECRET, safe='')}&x=1".encode(),
    "JSON": SECRET.replace("/", "\\/").encode(),
    "hexadecimal": SECRET.encode().hex().encode(),
    "packed": zlib.compress(f"so: {SECRET}".encode()),
    **{
        f"base64 after {before} bytes": base64.b64encode(b"x" * before + SECRET.encode() + b"tail")
        for before in range(4)
    },
    "base64 for URLs": base64.urlsafe_b64encode(f"key:{SECRET}".encode()),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_secret_is_found_in_a_file_and_in_a_row(
    plant: str, tmp_path: Path, search: Search
) -> None:
    (tmp_path / "a.log").write_bytes(b"" if plant == "packed" else b"before " + PLANTS[plant])
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE kept (content BLOB)")
        connection.execute("INSERT INTO kept VALUES (?)", (PLANTS[plant],))
        connection.commit()
    search.folder(tmp_path)
    places = {each.partition(" in ")[2] for each in search.found}
    assert "a.db: kept" in places
    assert plant == "packed" or "file a.log" in places
    assert all(each.startswith("ANTHROPIC_API_KEY") for each in search.found)


def test_a_secret_in_an_argument_an_error_or_its_locals_is_found(search: Search) -> None:
    waiting = [sys.executable, "-c", "input()", SECRET]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as child:  # noqa: S603 - our own interpreter
        search.arguments()
        child.kill()
    assert [each.partition(" (")[0] for each in search.found] == ["ANTHROPIC_API_KEY"]
    search.found.clear()
    try:
        try:
            parse_instant(SECRET)
        except ValueError as error:
            raise KeyError from error
    except KeyError as error:
        search.error("planted", error)
    assert search.found
