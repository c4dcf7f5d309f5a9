"""A moment may hold more bars than a model looks back on, for a shadow's sake: the question stays the same."""

import re

from tests.fakes.moments import tsla_agent, tsla_bars, tsla_moment
from tests.unit.decision_makers.automated.test_prompt import FILES
from tests.unit.risk.builders import RISK
from ztrade_core.decision_makers.automated.prompt import render
from ztrade_core.decision_makers.automated.told_market import LOOKBACK_BARS


def question_on(bars: int) -> tuple[str, str]:
    """Both parts of the prompt; the marks of its fences, which are of the whole moment, left out."""
    moment = tsla_moment(bars=tsla_bars(bars))
    prompt = render(FILES, moment, agent=tsla_agent(), risk=RISK, recent=())
    return prompt.system, re.sub(r"-[0-9a-f]{20}\b", "-mark", prompt.moment)


def test_older_bars_than_the_look_back_change_no_word() -> None:
    assert question_on(LOOKBACK_BARS + 60) == question_on(LOOKBACK_BARS)
    assert question_on(LOOKBACK_BARS - 1) != question_on(LOOKBACK_BARS)
