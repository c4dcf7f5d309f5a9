"""Stored decisions replay byte-equal, offline, from the store alone; an edited row is found and named."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_socket
from sqlalchemy.engine import Engine

from tests.contracts.test_store_tampering import as_a_vandal
from tests.fakes.by_hand import Said
from tests.fakes.desk import at, kit_on
from tests.fakes.desk_makers import proposal
from tests.fakes.replayed import WHOLE_DAY, Session, copied, room, traders
from tests.fakes.series import random_closes
from ztrade_core.domain.canonical import canonical_json
from ztrade_core.domain.decisions import ChainedDecision, Outcome
from ztrade_core.errors import InputError
from ztrade_core.settings.company import with_digest
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.judging import evidence_text
from ztrade_core.trading.replay import Replayed, replay_decision, replay_range, replays
from ztrade_core.trading.replay_evidence import evidence_of

SMALL = 21  # three bars of every agent


@pytest.fixture
def no_socket() -> Iterator[None]:
    """Forbid sockets to any host; a database may be a file or behind a local socket."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.mark.usefixtures("no_socket")
def test_five_hundred_stored_decisions_replay_byte_equal_without_a_socket(engine: Engine) -> None:
    rows = copied(SqlStore(engine))

    found = list(replays(room(SqlStore(engine), traders()), WHOLE_DAY))

    assert len(found) == len(rows) >= 500
    assert Counter(one.outcome for one in found) == {Replayed.EQUAL: len(found)}
    assert all(one.differences == () for one in found)
    outcomes = Counter(one.row.decision.outcome for one in found)
    assert set(outcomes) == set(Outcome), outcomes
    actions = Counter(one.row.decision.proposal.action.value for one in found)
    assert min(actions["buy"], actions["sell"], actions["hold"]) >= 20, actions
    ran = Counter(one.ran_strategy for one in found)
    assert min(ran[True], ran[False]) >= 100, ran
    makers = {one.row.decision.proposal.maker for one in found}
    assert {"manual:ada", "claude:test", "strategy:sentiment_momentum/1"} <= makers


def test_a_session_traded_in_the_database_itself_replays_byte_equal(engine: Engine) -> None:
    Session(kit=kit_on(engine, company=traders())).trade(bars=2)
    done = replay_range(room(SqlStore(engine), traders()), WHOLE_DAY)
    assert (done.counts, done.unequal) == ({Replayed.EQUAL: 2 * len(traders().agents)}, ())


def small(engine: Engine) -> list[ChainedDecision]:
    """Store a part of the session; return the ledger."""
    return copied(SqlStore(engine), SMALL)


def test_the_evidence_comes_back_as_it_was_written_to_the_byte(engine: Engine) -> None:
    for row in small(engine):
        text = row.decision.book
        assert evidence_text(evidence_of(text)) == text


def test_a_sell_held_back_by_an_exit_at_work_replays_byte_equal(engine: Engine) -> None:
    kit = kit_on(
        engine, company=traders(), stories=lambda _id, _symbol: at(3) + timedelta(minutes=1)
    )
    kit.put_bars({"TSLA": random_closes(1, 6)})
    session = Session(kit=kit)
    for action, moment, story in (
        ("buy", at(0), None),
        ("hold", at(1), None),
        ("sell", at(3), None),
        ("sell", at(3) + timedelta(minutes=1), "a" * 32),
    ):
        request = CycleRequest(
            agent_id="agent_tsla",
            as_of=moment,
            holder="run",
            writer=Said(proposal(action)),
            story=story,
        )
        run_cycle(session.desk(moment), request)

    done = replay_range(room(SqlStore(engine), traders()), WHOLE_DAY)

    with SqlStore(engine).reading() as uow:
        last = list(uow.ledger.rows())[-1].decision
    assert "is working already" in last.reason
    assert '"exit_at_work":"zt1-' in last.book
    assert (done.counts, done.unequal) == ({Replayed.EQUAL: 4}, ())


EDITS = [
    ("UPDATE decisions SET reason = 'another' WHERE decision_id = '{id}'", "decision.reason"),
    (
        "UPDATE decisions SET confidence = 0.51 WHERE decision_id = '{id}'",
        "decision.proposal.confidence",
    ),
    ("UPDATE decisions SET limit_price = 1.5 WHERE decision_id = '{id}'", "decision.limit_price"),
    (
        "UPDATE risk_verdicts SET message = 'fine' WHERE rule_id = 'RULE_001' AND decision_id = '{id}'",
        "verdict.00_RULE_001.message",
    ),
    ("DELETE FROM risk_verdicts WHERE rule_id = 'RULE_001' AND decision_id = '{id}'", "verdict."),
    ("UPDATE orders SET quantity = '1' WHERE decision_id = '{id}'", "order.quantity"),
    ("DELETE FROM orders WHERE decision_id = '{id}'", "order"),
    (
        "UPDATE tapes SET rationale = 'x' WHERE slot = '{slot}' AND agent_id = '{agent}'",
        "tape.rationale",
    ),
    ("UPDATE decisions SET digest = 'f' WHERE decision_id = '{id}'", "digest"),
    ("UPDATE decisions SET order_digest = 'f' WHERE decision_id = '{id}'", "order_digest"),
]


