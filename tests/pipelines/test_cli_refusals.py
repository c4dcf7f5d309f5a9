"""What cannot be done ends in one line on standard error, and exit code 2."""

import shutil
from pathlib import Path

import pytest

from tests.fakes.terminal import PROJECT, Terminal, Typed
from tests.pipelines.conftest import AS_OF

MANUAL = ("agent", "run", "agent_tsla", "--manual", "--as-of", AS_OF)
FILES = "tests/pipelines/conftest.py"

REFUSED = {
    "unknown command": (("agent", "walk"), "No such command"),
    "unknown option": (("agent", "list", "--colour"), "No such option"),
    "unknown account": (("company", "dashboard", "--account", "live"), "paper"),
    "unknown agent": (("agent", "run", "agent_spy"), "there are: agent_btc, agent_iwm, agent_tsla"),
    "bad time": (("agent", "run", "agent_tsla", "--as-of", "yesterday"), "2022-12-28T15:00:00Z"),
    "time without offset": (
        ("agent", "run", "agent_tsla", "--as-of", "2022-12-28T15:00:00"),
        "offset",
    ),
    "future time": (("agent", "run", "agent_tsla", "--as-of", "2199-01-01T00:00Z"), "future"),
    "mode that is no person's": (
        ("agent", "run", "agent_tsla", "--automated", "--action", "buy"),
        "add --manual",
    ),
    "two modes by their switches": (
        (*MANUAL, "--automated"),
        "automated and manual were asked for",
    ),
    "a mode and another switch": ((*MANUAL, "--mode", "strategy"), "write one mode"),
    "no terminal to ask at": (MANUAL, "--action"),
    "no confidence": ((*MANUAL, "--action", "buy"), "--confidence"),
    "no rationale": ((*MANUAL, "--action", "buy", "--confidence", "0.7"), "--rationale"),
    "confidence of 2": (
        (*MANUAL, "--action", "buy", "--confidence", "2", "--rationale", "x"),
        "not within 0 to 1",
    ),
    "stop of 0": (
        (*MANUAL, "--action", "buy", "--confidence", ".7", "--rationale", "x", "--stop", "0"),
        "stop_price 0 is not within",
    ),
    "answer beside its fields": (
        (*MANUAL, "--action", "hold", "--answer", FILES),
        "one of the two",
    ),
    "no terminal to confirm at": ((*MANUAL, "--answer", FILES), "--yes"),
    "answer that is none": ((*MANUAL, "--answer", FILES, "--yes"), "this answer cannot be used"),
    "answer that is not there": ((*MANUAL, "--answer", "no/such", "--yes"), "--answer no/such"),
    "show and an answer": ((*MANUAL, "--show", "--action", "hold"), "--show only shows"),
    "half a manual decision": (("agent", "run", "agent_tsla", "--action", "buy"), "--manual"),
    "no bars": (("backtest", "run", "agent_tsla"), "ztrade data import"),
    "backtest of nobody": (("backtest", "run", "agent_spy"), "there are"),
    "unknown run": (("backtest", "show", "bt-0"), "ztrade backtest list"),
    "nothing to compare": (("backtest", "compare"), "RUN"),
    "report of nothing": (("backtest", "report", "bt-0"), "ztrade backtest list"),
    "report of no run": (("backtest", "report"), "RUN"),
    "report into a folder": (("backtest", "report", "bt-0", "--out", "tests"), "is a directory"),
    "export of nothing": (("backtest", "export", "bt-0", "--out", "x"), "ztrade backtest list"),
    "export to nowhere": (("backtest", "export", "bt-0"), "--out"),
    "export as a sheet": (
        ("backtest", "export", "bt-0", "--out", "x", "--format", "xls"),
        "parquet",
    ),
    "export into a file": (("backtest", "export", "bt-0", "--out", FILES), "is a file"),
    "compare with nothing": (("backtest", "compare", "bt-0"), "ztrade backtest list"),
    "no such file": (("data", "import", "no/such/file.csv"), "does not exist"),
    "not a file of bars": (("data", "import", FILES), "neither .csv nor .parquet"),
    "unknown decision": (("audit", "show", "d-nothing"), "ztrade audit show"),
    "row 0": (("audit", "show", "0"), "no decision 0"),
    "bad anchor": (("audit", "verify", "--anchor", "17:abc"), "SEQUENCE:DIGEST"),
    "no reason": (("halt",), "--reason"),
    "empty reason": (("halt", "--reason", " "), "who and why"),
    "halt of nobody": (("halt", "--reason", "x", "--agent", "agent_spy"), "there are"),
    "nothing rehearsed": (("flatten", "--reason", "x", "--account", "rehearsal"), "--as-of"),
    "reset to the future": (("rehearsal", "reset", "--at", "2199-01-01T00:00Z"), "future"),
    "loop of nobody": (("loop", "start", "agent_spy"), "there are"),
}


