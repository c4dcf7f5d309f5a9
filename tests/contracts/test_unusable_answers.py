"""What RULE_017 counts, the same for a model and for whoever answers by file.

An answer that cannot be used counts; a mind that was not asked, or from which nothing came, neither counts
nor makes the row begin anew.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.claude import HOLD, answering, deciding, message, text_block
from tests.fakes.claude_asking import asked
from tests.fakes.oversight import ANSWER, Desk, outcome
from tests.fakes.vendor_server import Answer
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.decisions import Action
from ztrade_core.ports.mind import PaidAnswer

SOUND, COUNTS, SAYS_NOTHING = (False, False), (True, False), (False, True)
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What happens, what the record calls it, and whether it is invalid or unheard."""

    how: Any
    outcome: AnswerOutcome
    means: tuple[bool, bool]
    settings: tuple[tuple[str, float], ...] = ()


def prose(_: object) -> Answer:
    return answering(message(text_block("I would buy.")))(None)


def silence(_: object) -> Answer:
    return Answer(how="silence", seconds=30.0)


MODEL = {
    "answer": Case(how=deciding(HOLD), outcome=AnswerOutcome.ANSWERED, means=SOUND),
    "prose": Case(how=prose, outcome=AnswerOutcome.MALFORMED, means=COUNTS),
    "refusal": Case(
        how=answering(message(stop="refusal")), outcome=AnswerOutcome.REFUSED, means=COUNTS
    ),
    "429": Case(
        how=answering(OVERLOADED, 429, retry_after="3600"),
        outcome=AnswerOutcome.FAILED,
        means=SAYS_NOTHING,
    ),
    "529": Case(how=answering(OVERLOADED, 529), outcome=AnswerOutcome.FAILED, means=SAYS_NOTHING),
    "silence": Case(
        how=silence,
        outcome=AnswerOutcome.TIMED_OUT,
        means=SAYS_NOTHING,
        settings=(("deadline_seconds", 0.3),),
    ),
    "too dear": Case(
        how=deciding(HOLD),
        outcome=AnswerOutcome.UNASKED,
        means=SAYS_NOTHING,
        settings=(("max_usd_per_decision", 0.001),),
    ),
}


def by_file(text: str) -> Callable[[Desk], PaidAnswer]:
    return lambda desk: desk.ask(lambda: desk.answer(text))


def refused(desk: Desk) -> PaidAnswer:
    return desk.ask(lambda: desk.answer_path().symlink_to("/etc/hostname"))


def unsafe(desk: Desk) -> PaidAnswer:
    with desk.oversight.opened():
        (desk.place / "requests").chmod(0o777)
    return desk.ask()


def no_folder(desk: Desk) -> PaidAnswer:
    desk.data.write_text("a file where the folder would be")
    return desk.ask()


def removed(desk: Desk) -> PaidAnswer:
    return desk.ask((desk.place / "responses").rmdir)


FILE = {
    "answer": Case(how=by_file(json.dumps(ANSWER)), outcome=AnswerOutcome.ANSWERED, means=SOUND),
    "prose": Case(how=by_file("I would buy."), outcome=AnswerOutcome.MALFORMED, means=COUNTS),
    "silence": Case(how=Desk.ask, outcome=AnswerOutcome.TIMED_OUT, means=SAYS_NOTHING),
    "half an answer": Case(
        how=by_file('{"action": "b'), outcome=AnswerOutcome.TIMED_OUT, means=SAYS_NOTHING
    ),
    "a link": Case(how=refused, outcome=AnswerOutcome.TIMED_OUT, means=SAYS_NOTHING),
    "an unsafe folder": Case(how=unsafe, outcome=AnswerOutcome.UNASKED, means=SAYS_NOTHING),
    "no folder": Case(how=no_folder, outcome=AnswerOutcome.UNASKED, means=SAYS_NOTHING),
    "a folder removed": Case(how=removed, outcome=AnswerOutcome.FAILED, means=SAYS_NOTHING),
}


def require(paid: PaidAnswer, case: Case) -> None:
    found, problem = outcome(paid)
    assert found is case.outcome, problem
    proposal = paid.proposal
    assert (proposal.is_invalid, proposal.is_unheard) == case.means
    assert proposal.is_unasked is (found is AnswerOutcome.UNASKED)
    if found is not AnswerOutcome.ANSWERED:
        assert proposal.action is Action.HOLD
        assert problem
        assert problem in proposal.rationale


@pytest.mark.parametrize("name", MODEL)
def test_what_a_model_does_counts_where_it_answered_wrongly(name: str) -> None:
    case = MODEL[name]
    paid, _, _ = asked(case.how, **dict(case.settings))
    require(paid, case)


@pytest.mark.parametrize("name", FILE)
def test_what_a_file_does_counts_where_somebody_answered_wrongly(tmp_path: Path, name: str) -> None:
    case = FILE[name]
    require(case.how(Desk(tmp_path / "data")), case)
