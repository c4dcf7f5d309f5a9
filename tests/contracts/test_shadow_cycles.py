"""Shadows in whole cycles, on every database: what they want changes nothing that trades, nor its records.

The house with shadows is held against the same house without, row by row.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.claude import ClaudeServer
from tests.fakes.claude_desk import ClaudeKit, automated_company, claude_kit
from tests.fakes.desk import ACCOUNT, at, bar, kit_in_memory, kit_on
from tests.fakes.desk_makers import proposal
from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.moments import reading
from tests.fakes.shadow_desk import ABSURD, ShadowKit, shadow, shadow_kit, without_shadows
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.configuration import MindChoice, Mode
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import iso_z
from ztrade_core.store.engine import make_engine
from ztrade_core.store.migrations import upgrade
from ztrade_core.store.schema import metadata
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.replay import Replayed, ReplayRange, ReplayRoom, replay_range

OF_SHADOWS = {"tapes", "proposals", "model_questions", "model_answers"}
CYCLES = range(4, 16)
SCRIPT = {
    (TSLA.agent_id, iso_z(bar(number))): proposal(action)
    for number, action in ((5, "buy"), (8, "sell"), (10, "buy"))
}
BULLS = (shadow("bull", samples=3), shadow("bear_cub"))


def everything(kit: ShadowKit, results: list[CycleResult]) -> list[object]:
    """What trading left in a store that lives in this process."""
    with kit.store.reading() as uow:
        return [
            list(uow.ledger.rows()),
            uow.orders.recent(ACCOUNT, 1, 1_000),
            uow.orders.fills(ACCOUNT, 1),
            uow.positions.all(ACCOUNT, 1),
            uow.positions.trades(ACCOUNT, 1),
            uow.accounts.snapshots(ACCOUNT, 1),
            uow.halts.history(ACCOUNT),
            uow.reconciliations.recent(ACCOUNT, 1),
            kit.broker().positions(),
            kit.broker().open_orders(),
            [each.execution for each in results],
        ]


def cycles(kit: ShadowKit) -> list[CycleResult]:
    return [kit.cycle(at(number)) for number in CYCLES]


def test_absurd_shadows_leave_books_and_ledger_as_they_would_be_without_in_memory() -> None:
    loud = shadow_kit(*BULLS, script=SCRIPT)
    plain = without_shadows(loud, kit_in_memory())
    assert everything(loud, cycles(loud)) == everything(plain, cycles(plain))
    assert loud.calls["bull"] > len(CYCLES)
    assert plain.calls is loud.calls


@pytest.fixture
def empty_twin(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A fresh migrated database of the same kind."""
    kind = "postgres" if engine.dialect.name == "postgresql" else "sqlite"
    url = request.getfixturevalue(f"empty_{kind}_url")
    upgrade(url)
    twin = make_engine(url)
    yield twin
    twin.dispose()


def tables_of(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(sa.select(table).order_by(*table.primary_key)))
            for table in metadata().sorted_tables
        }


def test_absurd_shadows_leave_every_other_table_as_it_would_be_without(
    engine: Engine, empty_twin: Engine
) -> None:
    """Row by row: decisions, verdicts, orders, fills, positions, accounts, the simulated broker's own."""
    loud = shadow_kit(*BULLS, engine=engine, script=SCRIPT)
    cycles(loud)
    plain = without_shadows(loud, kit_on(empty_twin))
    cycles(plain)
    found, wanted = tables_of(engine), tables_of(empty_twin)
    assert {name for name in found if len(found[name]) != len(wanted[name])} == OF_SHADOWS
    assert {name: rows for name, rows in found.items() if name not in OF_SHADOWS} == {
        name: rows for name, rows in wanted.items() if name not in OF_SHADOWS
    }
    own = [row for row in found["tapes"] if not row.slot.startswith("shadow:")]
    assert own == wanted["tapes"]
    assert len(found["orders"]) > 3