@pytest.mark.parametrize(("edit", "named"), EDITS)
def test_an_edited_row_is_found_and_the_field_named(engine: Engine, edit: str, named: str) -> None:
    row = next(row for row in small(engine) if row.decision.quantity > 0.0)
    decision = row.decision
    words = {"id": decision.decision_id, "slot": decision.key.slot, "agent": decision.key.agent_id}
    as_a_vandal(engine, edit.format(**words))

    found = replay_range(room(SqlStore(engine), traders()), WHOLE_DAY)

    [bad] = found.unequal
    assert bad.outcome is Replayed.DIFFERENT
    assert bad.row.decision.decision_id == decision.decision_id
    assert any(one.field.startswith(named) for one in bad.differences), bad.differences


def test_an_edited_book_is_found(engine: Engine) -> None:
    row = next(row for row in small(engine) if row.decision.quantity > 0.0)
    evidence = evidence_of(row.decision.book)
    poor = evidence_text(replace(evidence, book=replace(evidence.book, equity=1.0)))
    where = f"WHERE decision_id = '{row.decision.decision_id}'"
    as_a_vandal(engine, f"UPDATE decisions SET book = '{poor}' {where}")  # noqa: S608 - a test's own
    replayed = replay_decision(room(SqlStore(engine), traders()), row.decision.decision_id)
    assert replayed.outcome is Replayed.DIFFERENT
    assert "decision.outcome" in {one.field for one in replayed.differences}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            "UPDATE decisions SET book = '{{}}' WHERE decision_id = '{id}'",
            "cannot be read: Evidence lacks book",
        ),
        (
            "DELETE FROM tapes WHERE slot = '{slot}' AND agent_id = '{agent}'",
            "the tape of its answer is gone",
        ),
        ("DELETE FROM decision_inputs WHERE snapshot_hash = '{inputs}'", "the inputs it saw"),
    ],
)
def test_what_cannot_be_replayed_is_said_and_is_not_equal(
    engine: Engine, edit: str, said: str
) -> None:
    decision = small(engine)[3].decision
    words = {"id": decision.decision_id, "slot": decision.key.slot, "agent": decision.key.agent_id}
    statement = edit.format(**words, inputs=decision.snapshot_hash)
    as_a_vandal(engine, statement)
    replayed = replay_decision(room(SqlStore(engine), traders()), decision.decision_id)
    assert replayed.outcome is Replayed.IMPOSSIBLE
    assert said in replayed.note


def test_another_configuration_is_its_own_outcome_and_says_what_the_rules_of_now_say(
    engine: Engine,
) -> None:
    decision = next(row.decision for row in small(engine) if row.decision.quantity > 0.0)
    stricter = replace(traders(), risk=replace(traders().risk, max_order_usd=1.0))
    now = room(SqlStore(engine), with_digest(stricter))

    replayed = replay_decision(now, decision.decision_id)

    assert replayed.outcome is Replayed.OTHER_CONFIGURATION
    assert decision.config_digest[:12] in replayed.note
    assert "ZTRADE_CONFIG_DIR" in replayed.note
    changed = {one.field: (one.stored, one.replayed) for one in replayed.differences}
    assert changed["decision.outcome"][1] == canonical_json("denied")
    assert changed["verdict.13_RULE_014.passed"] == ("true", "false")
    assert not any("RULE_019" in name or "config_digest" in name for name in changed)


def test_a_range_keeps_to_its_agent_account_and_hours(engine: Engine) -> None:
    rows = small(engine)
    now = room(SqlStore(engine), traders())
    one = replay_range(now, replace(WHOLE_DAY, agent_id="agent_tsla"))
    assert one.decisions == sum(row.decision.key.agent_id == "agent_tsla" for row in rows) > 2
    assert one.all_equal
    assert replay_range(now, replace(WHOLE_DAY, account="paper")).decisions == 0
    assert (
        replay_range(now, replace(WHOLE_DAY, start=rows[7].decision.as_of)).decisions == SMALL - 7
    )


def test_an_unknown_decision_says_where_to_look(engine: Engine) -> None:
    with pytest.raises(InputError, match=r"no decision 'd-nothing'.*ztrade audit show"):
        replay_decision(room(SqlStore(engine), traders()), "d-nothing")
