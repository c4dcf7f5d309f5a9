"""Answers of any form: none crashes, and what is proposed stays within the bounds."""

import json
import math
import unicodedata
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.hostile_headlines import HOSTILE
from tests.fakes.moments import HELD, tsla_agent, tsla_bars, tsla_moment
from ztrade_core.decision_makers.answer_schema import (
    MOST_QUANTITY,
    MOST_RATIONALE,
    as_proposal,
    parse_answer,
)
from ztrade_core.domain.decisions import Action, Proposal

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
AGENT = tsla_agent()
MOMENTS = (tsla_moment(), tsla_moment(position=HELD), tsla_moment(bars=tsla_bars(0)))
CLOSE = float(tsla_bars().closes[-1])

NUMBERS = st.one_of(
    st.floats(),
    st.integers(-(10**30), 10**30),
    st.floats(0.5, 1.5).map(lambda part: part * CLOSE),
    st.sampled_from([0, 1, 0.5, -1, 1e-9, 1e308, 10**400]),
)
VALUES = st.one_of(
    NUMBERS,
    st.none(),
    st.booleans(),
    st.text(),
    st.sampled_from(["buy", "sell", "hold", "0.7", "AAPL", "all"]),
    st.recursive(st.none(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)),
)
LIKELY = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["buy", "sell", "hold"]),
        "confidence": st.floats(0, 1),
        "rationale": st.text(min_size=1),
    },
    optional={
        "stop_price": st.none() | NUMBERS,
        "target_price": st.none() | NUMBERS,
        "quantity": st.none() | NUMBERS,
        "fraction": st.none() | NUMBERS,
        "symbol": st.just("AAPL"),
    },
)
WILD = st.dictionaries(
    st.sampled_from(["action", "confidence", "rationale", "stop_price", "quantity", "fraction"])
    | st.text(max_size=5),
    VALUES,
)
WRAPPED = (
    "{0}",
    "{0}{0}",
    "[{0}]",
    "Sure! {0}",
    "{0} done",
    "```json\n{0}\n```",
    "\ufeff{0}",
    " {0}\n",
)


@st.composite
def answers(draw: st.DrawFn) -> str:
    """An answer, near to right or far from it, whole or spoilt."""
    text = json.dumps(draw(LIKELY | WILD))
    text = draw(st.sampled_from(WRAPPED)).replace("{0}", text)
    if draw(st.booleans()):
        return text
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.text(max_size=3)) + text[at + draw(st.integers(0, 3)) :]


def require_within_bounds(proposal: Proposal, close: float) -> None:
    """Assert all that an answer may do to a proposal."""
    assert proposal.maker == "fuzz/1"
    assert 0.0 <= proposal.confidence <= 1.0
    assert not UNSEEN & set(map(unicodedata.category, proposal.rationale))
    assert 0 < len(proposal.rationale) <= MOST_RATIONALE
    if proposal.is_invalid:
        assert proposal.action is Action.HOLD
    if proposal.action is not Action.BUY:
        assert (proposal.stop_price, proposal.target_price) == (None, None)
    if proposal.action is Action.HOLD:
        assert proposal.quantity is None
    if proposal.stop_price is not None:
        assert 0.0 < proposal.stop_price < close
    if proposal.target_price is not None:
        assert close < proposal.target_price < math.inf
    if proposal.quantity is not None:
        assert 0.0 < proposal.quantity <= MOST_QUANTITY


def judge(text: str) -> set[Any]:
    """Return what came of a text at each of the moments."""
    found = set()
    for moment in MOMENTS:
        proposal = as_proposal(parse_answer(text), moment, AGENT, maker="fuzz/1")
        close = float(moment.bars.closes[-1]) if len(moment.bars) else math.nan
        require_within_bounds(proposal, close)
        found.add("invalid" if proposal.is_invalid else proposal.action)
    return found


@settings(max_examples=1_200)
@given(answers())
def test_fuzzed_answers_never_crash_and_never_leave_the_bounds(text: str) -> None:
    assert judge(text)


@settings(max_examples=100)
@given(LIKELY.filter(lambda found: "symbol" not in found))
def test_an_answer_is_judged_by_what_it_says_and_never_by_a_number_found_in_it(
    found: dict[str, Any],
) -> None:
    """Whatever stands beside an answer makes it none: no first number is picked out of it."""
    text = json.dumps(found)
    for spoilt in (f"0.9 {text}", f"{text} 0.9", f"buy {text}", f"{text}{text}", f"[{text}]"):
        assert judge(spoilt) == {"invalid"}


def test_a_strangers_text_is_no_answer() -> None:
    said = {word for text in HOSTILE for word in judge(text)}
    assert said == {"invalid"}, "the JSON among them names a symbol, which is no key of an answer"
