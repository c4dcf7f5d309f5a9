"""The guide's own words: its commands answer a request, its example is an answer, its keys are all there."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.fakes.oversight import Desk, outcome
from ztrade_core.decision_makers.answer_schema import Answer, parse_answer
from ztrade_core.domain.answers import AnswerOutcome

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "decisions-by-file.md").read_text()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_shells_commands_answer(desk: Desk) -> None:
    block = GUIDE.split("```console\n")[1].split("```")[0]
    enter, *commands = re.findall(r"^\$ (.*)$", block, flags=re.MULTILINE)
    assert enter == "cd .ztrade/oversight"

    def answer() -> None:
        script = "\n".join(["set -e", *commands])
        subprocess.run(["/bin/sh", "-c", script], cwd=desk.place, check=True)  # noqa: S603

    paid = desk.ask(answer)
    assert outcome(paid) == (AnswerOutcome.ANSWERED, "")
    assert paid.proposal.rationale == "by hand"


def test_the_example_is_an_answer() -> None:
    example = GUIDE.split("```json\n")[1].split("```")[0]
    assert isinstance(parse_answer(example), Answer)


def test_every_key_of_a_request_is_told(desk: Desk) -> None:
    desk.ask(desk.answer)
    [request] = desk.told
    for key in (*request, *request["snapshot"], *request["prompt"]):
        assert re.search(rf"[`.]{key}[`.]", GUIDE), key
