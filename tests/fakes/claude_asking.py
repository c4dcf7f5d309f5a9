"""Asking the fake of Claude once, and what a question that came to nothing must look like."""

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.claude import CANARY, HOLD, AskedOfClaude, Bench, ClaudeServer
from tests.fakes.moments import tsla_agent, tsla_bars, tsla_moment
from tests.fakes.vendor_server import Answer
from ztrade_core.domain.answers import AnswerOutcome, AnswerRecord
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.model_config import AnswerForm, Thinking
from ztrade_core.ports.mind import PaidAnswer

CLOSE = float(tsla_bars().closes[-1])
BUY = {**HOLD, "action": "buy", "confidence": 0.7, "stop_price": CLOSE - 3.0}
TEXT = json.dumps(HOLD)
TOOL = {"answer_form": AnswerForm.TOOL, "thinking": Thinking.DISABLED, "model": "claude-haiku-4-5"}
TOLD_USD = 0.00804  # 1,000 x 2 + 100 x 10 + 2,000 x 2.5 + 400 x 0.1 millionths


def asked(
    *answers: Callable[[AskedOfClaude], Answer], **settings: Any
) -> tuple[PaidAnswer, ClaudeServer, Bench]:
    """Ask once before a server of these answers."""
    with ClaudeServer(*answers) as server:
        bench = Bench(server.url, **settings)
        paid = bench.maker.ask(tsla_moment(), tsla_agent())
    return paid, server, bench


def record_of(paid: PaidAnswer) -> AnswerRecord:
    assert paid.record is not None
    assert paid.cost_usd == paid.record.cost.usd
    assert CANARY not in repr(paid)
    return paid.record


def require_hold(paid: PaidAnswer, outcome: AnswerOutcome, word: str) -> AnswerRecord:
    """Assert that nothing usable came, and that proposal and record say why."""
    record = record_of(paid)
    is_nobodys = outcome not in {AnswerOutcome.MALFORMED, AnswerOutcome.REFUSED}
    assert paid.proposal.action is Action.HOLD
    assert (paid.proposal.is_invalid, paid.proposal.is_unheard) == (not is_nobodys, is_nobodys)
    assert record.outcome is outcome
    assert word in record.problem
    assert word in paid.proposal.rationale
    return record


def most(bench: Bench) -> float:
    return bench.maker.most_usd(tsla_agent())
