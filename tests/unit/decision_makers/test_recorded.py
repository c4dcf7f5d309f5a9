"""Recordings: read from lines and from the ledger, and every bad line told by its number."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.desk import at, calm, kit_in_memory
from tests.fakes.desk_makers import proposal
from ztrade_core.decision_makers.recorded import (
    NO_ENTRY,
    RecordedMaker,
    Recording,
    recording_of_file,
    recording_of_ledger,
)
from ztrade_core.domain.decisions import Action, ChainedDecision, Proposal
from ztrade_core.errors import InputError

AGENT = "agent_tsla"
SLOT = "2022-12-28T14:55:00Z"
LINE = {"slot": SLOT, "action": "buy", "confidence": 0.8}


def file_of(folder: Path, *lines: object) -> Path:
    path = folder / "tape.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_a_line_becomes_a_proposal_with_its_wishes(tmp_path: Path) -> None:
    wishes = {"stop_price": 97, "target_price": 106.5, "quantity": 10, "rationale": "why"}
    path = file_of(
        tmp_path,
        LINE | wishes | {"agent_id": AGENT},
        "",
        {**LINE, "slot": "2022-12-28T10:00:00-05:00", "action": "hold"},
    )
    recording = recording_of_file(path, AGENT)
    assert recording.source == "file tape.jsonl"
    assert set(recording.entries) == {SLOT, "2022-12-28T15:00:00Z"}
    assert recording.entries[SLOT] == Proposal(
        action=Action.BUY,
        confidence=0.8,
        rationale="why",
        maker="file",
        stop_price=97.0,
        target_price=106.5,
        quantity=10.0,
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "no JSON"),
        ("[1]", "no JSON object"),
        ('{"slot": "a", "slot": "b"}', "no JSON (a key stands twice)"),
        ({**LINE, "size": 3}, "unknown key 'size'"),
        ({"slot": SLOT, "confidence": 1}, "action is missing"),
        ({"action": "buy", "confidence": 1}, "slot is missing"),
        ({**LINE, "action": "short"}, "action 'short' is none of buy, sell, hold"),
        ({**LINE, "action": []}, "action [] is none of"),
        ({**LINE, "confidence": 1.01}, "confidence 1.01 is not within 0 to 1"),
        ({**LINE, "confidence": "high"}, "confidence 'high' is no number"),
        ({**LINE, "confidence": True}, "confidence True is no number"),
        ('{"slot": "x", "action": "buy", "confidence": NaN}', "confidence nan is no number"),
        ({**LINE, "stop_price": 0}, "stop_price 0 is not above 0"),
        ({**LINE, "quantity": 10**400}, "quantity is too large"),
        ({**LINE, "rationale": 7}, "rationale is no text"),
        (
            {**LINE, "slot": "2022-12-28T14:55:00"},
            "slot '2022-12-28T14:55:00' is no instant with an offset",
        ),
        ({**LINE, "slot": "news:abc"}, "slot 'news:abc' is no instant with an offset"),
        ({**LINE, "slot": 7}, "slot 7 is no text"),
        ({**LINE, "agent_id": "agent_btc"}, "it is 'agent_btc''s, not agent_tsla's"),
    ],
)
def test_a_bad_line_is_told_by_its_number(tmp_path: Path, line: object, problem: str) -> None:
    path = file_of(tmp_path, {**LINE, "slot": "2022-12-28T20:00:00Z"}, line)
    with pytest.raises(InputError) as told:
        recording_of_file(path, AGENT)
    assert f"tape.jsonl: line 2: {problem}" in str(told.value)
    assert "\n" not in str(told.value)


def test_every_bad_line_is_told_and_a_slot_stands_once(tmp_path: Path) -> None:
    again = {**LINE, "slot": "2022-12-28T09:55:00-05:00"}
    path = file_of(tmp_path, LINE, "{", again)
    with pytest.raises(InputError) as told:
        recording_of_file(path, AGENT)
    assert "line 2: no JSON" in str(told.value)
    assert f"; line 3: slot {SLOT} stands on line 1 already" in str(told.value)


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="and 5 lines more"):
        recording_of_file(file_of(tmp_path, *["{"] * 25), AGENT)


def test_no_file_and_an_empty_one_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read as a recording"):
        recording_of_file(tmp_path / "none.jsonl", AGENT)
    with pytest.raises(InputError, match="no decision is in it"):
        recording_of_file(file_of(tmp_path, ""), AGENT)


def test_a_slot_without_an_entry_is_a_hold_that_says_so() -> None:
    maker = RecordedMaker(Recording(agent_id=AGENT, source="", entries={SLOT: proposal("buy")}))
    assert maker.answer(SLOT).maker == "recorded:script"
    held = maker.answer("2022-12-28T15:00:00Z")
    assert (held.action, held.rationale) == (Action.HOLD, NO_ENTRY)


def test_the_digest_tells_recordings_apart() -> None:
    one = Recording(agent_id=AGENT, source="here", entries={SLOT: proposal("buy")})
    assert one.digest == replace(one, source="there").digest
    assert one.digest != replace(one, entries={SLOT: proposal("buy", stop_price=97.0)}).digest
    assert one.digest != replace(one, agent_id="agent_btc").digest


BUY = proposal("buy", quantity=10.0, stop_price=97.0)


@pytest.fixture(scope="module")
def rows() -> list[ChainedDecision]:
    """Two decisions of a real desk: a buy on the session's bar 5, a hold on bar 6."""
    kit = kit_in_memory(script={(AGENT, SLOT): BUY})
    kit.put_bars({"TSLA": calm(9)})
    kit.cycle(at(5))
    kit.cycle(at(6))
    with kit.store.reading() as uow:
        return list(uow.ledger.rows())


def test_the_ledger_gives_an_agents_proposals_by_slot(rows: list[ChainedDecision]) -> None:
    recording = recording_of_ledger(rows, account="rehearsal", agent_id=AGENT)
    assert recording.source == "ledger, account rehearsal, epoch 1"
    assert list(recording.entries) == [SLOT, "2022-12-28T15:00:00Z"]
    assert recording.entries[SLOT] == BUY
    assert recording.skipped == 0


def moved(row: ChainedDecision, *, maker: str = "script", **key: Any) -> ChainedDecision:
    """The same decision under another key, or of another maker."""
    decision = row.decision
    key_there = replace(decision.key, **key)
    mine = replace(decision, key=key_there, proposal=replace(decision.proposal, maker=maker))
    return replace(row, decision=mine)


def test_news_and_the_houses_own_exits_are_left_out_and_counted(
    rows: list[ChainedDecision],
) -> None:
    first, second = rows
    more = [first, moved(first, slot="news:1"), moved(second, maker="protection:target")]
    recording = recording_of_ledger(more, account="rehearsal", agent_id=AGENT)
    assert (list(recording.entries), recording.skipped) == ([SLOT], 2)


def test_only_the_newest_epoch_is_repeated(rows: list[ChainedDecision]) -> None:
    first, second = rows
    recording = recording_of_ledger(
        [first, moved(second, account_epoch=2)], account="rehearsal", agent_id=AGENT
    )
    assert list(recording.entries) == ["2022-12-28T15:00:00Z"]


def test_an_agent_that_never_decided_there_is_one_line(rows: list[ChainedDecision]) -> None:
    for account, agent_id in (("paper", AGENT), ("rehearsal", "agent_btc")):
        with pytest.raises(InputError, match=f"no decision of {agent_id} on account {account}"):
            recording_of_ledger(rows, account=account, agent_id=agent_id)
