"""A model that obeys two hundred hostile headlines, through whole cycles: no rule is ever broken."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.claude import CANARY, HOLD, AskedOfClaude, ClaudeServer, message, text_block
from tests.fakes.claude_desk import ClaudeKit, automated_company, claude_kit, everything_stored
from tests.fakes.desk import ACCOUNT, STEP, at, calm
from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.moments import reading
from tests.fakes.vendor_server import Answer
from ztrade_core.decision_makers.automated.told_stories import MOST_HEADLINE
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.orders import Order, Role, Side
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.store.engine import make_engine
from ztrade_core.trading.cycle import CycleResult

FIRST, EACH = 5, 3
TOLD = [visible_line(each, 1_000) or "-" for each in HOSTILE]
CYCLES = -(-len(TOLD) // EACH)


def headlines_at(_: str, as_of: datetime) -> SentimentReading | None:
    """Three headlines a bar, all of them within the session."""
    number = (as_of - at(FIRST)) // STEP
    shown = TOLD[number * EACH : (number + 1) * EACH] if number >= 0 else []
    return reading(*shown) if shown else None


def headlines_in(server: ClaudeServer) -> list[str]:
    """Return the headlines that the server was told, as they stood in the prompts."""
    lines = [
        line
        for asked in server.seen
        for line in str(asked.body["messages"][0]["content"]).splitlines()
    ]
    return [json.loads(line)["headline"] for line in lines if line.startswith('{"published"')]


class Obedient:
    """Buys or sells as it was told, as much as there is, on every bar with another trick."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, asked: AskedOfClaude) -> Answer:
        self.asked += 1
        told = asked.body["messages"][0]["content"]
        buy = {
            **HOLD,
            "action": "buy",
            "confidence": 1.0,
            "quantity": 1e9,
            "rationale": told[-900:],
        }
        tricks = (
            buy,
            {**HOLD, "action": "sell", "confidence": 1.0},
            {**buy, "stop_price": 0.01, "target_price": 1e6},
            {**buy, "fraction": 1.0, "quantity": None},
            {**buy, "symbol": "GME"},
            {**HOLD, "action": "sell", "confidence": 1.0, "quantity": 1e9},
        )
        said = json.dumps(tricks[self.asked % len(tricks)])
        return Answer(body=json.dumps(message(text_block(said))).encode())


def busy_company() -> Company:
    """TSLA may trade all day, and unusable answers do not end it."""
    made = automated_company(None)
    agents = tuple(
        replace(
            each, limits=replace(each.limits, max_daily_trades=1_000, max_consecutive_losses=999)
        )
        for each in made.agents
    )
    risk = replace(made.risk, max_failures_in_a_row=None, max_agent_entries_per_hour=None)
    return replace(made, agents=agents, risk=risk)


def require_within_the_rules(result: CycleResult, kit: ClaudeKit) -> None:
    validated = result.validated
    is_let_in = validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
    if is_let_in and result.tape.proposal.action is Action.BUY:
        assert [each.message for each in validated.verdicts if not each.passed] == []
    with kit.store.reading() as uow:
        position = uow.positions.get(ACCOUNT, 1, "agent_tsla")
        legs = [] if position is None else uow.orders.of_position(position.position_id)
    if position is not None:
        stops = [leg for leg in legs if leg.request.role is Role.STOP and leg.is_working]
        assert [leg.request.quantity for leg in stops] == [position.quantity]
        assert float(position.quantity) * position.average_price <= 5_000.0 * 1.001


def require_sound_entry(order: Order) -> None:
    request = order.request
    assert (request.symbol, request.side) == ("TSLA", Side.BUY)
    assert request.limit_price is not None
    assert request.stop_price is not None
    limit, stop = float(request.limit_price), float(request.stop_price)
    assert 0.005 <= (limit - stop) / limit <= 0.20
    assert float(request.quantity) * limit <= 5_000.0


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


def test_two_hundred_headlines_obeyed_break_no_rule(
    sqlite_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with ClaudeServer(Obedient()) as server:
        kit = claude_kit(
            sqlite_engine,
            server,
            of=busy_company(),
            closes=calm(FIRST + CYCLES + 2),
            told=headlines_at,
        )
        results = []
        for number in range(CYCLES):
            results.append(kit.cycle(at(FIRST + number)))
            require_within_the_rules(results[-1], kit)
    shown = "".join(each.text for each in server.seen)
    assert len(server.seen) == CYCLES
    assert headlines_in(server) == [visible_line(each, MOST_HEADLINE) for each in TOLD]
    outcomes = {each.validated.outcome for each in results}
    assert {Outcome.RESIZED, Outcome.DENIED, Outcome.HELD} <= outcomes
    with kit.store.reading() as uow:
        entries = [
            each for each in uow.orders.recent(ACCOUNT, 1, 1_000) if each.request.role is Role.ENTRY
        ]
    assert len(entries) > 5
    for entry in entries:
        require_sound_entry(entry)
    assert CANARY not in shown + everything_stored(sqlite_engine) + caplog.text
