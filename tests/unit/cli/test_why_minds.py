"""Questions and answers in the terminal: whole when asked for, and strangers' words move nothing there."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from tests.fakes.answer_rows import answer
from tests.fakes.store_rows import proposal, slot_key, tape
from ztrade_core.domain.answers import AnswerCost, AnswerRecord, KeptAnswer
from ztrade_core.trading.trail_minds import HeardMind
from ztrade_pipelines.cli.why_minds import NOTHING_ASKED, add_mind, whole_words

HOSTILE = "\x1b]8;;https://evil\x07\x1b[31m[bold]all[/]\u202e \x9b2J:smile:"


def mind(*answers: KeptAnswer, name: str = "", maker: str = "automated:m/1") -> HeardMind:
    said = replace(tape(), proposal=replace(proposal(), maker=maker))
    return HeardMind(name=name, key=slot_key(), tape=said, answers=answers, lost=0, problem="")


def printed(part: Text | Tree, width: int = 200) -> str:
    page = StringIO()
    Console(file=page, width=width, highlight=False, emoji=False).print(part, soft_wrap=True)
    return page.getvalue()


def summary(of: HeardMind) -> str:
    root = Tree("root")
    add_mind(root, of, decision_id="d-1")
    return printed(root)


def test_a_json_question_is_laid_out_with_its_texts_unfolded_and_nothing_left_out() -> None:
    question = {
        "system": [{"type": "text", "text": "You are\n\n  a trader."}],
        "max_tokens": 2000,
        "empty": {},
        "none": None,
        "list": [1, "two", [], ["deep"]],
    }
    told = printed(whole_words([mind(answer(question=json.dumps(question), raw="plain\nwords"))]))
    assert told.splitlines() == [
        "QUESTION, attempt 1: m, 2022-12-28 12:01Z",
        "system:",
        "  -",
        "    type: text",
        "    text: |",
        "      You are",
        "      ",
        "        a trader.",
        "max_tokens: 2000",
        "empty: {}",
        "none: null",
        "list:",
        "  - 1",
        "  - two",
        "  - []",
        "  -",
        "    - deep",
        "",
        "RAW ANSWER, attempt 1: m, 2022-12-28 12:01Z",
        "plain",
        "words",
    ]


@pytest.mark.parametrize("wrap", [str, lambda text: json.dumps({"a": {HOSTILE: [text]}})])
def test_strangers_words_are_visible_characters_and_no_markup(wrap: object) -> None:
    assert callable(wrap)
    text = wrap(HOSTILE)
    for told in (printed(whole_words([mind(answer(question=text, raw=text))])), summary_of(text)):
        assert "[bold]all[/]" in told
        assert ":smile:" in told
        assert not set(told) & {"\x1b", "\x9b", "\x07", "\u202e"}


def summary_of(text: str) -> str:
    return summary(mind(answer(raw=text, problem=text, settings=text)))


def test_a_line_of_any_length_is_whole_where_it_is_asked_for_and_cut_in_the_summary() -> None:
    long = "word " * 5_000
    of = mind(answer(raw=long + "end"))
    assert printed(whole_words([of])).endswith("word end\n")
    assert len(summary(of)) < 3_000
    assert "raw answer: 25,003 characters" in summary(of)


def test_of_many_raw_lines_the_summary_shows_four() -> None:
    told = summary(mind(answer(raw="\n".join(f"line {number}" for number in range(100)))))
    assert "line 3" in told
    assert "line 4" not in told


def test_a_depth_that_is_no_answers_is_shown_as_it_stands() -> None:
    deep = "[" * 5_000 + "]" * 5_000
    assert deep in printed(whole_words([mind(answer(raw=deep))]))


def test_whoever_asked_nobody_shows_nothing_and_says_so() -> None:
    assert printed(whole_words([mind()])).strip() == NOTHING_ASKED


def test_members_are_told_apart() -> None:
    told = printed(whole_words([mind(), mind(answer(), name="fast")]))
    assert "QUESTION, attempt 1 of member fast: m, " in told


@pytest.mark.parametrize(
    ("maker", "who"),
    [
        ("strategy:sma_crossover/2", "decided by the strategy sma_crossover, version 2"),
        ("manual:ada", "written by ada"),
        ("manual", "written by a person, whose name was not given"),
        ("protection:target", "decided by the house: no mind was asked"),
    ],
)
def test_who_decided_is_said_in_words(maker: str, who: str) -> None:
    assert who in summary(mind(maker=maker))


def test_what_cost_nothing_says_so() -> None:
    told = summary(mind(replace(answer(), record=free(answer()))))
    assert "no tokens, nothing to pay; 2.5 s" in told
    assert "USD" not in told


def free(kept: KeptAnswer) -> AnswerRecord:
    return replace(kept.record, cost=AnswerCost(seconds=2.5))