def is_one_line(answer: Typed, said: str) -> None:
    assert answer.code == 2, answer
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert "Traceback" not in line


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on an empty, migrated store."""
    made = Terminal(tmp_path_factory.mktemp("refusals"))
    made.use_database(sqlite_template)
    return made


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_request_ends_in_one_line(terminal: Terminal, case: str) -> None:
    words, said = REFUSED[case]
    is_one_line(terminal.type(*words), said)


@pytest.fixture
def with_bars(tmp_path: Path, sqlite_template: Path) -> Terminal:
    """A terminal on a store with three bars of BTC/USD."""
    made = Terminal(tmp_path)
    made.use_database(sqlite_template)
    file = tmp_path / "btc.csv"
    rows = [f"BTC/USD,1h,2019-01-01T0{hour}:00:00Z,10,11,9,10,5" for hour in range(3)]
    file.write_text("\n".join(["symbol,timeframe,timestamp,open,high,low,close,volume", *rows]))
    assert made.type("data", "import", str(file)).code == 0
    return made


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--start", "2019-02-01", "--end", "2019-01-01"), "is not before"),
        (("--start", "first of May"), "write a day like"),
        (("--end", "2019-13-01"), "write a day like"),
        (("--start", "2020-01-01", "--end", "2020-02-01"), "the store has 2019-01-01T00:00:00Z"),
    ],
)
def test_a_wrong_range_ends_in_one_line(
    with_bars: Terminal, asked: tuple[str, ...], said: str
) -> None:
    is_one_line(with_bars.type("backtest", "run", "agent_btc", *asked), said)


def test_an_unsound_row_names_file_and_row_and_imports_nothing(
    with_bars: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "symbol,timeframe,timestamp,open,high,low,close,volume\n"
        "BTC/USD,1h,2019-01-02T00:00:00Z,10,11,9,10,5\n"
        "BTC/USD,1h,2019-01-02T01:00:00Z,10,9,11,10,5\n"
    )
    answer = with_bars.type("data", "import", str(file))
    is_one_line(answer, "bad.csv")
    assert "3" in answer.err
    (series,) = with_bars.type("data", "status", "--json").document()["series"]
    assert series["rows"] == 3


def test_a_second_import_changes_nothing(with_bars: Terminal, tmp_path: Path) -> None:
    document = with_bars.type("data", "import", str(tmp_path / "btc.csv"), "--json").document()
    (series,) = document["series"]
    assert (series["inserted"], series["updated"], series["unchanged"]) == (0, 0, 3)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ZTRADE_CONFIG_DIR": "/nowhere"}, "company.yaml"),
        ({"ZTRADE_HOME": "/nowhere"}, "ZTRADE_HOME"),
        ({"ALPACA_BASE_URL": "https://api.alpaca.markets"}, "ALPACA_BASE_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"ZTRADE_MARKET_DATA": "crystal-ball"}, "ZTRADE_MARKET_DATA"),
    ],
)
def test_a_wrong_environment_ends_in_one_line(
    terminal: Terminal, variables: dict[str, str], said: str
) -> None:
    is_one_line(terminal.type("company", "dashboard", **variables), said)


def test_a_wrong_configuration_names_file_and_key(terminal: Terminal, tmp_path: Path) -> None:
    config = Path(shutil.copytree(PROJECT / "config", tmp_path / "config"))
    agent = config / "agents" / "agent_tsla.yaml"
    agent.write_text(agent.read_text().replace("min_confidence:", "min_confidense:"))
    answer = terminal.type("agent", "list", ZTRADE_CONFIG_DIR=str(config))
    is_one_line(answer, "agent_tsla.yaml")
    assert "min_confiden" in answer.err


def test_a_database_of_ones_own_is_not_upgraded_unasked(terminal: Terminal, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    is_one_line(terminal.type("company", "dashboard", DATABASE_URL=url), "ztrade db upgrade")
    assert terminal.type("db", "upgrade", DATABASE_URL=url).code == 0
    assert terminal.type("company", "dashboard", DATABASE_URL=url).code == 0


def test_debug_shows_the_traceback_wherever_it_stands(terminal: Terminal) -> None:
    for words in (("--debug", "agent", "run", "nobody"), ("agent", "run", "nobody", "--debug")):
        answer = terminal.type(*words)
        assert answer.code == 2
        assert "Traceback" in answer.err
        assert answer.err.splitlines()[-1].startswith("error: no agent 'nobody'")
