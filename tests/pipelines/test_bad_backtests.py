"""A backtest that cannot be run: one line from the terminal, the same text as a Failure on the page."""

from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, House, fill_store
from tests.pipelines.rehearsed import workshop_of
from ztrade_core.domain.time import parse_instant
from ztrade_core.store.tables.market import MARKET_BARS

MISSING = "2022-12-28T16:00:00Z"
UNSOUND = "2022-12-29T16:00:00Z"
GAP = "1 bar of TSLA 5m that the calendar expects is missing; the longest gap has 1, from "


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on the hand-made market, one bar of it missing."""
    made = Terminal(tmp_path_factory.mktemp("bad"))
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    fill_store(workshop)
    delete_bar(workshop.engine)
    workshop.engine.dispose()
    return made


def delete_bar(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        stamp = MARKET_BARS.c.timestamp == parse_instant(MISSING)
        connection.execute(MARKET_BARS.delete().where(stamp))


def spoil_bar(engine: sa.Engine) -> None:
    """Write past the store's door, as another program might."""
    with engine.begin() as connection:
        stamp = MARKET_BARS.c.timestamp == parse_instant(UNSOUND)
        connection.execute(MARKET_BARS.update().where(stamp).values(high=1.0))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agent_spy",), "no agent 'agent_spy' in config/agents; there are: agent_btc"),
        ((AGENT, "--start", "2022-12-29", "--end", "2022-12-28"), "start 2022-12-29 is not before"),
        ((AGENT, "--start", "tomorrow"), "start 'tomorrow': write a day like 2022-03-01"),
        ((AGENT, "--end", "2022-02-30"), "end '2022-02-30': write a day like 2022-03-01"),
        ((AGENT, "--start", "2019-01-02", "--end", "2019-01-03"), "the store has 2022-12-20T14:30"),
        (
            (AGENT, "--start", "2027-01-04", "--end", "2027-01-05"),
            "no bars of TSLA 5m from 2027-01",
        ),
        (("agent_btc",), "no bars of BTC/USD 1h in the store; `ztrade data import PATH...`"),
    ],
)
def test_a_bad_request_is_one_line_and_exit_code_2(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    refused = terminal.type("backtest", "run", *words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert said in refused.err


def test_a_strict_run_over_a_gap_is_one_line_and_an_ordinary_one_warns(terminal: Terminal) -> None:
    words = ("backtest", "run", AGENT, "--start", "2022-12-28", "--end", "2022-12-28")
    refused = terminal.spawn(*words, "--strict")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert f"{GAP}{MISSING} to {MISSING}: load them" in refused.err
    run = terminal.spawn(*words)
    assert run.code == 0, run.err
    assert "missing: 1 bar that the calendar expects; the longest gap has 1" in " ".join(
        run.out.split()
    )


def failure_of(house: House, **config: object) -> str:
    result = house.run("backtest", {"agent_id": AGENT, **config})
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    text = str(event.step_failure_data.user_failure_data.description)
    assert "\n" not in text
    assert house.workshop.backtests.runs(AGENT) == []
    return text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"agent_id": "agent_spy"}, "no agent 'agent_spy' in config/agents; there are: agent_btc"),
        ({"start": "2022-12-29", "end": "2022-12-28"}, "start 2022-12-29 is not before end"),
        ({"start": "yesterday"}, "start 'yesterday': write a day like 2022-03-01"),
        ({"start": "2999-01-01", "end": "2999-01-02"}, "start 2999-01-01 lies in the future"),
        ({"start": "2022-12-01", "end": "2022-12-02"}, "the store has 2022-12-20T14:30:00Z"),
    ],
)
def test_a_bad_request_from_the_page_fails_with_that_line(
    house: House, config: dict[str, str], said: str
) -> None:
    whole = {"start": "2022-12-28", "end": "2022-12-29", **config}
    assert said in failure_of(house, **whole)


def test_a_strict_run_from_the_page_names_the_gap(house: House) -> None:
    delete_bar(house.workshop.engine)
    text = failure_of(house, start="2022-12-28", end="2022-12-29", strict=True)
    assert text.startswith(f"{GAP}{MISSING}")


def test_an_unsound_bar_that_came_past_the_door_is_named(house: House) -> None:
    spoil_bar(house.workshop.engine)
    text = failure_of(house, start="2022-12-28", end="2022-12-29")
    assert text == f"the store's bars: TSLA 5m {UNSOUND}: the high is below open or close"
