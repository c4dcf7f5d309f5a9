"""What a person is shown, and what they wrote: the one answer schema, read against the moment."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.moments import AS_OF, tsla_agent, tsla_bars, tsla_moment
from tests.fakes.terminal import PROJECT
from tests.unit.risk.builders import company
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.automated.prompt import Prompt, render
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.decision_makers.by_hand import (
    Desktop,
    HandWriter,
    Written,
    example,
    read_answer,
    request_text,
    text_of,
)
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError

CLOSE = float(tsla_bars().closes[-1])
NOW = AS_OF + timedelta(minutes=2)
BUY = json.dumps({"action": "buy", "confidence": 0.7, "rationale": "it rises", "fraction": 0.5})


def prompt_of(snapshot: MarketSnapshot, agent: AgentConfig) -> Prompt:
    files = load_prompts(PROJECT / "config" / "prompts" / "automated")
    return render(files, snapshot, agent=agent, risk=company(agent).risk)


def writer(written: Written | None, *moments: MarketSnapshot) -> HandWriter:
    stored = {each.content_hash(): each for each in moments}
    desktop = Desktop(
        render=prompt_of,
        stored=stored.get,
        clock=SimulatedClock(NOW),
        lookback_bars=lambda _agent: 201,
    )
    return HandWriter(written, desktop)


def test_an_answer_is_a_proposal_and_its_record_is_word_by_word() -> None:
    snapshot, agent = tsla_moment(), tsla_agent()
    paid = writer(Written(text=BUY, seconds=30.0)).answer(snapshot, agent)
    assert (paid.proposal.action, paid.proposal.maker, paid.cost_usd) == (Action.BUY, "manual", 0.0)
    assert paid.proposal.quantity == pytest.approx(0.5 * 5000.0 / CLOSE)
    record = paid.record
    assert record is not None
    assert (record.maker, record.raw, record.outcome) == ("manual", BUY, AnswerOutcome.ANSWERED)
    assert record.asked_at == NOW - timedelta(seconds=30.0)
    assert record.cost.seconds == 30.0
    asked = json.loads(record.question)
    prompt = prompt_of(snapshot, agent)
    assert asked["prompt"] == {
        "system": prompt.system,
        "moment": prompt.moment,
        "digest": prompt.digest,
    }
    assert (asked["slot"], asked["shown"]) == (snapshot.key.slot, snapshot.content_hash())
    assert record.prompt_digest == prompt.digest


def test_what_was_shown_is_kept_though_the_run_sees_a_later_moment() -> None:
    shown = tsla_moment()
    decided = replace(shown, as_of=shown.as_of + timedelta(seconds=40), position=None)
    written = Written(text=BUY, shown=shown.content_hash())
    record = writer(written, shown).answer(decided, tsla_agent()).record
    assert record is not None
    assert json.loads(record.question)["shown"] == shown.content_hash()


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_moment_that_was_never_shown_for_the_slot_is_refused(*, is_stored: bool) -> None:
    shown = tsla_moment()
    other = replace(shown, key=replace(shown.key, slot="2022-12-28T17:20:00Z"))
    kept = (other,) if is_stored else ()
    with pytest.raises(InputError, match="no moment that was shown for agent_tsla"):
        writer(Written(text=BUY, shown=other.content_hash()), *kept).answer(shown, tsla_agent())


def test_nobody_has_answered_yet() -> None:
    waiting = writer(None)
    assert (waiting.is_waiting, waiting.slot) == (True, None)
    with pytest.raises(InputError, match="nobody has answered yet: write manual_answer"):
        waiting.answer(tsla_moment(), tsla_agent())


HOSTILE = {
    "prose": ("I would buy, confidence 0.9", "nothing may stand before it"),
    "two objects": (BUY + BUY, "two values"),
    "NaN": (BUY.replace("0.7", "NaN"), "NaN is no number"),
    "infinity": (BUY.replace("0.7", "-Infinity"), "-Infinity is no number"),
    "a key twice": (BUY.replace("{", '{"action": "sell", '), "`action` stands twice"),
    "another symbol": (BUY.replace("{", '{"symbol": "NVDA", '), "unknown key `symbol`"),
    "a megabyte": ("{" + "x" * 1_000_000, "it has 1000001 characters, above 16384"),
    "half a character": (BUY.replace("it rises", "\ud800"), "half a character"),
    "escapes": ("\x1b[31m" + BUY, "nothing may stand before it"),
    "nothing": (" \n", "it is empty"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_answer_is_refused_in_one_line(case: str) -> None:
    text, said = HOSTILE[case]
    with pytest.raises(InputError) as refused:
        Written(text=text)
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"stop_price": CLOSE}, "is not below the last close"),
        ({"target_price": CLOSE}, "is not above the last close"),
    ],
)
def test_prices_that_do_not_fit_the_market_are_refused(wish: dict[str, float], said: str) -> None:
    text = json.dumps({"action": "buy", "confidence": 0.7, "rationale": "x", **wish})
    with pytest.raises(InputError, match=said):
        read_answer(text, tsla_moment(), tsla_agent())


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="manual_seconds"):
        Written(text=BUY, seconds=seconds)


def test_fields_become_the_same_answer() -> None:
    snapshot, agent = tsla_moment(), tsla_agent()
    text = text_of("Buy", confidence=0.7, rationale=" it rises ", stop_price=CLOSE - 3.0)
    proposal = read_answer(text, snapshot, agent)
    assert (proposal.action, proposal.rationale) == (Action.BUY, "it rises")
    assert proposal.stop_price == CLOSE - 3.0
    held = read_answer(text_of("hold"), snapshot, agent)
    assert (held.action, held.confidence, held.rationale) == (Action.HOLD, 1.0, "a person holds")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_field_that_is_no_number_is_refused_by_its_name(value: float) -> None:
    with pytest.raises(InputError, match="confidence is text, not a number"):
        Written(text=text_of("buy", confidence=value, rationale="x"))


def test_the_request_tells_the_moment_every_field_and_an_example_that_moves_nothing() -> None:
    snapshot, agent = tsla_moment(), tsla_agent()
    prompt = prompt_of(snapshot, agent)
    told = request_text(snapshot, agent, prompt)
    for part in (prompt.system.strip(), prompt.moment.strip(), snapshot.content_hash()):
        assert part in told
    for name in ("rationale", "action", "confidence", "stop_price", "quantity", "fraction"):
        assert f"\n- {name}: " in told
    last = told.strip().splitlines()[-1]
    assert json.loads(last) == example()
    assert read_answer(last, snapshot, agent).action is Action.HOLD
