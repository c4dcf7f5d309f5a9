"""Three models that obey two hundred hostile headlines and vote, through whole cycles: no rule is broken."""

import json
from collections import Counter

import pytest
from sqlalchemy.engine import Engine

from tests.contracts.test_claude_hostile_cycles import (
    CYCLES,
    FIRST,
    busy_company,
    headlines_at,
    require_sound_entry,
    require_within_the_rules,
)
from tests.fakes.claude import CANARY, HOLD, AskedOfClaude, ClaudeServer, message, text_block
from tests.fakes.claude_desk import everything_stored
from tests.fakes.claude_votes import NAMES, claude_votes, voting_by_models
from tests.fakes.desk import ACCOUNT, at, calm
from tests.fakes.vendor_server import Answer
from ztrade_core.domain.configuration import Vote
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.orders import Role
from ztrade_core.store.engine import make_engine


class Gang:
    """Three that buy and sell as they were told, together and against one another, with every trick."""

    def __init__(self) -> None:
        self.asked = -1

    def __call__(self, asked: AskedOfClaude) -> Answer:
        self.asked += 1
        told = asked.body["messages"][0]["content"]
        buy = {**HOLD, "action": "buy", "confidence": 1.0, "rationale": told[-900:]}
        sell = {**HOLD, "action": "sell", "confidence": 1.0}
        all_in = {**buy, "quantity": 1e9}
        stopless = {**buy, "stop_price": 0.01, "target_price": 1e6}
        another = {**buy, "symbol": "GME"}
        turns = (
            (all_in, stopless, sell),
            (sell, {**sell, "quantity": 1e9}, buy),
            ({**buy, "fraction": 1.0}, all_in, another),
            (sell, another, sell),
            (stopless, stopless, stopless),
            (another, another, another),
        )
        turn = turns[self.asked // len(NAMES) % len(turns)]
        said = json.dumps(turn[self.asked % len(NAMES)])
        return Answer(body=json.dumps(message(text_block(said))).encode())


@pytest.mark.parametrize("vote", Vote)
def test_members_that_obey_hostile_headlines_break_no_rule(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, vote: Vote
) -> None:
    caplog.set_level("DEBUG")
    engine: Engine = make_engine(sqlite_url)
    with ClaudeServer(Gang()) as server:
        kit = claude_votes(
            engine,
            server.url,
            of=voting_by_models(busy_company(), vote),
            closes=calm(FIRST + CYCLES + 2),
            told=headlines_at,
        )
        results = []
        for number in range(CYCLES):
            results.append(kit.cycle(at(FIRST + number)))
            require_within_the_rules(results[-1], kit)
    assert len(server.seen) == CYCLES * len(NAMES)
    actions = Counter(each.tape.proposal.action for each in results)
    assert min(actions[action] for action in Action) > 5, actions
    assert {Outcome.DENIED, Outcome.HELD} <= {each.validated.outcome for each in results}
    assert any(each.tape.proposal.is_invalid for each in results)
    for each in results:
        agreed = sum(
            str(said).startswith(each.tape.proposal.action.value)
            for name, said in each.tape.proposal.factors
            if name.startswith("member/")
        )
        assert each.tape.proposal.action is Action.HOLD or agreed >= 2
    with kit.store.reading() as uow:
        orders = uow.orders.recent(ACCOUNT, 1, 1_000)
    entries = [each for each in orders if each.request.role is Role.ENTRY]
    assert len(entries) > 5
    for entry in entries:
        require_sound_entry(entry)
    shown = "".join(each.text for each in server.seen)
    assert CANARY not in shown + everything_stored(engine) + caplog.text
    engine.dispose()
