"""`ztrade data splits` at the terminal, and what a split does to what is imported and tested."""

from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.fakes.vendor_config import KEYS, vendors_at
from tests.fakes.vendor_server import VendorServer, json_answer

SPLITS = ("data", "splits")
ADD = (*SPLITS, "add", "TSLA", "2022-08-25", "3", "--who", "ada", "--why", "the company's report")


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path) -> Terminal:
    made = Terminal(tmp_path, width=160)
    made.use_database(sqlite_template)
    return made


def test_a_split_added_by_hand_is_listed_with_who_and_why(terminal: Terminal) -> None:
    assert terminal.type(*SPLITS, "list").out.strip() == "no split is known"
    done = terminal.type(*ADD)
    assert (done.code, done.out.strip()) == (
        0,
        "TSLA 2022-08-25: 3:1 is known now, by ada: the company's report",
    )
    assert terminal.type(*ADD).out.strip() == "TSLA 2022-08-25: 3:1 was known"
    assert terminal.type(*SPLITS, "list", "--json").document()["splits"] == [
        {
            "symbol": "TSLA",
            "ex_date": "2022-08-25",
            "ratio": 3.0,
            "source": "by hand: ada: the company's report",
        }
    ]
    shown = terminal.type(*SPLITS, "list", "tsla").out
    assert "2022-08-25" in shown
    assert "3:1" in shown


def test_a_reverse_split_is_written_as_people_write_it(terminal: Terminal) -> None:
    done = terminal.type(*SPLITS, "add", "GE", "2021-08-02", "1:8", "--why", "x", "--json")
    document = done.document()
    assert (document["split"]["ratio"], document["new"], document["series"]) == (0.125, True, [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("TSLA", "2022-08-25", "0"), "ratio '0' is no split"),
        (("TSLA", "2022-08-25", "1"), "ratio '1' is no split"),
        (("TSLA", "2022-08-25", "3:3"), "ratio '3:3' is no split"),
        (("TSLA", "2022-08-25", "nan"), "ratio 'nan' is no split"),
        (("TSLA", "2022-08-25", "inf"), "ratio 'inf' is no split"),
        (("TSLA", "2022-08-25", "1:0"), "ratio '1:0' is no split"),
        (("TSLA", "2022-08-25", "99999"), "ratio '99999' is no split"),
        (("BTC/USD", "2022-08-25", "3"), "BTC/USD is a coin"),
        (("T S", "2022-08-25", "3"), "symbol 'T S' is not one"),
        (("TSLA", "2022-08-27", "3"), "2022-08-27 (Saturday) is no session"),
        (("TSLA", "2022-11-24", "3"), "2022-11-24 (Thursday) is no session"),
        (("TSLA", "2190-08-27", "3"), "more than a year ahead"),
        (("TSLA", "yesterday", "3"), "does not match the format"),
    ],
)
def test_nonsense_is_refused_in_one_line(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    done = terminal.type(*SPLITS, "add", *words, "--why", "x")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert terminal.type(*SPLITS, "list", "--json").document() == {"splits": []}


def test_another_ratio_is_refused_until_the_former_one_is_removed(terminal: Terminal) -> None:
    terminal.type(*ADD)
    other = (*SPLITS, "add", "TSLA", "2022-08-25", "5", "--who", "bob", "--why", "no, five")
    refused = terminal.type(*other)
    assert refused.code == 2
    assert "`ztrade data splits remove TSLA 2022-08-25` first" in refused.err
    gone = terminal.type(*SPLITS, "remove", "TSLA", "2022-08-25")
    assert gone.out.strip() == "TSLA 2022-08-25: 3:1 is forgotten"
    assert terminal.type(*other).code == 0
    missing = terminal.type(*SPLITS, "remove", "TSLA", "2022-08-24")
    assert (missing.code, "there are: 2022-08-25" in missing.err) == (2, True)


def test_an_empty_reason_is_refused(terminal: Terminal) -> None:
    done = terminal.type(*SPLITS, "add", "TSLA", "2022-08-25", "3", "--why", "  ")
    assert (done.code, "may not be empty" in done.err) == (2, True)


def test_splits_are_fetched_from_the_first_vendor_that_answers(
    terminal: Terminal, tmp_path: Path
) -> None:
    pytest.importorskip("alpaca", reason="alpaca-py is not installed")
    split = {"symbol": "TSLA", "ex_date": "2022-08-25", "new_rate": 3, "old_rate": 1}
    told = {"corporate_actions": {"forward_splits": [split]}, "next_page_token": None}
    with VendorServer(lambda _: json_answer(told)) as server:
        config = vendors_at(tmp_path, alpaca=server.url)
        terminal.environment.update(
            KEYS, ZTRADE_CONFIG_DIR=str(config), ZTRADE_MARKET_DATA="alpaca"
        )
        done = terminal.type(*SPLITS, "fetch", "TSLA", "--json")
        again = terminal.type(*SPLITS, "fetch", "TSLA")
    [stock] = done.document()["stocks"]
    assert (stock["vendor"], stock["added"], len(stock["told"])) == ("alpaca", 1, 1)
    assert (again.code, "alpaca" in again.out) == (0, True)


def test_nobody_to_ask_is_said_with_exit_code_1(terminal: Terminal) -> None:
    done = terminal.type(*SPLITS, "fetch", "TSLA")
    assert done.code == 1
    assert "no vendor tells TSLA's splits" in done.out
