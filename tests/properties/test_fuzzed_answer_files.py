"""Anything in the folder of answers: no crash, no wait beyond the time, and nothing but an answer trades."""

import json
import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.oversight import ANSWER, Desk, put
from ztrade_core.decision_makers.answer_schema import Answer, parse_answer
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action

TEXT = json.dumps(ANSWER)
CONTENTS = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.integers(0, len(TEXT)).map(lambda cut: TEXT[:cut].encode()),
    st.tuples(st.integers(0, len(TEXT)), st.binary(min_size=1, max_size=3)).map(
        lambda it: TEXT[: it[0]].encode() + it[1] + TEXT[it[0] :].encode()
    ),
    st.sampled_from(["[" * 5_000, "{" * 40_000, '{"a":' * 9_000, "\\" * 9_000, " " * 65_537]).map(
        str.encode
    ),
)
NAMES = st.binary(min_size=1, max_size=120).map(
    lambda name: os.fsdecode(name.replace(b"/", b"-").replace(b"\x00", b"-"))
)


@given(contents=st.lists(CONTENTS, min_size=1, max_size=3))
def test_a_file_of_anything_leads_to_its_answer_or_a_hold(contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        steps = [lambda content=content: desk.answer(content) for content in contents]
        paid = desk.ask(*steps, timeout_seconds=6.0)
        record = paid.record
        assert record is not None
        assert record.cost.seconds <= 6.0
        if record.outcome is AnswerOutcome.ANSWERED:
            answer = parse_answer(record.raw)
            assert isinstance(answer, Answer)
            assert record.raw.encode() in contents
            assert paid.proposal.action is answer.action
        else:
            assert record.outcome in (AnswerOutcome.MALFORMED, AnswerOutcome.TIMED_OUT)
            assert paid.proposal.action is Action.HOLD
        assert desk.names("requests") == []


@given(names=st.lists(NAMES, max_size=6, unique=True), content=CONTENTS)
def test_names_of_anything_do_not_hinder_an_answer(names: list[str], content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))

        def litter() -> None:
            for name in names:
                if name not in (".", ".."):
                    put(desk.place / "responses" / name, content)
                    (desk.place / "requests" / name).write_bytes(content)

        paid = desk.ask(litter, lambda: desk.answer(TEXT))
        assert paid.record is not None
        assert paid.record.outcome is AnswerOutcome.ANSWERED
        desk.maker().tidy()
