"""The scoreboard at the terminal and on the page: the same figures, from rehearsed decisions."""

from pathlib import Path

import dagster as dg
import pytest

from tests.fakes.by_hand import said
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, AS_OF, NEXT_BAR, House
from tests.pipelines.rehearsed import buy_in_rehearsal, workshop_of
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.decisions import Action, Proposal, SlotKey
from ztrade_core.domain.side_slots import shadow_slot
from ztrade_core.domain.time import parse_instant
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_pipelines.keys import scoreboard_key

SLOTS = ("2022-12-28T14:55:00Z", "2022-12-28T15:00:00Z")
WINDOW = ("--account", "rehearsal", "--from", "2022-12-28", "--to", "2022-12-28")
COMMAND = ("agent", "scoreboard")


def shadow_them(workshop: Workshop) -> None:
    """Tape a shadow's answers beside the two rehearsed decisions: the agent bought, then held."""
    for slot, action in zip(SLOTS, ("buy", "sell"), strict=True):
        key = SlotKey(
            account="rehearsal",
            account_epoch=1,
            agent_id=AGENT,
            slot=shadow_slot("contrary", 1, slot),
        )
        answer = Proposal(
            action=Action(action), confidence=0.8, rationale="[bold]so[/]", maker="sma/1"
        )
        with workshop.store.locked() as unit:
            unit.tapes.put_first(
                Tape(
                    key=key,
                    snapshot_hash="0" * 64,
                    proposal=answer,
                    mode="strategy",
                    run_id="run",
                    taped_at=parse_instant(NEXT_BAR),
                )
            )


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store where a person bought TSLA in rehearsal, and a shadow looked on."""
    made = Terminal(tmp_path_factory.mktemp("scoreboard"), width=160)
    made.use_database(sqlite_template)
    buy_in_rehearsal(made)
    workshop = workshop_of(made)
    shadow_them(workshop)
    workshop.engine.dispose()
    return made


def test_the_minds_are_compared_in_tables(terminal: Terminal) -> None:
    done = terminal.type(*COMMAND, AGENT, *WINDOW)
    assert done.code == 0, done.err
    for text in ("Directions", "If followed alone", "Agreement", "shadow contrary", "50.0 %"):
        assert text in done.out
    assert "the agent's file does not name it any more" in done.out
    assert "What answers took" not in done.out  # no mind is a model
    narrow = terminal.type(*COMMAND, AGENT, *WINDOW, COLUMNS="80")
    assert max(map(len, narrow.out.splitlines())) <= 80


def test_the_document_has_every_figure_and_null_where_there_is_none(terminal: Terminal) -> None:
    document = terminal.type(*COMMAND, AGENT, *WINDOW, "--horizon", "3", "--json").document()
    assert (document["account"], document["horizon_bars"]) == ("rehearsal", 3)
    [board] = document["scoreboards"]
    own, shadow = board["minds"]
    [mine], [theirs] = own["parts"], shadow["parts"]
    assert (own["role"], shadow["label"]) == ("own", "shadow contrary")
    assert (mine["moments"]["count"], theirs["moments"]["count"]) == (2, 2)
    assert (theirs["agreement"]["share"], mine["agreement"], theirs["cost"]) == (0.5, None, None)
    assert theirs["repeatability"] == {"moments": 0, "share": None, "spread": None}
    assert mine["followed"]["own_return"] is None
    assert theirs["followed"]["own_return"] == mine["followed"]["total_return"]
    assert board["pairs"][0]["parts"]["all"]["moments"] == 2
    assert theirs["hits"]["judged"] == 2


def test_the_return_is_that_of_the_recorded_backtest(terminal: Terminal) -> None:
    board = terminal.type(*COMMAND, AGENT, *WINDOW, "--json").document()["scoreboards"][0]
    followed = board["minds"][0]["parts"][0]["followed"]
    span = ("--start", followed["begins"], "--end", followed["ends"])
    done = terminal.spawn(
        "backtest", "run", AGENT, *span, "--recorded", "ledger:rehearsal", "--json"
    )
    metrics = done.document()["metrics"]
    assert metrics["total_return"] == followed["total_return"] != 0.0
    assert metrics["max_drawdown"] == followed["max_drawdown"]
    assert metrics["bars"] == followed["bars"]


def test_all_agents_are_shown_where_none_is_named(terminal: Terminal) -> None:
    document = terminal.type(*COMMAND, "--account", "rehearsal", "--json").document()
    found = {board["agent_id"]: len(board["minds"]) for board in document["scoreboards"]}
    assert found[AGENT] == 2
    assert sum(found.values()) == 2
    assert "agent_btc has no decision on account rehearsal" in (
        terminal.type(*COMMAND, "--account", "rehearsal").out
    )


@pytest.mark.parametrize(
    ("words", "said_"),
    [
        (("agent_x",), "no agent 'agent_x' in config/agents"),
        ((AGENT, "--days", "3", "--from", "2022-12-28"), "days and a start say the same"),
        ((AGENT, "--from", "yesterday"), "write a day like 2022-03-01"),
        ((AGENT, "--from", "2022-12-29", "--to", "2022-12-28"), "is not before end"),
        ((AGENT, "--horizon", "0"), "--horizon"),
    ],
)
def test_a_bad_request_is_one_line(terminal: Terminal, words: tuple[str, ...], said_: str) -> None:
    done = terminal.type(*COMMAND, *words)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said_ in done.err


def test_the_page_shows_a_table_and_a_picture(house: House) -> None:
    for action, at in (("buy", AS_OF), ("hold", NEXT_BAR)):
        as_of = parse_instant(at)
        request = CycleRequest(agent_id=AGENT, as_of=as_of, holder="test", writer=said(action))
        run_cycle(house.workshop.rehearsal_desk(as_of), request)
    shadow_them(house.workshop)
    asked = {"agent_id": AGENT, "account": "rehearsal", "end": "2022-12-28", "days": 2}

    result = house.run("scoreboard", asked)

    assert result.success
    assert house.materialized(result) == [f"{AGENT}/scoreboard"]
    metadata = house._metadata(result, scoreboard_key(AGENT))
    records = metadata["minds"].records
    assert [record.data["mind"] for record in records] == [AGENT, "shadow contrary"]
    assert records[1].data["agreement"] == "0.5"
    assert metadata["dagster/row_count"] == 2
    assert metadata["shadow_contrary/return"] == float(metadata["shadow_contrary/return"])
    assert metadata["picture"].startswith("![hit rates and returns](data:image/png;base64,")


def test_the_page_says_why_there_is_nothing(house: House) -> None:
    result = house.run("scoreboard", {})
    assert result.success
    agents = [agent.agent_id for agent in house.settings.company.agents]
    assert house.materialized(result) == [f"{agent_id}/scoreboard" for agent_id in agents]
    metadata = house._metadata(result, scoreboard_key(AGENT))
    assert metadata["notes"] == f"- {AGENT} has no decision on account paper"
    assert "picture" not in metadata


@pytest.mark.parametrize(
    ("asked", "said_"),
    [
        ({"agent_id": "agent_x"}, "no agent 'agent_x' in config/agents"),
        ({"account": "moon"}, "no account 'moon'; there are: paper, rehearsal"),
        ({"days": 0}, "days 0: write a number from 1"),
        ({"horizon_bars": 0}, "write at least 1 bar"),
    ],
)
def test_a_bad_launch_says_what_to_do(house: House, asked: dict[str, object], said_: str) -> None:
    result = house.run("scoreboard", asked)
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert said_ in str(event.step_failure_data.user_failure_data.description)
