"""A configuration's digest outlives the versions of the code: what an agent does not have is not in it."""

from dataclasses import replace

import pytest

from tests.unit.risk.builders import BTC, IWM, TSLA, company
from ztrade_core.domain.configuration import (
    AgentConfig,
    EnsembleConfig,
    MindChoice,
    Mode,
    Vote,
)
from ztrade_core.settings.company import with_digest

OF_BEFORE = "cab8798bc7923fd007d2d260facff7c721de5513a19c7c538ce937628f0163f0"
"""What the code gave these three agents before an agent could have an ensemble or shadows."""
MINDS = tuple(
    MindChoice(name=name, mode=Mode.STRATEGY, strategy=TSLA.strategy, model=None, samples=1)
    for name in ("one", "other")
)
TOGETHER = EnsembleConfig(vote=Vote.MAJORITY, members=MINDS)


def digest_of(*agents: AgentConfig) -> str:
    return with_digest(company(*agents)).digest


def test_a_company_without_what_came_later_has_the_digest_of_before() -> None:
    assert digest_of(TSLA, IWM, BTC) == OF_BEFORE


@pytest.mark.parametrize(
    "now",
    [
        replace(TSLA, ensemble=TOGETHER),
        replace(TSLA, ensemble=replace(TOGETHER, vote=Vote.CONFIDENCE)),
        replace(TSLA, shadows=MINDS),
        replace(TSLA, shadows=MINDS[:1]),
    ],
    ids=["ensemble", "another vote", "shadows", "one shadow"],
)
def test_what_an_agent_has_is_in_its_digest(now: AgentConfig) -> None:
    digests = {digest_of(each, IWM, BTC) for each in (TSLA, now, replace(now, symbol="NVDA"))}
    assert len(digests) == 3
    assert OF_BEFORE in digests


def test_no_agents_and_no_digest_of_its_own_are_in_it() -> None:
    once = with_digest(company(TSLA))
    assert with_digest(once) == once
