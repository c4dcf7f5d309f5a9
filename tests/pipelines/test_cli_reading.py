"""Commands that only look: their documents, their tables, their empty states."""

from pathlib import Path

import pytest

from tests.fakes.answer_rows import MOST_USD, answer, question
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AS_OF
from tests.pipelines.rehearsed import buy_in_rehearsal
from ztrade_core.clocks.system import SystemClock
from ztrade_core.store.engine import make_engine
from ztrade_core.store.sql_store import SqlStore

LOOKING = (
    ("agent", "list"),
    ("agent", "status"),
    ("agent", "status", "--account", "rehearsal"),
    ("company", "dashboard"),
    ("company", "dashboard", "--account", "rehearsal"),
    ("company", "positions"),
    ("company", "positions", "--account", "rehearsal"),
    ("company", "performance"),
    ("company", "performance", "--account", "rehearsal"),
    ("risk", "status"),
    ("risk", "status", "--account", "rehearsal"),
    ("risk", "status", "--account", "rehearsal", "--all"),
    ("risk", "correlations"),
    ("risk", "correlations", "--as-of", AS_OF),
    ("backtest", "list"),
    ("data", "status"),
    ("db", "status"),
    ("audit", "verify"),
    ("audit", "show"),
    ("audit", "show", "--account", "rehearsal"),
)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on an empty, migrated store; nothing is ever written to it."""
    made = Terminal(tmp_path_factory.mktemp("empty"))
    made.use_database(sqlite_template)
    return made


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store where one rehearsed order has filled; nobody writes to it after."""
    made = Terminal(tmp_path_factory.mktemp("traded"))
    made.use_database(sqlite_template)
    buy_in_rehearsal(made)
    return made


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_json_prints_one_document_with_the_same_keys_with_data_and_without(
    terminal: Terminal, traded: Terminal, words: tuple[str, ...]
) -> None:
    empty = terminal.type(*words, "--json").document()
    assert traded.type(*words, "--json").document().keys() == empty.keys()


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_table_fits_the_terminal_and_shows_no_nan(
    traded: Terminal, words: tuple[str, ...]
) -> None:
    for width in (80, 120):
        shown = traded.type(*words, COLUMNS=str(width))
        assert shown.code == 0, shown.err
        assert shown.out.strip()
        assert max(len(line) for line in shown.out.splitlines()) <= width
        assert "nan" not in shown.out.lower().split()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("company", "positions"), "no positions\nno open orders"),
        (("company", "dashboard"), "no decisions"),
        (("company", "dashboard"), "no backtests"),
        (("company", "dashboard", "--account", "rehearsal"), "nothing was rehearsed yet"),
        (("backtest", "list"), "no backtests"),
        (("data", "status"), "no bars in the store"),
        (("audit", "show"), "no decisions"),
        (("audit", "verify"), "the ledger is empty"),
    ],
)
def test_an_empty_state_says_so(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    assert said in terminal.type(*words).out


def test_looking_does_not_begin_a_rehearsal(tmp_path: Path, sqlite_template: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.use_database(sqlite_template)
    looking = ("company", "positions", "--account", "rehearsal", "--json")
    assert terminal.type(*looking).document()["positions"] == []
    buy_in_rehearsal(terminal)  # refused if the account stood at today
    assert len(terminal.type(*looking).document()["positions"]) == 1


def test_positions_show_their_stop_and_that_it_stands(traded: Terminal) -> None:
    document = traded.type("company", "positions", "--account", "rehearsal", "--json").document()
    (position,) = document["positions"]
    assert position["symbol"] == "TSLA"
    assert position["guarded"] is True
    assert position["protected_quantity"] == position["quantity"] > 0
    stops = [order for order in document["open_orders"] if order["role"] == "stop"]
    assert [stop["stop_price"] for stop in stops] == [position["stop_price"]]
    shown = traded.type("company", "positions", "--account", "rehearsal").out
    assert f"{position['stop_price']:.2f}" in shown


def test_the_dashboard_adds_up(traded: Terminal) -> None:
    document = traded.type("company", "dashboard", "--account", "rehearsal", "--json").document()
    portfolio, (position,) = document["portfolio"], document["positions"]
    worth = position["quantity"] * position["mark"]
    assert portfolio["equity"] == pytest.approx(portfolio["cash"] + worth)
    assert portfolio["gross_exposure_usd"] == pytest.approx(worth)
    gain = portfolio["equity"] - portfolio["day_base_equity"]
    assert portfolio["day_result_usd"] == pytest.approx(gain)


def test_risk_status_names_what_would_deny_an_entry(traded: Terminal) -> None:
    document = traded.type("risk", "status", "--account", "rehearsal", "--json").document()
    verdicts = {agent["agent_id"]: agent["verdicts"] for agent in document["agents"]}
    failed = {v["rule_id"] for v in verdicts["agent_btc"] if not v["passed"]}
    assert "RULE_012" in failed  # there is no bar of BTC/USD in this store
    shown = traded.type("risk", "status", "--account", "rehearsal").out
    assert "What would deny an entry now" in shown
    assert {limit["kept"] for limit in document["limits"]} == {True}


def test_risk_status_tells_what_language_models_cost_today(
    tmp_path: Path, sqlite_template: Path
) -> None:
    terminal = Terminal(tmp_path)
    terminal.use_database(sqlite_template)
    assert "0.0000 USD for answers; daily budget 5 USD" in flat(terminal, "risk", "status")
    engine = make_engine(f"sqlite:///{terminal.data / 'ztrade.db'}")
    now = SystemClock().now()
    with SqlStore(engine).locked() as uow:
        for number in (1, 2, 3):
            uow.answers.reserve(question(number, asked_at=now))
        uow.answers.put(answer(1, usd=0.5))
    engine.dispose()
    found = terminal.type("risk", "status", "--json").document()["language_models"]
    assert found == {
        "answered_usd": 0.5,
        "reserved_usd": 2 * MOST_USD,
        "unanswered_questions": 2,
        "daily_budget_usd": 5,
    }
    told = "0.5000 USD for answers, 0.5000 USD reserved for 2 questions without an answer"
    assert told in flat(terminal, "risk", "status")


def flat(terminal: Terminal, *words: str) -> str:
    """What a command showed, as one line."""
    return " ".join(terminal.type(*words).out.split())


def test_one_decision_is_shown_in_full_by_row_and_by_id(traded: Terminal) -> None:
    by_row = traded.type("audit", "show", "1", "--json").document()
    assert by_row["action"] == "buy"
    assert len(by_row["verdicts"]) == 21
    assert traded.type("audit", "show", by_row["decision_id"], "--json").document() == by_row
    assert "RULE_001" in traded.type("audit", "show", "1").out


def test_the_embedded_database_is_made_and_said_on_standard_error(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    first = terminal.type("data", "status", "--json")
    assert first.document() == {"series": []}
    assert "brought to schema" in first.err
    assert len(first.err.splitlines()) == 1
    assert terminal.type("data", "status", "--json").err == ""


def test_an_upgrade_says_what_it_applied_and_the_second_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal.type("db", "status", "--json").document()["is_current"] is False
    applied = terminal.type("db", "upgrade", "--json").document()["applied"]
    assert applied[0] == "0001"
    assert terminal.type("db", "upgrade", "--json").document()["applied"] == []
    assert terminal.type("db", "status", "--json").document()["is_current"] is True


def test_the_warning_of_invented_data_is_on_standard_error(terminal: Terminal) -> None:
    shown = terminal.type("agent", "list", "--json", ZTRADE_MARKET_DATA="synthetic")
    assert "synthetic" in shown.err
    assert len(shown.document()["agents"]) == 3
