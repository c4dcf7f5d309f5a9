"""The one answer schema: what is an answer, what is a problem, and what becomes of each."""

import json
from typing import Any

import jsonschema
import pytest

from tests.fakes.hostile_headlines import BIDI, TAGS, ZERO_WIDTH
from tests.fakes.moments import HELD, tsla_agent, tsla_bars, tsla_moment
from ztrade_core.decision_makers.answer_schema import (
    MOST_CHARACTERS,
    MOST_RATIONALE,
    Answer,
    Problem,
    answer_of,
    as_proposal,
    json_schema,
    parse_answer,
)
from ztrade_core.domain.decisions import Action, Proposal

CLOSE = float(tsla_bars().closes[-1])
GOOD = {
    "action": "buy",
    "confidence": 0.7,
    "rationale": "trend and news agree",
    "stop_price": CLOSE - 3.0,
    "target_price": CLOSE + 6.0,
    "quantity": None,
    "fraction": None,
}


def text_with(**changes: Any) -> str:
    return json.dumps({**GOOD, **changes})


def raw_with(name: str, literal: str) -> str:
    return text_with(**{name: "@"}).replace('"@"', literal)


def proposed(text: str, **moment: Any) -> Proposal:
    return as_proposal(parse_answer(text), tsla_moment(**moment), tsla_agent(), maker="m/1")


def test_a_good_answer_is_read_as_it_was_meant() -> None:
    assert parse_answer(text_with()) == Answer(
        action=Action.BUY,
        confidence=0.7,
        rationale="trend and news agree",
        stop_price=CLOSE - 3.0,
        target_price=CLOSE + 6.0,
    )


def test_wishes_may_be_left_out_and_space_may_stand_around() -> None:
    text = '\n {"action": "hold", "confidence": 1, "rationale": "nothing moved"}\t\r\n'
    assert parse_answer(text) == Answer(
        action=Action.HOLD, confidence=1.0, rationale="nothing moved"
    )


PROBLEMS = [
    ("", "empty"),
    ("   \n", "empty"),
    ("hold", "begins with"),
    ("I would buy: " + text_with(), "nothing may stand before"),
    ("```json\n" + text_with() + "\n```", "code fence"),
    (text_with() + "\nThat is my answer.", "stands after it"),
    (text_with() + text_with(action="sell"), "two values"),
    ("[" + text_with() + "]", "a list, not an object"),
    ('"buy"', "text, not an object"),
    ("0.9", "a number, not an object"),
    ("true", "true or false, not an object"),
    ("null", "null, not an object"),
    ("\ufeff" + text_with(), "byte order mark"),
    (text_with()[:-1], "no JSON"),
    (text_with().replace('"', "'"), "no JSON"),
    ('{"action": "hold", "action": "buy", "confidence": 1, "rationale": "x"}', "stands twice"),
    (text_with(symbol="AAPL"), "unknown key `symbol`"),
    (text_with(note={"action": "sell"}), "unknown key `note`"),
    (text_with(action="BUY"), "is none of buy, sell, hold"),
    (text_with(action="short"), "is none of buy, sell, hold"),
    (text_with(action=["buy"]), "is none of buy, sell, hold"),
    (text_with(action={"a": "buy"}), "is none of buy, sell, hold"),
    (text_with(action=None), "action is missing"),
    ('{"action": "hold", "confidence": 1}', "rationale is missing"),
    ('{"action": "hold", "rationale": "x"}', "confidence is missing"),
    (text_with(confidence="0.7"), "confidence is text, not a number"),
    (text_with(confidence=True), "confidence is true or false, not a number"),
    (text_with(confidence=[0.7]), "confidence is a list, not a number"),
    (text_with(confidence={"value": 0.7}), "confidence is an object, not a number"),
    (text_with(confidence=1.0000001), "not within 0 to 1"),
    (text_with(confidence=-0.1), "not within 0 to 1"),
    (text_with(confidence=70), "not within 0 to 1"),
    (raw_with("confidence", "NaN"), "NaN is no number"),
    (raw_with("stop_price", "Infinity"), "Infinity is no number"),
    (raw_with("stop_price", "-Infinity"), "-Infinity is no number"),
    (raw_with("target_price", "1e400"), "too large"),
    (raw_with("target_price", "-1e400"), "too large"),
    (raw_with("quantity", "9" * 5000), "too large"),
    (raw_with("quantity", "9" * 350), "too large"),
    (raw_with("quantity", "0x10"), "no JSON"),
    (raw_with("quantity", "1_000"), "no JSON"),
    (raw_with("quantity", "007"), "no JSON"),
    (raw_with("quantity", "5 shares"), "no JSON"),
    (text_with(quantity=1e300), "quantity"),
    (text_with(quantity=0), "quantity"),
    (text_with(quantity=-5), "quantity"),
    (text_with(quantity="5"), "quantity is text"),
    (text_with(stop_price=False), "stop_price is true or false"),
    (text_with(stop_price=0.0), "stop_price"),
    (text_with(target_price=1e9), "target_price"),
    (text_with(fraction=1.5), "fraction"),
    (text_with(fraction=0), "fraction"),
    (text_with(fraction=0.5, quantity=5), "quantity and fraction were both given"),
    (text_with(rationale=""), "nothing in it that can be read"),
    (text_with(rationale=ZERO_WIDTH + BIDI), "nothing in it that can be read"),
    (text_with(rationale=7), "rationale is a number, not text"),
    (text_with(rationale=["because"]), "rationale is a list, not text"),
    (raw_with("rationale", '"\\ud800 half"'), "lone surrogate"),
    (text_with(rationale="x").replace("x", "\ud800"), "lone surrogate"),
    (raw_with("rationale", '"line\x00feed"'), "no JSON"),
    (text_with(rationale="x" * 1_000_000), "characters, above"),
    ("[" * 10_000, "nested deeper"),
    ('{"action":' * 1_600, "nested deeper"),
    ("]" * 70 + "[" * 140, "nested deeper"),
    ("{" * 60, "no JSON"),
    ("\x00" + text_with(), "no JSON"),
    ("// comment\n" + text_with(), "begins with"),
]


