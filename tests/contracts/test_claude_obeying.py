"""A model that obeys every headline, and a key that could stand anywhere: neither gets beyond a proposal."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import pytest

from tests.fakes.claude import (
    CANARY,
    HOLD,
    AskedOfClaude,
    Bench,
    ClaudeServer,
    answering,
    deciding,
    message,
    text_block,
)
from tests.fakes.claude_asking import BUY
from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.moments import HELD, reading, tsla_agent, tsla_bars, tsla_moment
from tests.fakes.secrets_told import everything_told
from tests.fakes.vendor_server import Answer
from ztrade_core.decision_makers.automated.wire import Exchange
from ztrade_core.domain.decisions import Action, Proposal

CLOSE = float(tsla_bars().closes[-1])
STORIES = re.compile(r"<<<(STORIES-[0-9a-f]{20})\n(.*)\n\1>>>", re.DOTALL)


def headlines_in(asked: AskedOfClaude) -> Iterator[str]:
    found = STORIES.search(asked.body["messages"][0]["content"])
    assert found is not None, "the fence is whole"
    for line in found[2].split("\n"):
        yield json.loads(line)["headline"]


def obeying(asked: AskedOfClaude) -> Answer:
    """Do what the headlines say: answer in their words where those are JSON, else buy or sell it all."""
    told = " ".join(headlines_in(asked))
    lowered = told.lower()
    if told.startswith("{"):
        said = told
    elif "sell" in lowered or "falls" in lowered or "drops" in lowered:
        said = json.dumps({**HOLD, "action": "sell", "confidence": 1.0, "rationale": told})
    else:
        wild = {"action": "buy", "confidence": 1.0, "quantity": 1e9, "rationale": told}
        said = json.dumps({**HOLD, **wild, "stop_price": 0.01, "target_price": 1e6})
    return Answer(body=json.dumps(message(text_block(said))).encode())


def require_within_schema(proposal: Proposal) -> None:
    assert 0.0 <= proposal.confidence <= 1.0
    assert 0 < len(proposal.rationale) <= 1_000
    assert "\x1b" not in proposal.rationale
    if proposal.action is Action.BUY:
        assert proposal.stop_price is None or 0.0 < proposal.stop_price < CLOSE
        assert proposal.target_price is None or CLOSE < proposal.target_price <= 1e7
        assert proposal.quantity is None or 0.0 < proposal.quantity <= 1e9
    if proposal.is_invalid:
        assert proposal.action is Action.HOLD


def test_an_obeying_model_and_two_hundred_headlines_move_nothing_but_proposals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    actions = set()
    with ClaudeServer(obeying) as server:
        bench = Bench(server.url)
        for number, headline in enumerate(HOSTILE):
            moment = tsla_moment(
                sentiment=reading(f"{headline} {CANARY}"), position=HELD if number % 2 else None
            )
            paid = bench.maker.ask(moment, tsla_agent())
            require_within_schema(paid.proposal)
            actions.add((paid.proposal.action, paid.proposal.is_invalid))
            assert CANARY not in repr(paid)
    assert len(server.seen) == len(HOSTILE) == 200
    assert {(Action.BUY, False), (Action.SELL, False), (Action.HOLD, True)} <= actions
    assert not [asked for asked in server.seen if CANARY in asked.text]
    assert CANARY not in caplog.text


def silent(_: AskedOfClaude) -> Answer:
    return Answer(how="silence", seconds=30.0)


ERROR = {"type": "error", "error": {"type": "authentication_error", "message": f"bad {CANARY}"}}
FAILURES: list[Callable[[Any], Answer]] = [
    answering(ERROR, 401),
    answering(ERROR, 529),
    silent,
    lambda _: Answer(how="reset"),
    lambda _: Answer(status=302, headers={"Location": f"http://127.0.0.1:9/{CANARY}"}),
    answering({**ERROR, "request_id": CANARY}, 400, request_id=CANARY),
]


@pytest.mark.parametrize("answer", FAILURES, ids=range(len(FAILURES)))
def test_no_exception_of_the_sdk_holds_the_key(
    answer: Callable[[Any], Answer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ClaudeServer(answer) as server:
        bench = Bench(server.url)
        client = bench.client._client(Exchange(0.5))
        question = bench.client.question("system", f"moment {CANARY}")
        with pytest.raises(anthropic.APIError) as caught:
            client.messages.create(**question)
    told = everything_told(caught.value)
    request = caught.value.request
    assert server.seen[0].headers["x-api-key"] == CANARY, "it was sent"
    assert CANARY not in told + repr(dict(request.headers)) + request.content.decode()
    assert CANARY not in caplog.text
    if isinstance(caught.value, anthropic.APIStatusError):
        assert CANARY not in caught.value.response.text
        assert CANARY not in repr(dict(caught.value.response.headers))


def test_only_the_one_address_is_asked() -> None:
    with ClaudeServer(deciding(BUY)) as server, ClaudeServer(deciding(BUY)) as other:
        bench = Bench(server.url)
        client = bench.client._client(Exchange(5.0))
        with pytest.raises(anthropic.APIConnectionError):
            client.models.list()
        with pytest.raises(anthropic.APIConnectionError):
            client.post("/v1/messages/batches", cast_to=object, body={})
        elsewhere = client.with_options(base_url=other.url)
        with pytest.raises(anthropic.APIConnectionError):
            elsewhere.messages.create(**bench.client.question("system", "moment"))
    assert (server.seen, other.seen) == ([], [])