def test_a_shadow_that_looks_further_back_changes_what_is_frozen_and_nothing_that_trades() -> None:
    loud = shadow_kit(shadow("bull"), lookback=12, script=SCRIPT)
    plain = without_shadows(loud, kit_in_memory())
    found, wanted = everything(loud, cycles(loud)), everything(plain, cycles(plain))
    assert found[1:] == wanted[1:]
    assert [told(row) for row in found[0]] == [told(row) for row in wanted[0]]  # type: ignore[attr-defined]


def told(row: Any) -> Any:
    """A ledger's row but for the hash of the moment, and what is chained on it."""
    decision = replace(row.decision, snapshot_hash="")
    return (row.sequence, decision, row.verdicts, row.order_digest)


def test_shadows_of_decisions_are_no_decisions_to_a_replay() -> None:
    loud = shadow_kit(*BULLS, script=SCRIPT)
    loud = replace(loud, company=replace(loud.company, digest="d"))
    cycles(loud)
    room = ReplayRoom(
        store=loud.store,
        company=loud.company,
        makers={Mode.STRATEGY: loud.desk(at(5)).makers[Mode.STRATEGY]},
    )
    found = replay_range(room, ReplayRange(start=bar(0), stop=at(60)))
    assert found.counts == {Replayed.EQUAL: len(CYCLES)}


def obeying(headlines: str) -> Any:
    """A mind that buys all there is and repeats what it was told."""
    return replace(ABSURD, rationale=headlines[:900])


TOLD = [visible_line(each, 1_000) or "-" for each in HOSTILE]


def mood(_: str, as_of: Any) -> SentimentReading:
    number = int((as_of - at(CYCLES[0])).total_seconds() // 300)
    return reading(*TOLD[number * 16 : number * 16 + 16])


def test_two_hundred_hostile_headlines_obeyed_by_a_shadow_grow_its_own_tables_alone(
    engine: Engine,
) -> None:
    seen: list[str] = []

    def said(snapshot: Any, _agent: Any) -> Any:
        words = [each.headline for each in snapshot.sentiment.headlines]
        seen.extend(words)
        return obeying(" ".join(words))

    mind = shadow("obedient")
    base = shadow_kit(mind, said=said, engine=engine)
    kit = ClaudeKit(
        store=base.store,
        simulations=base.simulations,
        bars=base.bars,
        company=base.company,
        minds=base.desk(at(5)).minds,
        told=mood,
    )
    kit.cycle(at(3))
    before = tables_of(engine)
    results = [kit.cycle(at(number)) for number in range(CYCLES[0], CYCLES[0] + 13)]
    assert len(set(seen)) > 150
    answers = [answer for each in results for answer in each.shadows.answers]
    assert {each.tape.proposal.action for each in answers} == {Action.BUY}
    assert {each.outcome for each in answers} <= {Outcome.DENIED, Outcome.RESIZED}
    after = tables_of(engine)
    grown = {name for name in after if len(after[name]) != len(before[name])}
    assert grown <= OF_SHADOWS | HELD_BARS
    assert after["orders"] == before["orders"] == []
    assert after["proposals"][-1].snapshot_hash == results[-1].tape.snapshot_hash


HELD_BARS = {
    "decisions",
    "risk_verdicts",
    "decision_inputs",
    "ledger_anchors",
    "account_snapshots",
    "reconciliations",
}
"""What every held bar leaves, with and without shadows."""


def test_a_shadow_of_the_agents_own_model_is_asked_the_very_same_question(engine: Engine) -> None:
    """It hears nothing of what the agent has just decided."""
    house = automated_company()
    agents = tuple(
        replace(each, shadows=(MindChoice(name="twin", mode=Mode.AUTOMATED, model=each.model),))
        for each in house.agents
    )
    with ClaudeServer() as server:
        kit = claude_kit(engine, server, of=replace(house, agents=agents))
        for number in (5, 6):
            kit.cycle(at(number))
    questions = [each.body for each in server.seen]
    assert len(questions) == 4
    assert questions[0] == questions[1]
    assert questions[2] == questions[3] != questions[0]
