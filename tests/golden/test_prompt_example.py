"""The guide shows the prompt as it is, to the byte."""

from tests.fakes.moments import tsla_agent, tsla_moment
from tests.golden.prompt_example import ANSWER, GUIDE, POSITION, prompt_example
from ztrade_core.decision_makers.answer_schema import answer_of, as_proposal


def test_the_guide_shows_the_prompt_as_it_is_to_the_byte() -> None:
    now, kept = prompt_example(), GUIDE.read_text(encoding="utf-8")
    assert now.splitlines() == kept.splitlines(), "see tests/golden/prompt_example.py"
    assert now == kept


def test_the_answer_that_the_guide_shows_is_one() -> None:
    proposal = as_proposal(
        answer_of(ANSWER), tsla_moment(position=POSITION), tsla_agent(), maker="guide"
    )
    assert (proposal.action, proposal.is_invalid) == ("hold", False)