@pytest.mark.parametrize(("text", "word"), PROBLEMS, ids=[str(n) for n in range(len(PROBLEMS))])
def test_anything_else_is_a_problem_told_in_one_plain_line(text: str, word: str) -> None:
    found = parse_answer(text)
    assert isinstance(found, Problem), found
    assert word in found.reason
    assert found.reason.isprintable()
    assert len(found.reason) < 400
    proposal = as_proposal(found, tsla_moment(), tsla_agent(), maker="m/1")
    assert (proposal.action, proposal.confidence, proposal.is_invalid) == (Action.HOLD, 0.0, True)


def test_brackets_within_a_text_are_no_depth() -> None:
    found = parse_answer(text_with(rationale='see "[[' + "[{" * 99))
    assert isinstance(found, Answer)
    assert found.rationale.endswith("[{[{")


def test_the_longest_answer_is_read_and_one_character_more_is_not() -> None:
    body = text_with()
    longest = body + " " * (MOST_CHARACTERS - len(body))
    assert isinstance(parse_answer(longest), Answer)
    assert isinstance(parse_answer(longest + " "), Problem)


def test_a_rationale_is_one_visible_line_of_bounded_length() -> None:
    said = "up\x1b[31m\n<SMA50 and >RSI" + TAGS + BIDI + ZERO_WIDTH + " end " + "z" * 5_000
    found = parse_answer(text_with(rationale=said))
    assert isinstance(found, Answer)
    assert found.rationale.startswith("up <SMA50 and >RSI end zzz")
    assert len(found.rationale) == MOST_RATIONALE


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"stop_price": CLOSE}, "not below the last close"),
        ({"stop_price": CLOSE + 1.0}, "not below the last close"),
        ({"target_price": CLOSE}, "not above the last close"),
        ({"target_price": CLOSE - 1.0}, "not above the last close"),
    ],
)
def test_a_buy_whose_stop_or_target_is_on_the_wrong_side_is_no_answer(
    wish: dict[str, float], word: str
) -> None:
    proposal = proposed(text_with(**wish))
    assert proposal.is_invalid
    assert proposal.action is Action.HOLD
    assert word in proposal.rationale


def test_a_buy_without_any_bar_is_no_answer() -> None:
    assert proposed(text_with(), bars=tsla_bars(0)).is_invalid


def test_a_buy_keeps_its_wishes() -> None:
    proposal = proposed(text_with(quantity=3))
    assert (proposal.stop_price, proposal.target_price) == (CLOSE - 3.0, CLOSE + 6.0)
    assert (proposal.quantity, proposal.maker, proposal.is_invalid) == (3.0, "m/1", False)


def test_a_part_of_a_buy_is_of_the_size_that_the_agents_own_limits_give() -> None:
    # 150 USD at risk over a stop 3 USD away are 50 shares; 5,000 USD are fewer, at about 100 a share
    by_position = proposed(text_with(fraction=0.5))
    assert by_position.quantity == pytest.approx(0.5 * min(50.0, 5_000.0 / CLOSE))
    by_risk = proposed(text_with(fraction=0.5, stop_price=CLOSE - 10.0))
    assert by_risk.quantity == pytest.approx(0.5 * 15.0)
    usual = proposed(text_with(fraction=0.5, stop_price=None))
    assert usual.quantity == pytest.approx(0.5 * min(5_000.0, 150.0 / 0.03) / CLOSE, rel=0.01)


def test_all_of_it_is_left_to_the_sizing() -> None:
    assert proposed(text_with(fraction=1)).quantity is None


def test_a_part_of_a_sale_is_of_the_position() -> None:
    half = text_with(action="sell", fraction=0.5)
    assert proposed(half, position=HELD).quantity == 6.0
    assert proposed(text_with(action="sell", quantity=2), position=HELD).quantity == 2.0
    assert proposed(text_with(action="sell"), position=HELD).quantity is None
    assert proposed(half).quantity is None


def test_prices_are_read_for_a_buy_only() -> None:
    for action in ("sell", "hold"):
        proposal = proposed(text_with(action=action, quantity=None), position=HELD)
        assert (proposal.stop_price, proposal.target_price) == (None, None)
        assert proposal.action == action


def test_the_smallest_part_of_a_position_never_turns_into_all_of_it() -> None:
    proposal = proposed(raw_with("fraction", "1e-8").replace("buy", "sell"), position=HELD)
    assert proposal.quantity is not None
    assert 0.0 < proposal.quantity < 1e-6
    assert isinstance(parse_answer(raw_with("fraction", "5e-324")), Problem)


def test_the_schema_takes_what_we_take_and_strict_modes_take_the_schema() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, schema)
    assert schema["required"] == list(schema["properties"])
    assert schema["required"][0] == "rationale", "reasons come before what follows from them"
    assert schema["additionalProperties"] is False
    told = json.dumps(schema)
    for word in ("minimum", "maximum", "maxLength", "pattern", "multipleOf"):
        assert f'"{word}"' not in told
    assert all(field["description"] for field in schema["properties"].values())


def test_what_was_read_strictly_elsewhere_is_judged_alike() -> None:
    assert answer_of(dict(GOOD)) == parse_answer(text_with())
    assert isinstance(answer_of("buy"), Problem)
